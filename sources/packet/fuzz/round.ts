/** One round of fuzzing: a batch of damaged packets, and damaged blocks, through two twins. */
import { mutate, Random } from './mutate.ts';
import type { Seed } from './seeds.ts';
import { type Input, MAX_BATCH, Twin } from './twin.ts';

const POLICIES = 7;
const MAX_WIRE_SURPLUS_BYTES = 4096;
const RING_HEADER_BYTES = 82;
const LINK_TYPES = [
  0, 1, 9, 12, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 163, 166, 192, 195, 204, 228, 229, 239, 276,
];

export class Fuzzer {
  readonly #seeds: readonly Seed[];
  readonly #twins = [new Twin(16, 0x00, 64), new Twin(70_000, 0xff, 97)] as const;
  #timeS = 1_000_000;

  constructor(seeds: readonly Seed[]) {
    this.#seeds = seeds;
  }

  /** @returns packets tried @throws Error where the twins differ or have been written over */
  round(seed: number): number {
    const random = new Random(seed);
    const inputs = this.#inputs(random);
    const policy = random.below(POLICIES);
    compare(this.#twins[0].run(inputs, policy), this.#twins[1].run(inputs, policy), 'packets');
    this.#blocks(random, inputs);
    return inputs.length;
  }

  /** Packets that follow each other in a capture, so that streams and datagrams go on, some of them damaged. */
  #inputs(random: Random): Input[] {
    const count = 1 + random.below(MAX_BATCH);
    const inputs: Input[] = [];
    let from = random.below(this.#seeds.length);
    for (let index = 0; index < count; index++) {
      if (random.once(20)) from = random.below(this.#seeds.length);
      const seed = this.#seeds[(from + (random.once(8) ? random.below(6) : index)) % this.#seeds.length]!;
      const other = this.#seeds[random.below(this.#seeds.length)]!.frame;
      const frame = random.once(3) ? seed.frame.slice() : mutate(random, seed.frame, other);
      if (random.once(50)) this.#timeS += random.below(100);
      inputs.push({
        frame: frame.subarray(0, 3900),
        linkType: random.once(30) ? LINK_TYPES[random.below(LINK_TYPES.length)]! : seed.linkType,
        wireBytes: frame.length + (random.once(5) ? random.below(MAX_WIRE_SURPLUS_BYTES) : 0),
        timeS: this.#timeS,
        meta: random.once(10) ? random.below(4) : 0,
      });
    }
    return inputs;
  }

  #blocks(random: Random, inputs: readonly Input[]): void {
    const capture = damaged(random, captureOf(inputs));
    const form = random.once(4) ? random.below(4) : 0;
    const [a, b] = this.#twins.map((twin) =>
      twin.frameBlock(capture, (module, block, packets) =>
        module.frameCapture(block, capture.length, packets, MAX_BATCH, form, 1, 0),
      ),
    );
    compare(a!, b!, 'capture records');
    const ring = damaged(random, ringOf(inputs));
    const [c, d] = this.#twins.map((twin) =>
      twin.frameBlock(ring, (module, block, packets) =>
        module.frameRing(block, ring.length, 0, packets, MAX_BATCH, 1, 0),
      ),
    );
    compare(c!, d!, 'a ring block');
  }
}

function captureOf(inputs: readonly Input[]): Buffer {
  return Buffer.concat(
    inputs.slice(0, 16).flatMap(({ frame, timeS, wireBytes }) => {
      const head = Buffer.alloc(16);
      head.writeUInt32LE(timeS, 0);
      head.writeUInt32LE(frame.length, 8);
      head.writeUInt32LE(wireBytes, 12);
      return [head, frame];
    }),
  );
}

function ringOf(inputs: readonly Input[]): Buffer {
  const some = inputs.slice(0, 16);
  const block = Buffer.alloc(48);
  const parts = some.map(({ frame, timeS, wireBytes }, index) => {
    const head = Buffer.alloc(RING_HEADER_BYTES);
    head.writeUInt32LE(index === some.length - 1 ? 0 : RING_HEADER_BYTES + frame.length, 0);
    head.writeUInt32LE(timeS, 4);
    head.writeUInt32LE(frame.length, 12);
    head.writeUInt32LE(wireBytes, 16);
    head.writeUInt32LE(1 | (index << 3), 20);
    head.writeUInt16LE(RING_HEADER_BYTES, 24);
    return Buffer.concat([head, frame]);
  });
  const whole = Buffer.concat([block, ...parts]);
  whole.writeUInt32LE(some.length, 12);
  whole.writeUInt32LE(48, 16);
  whole.writeUInt32LE(whole.length, 20);
  return whole;
}

function damaged(random: Random, block: Buffer): Uint8Array {
  for (let times = random.below(4); times > 0 && block.length > 0; times--) {
    const at = random.once(2) ? random.below(Math.min(96, block.length)) : random.below(block.length);
    block[at] = random.once(2) ? 0xff : random.next();
  }
  return random.once(4) ? block.subarray(0, random.below(block.length + 1)) : block;
}

function compare(a: readonly Uint8Array[], b: readonly Uint8Array[], what: string): void {
  if (a.length !== b.length) throw new Error(`The twins tell ${a.length} and ${b.length} things of ${what}`);
  for (const [index, one] of a.entries()) {
    if (Buffer.compare(one, b[index]!) !== 0) {
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
      throw new Error(`The twins differ on ${what}, thing ${index}:\n${hex(one)}\n${hex(b[index]!)}`);
    }
  }
}
