/**
 * A file that is written in chunks under another name and gets its own when it is finished: whoever sees the name sees a
 * whole file. Each chunk is compressed for itself (a gzip member, a zstd frame), so that after a crash all but the
 * last can be read.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

export type FileCompression = 'none' | 'gzip' | 'zstd';
/** When what is written must be on the disk itself: `chunk` after each, `close` before the file gets its name. */
export type SyncPolicy = 'never' | 'close' | 'chunk';

export interface ChunkFileOptions {
  readonly compression: FileCompression;
  readonly sync: SyncPolicy;
}

/** Of a file that is not finished. */
export const PART_SUFFIX = '.part';
const STDOUT = 1;
const GZIP_LEVEL = 3;
const RETRY_MS = 1;

export class ChunkFile {
  readonly path: string;
  /** On disk, compressed. */
  bytes = 0;
  readonly #descriptor: number;
  readonly #options: ChunkFileOptions;

  /** @param path `-` for standard output, which has no other name meanwhile */
  constructor(path: string, options: ChunkFileOptions) {
    this.path = path;
    this.#options = options;
    this.#descriptor = path === '-' ? STDOUT : openSync(path + PART_SUFFIX, 'w');
  }

  write(chunk: Uint8Array): void {
    const { compression, sync } = this.#options;
    const bytes = compress(chunk, compression);
    for (let at = 0; at < bytes.length; ) at += writeSome(this.#descriptor, bytes.subarray(at));
    this.bytes += bytes.length;
    if (sync === 'chunk' && this.#descriptor !== STDOUT) fsyncSync(this.#descriptor);
  }

  /** Closes the file and gives it its name. */
  finish(): void {
    if (this.#descriptor === STDOUT) return;
    if (this.#options.sync !== 'never') fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    renameSync(this.path + PART_SUFFIX, this.path);
    if (this.#options.sync !== 'never') syncFolder(dirname(this.path));
  }

  /** Closes the file as it is, under its other name. */
  abandon(): void {
    if (this.#descriptor !== STDOUT) closeSync(this.#descriptor);
  }
}

function compress(chunk: Uint8Array, compression: FileCompression): Uint8Array {
  if (compression === 'gzip') return gzipSync(chunk, { level: GZIP_LEVEL });
  return compression === 'zstd' ? zstdCompressSync(chunk) : chunk;
}

function writeSome(descriptor: number, bytes: Uint8Array): number {
  for (;;) {
    try {
      return writeSync(descriptor, bytes);
    } catch (error) {
      // A pipe that is full and does not block.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** A new name is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
