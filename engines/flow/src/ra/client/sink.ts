/** Bytes to a stream, gathered and written in large pieces. */
import type { Writable } from 'node:stream';

const PIECE_BYTES = 256 * 1024;
/** Above this the producer should wait for {@link Sink.drain}. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export class Sink {
  readonly #stream: Writable;
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #used = 0;
  #isBroken = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A reader that has seen enough (head) closes the pipe: what follows has nowhere to go.
    stream.on('error', () => {
      this.#isBroken = true;
    });
  }

  /** Nobody reads any more. */
  get isBroken(): boolean {
    return this.#isBroken || this.#stream.destroyed;
  }

  get isFull(): boolean {
    return this.#stream.writableLength > MAX_WAITING_BYTES;
  }

  write(bytes: Uint8Array, at: number, count: number): void {
    if (count > PIECE_BYTES) {
      this.flush();
      if (!this.isBroken) this.#stream.write(Buffer.from(bytes.subarray(at, at + count)));
      return;
    }
    if (this.#used + count > PIECE_BYTES) this.flush();
    this.#piece.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), this.#used);
    this.#used += count;
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.write(bytes, 0, bytes.length);
  }

  flush(): void {
    if (this.#used === 0) return;
    if (!this.isBroken) this.#stream.write(this.#piece.subarray(0, this.#used));
    this.#piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.#used = 0;
  }

  /** Resolves when the stream takes more. */
  async drain(): Promise<void> {
    this.flush();
    if (this.isBroken || !this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('drain', resolve);
      this.#stream.once('close', resolve);
      this.#stream.once('error', () => resolve());
    });
  }
}
