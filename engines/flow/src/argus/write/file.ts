/** Records to a file, appended; and to a stream such as standard output. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { FlowRecord } from '../../record/record.ts';
import { argusError } from '../errors.ts';
import type { RecordOutput } from './output.ts';

const CHUNK_BYTES = 64 * 1024;
/** Bytes that may wait for the disk before records are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** How often a file is looked at: has it been moved away or removed? */
const LOOK_AGAIN_MS = 1000;

/** Gathers records into chunks and writes one at a time. */
abstract class ChunkedOutput implements RecordOutput {
  dropped = 0;
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #error: unknown;

  write(_record: FlowRecord, bytes: Uint8Array): void {
    if (this.#waitingBytes > MAX_WAITING_BYTES || this.#error !== undefined) {
      this.dropped += 1;
      return;
    }
    if (this.#used + bytes.length > this.#chunk.length) this.#cut();
    if (bytes.length > this.#chunk.length) {
      this.#waiting.push(bytes.slice());
      this.#waitingBytes += bytes.length;
      return;
    }
    this.#chunk.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  async flush(): Promise<void> {
    this.#cut();
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
    if (this.#error !== undefined) throw this.#error;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.end();
    }
  }

  protected abstract put(bytes: Uint8Array): Promise<void>;
  protected abstract end(): Promise<void>;

  #cut(): void {
    if (this.#used === 0) return;
    this.#waiting.push(this.#chunk.subarray(0, this.#used));
    this.#waitingBytes += this.#used;
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    this.#used = 0;
  }

  async #drain(): Promise<void> {
    try {
      for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
        await this.put(chunk);
        this.#waitingBytes -= chunk.length;
      }
    } catch (error) {
      this.#error = error;
    }
  }
}

export interface FileOutputOptions {
  /** The stream's first record, which each file begins with. Asked again when the file has to be begun anew. */
  readonly greeting: () => Uint8Array;
  readonly monotonicMs: () => number;
}

/**
 * A file that a rotation may move away at any time: then it is begun anew under its name, between two chunks, with the
 * greeting first.
 */
export class FileOutput extends ChunkedOutput {
  readonly path: string;
  readonly #options: FileOutputOptions;
  #file: FileHandle;
  #inode: number;
  #lookedAtMs: number;

  private constructor(path: string, options: FileOutputOptions, file: FileHandle, inode: number) {
    super();
    this.path = path;
    this.#options = options;
    this.#file = file;
    this.#inode = inode;
    this.#lookedAtMs = options.monotonicMs();
  }

  /** @throws UndercroftError `flow.argus.write` when it cannot be opened */
  static async open(path: string, options: FileOutputOptions): Promise<FileOutput> {
    const file = await openForAppend(path);
    try {
      await file.appendFile(options.greeting());
      return new FileOutput(path, options, file, (await file.stat()).ino);
    } catch (error) {
      await file.close();
      throw argusError('write', `${path}: ${(error as Error).message}`, error);
    }
  }

  protected override async put(bytes: Uint8Array): Promise<void> {
    await this.#followRotation();
    await this.#file.appendFile(bytes);
  }

  protected override async end(): Promise<void> {
    await this.#file.close();
  }

  async #followRotation(): Promise<void> {
    const nowMs = this.#options.monotonicMs();
    if (nowMs - this.#lookedAtMs < LOOK_AGAIN_MS) return;
    this.#lookedAtMs = nowMs;
    const inode = await stat(this.path).then(
      (found) => found.ino,
      () => undefined,
    );
    if (inode === this.#inode) return;
    await this.#file.close();
    this.#file = await openForAppend(this.path);
    this.#inode = (await this.#file.stat()).ino;
    await this.#file.appendFile(this.#options.greeting());
  }
}

async function openForAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', 0o644);
  } catch (error) {
    throw argusError('write', `${path}: ${(error as Error).message}`, error);
  }
}

/** Records to standard output or another stream that stays open when they end. */
export class StreamOutput extends ChunkedOutput {
  readonly #stream: Writable;

  constructor(stream: Writable, greeting: Uint8Array) {
    super();
    this.#stream = stream;
    this.write(NO_RECORD, greeting);
  }

  protected override async put(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  protected override async end(): Promise<void> {}
}

const NO_RECORD = new FlowRecord();
