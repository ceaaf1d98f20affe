/** Takes the compression off a source: gzip and zstd by Node, bzip2, xz and lz4 by the installed tools. */
import { spawn } from 'node:child_process';
import type { Transform, Writable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type ByteSource, fromChunks } from './source.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'lz4';

/** Called once, where the compressed stream is cut or damaged; what came before it is delivered. */
export type OnDamage = (text: string) => void;

const INPUT_CHUNK_BYTES = 65_536;
const OUTPUT_CHUNK_BYTES = 65_536;
const MAX_QUEUED_CHUNKS = 16;

/** What the first bytes of a file say about its compression; null where there is none. */
export function compressionOf(head: Uint8Array): Compression | null {
  const [a, b, c, d] = [head[0], head[1], head[2], head[3]];
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  // A skippable frame, which parallel compressors put first.
  if (((a ?? 0) & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd';
  if (a === 0x42 && b === 0x5a && c === 0x68) return 'bzip2';
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58) return 'xz';
  if (a === 0x04 && b === 0x22 && c === 0x4d && d === 0x18) return 'lz4';
  return null;
}

/** @param head bytes of the source that were read already */
export function decompress(
  source: ByteSource,
  head: Uint8Array,
  compression: Compression,
  onDamage: OnDamage,
): ByteSource {
  const input = chunksOf(source, head);
  const plain = fromChunks(decompressed(input, compression, onDamage));
  return {
    read: (into) => plain.read(into),
    close() {
      plain.close();
      source.close();
    },
  };
}

function decompressed(
  input: AsyncIterable<Uint8Array>,
  compression: Compression,
  onDamage: OnDamage,
): AsyncIterable<Uint8Array> {
  if (compression === 'gzip') return through(input, createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES }), onDamage);
  if (compression === 'zstd') return zstd(input, onDamage);
  return byTool(input, compression, onDamage);
}

async function* chunksOf(source: ByteSource, head: Uint8Array): AsyncGenerator<Uint8Array> {
  yield head;
  for (;;) {
    const chunk = new Uint8Array(INPUT_CHUNK_BYTES);
    const got = await source.read(chunk);
    if (got === 0) return;
    yield chunk.subarray(0, got);
  }
}

/** Node's decoder ends with the first frame, so each frame gets a decoder of its own. */
async function* zstd(input: AsyncIterable<Uint8Array>, onDamage: OnDamage): AsyncGenerator<Uint8Array> {
  let damaged = false;
  const report = (text: string) => {
    if (!damaged) onDamage(text);
    damaged = true;
  };
  for await (const frame of zstdFrames(input, report)) {
    yield* through(frame, createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES }), report);
    if (damaged) return;
  }
}

/**
 * Runs chunks through a decoder. Written with events: iterating over a stream loses what is decoded already when the
 * stream fails.
 */
async function* through(
  input: AsyncIterable<Uint8Array>,
  decoder: Transform,
  onDamage: OnDamage,
): AsyncGenerator<Uint8Array> {
  const decoded: Uint8Array[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  decoder.on('data', (chunk: Uint8Array) => {
    decoded.push(chunk);
    if (decoded.length >= MAX_QUEUED_CHUNKS) decoder.pause();
    wake();
  });
  decoder.on('error', (error: NodeJS.ErrnoException) => onDamage(error.message));
  decoder.on('close', () => {
    ended = true;
    wake();
  });
  void feed(input, decoder);
  try {
    for (;;) {
      const chunk = decoded.shift();
      if (chunk !== undefined) yield chunk;
      else if (ended) break;
      else {
        decoder.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
          // It may have ended between the look at it and here.
          if (ended || decoded.length > 0) resolve();
        });
      }
    }
  } finally {
    decoder.destroy();
  }
}

/** Ends with the decoder; nobody waits for it, for it may wait for input that never comes. */
async function feed(input: AsyncIterable<Uint8Array>, decoder: Writable): Promise<void> {
  try {
    for await (const chunk of input) {
      if (decoder.destroyed) return;
      if (decoder.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        decoder.once('drain', resolve);
        decoder.once('close', resolve);
      });
    }
    if (!decoder.destroyed) decoder.end();
  } catch (error) {
    decoder.destroy(error as Error);
  }
}

async function* byTool(
  input: AsyncIterable<Uint8Array>,
  tool: Compression,
  onDamage: OnDamage,
): AsyncGenerator<Uint8Array> {
  const child = spawn(tool, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', () => resolve(`${tool} is needed to read it and is not installed`));
    child.once('close', (status) => resolve(status === 0 ? null : `${tool} says that it is damaged`));
  });
  child.stdin.on('error', () => undefined); // The tool has ended: its status says why.
  void feed(input, child.stdin);
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    const failure = await ended;
    if (failure !== null) onDamage(failure);
  } finally {
    child.kill();
    child.stdin.destroy();
  }
}
