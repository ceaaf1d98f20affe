/** Offsets of the defragmenter's counters, u64 each. Compiled by both worlds: plain numbers only. */

export const FRAGMENTS_SEEN = 0;
/** Datagrams that became whole. */
export const FRAGMENTS_ASSEMBLED = 8;
/** Datagrams given up when their time was over. */
export const FRAGMENTS_TIMED_OUT = 16;
/** Datagrams given up for newer ones, because of the limits. */
export const FRAGMENTS_EVICTED = 24;
/** Fragments that cannot be part of a datagram: of no length, or ending behind 65,535 bytes. */
export const FRAGMENTS_BAD = 32;
/** Fragments that the capture has cut. */
export const FRAGMENTS_CUT = 40;
/** Fragments for which there was no memory. */
export const FRAGMENTS_DROPPED = 48;
/** Datagrams with fragments that overlap, and with such that did not agree. */
export const FRAGMENTS_OVERLAPPED = 56;
export const FRAGMENTS_CONFLICTED = 64;
/** A gauge: datagrams being assembled. */
export const FRAGMENTS_PENDING = 72;
export const FRAGMENT_COUNTER_BYTES = 80;
