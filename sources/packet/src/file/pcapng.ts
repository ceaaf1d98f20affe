/**
 * pcapng: sections of either byte order, interfaces with their own link type and unit of time, packets in enhanced,
 * simple and obsolete blocks; all other blocks are passed over by their length. Packets are moved together where they
 * lie into classic records with nanoseconds; a run ends where the interface changes.
 *
 * @see draft-ietf-opsawg-pcapng
 */
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES } from './block.ts';
import { eachOption } from './pcapng-options.ts';
import { MICROSECONDS, SplitTime, type TimeUnit, unitsPerSecond } from './pcapng-time.ts';
import type { FormatReader, ReaderHost, RecordRun } from './reader.ts';
import type { ReadWindow } from './window.ts';

export const SECTION_HEADER = 0x0a0d0d0a;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const NAME_RESOLUTION = 4;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;

/** Blocks that are read lie in the window whole; longer ones, such as long lists of names, are passed over. */
const MAX_READ_BYTES = 524_288;
/** A longer block is none; tshark keeps to the same. */
const MAX_BLOCK_BYTES = 16_777_216;
const MIN_BLOCK_BYTES = 12;
const MIN_SECTION_BYTES = 28;
const MAX_INTERFACES = 65_535;
const OPTION_NAME = 2;
const OPTION_DESCRIPTION = 3;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;
const OPTION_DROPPED = 5;
const KNOWN = new Set([
  SECTION_HEADER,
  INTERFACE_DESCRIPTION,
  OBSOLETE_PACKET,
  SIMPLE_PACKET,
  NAME_RESOLUTION,
  INTERFACE_STATISTICS,
  ENHANCED_PACKET,
]);

interface Interface {
  readonly number: number;
  readonly linkType: number;
  readonly snapBytes: number;
  readonly unit: TimeUnit;
}

/** @returns null where the window does not begin like one */
export function openPcapng(window: ReadWindow, host: ReaderHost): FormatReader | null {
  const { view, start } = window;
  if (window.end - start < MIN_SECTION_BYTES || view.getUint32(start) !== SECTION_HEADER) return null;
  return sectionOrder(view, start) === null ? null : new PcapngReader(host);
}

/** @returns whether a section is little endian; null where its magic is neither */
function sectionOrder(view: DataView, at: number): boolean | null {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC ? false : null;
}

class PcapngReader implements FormatReader {
  readonly #host: ReaderHost;
  readonly #time = new SplitTime();
  #littleEndian = true;
  #interfaces: Interface[] = [];
  #interfaceCount = 0;
  /** Where in the source a block is searched for since. */
  #lostAt: number | null = null;
  /** The last block is not whole; what is searched lies within it. */
  #cut = false;
  /** The run that is being put together. */
  #current: Interface | null = null;
  #write = 0;
  #packets = 0;

  constructor(host: ReaderHost) {
    this.#host = host;
  }

