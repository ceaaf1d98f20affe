/**
 * The write-ahead log of an unsealed group: every batch as it comes, as what changed since the batch before.
 *
 *     record   u32 length, u32 crc, payload
 *     layout   1, u32 layout, u32 count, u32 id…
 *     row      2, u32 layout, u16 slot, one bit a value (changed), f64 of each changed one
 */
import { crc32 } from 'node:zlib';
import { ByteSink, FormatError } from './bytes.ts';

const RECORD_HEAD_BYTES = 8;
const LAYOUT = 1;
const ROW = 2;
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Makes the records of one file. */
export class WalEncoder {
  readonly #sink = new ByteSink(16_384);
  readonly #last = new Map<number, Float64Array>();

  /** Records for one batch: its layout if the file does not have it yet, and its values. */
  encode(layout: number, ids: Uint32Array, slot: number, values: Float64Array): Uint8Array {
    const sink = this.#sink;
    sink.clear();
    let last = this.#last.get(layout);
    if (last === undefined) {
      last = new Float64Array(ids.length).fill(Number.NaN);
      this.#last.set(layout, last);
      const at = this.#begin();
      sink.u8(LAYOUT);
      sink.u32(layout);
      sink.u32(ids.length);
      for (const id of ids) sink.u32(id);
      this.#end(at);
    }
    const at = this.#begin();
    sink.u8(ROW);
    sink.u32(layout);
    sink.u16(slot);
    const bitmapBytes = (values.length + 7) >> 3;
    sink.reserve(bitmapBytes + values.length * 8);
    const bitmap = sink.length;
    sink.bytes.fill(0, bitmap, bitmap + bitmapBytes);
    sink.length += bitmapBytes;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const before = last[i]!;
      if (value === before || (Number.isNaN(value) && Number.isNaN(before))) continue;
      last[i] = value;
      sink.bytes[bitmap + (i >> 3)]! |= 1 << (i & 7);
      sink.f64(value);
    }
    this.#end(at);
    return sink.take();
  }

  #begin(): number {
    const at = this.#sink.length;
    this.#sink.u32(0);
    this.#sink.u32(0);
    return at;
  }

  #end(at: number): void {
    const { bytes, length } = this.#sink;
    const payload = at + RECORD_HEAD_BYTES;
    const view = new DataView(bytes.buffer);
    view.setUint32(at, length - payload, true);
    view.setUint32(at + 4, crc32(bytes.subarray(payload, length)), true);
  }
}

export interface WalReading {
  readonly rows: number;
  /** Bytes at the end that are no whole record. */
  readonly tornBytes: number;
}

/**
 * Reads a file back, as far as it is whole.
 * @param row called for each batch; `values` is used again by the next one
 */
export function readWal(
  bytes: Buffer,
  row: (ids: Uint32Array, slot: number, values: Float64Array) => void,
): WalReading {
  const layouts = new Map<number, { readonly ids: Uint32Array; readonly values: Float64Array }>();
  let at = 0;
  let rows = 0;
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const start = at + RECORD_HEAD_BYTES;
    if (length > MAX_RECORD_BYTES || start + length > bytes.length) break;
    const payload = bytes.subarray(start, start + length);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break;
    try {
      if (readRecord(payload, layouts, row)) rows++;
    } catch (error) {
      if (error instanceof RangeError || error instanceof FormatError) break;
      throw error;
    }
    at = start + length;
  }
  return { rows, tornBytes: bytes.length - at };
}

/** @returns whether it was a row @throws RangeError, FormatError if the record is not what it says */
function readRecord(
  payload: Buffer,
  layouts: Map<number, { readonly ids: Uint32Array; readonly values: Float64Array }>,
  row: (ids: Uint32Array, slot: number, values: Float64Array) => void,
): boolean {
  const kind = payload.readUInt8(0);
  const layout = payload.readUInt32LE(1);
  if (kind === LAYOUT) {
    const count = payload.readUInt32LE(5);
    if (payload.length !== 9 + count * 4) throw new FormatError('a layout has another length');
    const ids = Uint32Array.from({ length: count }, (_, i) => payload.readUInt32LE(9 + i * 4));
    layouts.set(layout, { ids, values: new Float64Array(count).fill(Number.NaN) });
    return false;
  }
  if (kind !== ROW) throw new FormatError('a record of no known kind');
  const known = layouts.get(layout);
  if (known === undefined) throw new FormatError('a row comes before its layout');
  const slot = payload.readUInt16LE(5);
  const { ids, values } = known;
  const bitmap = 7;
  let at = bitmap + ((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) {
    if (((payload.readUInt8(bitmap + (i >> 3)) >> (i & 7)) & 1) === 0) continue;
    values[i] = payload.readDoubleLE(at);
    at += 8;
  }
  row(ids, slot, values);
  return true;
}
