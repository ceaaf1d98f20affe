/** Where records are read from: files whole or in part, compressed or not, and standard input. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { RecordBatch } from '../../record/batch.ts';
import { argusError } from '../errors.ts';
import { MANAGEMENT_BYTES } from '../wire/format.ts';
import { StreamDecoder } from './stream-decoder.ts';

const READ_BYTES = 256 * 1024;

/** A file as `-r` names it: `file`, `file::start`, `file::start:end` (byte positions), `-` for standard input. */
export interface RecordSource {
  readonly path: string;
  readonly start?: number;
  readonly end?: number;
}

export function parseSource(text: string): RecordSource {
  const match = /^(.+)::(\d+)(?::(\d+))?$/.exec(text);
  if (match === null) return { path: text };
  return {
    path: match[1] as string,
    start: Number(match[2]),
    ...(match[3] === undefined ? {} : { end: Number(match[3]) }),
  };
}

/**
 * The records of one source, management records among them. A torn last record is passed over in silence.
 *
 * @throws UndercroftError `flow.argus.open` when it cannot be read, `flow.argus.format` when it holds no records
 */
export async function* readRecords(source: RecordSource, stdin?: Readable): AsyncGenerator<RecordBatch> {
  if (source.path === '-') {
    yield* decodeStream(stdin ?? process.stdin, {});
    return;
  }
  const file = await openFile(source.path);
  try {
    const head = new Uint8Array(16);
    const { bytesRead } = await file.read(head, 0, 16, 0);
    const compression = compressionOf(head.subarray(0, bytesRead));
    if (compression === undefined) yield* decodeFile(file, source);
    else yield* decodeCompressed(file, compression, source);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw argusError('open', `${path}: ${(error as Error).message}`, error);
  }
}

type Compression = 'gzip' | 'bzip2' | 'xz';

function compressionOf(head: Uint8Array): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68) return 'bzip2';
  return head[0] === 0xfd && head[1] === 0x37 && head[2] === 0x7a ? 'xz' : undefined;
}

/** A part of a file has its first record too: it says what the file is. */
async function* decodeFile(file: FileHandle, { start = 0, end }: RecordSource): AsyncGenerator<RecordBatch> {
  const decoder = new StreamDecoder();
  const buffer = new Uint8Array(READ_BYTES);
  let position = 0;
  while (!decoder.ended) {
    const want = position < MANAGEMENT_BYTES && start > MANAGEMENT_BYTES ? MANAGEMENT_BYTES - position : READ_BYTES;
    const { bytesRead } = await file.read(buffer, 0, want, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield* decodeChunk(decoder, buffer.subarray(0, bytesRead), end);
    if (position === MANAGEMENT_BYTES && start > MANAGEMENT_BYTES) {
      position = start;
      decoder.skipTo(start);
    }
  }
}

async function* decodeCompressed(
  file: FileHandle,
  compression: Compression,
  part: RecordSource,
): AsyncGenerator<RecordBatch> {
  const packed = file.createReadStream({ start: 0, autoClose: false });
  if (compression === 'gzip') {
    const unpacked = packed.pipe(createGunzip());
    packed.on('error', (error) => unpacked.destroy(error));
    try {
      yield* decodeStream(unpacked, part);
    } finally {
      packed.destroy();
      unpacked.destroy();
    }
    return;
  }
  const child = spawn(compression, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    // A program that is not there, or that ends before its input does, shows in what it gives back.
    child.stdin.on('error', () => packed.destroy());
    packed.pipe(child.stdin);
    await started(child, compression);
    yield* decodeStream(child.stdout, part);
  } finally {
    packed.destroy();
    child.kill();
  }
}

async function started(child: ChildProcess, program: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(argusError('open', `${program} is needed to unpack this file`, error)));
  });
}

/** Of a stream, the part between the positions is decoded, and its first record. */
export async function* decodeStream(
  stream: Readable,
  { start = 0, end }: { readonly start?: number; readonly end?: number },
): AsyncGenerator<RecordBatch> {
  const decoder = new StreamDecoder();
  let position = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      let bytes = chunk;
      const at = position;
      position += bytes.length;
      if (start > MANAGEMENT_BYTES) {
        if (at < MANAGEMENT_BYTES) {
          yield* decodeChunk(decoder, bytes.subarray(0, MANAGEMENT_BYTES - at), end);
          bytes = bytes.subarray(MANAGEMENT_BYTES - at);
          if (position >= MANAGEMENT_BYTES) decoder.skipTo(start);
        }
        const from = position - bytes.length;
        if (from < start) bytes = bytes.subarray(start - from);
      }
      yield* decodeChunk(decoder, bytes, end);
      if (decoder.ended) return;
    }
  } catch (error) {
    if (isTorn(error)) return;
    throw error;
  }
}

/** A compressed file that ends early has the records that came before. */
function isTorn(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR';
}

/** All whole records of what has come. */
export function* decodeChunk(decoder: StreamDecoder, chunk: Uint8Array, end?: number): Generator<RecordBatch> {
  let from = 0;
  do {
    from += decoder.write(from === 0 ? chunk : chunk.subarray(from));
    while (decoder.next(end) > 0) yield decoder.batch;
  } while (from < chunk.length && !decoder.ended);
}
