/** A stream: its entry in the table and its two sides. */

export const NEXT_IN_BUCKET = 0;
export const NEWER = 4;
export const OLDER = 8;
export const HASH = 12;
/** As `stream/events.ts` lays it out. */
export const KEY = 16;
export const INDEX = 56;
export const SERIAL = 60;
export const LAST_S = 64;
/** u8, STATE_… */
export const STATE = 68;
/** u8, a SYN of another sequence number was seen at PENDING_SEQUENCE. */
export const PENDING = 69;
/** u8, 1 + the direction of the reset that closed it; else 0. */
export const RESET_BY = 70;
export const PENDING_SEQUENCE = 72;
/** SIDE_BYTES for what the client sends, then what the server sends. */
export const SIDES = 80;
export const STREAM_BYTES: u32 = 192;

export const STATE_OPEN: u32 = 1;
export const STATE_CLOSED: u32 = 2;

export const SIDE_BYTES: u32 = 56;
/** u32, sequence number of the next byte to deliver. */
export const NEXT = 0;
/** u32, sequence number of its SYN. */
export const INITIAL = 4;
/** u64, bytes delivered or given up. */
export const DELIVERED = 8;
/** Queued chunks by sequence number. */
export const HEAD = 16;
export const TAIL = 20;
export const QUEUED = 24;
/** u32, of its FIN, if BIT_FIN. */
export const FIN_SEQUENCE = 28;
/** u32, bytes that it takes from the other side. */
export const WINDOW = 32;
/** u8, NONE while unknown. */
export const SCALE = 36;
/** u8, BIT_… */
export const BITS = 37;
/** u8, STREAM_POLICY_… of the host that receives it. */
export const POLICY = 38;
/** u8, packets in a row by which the other side acknowledged more than was seen. */
export const BEYOND = 39;
/** u32, the most that the other side has acknowledged, if BIT_ACKNOWLEDGED. */
export const ACKNOWLEDGED = 40;

export const BIT_KNOWN: u32 = 1;
export const BIT_SYN: u32 = 2;
export const BIT_FIN: u32 = 4;
/** All before its FIN is delivered. */
export const BIT_DONE: u32 = 8;
export const BIT_ACKNOWLEDGED: u32 = 16;
/** NEXT is what the other side has acknowledged; nothing has been seen of it. */
export const BIT_GUESSED: u32 = 32;

export function sideOf(stream: usize, direction: u32): usize {
  return stream + SIDES + <usize>(direction * SIDE_BYTES);
}

export function hasBit(side: usize, bit: u32): bool {
  return (<u32>load<u8>(side, BITS) & bit) != 0;
}

export function setBit(side: usize, bit: u32): void {
  store<u8>(side, <u32>load<u8>(side, BITS) | bit, BITS);
}

export function clearBit(side: usize, bit: u32): void {
  store<u8>(side, <u32>load<u8>(side, BITS) & ~bit, BITS);
}

/** How far one sequence number is behind another, modulo 2^32. */
export function distance(from: u32, to: u32): i32 {
  return <i32>(to - from);
}
