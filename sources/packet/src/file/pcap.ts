/**
 * Classic capture files: microseconds and nanoseconds in both byte orders, those of IXIA, files older than version 2.4
 * with lengths in the other order, and the modified ones of old Linux systems and Nokia firewalls, whose records have
 * longer heads and often the usual magic number.
 *
 * A head that cannot be one is searched for the next that can: see `resync.ts`.
 *
 * @see draft-ietf-opsawg-pcap
 */
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES } from './block.ts';
import type { FormatReader, ReaderHost, RecordRun } from './reader.ts';
import { findRecords, type RecordShape } from './resync.ts';
import type { ReadWindow } from './window.ts';

const FILE_HEAD_BYTES = 24;

interface Variant {
  readonly nanoseconds: boolean;
  /** Bytes of a record's head; the first 16 mean the same in all. */
  readonly headBytes: number;
  readonly fileHeadBytes: number;
}

const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { nanoseconds: false, headBytes: 16, fileHeadBytes: FILE_HEAD_BYTES }],
  [0xa1b23c4d, { nanoseconds: true, headBytes: 16, fileHeadBytes: FILE_HEAD_BYTES }],
  // Kuznetzov's: interface index, protocol and packet type behind the lengths.
  [0xa1b2cd34, { nanoseconds: false, headBytes: 24, fileHeadBytes: FILE_HEAD_BYTES }],
  // IXIA's hardware and software: the file's length behind the file head.
  [0x1c0001ac, { nanoseconds: true, headBytes: 16, fileHeadBytes: FILE_HEAD_BYTES + 4 }],
  [0x1c0001ab, { nanoseconds: false, headBytes: 16, fileHeadBytes: FILE_HEAD_BYTES + 4 }],
]);

/** What else record heads were seen to have: Nokia's, Kuznetzov's, SuSE's. */
const OTHER_HEAD_BYTES = [20, 24, 28];

/** @returns null where the window does not begin like one */
export function openPcap(window: ReadWindow, host: ReaderHost): FormatReader | null {
  const { view, start } = window;
  if (window.end - start < FILE_HEAD_BYTES) return null;
  const littleEndian = VARIANTS.has(view.getUint32(start, true));
  const variant = VARIANTS.get(view.getUint32(start, littleEndian));
  if (variant === undefined) return null;
  const major = view.getUint16(start + 4, littleEndian);
  const minor = view.getUint16(start + 6, littleEndian);
  const snapBytes = view.getUint32(start + 16, littleEndian);
  // The upper half of the field tells about frame check sequences.
  const linkType = view.getUint32(start + 20, littleEndian) & 0xffff;
  const number = host.addInterface({ linkType, snapBytes });
  window.skip(variant.fileHeadBytes);
  const format = { littleEndian, nanoseconds: variant.nanoseconds, linkType, interface: number };
  return new PcapReader(host, format, variant.headBytes, major === 2 && minor < 4);
}

interface Format {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly linkType: number;
  readonly interface: number;
}

class PcapReader implements FormatReader {
  readonly #host: ReaderHost;
  readonly #format: Format;
  #headBytes: number;
  #guessed = false;
  readonly #lengthsMayBeSwapped: boolean;
  /** Seconds of the last two records. */
  #nearS: readonly number[] = [];
  /** Where in the source records are searched for since; null while they follow each other. */
  #lostAt: number | null = null;
  /** The last record is not whole; what is searched lies within it. */
  #cut = false;

  constructor(host: ReaderHost, format: Format, headBytes: number, lengthsMayBeSwapped: boolean) {
    this.#host = host;
    this.#format = format;
    this.#headBytes = headBytes;
    this.#lengthsMayBeSwapped = lengthsMayBeSwapped;
  }

