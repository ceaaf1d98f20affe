/** A file of /proc or /sys that is read over and over: one descriptor kept, one buffer reused. */
import { closeSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 4096;
/** No file that we read is larger; a read beyond it is cut. */
export const MAX_PROC_BYTES = 4 * 1024 * 1024;

export class ProcFile {
  readonly path: string;
  buffer: Uint8Array;
  #fd = -1;

  constructor(path: string, bytes = FIRST_BYTES) {
    this.path = path;
    this.buffer = new Uint8Array(bytes);
  }

  /**
   * Reads the whole file into {@link buffer}.
   * @returns its length @throws the system's error (`ENOENT`, `EACCES`); the next call opens anew
   */
  read(): number {
    try {
      if (this.#fd < 0) this.#fd = openSync(this.path, 'r');
      let length = 0;
      for (;;) {
        const got = readSync(this.#fd, this.buffer, length, this.buffer.length - length, length);
        length += got;
        // A file of /proc answers with whole records and less than asked for: only an empty answer ends it.
        if (got === 0) return length;
        if (length === this.buffer.length) {
          if (length >= MAX_PROC_BYTES) return length;
          const larger = new Uint8Array(length * 2);
          larger.set(this.buffer);
          this.buffer = larger;
        }
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}
