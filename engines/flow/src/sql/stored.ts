/** A record out of a row. */
import { decodeRecord } from '../argus/wire/decode.ts';
import { readAsRa } from '../ra/record/reading.ts';
import { OwnedBatch } from '../record/batch.ts';
import { FlowRecord } from '../record/record.ts';

/** @returns it in memory of its own, read as ra reads it; null when the bytes are none */
export function decodeStored(bytes: Uint8Array): FlowRecord | null {
  const words = bytes.length >> 2;
  if (words === 0) return null;
  const batch = new OwnedBatch(1, (2 * words + 2) * 4);
  batch.bytes.set(bytes.subarray(0, words * 4), batch.roomStart);
  const record = new FlowRecord().at(batch, 0);
  const spill = { at: batch.roomStart + words * 4 };
  if (batch.view.getUint16(batch.roomStart + 2) !== words) return null;
  if (!decodeRecord(record, batch.view, batch.roomStart, words, spill)) return null;
  readAsRa(record);
  return record;
}
