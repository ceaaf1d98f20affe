/** Damaging packets on purpose, repeatably. */

/** A small generator of numbers: the same seed gives the same ones. @see xorshift, Marsaglia 2003 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  }

  /** 32 bits, unsigned. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** From 0 up to, not including, a limit. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.next() % limit;
  }

  /** True once in so many times. */
  once(inTimes: number): boolean {
    return this.below(inTimes) === 0;
  }
}

/** Values at which lengths, versions and counts go wrong. */
const EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 20, 0x40, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xf0, 0xfe, 0xff];
const MAX_BYTES = 4096;
/** Headers are what is worth damaging. */
const HEADERS_BYTES = 128;

/** @returns a damaged copy; sometimes one that is merely cut, rarely the same */
export function mutate(random: Random, frame: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(frame.subarray(0, MAX_BYTES));
  for (let times = random.below(5); times > 0; times--) bytes = mutateOnce(random, bytes, other);
  return bytes;
}

function mutateOnce(random: Random, bytes: Uint8Array<ArrayBuffer>, other: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return bytes;
  const near = random.once(4) ? bytes.length : Math.min(bytes.length, HEADERS_BYTES);
  const at = random.below(near);
  switch (random.below(8)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      bytes[at] = random.next();
      return bytes;
    case 2:
    case 3:
      bytes[at] = EDGES[random.below(EDGES.length)]!;
      return bytes;
    case 4:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 5: {
      // A piece of another packet in the middle.
      const piece = other.subarray(random.below(other.length), random.below(other.length + 1));
      return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)].slice(0, MAX_BYTES));
    }
    case 6: {
      // A piece twice, so that headers repeat.
      const end = at + random.below(64);
      return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(at)].slice(0, MAX_BYTES));
    }
    default:
      bytes.fill(EDGES[random.below(EDGES.length)]!, at, at + 1 + random.below(4));
      return bytes;
  }
}
