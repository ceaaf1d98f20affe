/** A datagram in assembly: its entry in the table, and its fragments in chunks. */
import { give, take } from '../pool';

// An entry.
export const NEXT_IN_BUCKET = 0;
export const NEWER = 4;
export const OLDER = 8;
export const HASH = 12;
export const KEY_SOURCE = 16;
export const KEY_DESTINATION = 32;
export const KEY_ID = 48;
export const KEY_VERSION = 52;
export const KEY_PROTOCOL = 53;
export const POLICY = 54;
export const STARTED_S = 56;
/** First and last fragment, in the order in which they came. */
export const FIRST_FRAGMENT = 60;
export const LAST_FRAGMENT = 64;
export const FRAGMENT_COUNT = 68;
/** Bytes it will have; 0 while its last fragment is missing. */
export const TOTAL_BYTES = 72;
/** What stood before the payload of the first fragment: a chain as a fragment's, 0 while that is missing. */
export const PREFIX = 76;
/** LINK_TYPE_RAW where only the IP header of the prefix counts. */
export const PREFIX_LINK_TYPE = 80;
/** Within the prefix: the IP header; the byte that names the next header (IPv6). */
export const PREFIX_IP = 84;
export const PREFIX_NEXT = 88;
export const PREFIX_NEXT_VALUE = 92;
/** One bit for each 8 bytes that have come. */
export const COVERAGE = 96;
export const DATAGRAM_BYTES: u32 = 1120;
export const LINK_TYPE_RAW: u32 = 101;

// A chunk. Only the first of a chain has all fields; the others have data behind the link.
const NEXT_CHUNK = 0;
export const NEXT_FRAGMENT = 4;
export const FRAGMENT_START = 8;
export const FRAGMENT_BYTES = 12;
const FIRST_DATA: u32 = 16;
const LATER_DATA: u32 = 4;
export const CHUNK_BYTES: u32 = 512;

/** Copies bytes into a chain of chunks. @returns its first, or 0 without memory */
export function keep(pool: usize, from: usize, bytes: u32, start: u32): usize {
  const first = take(pool);
  if (first == 0) return 0;
  store<u32>(first, 0, NEXT_CHUNK);
  store<u32>(first, 0, NEXT_FRAGMENT);
  store<u32>(first, start, FRAGMENT_START);
  store<u32>(first, bytes, FRAGMENT_BYTES);
  let chunk = first;
  let at = FIRST_DATA;
  let left = bytes;
  while (left > 0) {
    const room = CHUNK_BYTES - at;
    const part = left < room ? left : room;
    memory.copy(chunk + <usize>at, from, part);
    from += part;
    left -= part;
    if (left == 0) break;
    const next = take(pool);
    if (next == 0) {
      discard(pool, first);
      return 0;
    }
    store<u32>(next, 0, NEXT_CHUNK);
    store<u32>(chunk, <u32>next, NEXT_CHUNK);
    chunk = next;
    at = LATER_DATA;
  }
  return first;
}

/** Copies a chain's bytes to one place. */
export function gather(first: usize, to: usize): void {
  let left = load<u32>(first, FRAGMENT_BYTES);
  let chunk = first;
  let at = FIRST_DATA;
  while (left > 0) {
    const room = CHUNK_BYTES - at;
    const part = left < room ? left : room;
    memory.copy(to, chunk + <usize>at, part);
    to += part;
    left -= part;
    chunk = <usize>load<u32>(chunk, NEXT_CHUNK);
    at = LATER_DATA;
  }
}

export function discard(pool: usize, first: usize): void {
  let chunk = first;
  while (chunk != 0) {
    const next = <usize>load<u32>(chunk, NEXT_CHUNK);
    give(pool, chunk);
    chunk = next;
  }
}
