/** Reads captures of any format, one source after the other. The first bytes say what a source is, never its name. */
import { type CaptureBlock, CaptureFileError, type CaptureInterface, type CaptureWarning } from './block.ts';
import { compressionOf, decompress } from './bytes/compression.ts';
import { type ByteOptions, type ByteSource, type CaptureSource, nameOf, openBytes } from './bytes/source.ts';
import { openPcap } from './pcap.ts';
import { openPcapng } from './pcapng.ts';
import type { FormatReader, ReaderHost } from './reader.ts';
import { openSnoop } from './snoop.ts';
import { ReadWindow } from './window.ts';

export interface CaptureOptions extends ByteOptions {
  /** Goes on with the next source where one cannot be opened or is no capture, with a warning of kind `file`. */
  readonly skipBad?: boolean;
  readonly onWarning?: (warning: CaptureWarning) => void;
}

export interface Capture extends AsyncIterable<CaptureBlock> {
  /** Those met so far. */
  readonly interfaces: readonly CaptureInterface[];
  /** The first {@link MAX_WARNINGS}. */
  readonly warnings: readonly CaptureWarning[];
  /** All of them. */
  readonly warningCount: number;
  readonly packets: number;
}

export const MAX_WARNINGS = 100;
/** Formats are told apart by so many bytes. */
const HEAD_BYTES = 32;
const FORMATS = [openPcap, openPcapng, openSnoop];

/**
 * @param sources paths, `-` for standard input, bytes or streams; read in this order, through one window of 1 MiB
 * @returns what to iterate over, once
 * @throws CaptureFileError while iterating, where a source cannot be read at all
 */
export function openCapture(sources: CaptureSource | readonly CaptureSource[], options: CaptureOptions = {}): Capture {
  return new CaptureReading(Array.isArray(sources) ? sources : [sources as CaptureSource], options);
}

class CaptureReading implements Capture {
  readonly interfaces: CaptureInterface[] = [];
  readonly warnings: CaptureWarning[] = [];
  warningCount = 0;
  packets = 0;
  readonly #sources: readonly CaptureSource[];
  readonly #options: CaptureOptions;
  readonly #window = new ReadWindow();

  constructor(sources: readonly CaptureSource[], options: CaptureOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CaptureBlock> {
    for (const [index, source] of this.#sources.entries()) {
      try {
        yield* this.#source(source, index);
      } catch (error) {
        if (!(this.#options.skipBad && error instanceof CaptureFileError)) throw error;
        this.#warn({ file: error.file, offset: 0, kind: 'file', text: error.message });
      }
    }
  }

  async *#source(source: CaptureSource, index: number): AsyncGenerator<CaptureBlock> {
    const window = this.#window;
    window.reset();
    const file = nameOf(source);
    let bytes = openBytes(source, this.#options);
    try {
      await fillHead(window, bytes);
      const compression = compressionOf(window.bytes.subarray(window.start, window.end));
      if (compression !== null) {
        let damage = 'nothing is in it';
        const head = window.bytes.slice(window.start, window.end);
        bytes = decompress(bytes, head, compression, (text) => {
          damage = text;
          this.#warn({
            file,
            offset: window.offsetOf(window.end),
            kind: 'compression',
            text: `${compression}: ${text}`,
          });
        });
        window.reset();
        await fillHead(window, bytes);
        if (window.end === 0) throw new CaptureFileError('capture.format', file, `${compression}: ${damage}.`);
      }
      const reader = openFormat(window, this.#host(file, index), file);
      yield* this.#blocks(reader, bytes, index);
      if (window.missing > 0) {
        this.#warn({
          file,
          offset: window.offsetOf(window.end),
          kind: 'cut',
          text: `${window.missing} bytes are missing`,
        });
      }
    } finally {
      bytes.close();
    }
  }

  async *#blocks(reader: FormatReader, bytes: ByteSource, source: number): AsyncGenerator<CaptureBlock> {
    const window = this.#window;
    for (;;) {
      const run = reader.next(window);
      if (run !== null) {
        const { from, to, ...rest } = run;
        this.packets += run.packets;
        yield { bytes: window.bytes.subarray(from, to), source, ...rest };
      } else if (window.ended) return;
      else await window.fill(bytes);
    }
  }

  #host(file: string, source: number): ReaderHost {
    return {
      warn: (kind, offset, text) => this.#warn({ file, offset, kind, text }),
      addInterface: (found) => this.interfaces.push({ source, ...found }) - 1,
      setDropped: (number, dropped) => {
        const of = this.interfaces[number];
        if (of !== undefined) of.dropped = dropped;
      },
    };
  }

  #warn(warning: CaptureWarning): void {
    this.warningCount++;
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(warning);
    this.#options.onWarning?.(warning);
  }
}

async function fillHead(window: ReadWindow, bytes: ByteSource): Promise<void> {
  while (window.end - window.start < HEAD_BYTES && !window.ended) await window.fill(bytes);
}

function openFormat(window: ReadWindow, host: ReaderHost, file: string): FormatReader {
  if (window.start === window.end) throw new CaptureFileError('capture.empty', file, 'is empty.');
  for (const open of FORMATS) {
    const reader = open(window, host);
    if (reader !== null) return reader;
  }
  const head = Buffer.from(window.bytes.subarray(window.start, Math.min(window.end, window.start + 8))).toString('hex');
  throw new CaptureFileError(
    'capture.format',
    file,
    `is no capture file that can be read; it begins with ${head}.`,
    'pcap, pcapng and snoop are read, also as gz, zst, bz2, xz or lz4. editcap of Wireshark converts many others.',
  );
}
