/**
 * A group: all series of one span of time (300 seconds, 60 minutes, 24 hours), as it lies in a segment file.
 *
 *     header  40 bytes: magic, crc of the rest of header and directory, start (f64), step, points, columns, series,
 *             pages, bytes of all pages
 *     directory  24 bytes a page: first id, last id, series, offset, length, crc
 *     pages   up to 64 series each: ids as varint steps, column lengths as varints, columns
 *
 * Little-endian. A page has its own checksum, so that one chart is read and checked without the rest.
 */
import { crc32 } from 'node:zlib';
import { ByteSink, ByteSource, FormatError } from './bytes.ts';
import type { ColumnCodec } from './codec.ts';

export const GROUP_MAGIC = 0x31504755;
export const GROUP_HEADER_BYTES = 40;
export const PAGE_ENTRY_BYTES = 24;
export const SERIES_PER_PAGE = 64;
/** Bounds that a reader accepts. */
const MAX_PAGES = 1_000_000;
const MAX_POINTS = 4096;

export interface GroupHeader {
  readonly startS: number;
  readonly stepS: number;
  readonly points: number;
  /** Columns a series: 1 for samples, 4 for minimum, maximum, sum, count. */
  readonly columns: number;
  readonly series: number;
  readonly pages: number;
  readonly pageBytes: number;
}

export interface PageEntry {
  readonly firstId: number;
  readonly lastId: number;
  readonly series: number;
  /** From the end of the directory. */
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** Bytes of header, directory and pages. */
export function groupBytes(header: GroupHeader): number {
  return GROUP_HEADER_BYTES + header.pages * PAGE_ENTRY_BYTES + header.pageBytes;
}

/** Collects the pages of one group, in rising order of ids. */
export class GroupWriter {
  readonly #header: Omit<GroupHeader, 'series' | 'pages' | 'pageBytes'>;
  readonly #codec: ColumnCodec;
  readonly #pages: { readonly entry: PageEntry; readonly bytes: Uint8Array }[] = [];
  readonly #columns = new ByteSink();
  readonly #page = new ByteSink();
  #offset = 0;
  #series = 0;

  constructor(header: Omit<GroupHeader, 'series' | 'pages' | 'pageBytes'>, codec: ColumnCodec) {
    this.#header = header;
    this.#codec = codec;
  }

  /**
   * Adds one page. Series without any sample should be left out by the caller.
   * @param ids rising @param columnOf the samples of series `ids[i]`, column `j`
   */
  page(ids: readonly number[], columnOf: (index: number, column: number) => Float64Array): void {
    if (ids.length === 0) return;
    const { columns } = this.#header;
    this.#page.clear();
    this.#columns.clear();
    let last = ids[0]!;
    for (const id of ids) {
      this.#page.varint(id - last);
      last = id;
    }
    for (let i = 0; i < ids.length; i++) {
      const before = this.#columns.length;
      for (let j = 0; j < columns; j++) this.#codec.encode(columnOf(i, j), this.#columns);
      this.#page.varint(this.#columns.length - before);
    }
    this.#page.raw(this.#columns.bytes.subarray(0, this.#columns.length));
    const bytes = this.#page.take();
    const entry: PageEntry = {
      firstId: ids[0]!,
      lastId: last,
      series: ids.length,
      offset: this.#offset,
      length: bytes.length,
      crc: crc32(bytes),
    };
    this.#pages.push({ entry, bytes });
    this.#offset += bytes.length;
    this.#series += ids.length;
  }

  get empty(): boolean {
    return this.#pages.length === 0;
  }

