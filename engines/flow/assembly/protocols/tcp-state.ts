/** State of TCP in a flow's network part. A side's part is TCP_SIDE_BYTES from TCP_SOURCE or TCP_DESTINATION. */

export const TCP_STATUS = 0;
export const TCP_STATE = 4;
export const TCP_OPTIONS = 8;
/** Microseconds. */
export const TCP_SYNACK = 12;
export const TCP_ACKDAT = 16;
export const TCP_SOURCE = 20;
export const TCP_DESTINATION = 72;
export const TCP_BYTES: u32 = 124;

/** u64 nanoseconds, then u32 each. */
export const SIDE_LAST = 0;
export const SIDE_STATUS = 8;
export const SIDE_BASE = 12;
export const SIDE_SEQUENCE = 16;
export const SIDE_ACKNOWLEDGEMENT = 20;
export const SIDE_WINDOWS = 24;
export const SIDE_BYTES = 28;
export const SIDE_RETRANSMITTED = 32;
/** Bytes of sequence space passed before the numbers began anew; bytes on their way. */
export const SIDE_ROLLED = 36;
export const SIDE_IN_FLIGHT = 40;
/** u16, u8, u8, u16. */
export const SIDE_WINDOW = 44;
export const SIDE_FLAGS = 46;
export const SIDE_SHIFT = 47;
export const SIDE_SEGMENT = 48;

// Bits of the status as records show it; those of a side use both bits of a pair.
export const STATUS_SYN: u32 = 0x1;
export const STATUS_SYN_ACK: u32 = 0x2;
export const STATUS_ESTABLISHED: u32 = 0x4;
export const STATUS_FIN: u32 = 0x8;
export const STATUS_FIN_ACK: u32 = 0x10;
export const STATUS_CLOSED: u32 = 0x20;
export const STATUS_RETRANSMITTED: u32 = 0x300;
export const STATUS_WINDOW_SHUT: u32 = 0xc00;
export const STATUS_RESET: u32 = 0x3000;
export const STATUS_SOURCE_CONGESTED: u32 = 0x4000;
export const STATUS_DESTINATION_CONGESTED: u32 = 0x8000;
export const STATUS_CONGESTED: u32 = 0xc000;
export const STATUS_OUT_OF_ORDER: u32 = 0x30000;
export const STATUS_SOURCE_DUPLICATES: u32 = 0x40000;
export const STATUS_DESTINATION_DUPLICATES: u32 = 0x80000;
export const STATUS_DUPLICATES: u32 = 0xc0000;
/** The lower bit of each pair that a side has: the source's. */
export const STATUS_SOURCE_BITS: u32 = 0x51500;
