/** The packet expression on blocks of a file, and which of the packets are wanted at all. */
import { type BpfProgram, type CaptureBlock, compileFilter, runProgram } from '@undercroft/packet';

const HEAD_BYTES = 16;

export interface PacketChoice {
  /** A tcpdump expression; empty accepts all. */
  readonly expression: string;
  /** Number of the first packet wanted, from 1; 0 is the first. */
  readonly first: number;
  /** Number of the last; 0 is all. */
  readonly last: number;
}

export class PacketFilter {
  /** Whether no later packet is wanted. */
  done = false;
  readonly #choice: PacketChoice;
  readonly #programs = new Map<number, BpfProgram | null>();
  #seen = 0;

  constructor(choice: PacketChoice) {
    this.#choice = choice;
  }

  /** @throws FilterError when the expression is none, or none for this link type */
  programFor(linkType: number): BpfProgram | null {
    let program = this.#programs.get(linkType);
    if (program === undefined) {
      program = this.#choice.expression === '' ? null : compileFilter(this.#choice.expression, { linkType });
      this.#programs.set(linkType, program);
    }
    return program;
  }

  /** @returns the block without the packets that are not wanted; the same block when all are */
  apply(block: CaptureBlock): CaptureBlock | null {
    const { first, last } = this.#choice;
    const program = this.programFor(block.linkType);
    const from = this.#seen;
    this.#seen += block.packets;
    if (last > 0 && this.#seen >= last) this.done = true;
    const whole = from + 1 >= first && (last === 0 || this.#seen <= last);
    if (program === null && whole) return block;
    return this.#choose(block, program, from, first, last === 0 ? Number.POSITIVE_INFINITY : last);
  }

  #choose(
    block: CaptureBlock,
    program: BpfProgram | null,
    seen: number,
    first: number,
    last: number,
  ): CaptureBlock | null {
    const { bytes, littleEndian } = block;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const kept = new Uint8Array(bytes.length);
    let used = 0;
    let packets = 0;
    let number = seen;
    for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
      const captured = view.getUint32(at + 8, littleEndian);
      const end = at + HEAD_BYTES + captured;
      number += 1;
      const frame = bytes.subarray(at + HEAD_BYTES, end);
      if (
        number >= first &&
        number <= last &&
        (program === null || runProgram(program, frame, view.getUint32(at + 12, littleEndian)) > 0)
      ) {
        kept.set(bytes.subarray(at, end), used);
        used += end - at;
        packets += 1;
      }
      at = end;
    }
    return packets === 0 ? null : { ...block, bytes: kept.subarray(0, used), packets };
  }
}
