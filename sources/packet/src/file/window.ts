/** The part of a source that is in memory: readers consume it from the front, whole records at a time. */
import { MAX_BLOCK_BYTES } from './block.ts';
import type { ByteSource } from './bytes/source.ts';

export class ReadWindow {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** What is unread lies between `start` and `end`. */
  start = 0;
  end = 0;
  /** The source has no more. */
  ended = false;
  #offset = 0;
  #skip = 0;

  constructor(bytes = MAX_BLOCK_BYTES) {
    this.bytes = new Uint8Array(bytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** For the next source. */
  reset(): void {
    this.start = 0;
    this.end = 0;
    this.ended = false;
    this.#offset = 0;
    this.#skip = 0;
  }

  /** Where a position of the window is in the source. */
  offsetOf(position: number): number {
    return this.#offset + position;
  }

  /** Passes over bytes, those that have not been read yet too; Infinity is all. */
  skip(count: number): void {
    const here = Math.min(count, this.end - this.start);
    this.start += here;
    this.#skip += count - here;
  }

  /** Bytes that were to be passed over and have not come. */
  get missing(): number {
    return Number.isFinite(this.#skip) ? this.#skip : 0;
  }

  /** Keeps what is unread and reads behind it. Nothing is read where the window is full. */
  async fill(source: ByteSource): Promise<void> {
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.#offset += this.start;
      this.end -= this.start;
      this.start = 0;
    }
    const result = source.read(this.end === 0 ? this.bytes : this.bytes.subarray(this.end));
    // A plain file answers at once; waiting for a promise would cost a turn of the event loop each time.
    const got = typeof result === 'number' ? result : await result;
    this.ended = got === 0;
    this.end += got;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, this.end - this.start);
      this.start += skipped;
      this.#skip -= skipped;
    }
  }
}
