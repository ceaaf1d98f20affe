/** A message that comes in pieces, in any order and more than once: put together up to a limit. */

const MAX_RANGES = 64;

export class Pieces {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(0);
  /** Ranges that are there, sorted, apart from each other: from, to, from, to, ... */
  #ranges: number[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What lies beyond the limit, or makes too many holes, is left out. */
  add(offset: number, piece: Uint8Array): void {
    const end = offset + piece.length;
    if (piece.length === 0 || end > this.#maxBytes) return;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(end, this.#bytes.length * 2)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (!this.#note(offset, end)) return;
    this.#bytes.set(piece, offset);
  }

  /** Bytes of memory that it holds. */
  get kept(): number {
    return this.#bytes.length;
  }

  /** The bytes from the start on, up to the first hole. */
  get start(): Uint8Array {
    return this.#ranges[0] === 0 ? this.#bytes.subarray(0, this.#ranges[1]) : this.#bytes.subarray(0, 0);
  }

  #note(from: number, to: number): boolean {
    const merged: number[] = [];
    let [start, end] = [from, to];
    let isPlaced = false;
    const ranges = this.#ranges;
    for (let index = 0; index < ranges.length; index += 2) {
      const [left, right] = [ranges[index] as number, ranges[index + 1] as number];
      if (right < start) merged.push(left, right);
      else if (left > end) {
        if (!isPlaced) merged.push(start, end);
        isPlaced = true;
        merged.push(left, right);
      } else [start, end] = [Math.min(start, left), Math.max(end, right)];
    }
    if (!isPlaced) merged.push(start, end);
    if (merged.length > 2 * MAX_RANGES) return false;
    this.#ranges = merged;
    return true;
  }
}
