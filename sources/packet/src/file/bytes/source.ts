/** Where the bytes of a capture come from: files, standard input, growing files, streams, memory. */
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureFileError } from '../block.ts';

export interface ByteSource {
  /**
   * Fills `into` from its front, as far as bytes are at hand, at least one.
   *
   * @returns how many; 0 at the end
   */
  read(into: Uint8Array): number | Promise<number>;
  close(): void;
}

/** A path, `-` for standard input, bytes, or a stream of bytes. */
export type CaptureSource =
  | string
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

export interface ByteOptions {
  /** Goes on at the end of a file when it grows, until `signal` is aborted. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** How often a file that is followed is looked at. */
  readonly pollMs?: number;
}

const DEFAULT_POLL_MS = 200;
const STDIN_RETRY_MS = 5;

export function nameOf(source: CaptureSource): string {
  return typeof source === 'string' ? source : source.name;
}

/** @throws CaptureFileError `capture.open` */
export function openBytes(source: CaptureSource, options: ByteOptions = {}): ByteSource {
  if (source === '-') return fromDescriptor(0, options.signal);
  if (typeof source === 'string') return openFile(source, options);
  if ('bytes' in source) return fromBytes(source.bytes);
  return fromChunks(source.stream);
}

/** A source over chunks that somebody else makes. */
export function fromChunks(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(into) {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done) return 0;
        rest = next.value;
      }
      const count = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    close() {
      // A stream that waits for more ends when it comes: not to be waited for.
      iterator.return?.().catch(() => undefined);
    },
  };
}

function fromBytes(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read(into) {
      const count = Math.min(bytes.length - at, into.length);
      into.set(bytes.subarray(at, at + count));
      at += count;
      return count;
    },
    close() {},
  };
}

function openFile(path: string, options: ByteOptions): ByteSource {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new CaptureFileError('capture.open', path, `cannot be opened (${(error as NodeJS.ErrnoException).code}).`);
  }
  const kind = fstatSync(descriptor);
  if (kind.isDirectory()) {
    closeSync(descriptor);
    throw new CaptureFileError('capture.open', path, 'is a folder.', 'Name the capture files in it.');
  }
  // Reading a pipe or a device may block: that waits in the thread pool.
  if (!kind.isFile()) return fromDescriptor(descriptor, options.signal);
  return options.follow ? followFile(descriptor, options) : readFile(descriptor);
}

function readFile(descriptor: number): ByteSource {
  return {
    read: (into) => readSync(descriptor, into),
    close: () => closeSync(descriptor),
  };
}

function followFile(descriptor: number, options: ByteOptions): ByteSource {
  const { signal, pollMs = DEFAULT_POLL_MS } = options;
  return {
    async read(into) {
      for (;;) {
        const got = readSync(descriptor, into);
        if (got > 0 || signal?.aborted) return got;
        // The abort ends the waiting; what the file has got meanwhile is still read.
        await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      }
    },
    close: () => closeSync(descriptor),
  };
}

function fromDescriptor(descriptor: number, signal: AbortSignal | undefined): ByteSource {
  return {
    async read(into) {
      while (!signal?.aborted) {
        const got = await readOnce(descriptor, into);
        if (got !== null) return got;
        await sleep(STDIN_RETRY_MS);
      }
      return 0;
    },
    close() {
      if (descriptor !== 0) closeSync(descriptor);
    },
  };
}

/** @returns null where a descriptor that does not block has nothing yet */
function readOnce(descriptor: number, into: Uint8Array): Promise<number | null> {
  return new Promise((resolve, reject) => {
    read(descriptor, into, 0, into.length, null, (error, got) => {
      if (error === null) resolve(got);
      else if (error.code === 'EAGAIN') resolve(null);
      else if (error.code === 'EOF') resolve(0);
      else reject(error);
    });
  });
}
