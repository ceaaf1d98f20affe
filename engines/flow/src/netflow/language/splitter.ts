/** Cuts a stream of messages, a TCP connection or a file, into messages. */
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { MESSAGE_HEAD_BYTES, messageBytes, v9MessageBytes } from './message.ts';

const LEAST_MESSAGE_BYTES = 16;

export class MessageSplitter {
  /** Bytes that were in no message: the stream is given up at the first of them. */
  lostBytes = 0;
  #buffer = new Uint8Array(4 * MAX_MESSAGE_BYTES);
  #used = 0;
  #broken = false;

  /** Whether what came was no message, so that nothing more can be found in the stream. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * @param visit gets each whole message; its bytes are good until it returns
   * @param ended nothing will follow: the end of a message of NetFlow 9 is known by what follows it
   */
  push(chunk: Uint8Array, visit: (message: Uint8Array) => void, ended = false): void {
    let from = 0;
    do {
      const taken = Math.min(chunk.length - from, this.#buffer.length - this.#used);
      this.#buffer.set(chunk.subarray(from, from + taken), this.#used);
      this.#used += taken;
      from += taken;
      this.#cut(visit, ended && from === chunk.length);
      if (this.#broken) this.lostBytes += chunk.length - from;
    } while (from < chunk.length && !this.#broken);
  }

  #cut(visit: (message: Uint8Array) => void, ended: boolean): void {
    const view = new DataView(this.#buffer.buffer, 0, this.#used);
    let at = 0;
    while (!this.#broken && at + MESSAGE_HEAD_BYTES <= this.#used) {
      const bytes = view.getUint16(at) === 9 ? v9MessageBytes(view, at, ended) : messageBytes(view, at);
      if (bytes < 0 || (bytes >= LEAST_MESSAGE_BYTES && at + bytes > this.#used)) {
        // Longer than any message can be: nothing that ends.
        if (this.#used - at < this.#buffer.length / 2) break;
        this.#broken = true;
      } else if (bytes < LEAST_MESSAGE_BYTES) this.#broken = true;
      else {
        visit(this.#buffer.subarray(at, at + bytes));
        at += bytes;
      }
    }
    if (this.#broken || ended) {
      this.lostBytes += this.#used - at;
      at = this.#used;
    }
    this.#buffer.copyWithin(0, at, this.#used);
    this.#used -= at;
  }
}
