/** Records as each of their hosts sees them. */
import {
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  FLOW_FLAGS,
  FLOWFLAG_DIRECTION,
  FLOWFLAG_REVERSED,
  RECORD_WORDS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { packets } from './measures.ts';
import { reverseRecord } from './reverse.ts';

/** The record from each host's side. */
export function emitBoth(record: FlowRecord, emit: (record: FlowRecord) => boolean): boolean {
  record.set(FLOW_FLAGS, record.get(FLOW_FLAGS) & ~(FLOWFLAG_REVERSED | FLOWFLAG_DIRECTION));
  const kept = record.words.slice(record.base, record.base + RECORD_WORDS);
  if (!emit(record)) return false;
  record.words.set(kept, record.base);
  reverseRecord(record);
  record.set(FLOW_FLAGS, record.get(FLOW_FLAGS) & ~FLOWFLAG_DIRECTION);
  return emit(record);
}

/** Leaves only what the source sent. @returns false when it sent nothing */
export function keepSource(record: FlowRecord): boolean {
  record.setWide(DESTINATION_PACKETS, 0);
  record.setWide(DESTINATION_BYTES, 0);
  return packets(record, 0) > 0;
}
