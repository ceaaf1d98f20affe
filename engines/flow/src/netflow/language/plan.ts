/**
 * How records of fixed length are read: fields that are numbers in a word of the record are moved straight there, and
 * only the others go through the draft.
 */
import * as L from '../../record/layout.ts';
import type { Draft } from './draft.ts';
import * as op from './operations.ts';

/** Operation, word or OP_…, offset, bytes: four numbers a field. */
export interface Plan {
  readonly moves: Uint16Array;
  readonly rest: Uint16Array;
  /** Its IPv4 addresses are moved, and it has no others. */
  readonly movesIpv4: boolean;
}

const MOVE_8 = 0;
const MOVE_16 = 1;
const MOVE_32 = 2;
const MOVE_64 = 3;
/** Bytes in order. */
const MOVE_ADDRESS = 4;

/** Words that take their field's number as it is, and the most bytes such a number has. */
const WORDS: Readonly<Record<number, readonly [word: number, mostBytes: number]>> = {
  [op.OP_BYTES]: [L.SOURCE_BYTES, 8],
  [op.OP_PACKETS]: [L.SOURCE_PACKETS, 8],
  [op.OP_PROTOCOL]: [L.PROTOCOL, 1],
  [op.OP_TCP_FLAGS]: [L.TCP_SOURCE + L.SIDE_FLAGS, 1],
  [op.OP_SOURCE_PORT]: [L.SOURCE_PORT, 2],
  [op.OP_DESTINATION_PORT]: [L.DESTINATION_PORT, 2],
  [op.OP_INPUT_INTERFACE]: [L.INPUT_INTERFACE, 4],
  [op.OP_OUTPUT_INTERFACE]: [L.OUTPUT_INTERFACE, 4],
  [op.OP_END_REASON]: [L.END_REASON, 1],
  [op.OP_ETHER_TYPE]: [L.MAC_ETHER_TYPE, 2],
};
const MOVES: Readonly<Record<number, number>> = { 1: MOVE_8, 2: MOVE_16, 4: MOVE_32, 8: MOVE_64 };

export function makePlan(operations: Uint8Array, lengths: Uint16Array): Plan {
  const has = (operation: number) => operations.includes(operation);
  const hasIpv6 = has(op.OP_SOURCE_IPV6) || has(op.OP_DESTINATION_IPV6);
  const movesIpv4 = !hasIpv6 && has(op.OP_SOURCE_IPV4) && has(op.OP_DESTINATION_IPV4);
  const moves: number[] = [];
  const rest: number[] = [];
  let offset = 0;
  for (const [index, operation] of operations.entries()) {
    const bytes = lengths[index] as number;
    const [word, mostBytes] = WORDS[operation] ?? [0, 0];
    const move = MOVES[bytes];
    if (movesIpv4 && operation === op.OP_SOURCE_IPV4) moves.push(MOVE_ADDRESS, L.SOURCE_ADDRESS, offset, bytes);
    else if (movesIpv4 && operation === op.OP_DESTINATION_IPV4) {
      moves.push(MOVE_ADDRESS, L.DESTINATION_ADDRESS, offset, bytes);
    } else if (move !== undefined && bytes <= mostBytes) moves.push(move, word, offset, bytes);
    else if (operation !== op.OP_SKIP) rest.push(operation, operation, offset, bytes);
    offset += bytes;
  }
  return { moves: Uint16Array.from(moves), rest: Uint16Array.from(rest), movesIpv4 };
}

/** Moves what can be moved. All of the record's bytes are there. */
export function move(draft: Draft, plan: Plan, view: DataView, at: number): void {
  const { words, base } = draft.record;
  const { moves } = plan;
  draft.movedIpv4 = plan.movesIpv4;
  for (let index = 0; index < moves.length; index += 4) {
    const to = base + (moves[index + 1] as number);
    const from = at + (moves[index + 2] as number);
    switch (moves[index]) {
      case MOVE_8:
        words[to] = view.getUint8(from);
        break;
      case MOVE_16:
        words[to] = view.getUint16(from);
        break;
      case MOVE_32:
        words[to] = view.getUint32(from);
        break;
      case MOVE_64:
        words[to + 1] = view.getUint32(from);
        words[to] = view.getUint32(from + 4);
        break;
      default:
        words[to] = view.getUint32(from, true);
    }
  }
}
