/** The management record that a file of a client's own records begins with. */
import { encodeManagement, type StreamHead, setManagement } from '../../argus/wire/encode-management.ts';
import { CAUSE_START, RECORD_BYTES } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';

const HEAD: StreamHead = { idKind: 0, id: 0, flowIntervalS: 5, managementIntervalS: 60, startUs: 0 };

export function greetingRecord(nowMs = Date.now()): Uint8Array {
  const record = new FlowRecord();
  setManagement(record, CAUSE_START, { ...HEAD, startUs: nowMs * 1000 }, nowMs * 1000, 1);
  const bytes = new Uint8Array(RECORD_BYTES);
  const count = encodeManagement(record, bytes, new DataView(bytes.buffer));
  return bytes.subarray(0, count);
}
