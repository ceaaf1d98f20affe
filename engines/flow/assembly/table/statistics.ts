/** The table's own counters, written where TypeScript reads them (`src/table/statistics.ts`). */
import * as layout from '../../src/table/statistics';
import { BLOCK_EXTRA, BLOCK_FLOW } from './blocks';
import { allocatedBytes } from '../../../../sources/packet/assembly/arena';
import * as limit from './limit';
import { blocksUsed } from './memory';
import * as made from './new-flow';
import * as outbox from './outbox';
import * as packets from './packets';
import * as sent from './send';
import * as slots from './slots';

const block: usize = memory.data(layout.STATISTIC_WORDS * 8, 8);

/** @returns where they are, u64 each */
export function statistics(): usize {
  set(layout.PACKETS, packets.packetsSeen);
  set(layout.BYTES, packets.bytesSeen);
  set(layout.PACKETS_PASSED, packets.packetsPassed);
  set(layout.FLOWS, slots.flows);
  set(layout.FLOWS_MOST, slots.flowsMost);
  set(layout.FLOWS_MADE, made.flowsMade);
  set(layout.FLOWS_REFUSED, made.flowsRefused);
  set(layout.FLOWS_CLOSED, sent.flowsClosed);
  set(layout.EVICTED_SINGLE, limit.evictedSingle);
  set(layout.EVICTED_OTHER, limit.evictedOther);
  set(layout.RECORDS_SENT, sent.recordsSent);
  set(layout.RECORDS_LOST, outbox.recordsLost);
  set(layout.DATA_LOST, outbox.dataLost);
  set(layout.MEMORY_BYTES, allocatedBytes());
  set(layout.FLOW_BLOCKS, blocksUsed(BLOCK_FLOW));
  set(layout.EXTRA_BLOCKS, blocksUsed(BLOCK_EXTRA));
  return block;
}

function set(index: i32, value: u64): void {
  store<u64>(block + (<usize>index << 3), value);
}