  /** The whole group. */
  finish(): Buffer {
    const { startS, stepS, points, columns } = this.#header;
    const pages = this.#pages.length;
    const headBytes = GROUP_HEADER_BYTES + pages * PAGE_ENTRY_BYTES;
    const bytes = Buffer.alloc(headBytes + this.#offset);
    bytes.writeUInt32LE(GROUP_MAGIC, 0);
    bytes.writeDoubleLE(startS, 8);
    bytes.writeUInt32LE(stepS, 16);
    bytes.writeUInt16LE(points, 20);
    bytes.writeUInt16LE(columns, 22);
    bytes.writeUInt32LE(this.#series, 24);
    bytes.writeUInt32LE(pages, 28);
    bytes.writeDoubleLE(this.#offset, 32);
    let at = GROUP_HEADER_BYTES;
    for (const { entry, bytes: page } of this.#pages) {
      bytes.writeUInt32LE(entry.firstId, at);
      bytes.writeUInt32LE(entry.lastId, at + 4);
      bytes.writeUInt32LE(entry.series, at + 8);
      bytes.writeUInt32LE(entry.offset, at + 12);
      bytes.writeUInt32LE(entry.length, at + 16);
      bytes.writeUInt32LE(entry.crc, at + 20);
      bytes.set(page, headBytes + entry.offset);
      at += PAGE_ENTRY_BYTES;
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(8, headBytes)), 4);
    return bytes;
  }
}

/** Reads a header's fields. @throws FormatError; the checksum is checked with the directory, by {@link parseDirectory} */
export function parseHeader(bytes: Buffer): GroupHeader {
  if (bytes.length < GROUP_HEADER_BYTES) throw new FormatError('a group ends in its header');
  if (bytes.readUInt32LE(0) !== GROUP_MAGIC) throw new FormatError('no group begins here');
  const header: GroupHeader = {
    startS: bytes.readDoubleLE(8),
    stepS: bytes.readUInt32LE(16),
    points: bytes.readUInt16LE(20),
    columns: bytes.readUInt16LE(22),
    series: bytes.readUInt32LE(24),
    pages: bytes.readUInt32LE(28),
    pageBytes: bytes.readDoubleLE(32),
  };
  const sound =
    Number.isSafeInteger(header.startS) &&
    header.stepS > 0 &&
    header.points > 0 &&
    header.points <= MAX_POINTS &&
    (header.columns === 1 || header.columns === 4) &&
    header.pages <= MAX_PAGES &&
    header.series <= header.pages * SERIES_PER_PAGE &&
    Number.isSafeInteger(header.pageBytes) &&
    header.pageBytes >= 0;
  if (!sound) throw new FormatError('a group has an impossible header');
  return header;
}

/** @param bytes header and directory @throws FormatError also when the checksum differs */
export function parseDirectory(bytes: Buffer): PageEntry[] {
  const header = parseHeader(bytes);
  const headBytes = GROUP_HEADER_BYTES + header.pages * PAGE_ENTRY_BYTES;
  if (bytes.length < headBytes) throw new FormatError('a group ends in its directory');
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8, headBytes))) {
    throw new FormatError('the checksum of a group differs');
  }
  const pages: PageEntry[] = [];
  for (let at = GROUP_HEADER_BYTES; at < headBytes; at += PAGE_ENTRY_BYTES) {
    pages.push({
      firstId: bytes.readUInt32LE(at),
      lastId: bytes.readUInt32LE(at + 4),
      series: bytes.readUInt32LE(at + 8),
      offset: bytes.readUInt32LE(at + 12),
      length: bytes.readUInt32LE(at + 16),
      crc: bytes.readUInt32LE(at + 20),
    });
  }
  return pages;
}

/** A page in memory: where each series' columns begin. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly ids: Uint32Array;
  readonly offsets: Uint32Array;
}

/** @throws FormatError when it is not what the directory says */
export function parsePage(bytes: Uint8Array, entry: PageEntry): Page {
  if (bytes.length !== entry.length || crc32(bytes) !== entry.crc) {
    throw new FormatError('the checksum of a page differs');
  }
  if (entry.series > SERIES_PER_PAGE) throw new FormatError('a page has too many series');
  const source = new ByteSource(bytes);
  const ids = new Uint32Array(entry.series);
  let id = entry.firstId;
  for (let i = 0; i < ids.length; i++) {
    id += source.varint();
    ids[i] = id;
  }
  const lengths = Array.from(ids, () => source.varint());
  const offsets = new Uint32Array(ids.length);
  let at = source.position;
  for (let i = 0; i < lengths.length; i++) {
    offsets[i] = at;
    at += lengths[i]!;
  }
  if (at !== bytes.length) throw new FormatError('a page has another length than its columns');
  return { bytes, ids, offsets };
}

/** Index of a series in a page, -1 if it is not there. */
export function indexOf(ids: Uint32Array, id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const here = ids[middle]!;
    if (here === id) return middle;
    if (here < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
