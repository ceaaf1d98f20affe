/** Small streams for tests. */

import type { RecordBatch } from '../../record/batch.ts';
import * as layout from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { RecordEncoder } from '../wire/encode.ts';
import { type StreamHead, setManagement } from '../wire/encode-management.ts';

export const HEAD: StreamHead = {
  idKind: 1,
  id: 0x0100007f,
  flowIntervalS: 5,
  managementIntervalS: 60,
  startUs: 1_700_000_000_000_000,
};

export function greeting(): Buffer {
  const record = new FlowRecord();
  setManagement(record, layout.CAUSE_START, HEAD, HEAD.startUs, 0);
  return Buffer.from(new RecordEncoder().encode(record));
}

/** A UDP flow from 10.0.0.1 to 10.0.0.2 with its number as sequence number and source port. */
export function flow(sequence: number, protocol = 17): FlowRecord {
  const record = new FlowRecord();
  const set = (word: number, value: number): void => record.set(word, value);
  set(layout.KIND, layout.KIND_FLOW);
  set(layout.CAUSE, layout.CAUSE_START);
  set(
    layout.HAS,
    layout.HAS_TRANSPORT |
      layout.HAS_FLOW |
      layout.HAS_TIME |
      layout.HAS_METRIC |
      layout.HAS_NETWORK |
      layout.HAS_ENCAPSULATION,
  );
  set(layout.SEQUENCE, sequence);
  set(layout.FLOW_TYPE, layout.FLOW_IPV4);
  set(layout.PROTOCOL, protocol);
  set(layout.SOURCE_ADDRESS, 0x0100000a);
  set(layout.DESTINATION_ADDRESS, 0x0200000a);
  set(layout.SOURCE_PORT, sequence & 0xffff);
  set(layout.DESTINATION_PORT, 53);
  set(layout.START_S, 1_700_000_000);
  set(layout.END_S, 1_700_000_000);
  set(layout.SOURCE_PACKETS, 1);
  set(layout.SOURCE_BYTES, 100);
  set(layout.SOURCE_ENCAPSULATION, 2);
  return record;
}

export function encoded(...sequences: readonly number[]): Buffer {
  const encoder = new RecordEncoder();
  return Buffer.concat(sequences.map((sequence) => encoder.encode(flow(sequence)).slice()));
}

/** Sequence numbers of the flows, `M` for management records. */
export async function sequencesOf(batches: AsyncIterable<RecordBatch>): Promise<(number | 'M')[]> {
  const found: (number | 'M')[] = [];
  const record = new FlowRecord();
  for await (const batch of batches) {
    for (let index = 0; index < batch.count; index += 1) {
      record.at(batch, batch.address(index));
      found.push(record.get(layout.KIND) === layout.KIND_MANAGEMENT ? 'M' : record.get(layout.SEQUENCE));
    }
  }
  return found;
}