  next(window: ReadWindow): RecordRun | null {
    if (!this.#guessed && window.start < window.end) this.#guess(window);
    for (;;) {
      if (this.#lostAt !== null && !this.#search(window, this.#lostAt)) return null;
      const run = this.#walk(window);
      if (run !== null || this.#lostAt === null) return run;
    }
  }

  /** Where the first records do not follow each other as they should, but do so with longer heads, these it has. */
  #guess(window: ReadWindow): void {
    this.#guessed = true;
    const begins = (headBytes: number) =>
      findRecords(window, window.start, window.start + 1, { ...this.#shape(), headBytes }).kind;
    if (begins(this.#headBytes) !== 'none') return;
    this.#headBytes = OTHER_HEAD_BYTES.find((headBytes) => begins(headBytes) === 'found') ?? this.#headBytes;
  }

  #walk(window: ReadWindow): RecordRun | null {
    const { view, start, end } = window;
    const { littleEndian } = this.#format;
    const headBytes = this.#headBytes;
    let at = start;
    let last = start;
    let beforeLast: number | null = null;
    let packets = 0;
    while (at + headBytes <= end) {
      if (this.#lengthsMayBeSwapped) orderLengths(view, at, littleEndian);
      const captured = view.getUint32(at + 8, littleEndian);
      // A record of nothing at no time is what a hole in a file looks like.
      if (captured > MAX_RECORD_BYTES || (captured === 0 && isBlank(view, at))) {
        this.#lostAt = window.offsetOf(at);
        break;
      }
      const next = at + headBytes + captured;
      if (next > end) break;
      beforeLast = packets > 0 ? last : null;
      last = at;
      at = next;
      packets++;
    }
    if (packets > 0) {
      const lastS = view.getUint32(last, littleEndian);
      const beforeS = beforeLast === null ? this.#nearS[0] : view.getUint32(beforeLast, littleEndian);
      this.#nearS = beforeS === undefined ? [lastS] : [lastS, beforeS];
    }
    if (this.#lostAt !== null && packets > 0) {
      const begins = findRecords(window, last + headBytes, at, this.#shape());
      if (begins.kind === 'found') {
        this.#host.warn('length', window.offsetOf(last), 'a record has a wrong length: another begins within it');
        this.#lostAt = null;
        packets--;
        window.start = begins.at;
        return packets === 0 ? this.#walk(window) : this.#run(window, start, last, packets);
      }
    }
    window.start = at;
    if (packets > 0) return this.#run(window, start, at, packets);
    if (this.#lostAt === null && window.ended && at < end) {
      this.#lostAt = window.offsetOf(at);
      this.#cut = true;
    }
    return null;
  }

  #search(window: ReadWindow, lostAt: number): boolean {
    const from = Math.max(window.start, Math.min(window.end, lostAt + 1 - window.offsetOf(0)));
    const { kind, at } = findRecords(window, from, window.end, this.#shape());
    window.start = kind === 'none' ? window.end : at;
    if (kind !== 'found' && !window.ended) return false;
    if (kind !== 'found') window.start = window.end;
    const bytes = window.offsetOf(window.start) - lostAt;
    if (this.#cut && kind !== 'found')
      this.#host.warn('cut', lostAt, `the last record is cut: ${bytes} bytes of it are there`);
    else this.#host.warn('skipped', lostAt, `${bytes} bytes that are no records were passed over`);
    this.#lostAt = null;
    this.#cut = false;
    return kind === 'found';
  }

  #shape(): RecordShape {
    const { littleEndian, nanoseconds } = this.#format;
    return { headBytes: this.#headBytes, littleEndian, nanoseconds, nearS: this.#nearS };
  }

  #run(window: ReadWindow, from: number, to: number, packets: number): RecordRun {
    const end = this.#headBytes === RECORD_HEAD_BYTES ? to : this.#shorten(window, from, to);
    return { from, to: end, packets, ...this.#format };
  }

  /** Moves records together so that each has a head of 16 bytes. */
  #shorten({ bytes, view }: ReadWindow, from: number, to: number): number {
    let write = from;
    for (let at = from; at < to; ) {
      const captured = view.getUint32(at + 8, this.#format.littleEndian);
      bytes.copyWithin(write, at, at + RECORD_HEAD_BYTES);
      write += RECORD_HEAD_BYTES;
      at += this.#headBytes;
      bytes.copyWithin(write, at, at + captured);
      write += captured;
      at += captured;
    }
    return write;
  }
}

/** The captured length is never the longer one. */
function orderLengths(view: DataView, at: number, littleEndian: boolean): void {
  const first = view.getUint32(at + 8, littleEndian);
  const second = view.getUint32(at + 12, littleEndian);
  if (first <= second) return;
  view.setUint32(at + 8, second, littleEndian);
  view.setUint32(at + 12, first, littleEndian);
}

function isBlank(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === 0 && view.getUint32(at + 12, true) === 0;
}
