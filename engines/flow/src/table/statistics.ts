/** The flow table's own counters: u64 each, at these indexes. Both worlds compile this file: plain numbers only. */

export const STATISTIC_WORDS = 16;

/** Packets seen, their bytes on the wire, and packets that made no flow. */
export const PACKETS = 0;
export const BYTES = 1;
export const PACKETS_PASSED = 2;
/** Flows in the table, the most there were, made since the start, refused because memory was full, closed. */
export const FLOWS = 3;
export const FLOWS_MOST = 4;
export const FLOWS_MADE = 5;
export const FLOWS_REFUSED = 6;
export const FLOWS_CLOSED = 7;
/** Flows that the limit has sent away early: of one packet, others. */
export const EVICTED_SINGLE = 8;
export const EVICTED_OTHER = 9;
export const RECORDS_SENT = 10;
/** For want of a place in the outbox: records, bytes of user data. */
export const RECORDS_LOST = 11;
export const DATA_LOST = 12;
export const MEMORY_BYTES = 13;
/** Blocks in use: of flows, of what hangs on some. */
export const FLOW_BLOCKS = 14;
export const EXTRA_BLOCKS = 15;
