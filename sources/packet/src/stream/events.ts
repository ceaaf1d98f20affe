/** What reassembly tells, as bytes in linear memory. Little endian. Compiled by both worlds: plain numbers only. */

export const STREAM_EVENT_BYTES = 80;
/** u8, STREAM_… kind. */
export const EVENT_KIND = 0;
/** u8, 0 from client to server, 1 from server to client. */
export const EVENT_DIRECTION = 1;
/** u8, EVENT_… bits; of CLOSED: why. */
export const EVENT_BITS = 2;
/** u32, index of the stream in the table: below the number of streams, used again after its CLOSED. */
export const EVENT_STREAM = 4;
/** u32, number of the stream since the start. */
export const EVENT_SERIAL = 8;
/** u32, address of the data; u32 its bytes, or those missing of a GAP. */
export const EVENT_DATA = 12;
export const EVENT_DATA_BYTES = 16;
/** u32 each, when the data was captured, first copy: not when it got its turn. */
export const EVENT_TIME_S = 20;
export const EVENT_TIME_NS = 24;
/** u32, address of the packet that led to the event; it need not have carried the data. */
export const EVENT_PACKET = 28;
/** u64, offset in its direction of the stream: 0 is the first byte behind the SYN, or where we picked it up. */
export const EVENT_OFFSET = 32;
/** 40 bytes, KEY_…: who speaks with whom. */
export const EVENT_KEY = 40;

/** A stream that was not there before. */
export const STREAM_OPENED = 1;
/** Bytes in their order. */
export const STREAM_DATA = 2;
/** Bytes that will not come: not captured, or given up for lack of room. */
export const STREAM_GAP = 3;
/** Nothing more follows. */
export const STREAM_CLOSED = 4;

// Bits of OPENED.
/** Without its beginning: who is the client was guessed by the ports. */
export const EVENT_MIDSTREAM = 1;
// Bits of DATA.
/** Lay over other queued bytes that were not the same. */
export const EVENT_CONFLICT = 1;
/** Came before its turn. */
export const EVENT_QUEUED = 2;
/** With the SYN (TCP Fast Open). */
export const EVENT_WITH_SYN = 4;

// Why a stream was CLOSED.
export const CLOSED_FINISHED = 1;
export const CLOSED_RESET = 2;
export const CLOSED_IDLE = 3;
/** For a newer one, because of the limits. */
export const CLOSED_EVICTED = 4;
/** Its ports are used again. */
export const CLOSED_REUSED = 5;
/** There are no more packets. */
export const CLOSED_END = 6;

// The key at EVENT_KEY: addresses of 16 bytes, IPv4 in the first four; u16 ports; u8 4 or 6.
export const KEY_CLIENT = 0;
export const KEY_SERVER = 16;
export const KEY_CLIENT_PORT = 32;
export const KEY_SERVER_PORT = 34;
export const KEY_VERSION = 36;
