/**
 * Bits replaced so that values with a common beginning keep one of the same length: each bit is turned or not by what
 * AES makes of the bits before it. Nothing is stored, the key alone decides.
 *
 * @see Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", 2002
 */
import { type Cipheriv, createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;
const MAX_BITS = 128;
/** Answers that are kept for the next record; the whole is forgotten when it is full. */
const MAX_REMEMBERED = 100_000;

export class PrefixCipher {
  readonly #cipher: Cipheriv;
  readonly #pad: Buffer;
  readonly #blocks = Buffer.alloc(BLOCK_BYTES * MAX_BITS);
  readonly #known = new Map<string, Buffer>();

  /** @param key 32 bytes: 16 for AES, 16 to fill up blocks with */
  constructor(key: Buffer) {
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, BLOCK_BYTES), null).setAutoPadding(false);
    this.#pad = this.#cipher.update(key.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES));
  }

  /** Which bits of a value of at most 16 bytes turn. */
  #mask(value: Buffer): Buffer {
    const name = value.toString('latin1');
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const bits = value.length * 8;
    for (let bit = 0; bit < bits; bit += 1) this.#fillBlock(value, bit);
    const sealed = this.#cipher.update(this.#blocks.subarray(0, bits * BLOCK_BYTES));
    const mask = Buffer.alloc(value.length);
    for (let bit = 0; bit < bits; bit += 1) {
      const turns = (sealed[bit * BLOCK_BYTES] as number) >> 7;
      mask[bit >> 3] = (mask[bit >> 3] as number) | (turns << (7 - (bit & 7)));
    }
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(name, mask);
    return mask;
  }

  /** The first bits of the value, then those of the pad. */
  #fillBlock(value: Buffer, bits: number): void {
    const block = this.#blocks.subarray(bits * BLOCK_BYTES, (bits + 1) * BLOCK_BYTES);
    this.#pad.copy(block);
    value.copy(block, 0, 0, bits >> 3);
    const kept = 0xff00 >> (bits & 7);
    const at = bits >> 3;
    if ((bits & 7) !== 0)
      block[at] = ((value[at] as number) & kept & 0xff) | ((this.#pad[at] as number) & ~kept & 0xff);
  }

  /** @param changes bits that may change, the others stay @returns a new value */
  turn(value: Buffer, changes: Buffer): Buffer {
    const mask = this.#mask(value);
    return Buffer.from(value.map((byte, at) => byte ^ ((mask[at] as number) & (changes[at] as number))));
  }
}

/** A mask that leaves the first bits alone, and those after the last. */
export function changingBits(bytes: number, from: number, to = bytes * 8): Buffer {
  const mask = Buffer.alloc(bytes);
  for (let bit = from; bit < to; bit += 1) mask[bit >> 3] = (mask[bit >> 3] as number) | (0x80 >> (bit & 7));
  return mask;
}
