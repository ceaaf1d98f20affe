/** A log of lines in a file: rotated by age and size, packed when rotated, bounded while the disk is slow. */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface LogFileOptions {
  /** As it is while being written: /var/log/flow/conn.log. Rotated ones get the time of their beginning. */
  readonly path: string;
  /** First lines of each file, with their ends, given when it is begun. */
  readonly header?: (openMs: number) => string;
  /** Last lines of each file. */
  readonly footer?: (closeMs: number) => string;
  /** A file is rotated at each multiple of this; 0 never. One hour if absent. */
  readonly rotateMs?: number;
  /** And when it has become so large; 0 never. */
  readonly rotateBytes?: number;
  /** Rotated files are packed. */
  readonly gzip?: boolean;
  readonly nowMs: () => number;
}

const HOUR_MS = 3_600_000;
const CHUNK_CHARACTERS = 65_536;
/** Lines that wait for the disk at most, in characters; further ones are dropped and counted. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

export class LogFile {
  /** Lines written and lost. */
  lines = 0;
  dropped = 0;
  readonly #options: LogFileOptions;
  #pending = '';
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();
  #error: unknown;
  #file: FileHandle | null = null;
  #openMs = 0;
  #bytes = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** @param line without its end */
  write(line: string): void {
    if (this.#waiting > MAX_WAITING_CHARACTERS || this.#error !== undefined) {
      this.dropped++;
      return;
    }
    this.lines++;
    this.#pending += `${line}\n`;
    if (this.#pending.length >= CHUNK_CHARACTERS) this.#cut();
  }

  /** Resolves when all is with the file. @throws what writing has failed with */
  async flush(): Promise<void> {
    this.#cut();
    await this.#work;
    if (this.#error !== undefined) throw this.#error;
  }

  /** Ends the file; it keeps its name until another is begun. */
  async close(): Promise<void> {
    await this.flush();
    await this.#end();
  }

  #cut(): void {
    const chunk = this.#pending;
    if (chunk === '') return;
    this.#pending = '';
    this.#waiting += chunk.length;
    this.#work = this.#work.then(async () => {
      try {
        if (this.#error === undefined) await this.#put(chunk);
      } catch (error) {
        this.#error = error;
      }
      this.#waiting -= chunk.length;
    });
  }

  async #put(chunk: string): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (this.#file !== null && this.#isDue(nowMs)) await this.#rotate();
    this.#file ??= await this.#begin(nowMs);
    const { bytesWritten } = await this.#file.write(chunk);
    this.#bytes += bytesWritten;
  }

  #isDue(nowMs: number): boolean {
    const { rotateMs = HOUR_MS, rotateBytes = 0 } = this.#options;
    if (rotateBytes > 0 && this.#bytes >= rotateBytes) return true;
    return rotateMs > 0 && Math.floor(nowMs / rotateMs) !== Math.floor(this.#openMs / rotateMs);
  }

  async #begin(nowMs: number): Promise<FileHandle> {
    const { path, header } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    // What an earlier run has left is kept under its own time.
    const left = await stat(path).catch(() => null);
    if (left !== null && left.size > 0) await this.#putAside(left.mtimeMs);
    this.#openMs = nowMs;
    this.#bytes = 0;
    const file = await open(path, 'w', 0o640);
    if (header !== undefined) await file.write(header(nowMs));
    return file;
  }

  async #rotate(): Promise<void> {
    const openMs = this.#openMs;
    await this.#end();
    await this.#putAside(openMs);
  }

  async #end(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    const { footer, nowMs } = this.#options;
    if (footer !== undefined) await file.write(footer(nowMs()));
    await file.close();
  }

  async #putAside(openMs: number): Promise<void> {
    const { path, gzip = false } = this.#options;
    const target = await freeName(path, openMs);
    await rename(path, target);
    if (!gzip) return;
    await pipeline(createReadStream(target), createGzip(), createWriteStream(`${target}.gz`));
    await rm(target);
  }
}

const MAX_SAME_SECOND = 10_000;

/** conn.log begun at 3 o'clock becomes conn.2026-11-25-03-00-00.log; a number tells those of one second apart. */
async function freeName(path: string, openMs: number): Promise<string> {
  const time = new Date(openMs).toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const [, stem = path, extension = ''] = /^(.*?)(\.[^./]+)?$/.exec(path) ?? [];
  for (let number = 0; number < MAX_SAME_SECOND; number++) {
    const name = `${stem}.${time}${number === 0 ? '' : `-${number}`}${extension}`;
    const taken = await Promise.all([stat(name), stat(`${name}.gz`)].map((each) => each.catch(() => null)));
    if (taken.every((each) => each === null)) return name;
  }
  throw new Error(`${path} was begun too often in one second`);
}
