/** Bytes of argus' records that hold what its buffers held before: nobody can compare them. */

const HEADER_BYTES = 4;
const TRANSPORT = 0x30;
const TCP_FIRST = 0x45;
const FRAGMENT = 3;
const METRIC = 0x10;
const METRIC_FORM = 4;
/** Counters with application bytes, whose length is no multiple of four. */
const PADDED_FORMS = [1, 6, 10];
const DATA = 0x50;
const IS_SHORT = 0x80;

/** @param record one record of an argus file @returns a copy with zeros where bytes are stale */
export function withoutStale(record: Uint8Array): Buffer {
  const bytes = Buffer.from(record);
  for (let at = HEADER_BYTES; at + HEADER_BYTES <= bytes.length; ) {
    const type = bytes[at] as number;
    const subtype = bytes[at + 1] as number;
    const form = bytes[at + 2] as number;
    const words = type & IS_SHORT ? 1 : type === DATA ? bytes.readUInt16BE(at + 2) : (bytes[at + 3] as number);
    if (words === 0) return bytes;
    const end = Math.min(at + words * 4, bytes.length);
    if (type === TRANSPORT && subtype === TCP_FIRST) bytes.fill(0, at + 32, Math.min(at + 48, end));
    if (type === TRANSPORT && subtype === FRAGMENT) bytes.fill(0, at + 16, Math.min(at + 18, end));
    if (type === METRIC && subtype === METRIC_FORM && PADDED_FORMS.includes(form)) bytes.fill(0, at + 10, at + 12);
    if (type === DATA) bytes.fill(0, Math.min(at + 8 + bytes.readUInt16BE(at + 6), end), end);
    at = end;
  }
  return bytes;
}