  next(window: ReadWindow): RecordRun | null {
    if (this.#lostAt !== null && !this.#search(window, this.#lostAt)) return null;
    const from = window.start;
    this.#current = null;
    this.#packets = 0;
    this.#write = from;
    while (this.#block(window));
    const current = this.#current as Interface | null;
    if (current === null || this.#packets === 0) return this.#lostAt !== null ? this.next(window) : null;
    const { number, linkType } = current;
    const run = { from, to: this.#write, packets: this.#packets, littleEndian: true, nanoseconds: true };
    return { ...run, linkType, interface: number };
  }

  /** Consumes one block; false where the run has to end or the window lacks bytes. */
  #block(window: ReadWindow): boolean {
    const { view, start, end } = window;
    if (start + MIN_BLOCK_BYTES > end) return this.#tail(window);
    let order = this.#littleEndian;
    let type = view.getUint32(start, order);
    if (type === SECTION_HEADER) {
      const found = sectionOrder(view, start);
      if (found === null) return this.#lose(window, 'a section has no byte order');
      order = found;
    }
    const length = view.getUint32(start + 4, order);
    if (length < MIN_BLOCK_BYTES) return this.#lose(window, 'a block has a length that cannot be');
    if (type === SECTION_HEADER && this.#packets > 0) return false;
    const read = KNOWN.has(type) && type !== NAME_RESOLUTION;
    if (length > MAX_READ_BYTES) {
      if (read || length > MAX_BLOCK_BYTES || length % 4 !== 0) {
        return this.#lose(window, 'a block has a length that cannot be');
      }
      window.skip(length);
      return true;
    }
    // Lengths are multiples of four; some writers pad and do not say so.
    const padded = (length + 3) & ~3;
    if (start + length > end || (padded > length && start + padded > end && !window.ended)) return this.#tail(window);
    let whole = length;
    if (view.getUint32(start + length - 4, order) !== length) {
      const ends = padded > length && start + padded <= end && view.getUint32(start + padded - 4, order) === length;
      if (!ends) return this.#lose(window, 'a block says two different lengths');
      whole = padded;
    }
    if (type === SECTION_HEADER) type = this.#section(order);
    else if (type === INTERFACE_DESCRIPTION) this.#describe(window, length);
    else if (type === INTERFACE_STATISTICS) this.#statistics(window, length);
    else if (!this.#packet(window, type, length)) return false;
    window.start = start + whole;
    return true;
  }

  #tail(window: ReadWindow): boolean {
    if (!window.ended || window.start === window.end || this.#packets > 0) return false;
    this.#lostAt = window.offsetOf(window.start);
    this.#cut = true;
    return false;
  }

  /** Of a run that is put together, the packets come first: then it is found again. */
  #lose(window: ReadWindow, text: string): boolean {
    if (this.#packets > 0) return false;
    this.#lostAt = window.offsetOf(window.start);
    this.#host.warn('block', this.#lostAt, text);
    return false;
  }

  /** Looks for a block of a known kind whose two lengths agree. */
  #search(window: ReadWindow, lostAt: number): boolean {
    const { view, end } = window;
    let at = Math.max(window.start, Math.min(end, lostAt + 1 - window.offsetOf(0)));
    for (; at + MIN_BLOCK_BYTES <= end; at++) {
      const first = view.getUint32(at, this.#littleEndian);
      if (!KNOWN.has(first)) continue;
      const order = first === SECTION_HEADER ? sectionOrder(view, at) : this.#littleEndian;
      if (order === null) continue;
      const length = view.getUint32(at + 4, order);
      if (length < MIN_BLOCK_BYTES || length > MAX_READ_BYTES || length % 4 !== 0) continue;
      if (at + length > end) {
        if (window.ended) continue;
        break;
      }
      if (view.getUint32(at + length - 4, order) === length) {
        this.#found(window, at, lostAt);
        return true;
      }
    }
    window.start = at;
    if (window.ended) this.#found(window, end, lostAt);
    return false;
  }

  #found(window: ReadWindow, at: number, lostAt: number): void {
    window.start = at;
    const bytes = window.offsetOf(at) - lostAt;
    if (this.#cut && at === window.end)
      this.#host.warn('cut', lostAt, `the last block is cut: ${bytes} bytes of it are there`);
    else this.#host.warn('skipped', lostAt, `${bytes} bytes that are no blocks were passed over`);
    this.#lostAt = null;
    this.#cut = false;
  }

  #section(littleEndian: boolean): number {
    this.#littleEndian = littleEndian;
    this.#interfaces = [];
    return SECTION_HEADER;
  }

  #describe(window: ReadWindow, length: number): void {
    const { view, start } = window;
    const order = this.#littleEndian;
    if (length < 20 || this.#interfaceCount >= MAX_INTERFACES) {
      this.#host.warn('block', window.offsetOf(start), 'a description of an interface is too short, or one too many');
      return;
    }
    const linkType = view.getUint16(start + 8, order);
    const snapBytes = view.getUint32(start + 12, order);
    let unit = MICROSECONDS;
    let name: string | undefined;
    let description: string | undefined;
    eachOption(window.bytes, start + 16, start + length - 4, order, (code, at, bytes) => {
      if (code === OPTION_NAME) name = text(window.bytes, at, bytes);
      if (code === OPTION_DESCRIPTION) description = text(window.bytes, at, bytes);
      if (code === OPTION_TSRESOL && bytes > 0) unit = { ...unit, perSecond: unitsPerSecond(view.getUint8(at)) };
      if (code === OPTION_TSOFFSET && bytes >= 8) unit = { ...unit, offsetS: Number(view.getBigInt64(at, order)) };
    });
    const named = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
    const number = this.#host.addInterface({ linkType, snapBytes, ...named });
    this.#interfaces.push({ number, linkType, snapBytes, unit });
    this.#interfaceCount++;
  }

  #statistics(window: ReadWindow, length: number): void {
    const { view, start } = window;
    const of = length < 24 ? undefined : this.#interfaces[view.getUint32(start + 8, this.#littleEndian)];
    if (of === undefined) return;
    eachOption(window.bytes, start + 20, start + length - 4, this.#littleEndian, (code, at, bytes) => {
      if (code !== OPTION_DROPPED || bytes < 8) return;
      this.#host.setDropped(of.number, Number(view.getBigUint64(at, this.#littleEndian)));
    });
  }

  /** @returns false where it belongs to another interface than the run so far */
  #packet(window: ReadWindow, type: number, length: number): boolean {
    const { view, start } = window;
    const order = this.#littleEndian;
    const simple = type === SIMPLE_PACKET;
    if (!simple && type !== ENHANCED_PACKET && type !== OBSOLETE_PACKET) return true;
    const headBytes = simple ? 12 : 28;
    const room = length - headBytes - 4;
    let of: Interface | undefined;
    if (simple) of = this.#interfaces[0];
    else if (room >= 0) {
      const index = type === ENHANCED_PACKET ? view.getUint32(start + 8, order) : view.getUint16(start + 8, order);
      of = this.#interfaces[index];
    }
    if (of === undefined) return this.#passOver(window, 'a packet belongs to no interface');
    if (this.#current !== null && this.#current !== of && this.#packets > 0) return false;
    const wire = view.getUint32(start + (simple ? 8 : 24), order);
    const captured = simple ? Math.min(wire, of.snapBytes || wire, room) : view.getUint32(start + 20, order);
    if (captured > room || captured > MAX_RECORD_BYTES) {
      return this.#passOver(window, 'a packet is longer than its block');
    }
    // A simple packet has no time: it has that of the packet before it.
    if (!simple) this.#time.set(view.getUint32(start + 12, order), view.getUint32(start + 16, order), of.unit);
    this.#current = of;
    this.#append(window, start + headBytes, captured, wire);
    return true;
  }

  #passOver(window: ReadWindow, text: string): boolean {
    this.#host.warn('block', window.offsetOf(window.start), text);
    return true;
  }

  /** The frame moves first: its head may reach into where it lay. */
  #append(window: ReadWindow, data: number, captured: number, wire: number): void {
    const { view } = window;
    const write = this.#write;
    window.bytes.copyWithin(write + RECORD_HEAD_BYTES, data, data + captured);
    view.setUint32(write, this.#time.seconds, true);
    view.setUint32(write + 4, this.#time.nanoseconds, true);
    view.setUint32(write + 8, captured, true);
    view.setUint32(write + 12, wire, true);
    this.#write = write + RECORD_HEAD_BYTES + captured;
    this.#packets++;
  }
}

function text(bytes: Uint8Array, at: number, count: number): string {
  return Buffer.from(bytes.subarray(at, at + count)).toString('utf8');
}
