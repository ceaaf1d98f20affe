/**
 * Captures of Solaris' snoop, brought into classic records as they are read.
 *
 * @see RFC 1761
 */
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES } from './block.ts';
import type { FormatReader, ReaderHost, RecordRun } from './reader.ts';
import type { ReadWindow } from './window.ts';

const MAGIC = [0x736e6f6f, 0x70000000];
const FILE_HEAD_BYTES = 16;
const HEAD_BYTES = 24;
const MAX_PADDING_BYTES = 64;
/** Numbers of RFC 1761 and those of capture files. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 6],
  [4, 1],
  [8, 10],
]);

/** @returns null where the window does not begin like one */
export function openSnoop(window: ReadWindow, host: ReaderHost): FormatReader | null {
  const { view, start } = window;
  if (window.end - start < FILE_HEAD_BYTES) return null;
  if (view.getUint32(start) !== MAGIC[0] || view.getUint32(start + 4) !== MAGIC[1]) return null;
  const linkType = LINK_TYPES.get(view.getUint32(start + 12));
  if (linkType === undefined) return null;
  const number = host.addInterface({ linkType, snapBytes: 0 });
  window.skip(FILE_HEAD_BYTES);
  return { next: (from) => nextRun(from, host, linkType, number) };
}

function nextRun(window: ReadWindow, host: ReaderHost, linkType: number, number: number): RecordRun | null {
  const { bytes, view, start, end } = window;
  let at = start;
  let write = start;
  let packets = 0;
  while (at + HEAD_BYTES <= end) {
    const wire = view.getUint32(at);
    const captured = view.getUint32(at + 4);
    const length = view.getUint32(at + 8);
    const padding = length - HEAD_BYTES - captured;
    if (captured > MAX_RECORD_BYTES || padding < 0 || padding > MAX_PADDING_BYTES) {
      if (packets > 0) break;
      host.warn('skipped', window.offsetOf(at), 'a record has a wrong length: the rest of the file is passed over');
      window.skip(Number.POSITIVE_INFINITY);
      return null;
    }
    if (at + length > end) break;
    host.setDropped(number, view.getUint32(at + 12));
    bytes.copyWithin(write, at + 16, at + 24);
    bytes.copyWithin(write + RECORD_HEAD_BYTES, at + HEAD_BYTES, at + HEAD_BYTES + captured);
    view.setUint32(write + 8, captured);
    view.setUint32(write + 12, wire);
    write += RECORD_HEAD_BYTES + captured;
    at += length;
    packets++;
  }
  window.start = at;
  const run = { from: start, to: write, packets, littleEndian: false, nanoseconds: false };
  if (packets > 0) return { ...run, linkType, interface: number };
  if (window.ended && at < end) {
    host.warn('cut', window.offsetOf(at), `the last record is cut: ${end - at} bytes of it are there`);
    window.start = end;
  }
  return null;
}
