/** Where a client's records come from: files, folders, standard input, servers. */
import { spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type RecordHandler, RecordSplitter } from './records.ts';

const READ_BYTES = 1024 * 1024;
const HEAD_BYTES = 6;
const MAX_FILES = 1_000_000;
const MAX_FOLDER_DEPTH = 64;
const MANAGEMENT_TYPE = 8;
const COOKIES = [0xe5712dcb, 0xe57150cb];
const GREETING_BYTES = 16;

export class InputError extends Error {
  override readonly name = 'InputError';
  /** ra ends with 2 when a file is not there, with 1 when it holds no records. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface InputFile {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** `file`, `file::start` or `file::start:end`. */
export function inputFile(text: string): InputFile {
  const match = /^(.+?)::(\d+)(?::(\d+))?$/.exec(text);
  if (match === null) return { path: text, start: 0, end: Number.POSITIVE_INFINITY };
  const end = match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
  return { path: match[1] as string, start: Number(match[2]), end };
}

/** Files of a folder and of those in it, by name. */
export function filesIn(folder: string, depth = 0): string[] {
  if (depth > MAX_FOLDER_DEPTH) return [];
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) throw new InputError(`${folder}: No such file or directory`, 1);
  if (!stats.isDirectory()) return [folder];
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => filesIn(join(folder, name), depth + 1)).slice(0, MAX_FILES);
}

export interface ReadContext {
  readonly stdin: Readable;
  readonly signal: AbortSignal;
  /** Awaited between pieces of input, so that output keeps up. */
  readonly breathe: () => Promise<void>;
}

/**
 * Hands on every record of a file.
 *
 * @returns false when the handler wants no more
 * @throws InputError
 */
export async function readFileRecords(file: InputFile, handle: RecordHandler, context: ReadContext): Promise<boolean> {
  const splitter = new RecordSplitter();
  const bounded: RecordHandler = (record, source) => source.offset < file.end && handle(record, source);
  if (file.path === '-') return readStream(context.stdin, splitter, bounded, context, 'standard input');
  const compression = compressionOf(file.path);
  if (compression !== null) {
    const stream = unpacked(file.path, compression);
    return readStream(stream, splitter, bounded, context, file.path);
  }
  return readPlain(file, splitter, bounded, context);
}

async function readPlain(
  file: InputFile,
  splitter: RecordSplitter,
  handle: RecordHandler,
  context: ReadContext,
): Promise<boolean> {
  const descriptor = openSync(file.path, 'r');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  try {
    if (readSync(descriptor, buffer, 0, GREETING_BYTES, 0) < GREETING_BYTES) return true;
    checkGreeting(buffer, file.path);
    let position = file.start;
    splitter.reset(position);
    while (!context.signal.aborted) {
      const count = readSync(descriptor, buffer, 0, READ_BYTES, position);
      if (count === 0) return true;
      position += count;
      if (!splitter.push(buffer.subarray(0, count), handle)) return position < file.end && splitter.isAtStrange;
      await context.breathe();
    }
    return false;
  } finally {
    closeSync(descriptor);
  }
}

/** @throws InputError when the first record is not that of a stream of Argus */
function checkGreeting(bytes: Buffer, path: string): void {
  const isManagement = (bytes[0] as number) >> 4 === MANAGEMENT_TYPE;
  if (!isManagement || !COOKIES.includes(bytes.readUInt32BE(8))) {
    throw new InputError(`${path}: not Argus-2.0 or greater data stream.`, 1);
  }
}

async function readStream(
  stream: Readable,
  splitter: RecordSplitter,
  handle: RecordHandler,
  context: ReadContext,
  name: string,
): Promise<boolean> {
  let head: Buffer | null = Buffer.alloc(0);
  const abort = () => stream.destroy();
  context.signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let bytes = chunk;
      if (head !== null) {
        bytes = Buffer.concat([head, chunk]);
        head = bytes.length < GREETING_BYTES ? bytes : null;
        if (head !== null) continue;
        checkGreeting(bytes, name);
      }
      if (!splitter.push(bytes, handle)) return splitter.isAtStrange;
      await context.breathe();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!context.signal.aborted && !isTorn(error)) throw error;
  } finally {
    context.signal.removeEventListener('abort', abort);
    if (stream !== context.stdin) stream.destroy();
  }
  return !context.signal.aborted;
}

/** A compressed file that ends early has the records that came before. */
function isTorn(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

type Compression = 'gzip' | 'bzip2' | 'xz';

function compressionOf(path: string): Compression | null {
  const head = Buffer.alloc(HEAD_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(`open '${path}': ${isMissing ? 'No such file or directory' : (error as Error).message}`, 2);
  }
  try {
    if (statSync(path).isDirectory()) throw new InputError(`open '${path}': Is a directory`, 2);
    readSync(descriptor, head, 0, HEAD_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
  return head.toString('latin1', 1, 5) === '7zXZ' ? 'xz' : null;
}

function unpacked(path: string, compression: Compression): Readable {
  if (compression === 'gzip') return createReadStream(path).pipe(createGunzip());
  const child = spawn(compression, ['-dc', '--', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.on('error', () => child.stdout.destroy(new InputError(`${compression} is needed to unpack ${path}`, 1)));
  return child.stdout;
}
