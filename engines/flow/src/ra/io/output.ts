/** Files of records that clients write: appended to, begun with a management record. */
import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProgramIo } from '../../program.ts';
import { Sink } from '../client/sink.ts';
import { greetingRecord } from './greeting.ts';

const PIECE_BYTES = 256 * 1024;

export class RecordFile {
  readonly path: string;
  #descriptor = -1;
  readonly #stdout: Sink | null;
  readonly #greeting: () => Uint8Array;
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #used = 0;
  #hasBegun = false;
  records = 0;

  /**
   * @param path `-` for standard output; folders on the way are made
   * @param greeting the record that a new file begins with
   */
  constructor(path: string, io: Pick<ProgramIo, 'stdout'>, greeting: () => Uint8Array = greetingRecord) {
    this.path = path;
    this.#greeting = greeting;
    this.#stdout = path === '-' ? new Sink(io.stdout) : null;
  }

  /** A whole record; the stream's first is put before it unless it is one itself. */
  put(bytes: Uint8Array, at: number, count: number): void {
    if (!this.#hasBegun) this.#begin((bytes[at] as number) >> 4 === 8 && (bytes[at + 1] as number) >> 4 === 1);
    this.records += 1;
    this.#append(bytes, at, count);
  }

  /** Begins the file even when no record comes. */
  open(): void {
    if (!this.#hasBegun) this.#begin(false);
  }

  #begin(isGreeting: boolean): void {
    this.#hasBegun = true;
    let isNew = true;
    if (this.#stdout === null) {
      mkdirSync(dirname(this.path), { recursive: true });
      this.#descriptor = openSync(this.path, 'a');
      isNew = fstatSync(this.#descriptor).size === 0;
    }
    if (!isNew || isGreeting) return;
    const greeting = this.#greeting();
    this.#append(greeting, 0, greeting.length);
  }

  #append(bytes: Uint8Array, at: number, count: number): void {
    if (this.#stdout !== null) {
      this.#stdout.write(bytes, at, count);
      return;
    }
    if (this.#used + count > PIECE_BYTES) this.flush();
    if (count > PIECE_BYTES) {
      writeSync(this.#descriptor, bytes, at, count);
      return;
    }
    this.#piece.set(bytes.subarray(at, at + count), this.#used);
    this.#used += count;
  }

  flush(): void {
    this.#stdout?.flush();
    if (this.#used > 0) writeSync(this.#descriptor, this.#piece, 0, this.#used);
    this.#used = 0;
  }

  async close(): Promise<void> {
    this.closeNow();
    await this.#stdout?.drain();
  }

  closeNow(): void {
    this.flush();
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}
