/** Offsets of the reassembler's counters, u64 each. Compiled by both worlds: plain numbers only. */

export const STREAM_SEGMENTS = 0;
export const STREAMS_OPENED = 8;
export const STREAMS_MIDSTREAM = 16;
export const STREAMS_EVICTED = 24;
export const STREAMS_IDLE = 32;
/** Segments that came before their turn. */
export const STREAM_QUEUED = 40;
/** Segments all of whose bytes had been delivered. */
export const STREAM_REPEATED = 48;
/** Segments over queued ones, and those that did not agree. */
export const STREAM_OVERLAPS = 56;
export const STREAM_CONFLICTS = 64;
export const STREAM_GAPS = 72;
export const STREAM_GAP_BYTES = 80;
/** Segments and resets that the receiver would not take: outside its window, or behind the end. */
export const STREAM_OUT_OF_WINDOW = 88;
export const STREAM_BAD_RESETS = 96;
/** Segments with wrong checksums, or cut by the capture within their payload. */
export const STREAM_BAD_CHECKSUMS = 104;
export const STREAM_CUT = 112;
/** Bytes for which there was no room. */
export const STREAM_DROPPED_BYTES = 120;
/** Gauges: streams in the table, chunks of 2 KiB in use. */
export const STREAMS_PRESENT = 128;
export const STREAM_CHUNKS = 136;
export const STREAM_COUNTER_BYTES = 144;
