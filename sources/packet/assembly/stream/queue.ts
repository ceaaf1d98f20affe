/** The segments of one direction that came before their turn, by sequence number, without overlaps. */
import { give, makePool, take, usedChunks } from '../pool';
import {
  STREAM_CHUNKS,
  STREAM_CONFLICTS,
  STREAM_DROPPED_BYTES,
  STREAM_GAP_BYTES,
  STREAM_GAPS,
  STREAM_OVERLAPS,
} from '../../src/stream/counters';
import { EVENT_CONFLICT, EVENT_QUEUED, STREAM_DATA, STREAM_GAP } from '../../src/stream/events';
import {
  STREAM_POLICY_BSD,
  STREAM_POLICY_LAST,
  STREAM_POLICY_LINUX,
  STREAM_POLICY_OLD_LINUX,
  STREAM_POLICY_SOLARIS,
} from '../../src/stream/policies';
import { DELIVERED, distance, HEAD, NEXT, POLICY, QUEUED, TAIL } from './entry';
import { count, gauge, tell } from './tell';

// A chunk.
const LINK = 0;
const SEQUENCE = 4;
const BYTES = 8;
/** The first of its bytes, from the chunk's start. */
const FROM = 12;
const TIME_S = 16;
const TIME_NS = 20;
/** Of the segment that it was part of. */
const SEGMENT_START = 24;
const SEGMENT_END = 28;
const CONFLICT = 32;
const DATA: u32 = 36;
export const QUEUE_CHUNK_BYTES: u32 = 2048;
const CHUNK_DATA_BYTES: u32 = 2012;

let pool: usize = 0;
/** Delivered chunks: their bytes must stay until the events have been read. */
let spent: usize = 0;
let maxChunks: u32 = 0;

export function queueInit(chunks: u32): bool {
  pool = makePool(QUEUE_CHUNK_BYTES, chunks);
  maxChunks = chunks;
  return pool != 0;
}

export function forgetSpent(): void {
  while (spent != 0) {
    const next = <usize>load<u32>(spent, LINK);
    give(pool, spent);
    spent = next;
  }
  gauge(STREAM_CHUNKS, usedChunks(pool));
}

/** Would giving back what has been delivered make room that is short? */
export function shouldDrain(): bool {
  return spent != 0 && maxChunks - usedChunks(pool) < 64;
}

export function freeChunks(): u32 {
  return maxChunks - usedChunks(pool);
}

/** Sequence number of the first queued byte; only where there is one. */
export function headSequence(side: usize): u32 {
  return load<u32>(<usize>load<u32>(side, HEAD), SEQUENCE);
}

/** Sequence number behind the last queued byte; only where there is one. */
export function tailEnd(side: usize): u32 {
  const tail = <usize>load<u32>(side, TAIL);
  return load<u32>(tail, SEQUENCE) + load<u32>(tail, BYTES);
}

/** Lays a segment into the queue, by the policy of the side. */
export function enqueue(side: usize, sequence: u32, bytes: u32, from: usize, timeS: u32, timeNs: u32): void {
  const end = sequence + bytes;
  let at = sequence;
  let before: usize = 0;
  let node = <usize>load<u32>(side, HEAD);
  // Most often it follows all the others.
  if (node != 0 && distance(tailEnd(side), sequence) >= 0) {
    before = <usize>load<u32>(side, TAIL);
    node = 0;
  }
  let overlapped = false;
  while (distance(at, end) > 0) {
    while (node != 0 && distance(load<u32>(node, SEQUENCE) + load<u32>(node, BYTES), at) >= 0) {
      before = node;
      node = <usize>load<u32>(node, LINK);
    }
    const start = node == 0 ? end : load<u32>(node, SEQUENCE);
    if (distance(at, start) > 0) {
      const stop = distance(start, end) > 0 ? start : end;
      before = put(side, before, at, stop, from + <usize>(at - sequence), sequence, end, timeS, timeNs);
      if (before == 0) {
        count(STREAM_DROPPED_BYTES, <u64>(end - at));
        return;
      }
      at = stop;
      continue;
    }
    const nodeEnd = start + load<u32>(node, BYTES);
    const stop = distance(nodeEnd, end) > 0 ? nodeEnd : end;
    const gapBefore = before != 0 && load<u32>(before, SEQUENCE) + load<u32>(before, BYTES) != start;
    merge(side, node, at, stop, from + <usize>(at - sequence), sequence, end, gapBefore);
    overlapped = true;
    at = stop;
    before = node;
    node = <usize>load<u32>(node, LINK);
  }
  if (overlapped) count(STREAM_OVERLAPS, 1);
}

/** Adds bytes between two nodes. @returns the last chunk made, or 0 without memory */
function put(
  side: usize,
  before: usize,
  start: u32,
  stop: u32,
  from: usize,
  segmentStart: u32,
  segmentEnd: u32,
  timeS: u32,
  timeNs: u32,
): usize {
  let last = before;
  let at = start;
  while (at != stop) {
    const chunk = take(pool);
    if (chunk == 0) return 0;
    const bytes = stop - at < CHUNK_DATA_BYTES ? stop - at : CHUNK_DATA_BYTES;
    store<u32>(chunk, at, SEQUENCE);
    store<u32>(chunk, bytes, BYTES);
    store<u32>(chunk, DATA, FROM);
    store<u32>(chunk, timeS, TIME_S);
    store<u32>(chunk, timeNs, TIME_NS);
    store<u32>(chunk, segmentStart, SEGMENT_START);
    store<u32>(chunk, segmentEnd, SEGMENT_END);
    store<u32>(chunk, 0, CONFLICT);
    memory.copy(chunk + <usize>DATA, from + <usize>(at - start), bytes);
    const after = last == 0 ? load<u32>(side, HEAD) : load<u32>(last, LINK);
    store<u32>(chunk, after, LINK);
    if (last == 0) store<u32>(side, <u32>chunk, HEAD);
    else store<u32>(last, <u32>chunk, LINK);
    if (after == 0) store<u32>(side, <u32>chunk, TAIL);
    store<u32>(side, load<u32>(side, QUEUED) + 1, QUEUED);
    last = chunk;
    at += bytes;
  }
  return last;
}

