/** Labels of records. */
import { HAS, HAS_LABEL, LABEL_AT, LABEL_BYTES } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { labelText } from '../fields/payload.ts';

/** Room at the end of the memory that records are read into, for a label that a client gives. */
export const LABEL_ROOM_BYTES = 4096;

/** Puts text behind the labels of a record that a `RecordSplitter` has just read. */
export function addLabel(record: FlowRecord, text: string): void {
  const label = [labelText(record), text].filter((one) => one !== '').join(':');
  const bytes = Buffer.from(label, 'latin1');
  const at = record.bytes.length - LABEL_ROOM_BYTES;
  if (bytes.length > LABEL_ROOM_BYTES) return;
  record.bytes.set(bytes, at);
  record.set(LABEL_AT, at);
  record.set(LABEL_BYTES, bytes.length);
  record.set(HAS, (record.get(HAS) | HAS_LABEL) >>> 0);
}
