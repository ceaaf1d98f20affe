/**
 * A file that only grows. Writes go out in order, one at a time, in the background; after a failure (a full disk) the
 * next one begins where the last good one ended, so that a half-written record is overwritten and never left between.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that may wait for the disk; what comes on top is refused. */
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export class AppendFile {
  readonly path: string;
  #handle: FileHandle;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset: number;
  #flushing: Promise<void> | undefined;
  #dirty = false;
  #error: Error | undefined;

  private constructor(path: string, handle: FileHandle, offset: number) {
    this.path = path;
    this.#handle = handle;
    this.#offset = offset;
  }

  /** Opens for appending at `offset`; what lies beyond (a torn tail) is cut. */
  static async open(path: string, offset?: number): Promise<AppendFile> {
    const handle = await open(path, offset === undefined ? 'w' : 'r+');
    if (offset !== undefined) await handle.truncate(offset);
    return new AppendFile(path, handle, offset ?? 0);
  }

  /** Where the next record will begin. */
  get end(): number {
    return this.#offset + this.#waitingBytes;
  }

  /** The failure of the last write, if it failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Queues a record; the bytes must not change afterwards. @returns false if too much waits already */
  append(bytes: Uint8Array): boolean {
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) return false;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return true;
  }

  /** Writes what waits. Does not throw: see {@link error}. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Flushes and waits until it is on the disk. @throws what writing or fsync says */
  async sync(): Promise<void> {
    while (this.#waitingBytes > 0) {
      await this.flush();
      if (this.#error !== undefined) throw this.#error;
    }
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await this.#handle.datasync();
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const parts = this.#waiting.slice();
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      try {
        let written = 0;
        while (written < bytes.length) {
          const { bytesWritten } = await this.#handle.write(
            bytes,
            written,
            bytes.length - written,
            this.#offset + written,
          );
          written += bytesWritten;
        }
      } catch (error) {
        this.#error = error as Error;
        return;
      }
      this.#error = undefined;
      this.#dirty = true;
      this.#waiting = this.#waiting.slice(parts.length);
      this.#waitingBytes -= bytes.length;
      this.#offset += bytes.length;
    }
  }
}