/** Bytes that are queued already: the policy says whose count. */
function merge(
  side: usize,
  node: usize,
  at: u32,
  stop: u32,
  from: usize,
  start: u32,
  end: u32,
  gapBefore: bool,
): void {
  const to = node + <usize>load<u32>(node, FROM) + <usize>(at - load<u32>(node, SEQUENCE));
  const bytes = stop - at;
  if (memory.compare(to, from, bytes) == 0) return;
  count(STREAM_CONFLICTS, 1);
  store<u32>(node, 1, CONFLICT);
  const olderStart = load<u32>(node, SEGMENT_START);
  const olderEnd = load<u32>(node, SEGMENT_END);
  if (newerWins(load<u8>(side, POLICY), olderStart, olderEnd, start, end, gapBefore)) memory.copy(to, from, bytes);
}

/** Does the newer of two segments that overlap give the bytes? */
function newerWins(policy: u32, olderStart: u32, olderEnd: u32, start: u32, end: u32, gapBefore: bool): bool {
  const startsBefore = distance(start, olderStart);
  const endsBehind = distance(olderEnd, end);
  if (policy == STREAM_POLICY_LAST) return true;
  // The older reaches into the newer from the left.
  if (startsBefore < 0) return policy == STREAM_POLICY_SOLARIS && endsBehind > 0;
  // From the right.
  if (endsBehind < 0) {
    return policy == STREAM_POLICY_BSD || policy == STREAM_POLICY_LINUX || policy == STREAM_POLICY_OLD_LINUX;
  }
  // The newer covers the older.
  switch (policy) {
    case STREAM_POLICY_BSD: return startsBefore > 0;
    case STREAM_POLICY_LINUX: return startsBefore > 0 || endsBehind > 0;
    case STREAM_POLICY_OLD_LINUX: return true;
    case STREAM_POLICY_SOLARIS: return !(startsBefore == 0 && endsBehind == 0 && gapBefore);
  }
  return false;
}

/** Delivers what has got its turn. */
export function deliverQueued(stream: usize, side: usize, direction: u32): void {
  let node = <usize>load<u32>(side, HEAD);
  while (node != 0) {
    const next = load<u32>(side, NEXT);
    const sequence = load<u32>(node, SEQUENCE);
    const skip = distance(sequence, next);
    if (skip < 0) return;
    const bytes = load<u32>(node, BYTES);
    if (<u32>skip < bytes) {
      const data = node + <usize>load<u32>(node, FROM) + <usize>skip;
      const bits = EVENT_QUEUED | (load<u32>(node, CONFLICT) ? EVENT_CONFLICT : 0);
      const left = bytes - <u32>skip;
      tell(stream, direction, STREAM_DATA, bits, data, left, load<u32>(node, TIME_S), load<u32>(node, TIME_NS));
      advance(side, left);
    }
    node = removeHead(side);
  }
}

/** Gives up so many bytes that have not come. */
export function skipGap(stream: usize, side: usize, direction: u32, bytes: u32, timeS: u32, timeNs: u32): void {
  tell(stream, direction, STREAM_GAP, 0, 0, bytes, timeS, timeNs);
  count(STREAM_GAPS, 1);
  count(STREAM_GAP_BYTES, bytes);
  advance(side, bytes);
}

/** Delivers all that is queued, telling the gaps between. */
export function deliverAll(stream: usize, side: usize, direction: u32): void {
  while (load<u32>(side, HEAD) != 0) {
    const head = <usize>load<u32>(side, HEAD);
    const missing = distance(load<u32>(side, NEXT), load<u32>(head, SEQUENCE));
    if (missing > 0) skipGap(stream, side, direction, <u32>missing, load<u32>(head, TIME_S), load<u32>(head, TIME_NS));
    deliverQueued(stream, side, direction);
  }
}

/** Forgets what is queued. */
export function discardQueue(side: usize): void {
  while (load<u32>(side, HEAD) != 0) removeHead(side);
}

export function advance(side: usize, bytes: u32): void {
  store<u32>(side, load<u32>(side, NEXT) + bytes, NEXT);
  store<u64>(side, load<u64>(side, DELIVERED) + <u64>bytes, DELIVERED);
}

/** @returns the new head */
function removeHead(side: usize): usize {
  const node = <usize>load<u32>(side, HEAD);
  const next = load<u32>(node, LINK);
  store<u32>(side, next, HEAD);
  if (next == 0) store<u32>(side, 0, TAIL);
  store<u32>(side, load<u32>(side, QUEUED) - 1, QUEUED);
  store<u32>(node, <u32>spent, LINK);
  spent = node;
  return <usize>next;
}
