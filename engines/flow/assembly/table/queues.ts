/**
 * Queues of flows in the order in which Argus keeps them: what enters at the front is the newest, expiry looks at the
 * other end. A flow stands in one queue; its time of entry is the clock's.
 */
import { NEWER, OLDER, QUEUE, QUEUED } from '../flow';
import * as view from '../view';

// Of each queue: newest flow, oldest flow, count, seconds after which its flows are forgotten.
export const NEWEST = 0;
export const OLDEST = 4;
export const COUNT = 8;
export const TIMEOUT_S = 12;

/** Flows whose present record has not been sent. */
export const statusQueue: usize = memory.data(16, 4);

/** Different idle times at once. */
const MAX_IDLE_QUEUES: u32 = 32;
const idleQueues: usize = memory.data(16 * MAX_IDLE_QUEUES, 4);
/** Order in which they are looked at: the last made first. */
const idleOrder: usize = memory.data(MAX_IDLE_QUEUES * 4, 4);
export let idleCount: u32 = 0;

/** Puts a flow in front: it is the newest. */
export function push(queue: usize, flow: usize): void {
  const newest = load<u32>(queue, NEWEST);
  store<u32>(flow, 0, NEWER);
  store<u32>(flow, newest, OLDER);
  if (newest != 0) store<u32>(<usize>newest, <u32>flow, NEWER);
  else store<u32>(queue, <u32>flow, OLDEST);
  store<u32>(queue, <u32>flow, NEWEST);
  entered(queue, flow);
}

/** Puts a flow behind all others: it is the oldest. */
export function append(queue: usize, flow: usize): void {
  const oldest = load<u32>(queue, OLDEST);
  store<u32>(flow, 0, OLDER);
  store<u32>(flow, oldest, NEWER);
  if (oldest != 0) store<u32>(<usize>oldest, <u32>flow, OLDER);
  else store<u32>(queue, <u32>flow, NEWEST);
  store<u32>(queue, <u32>flow, OLDEST);
  entered(queue, flow);
}

function entered(queue: usize, flow: usize): void {
  store<u32>(queue, load<u32>(queue, COUNT) + 1, COUNT);
  store<u32>(flow, <u32>queue, QUEUE);
  store<u64>(flow, view.clock, QUEUED);
}

/** Takes a flow out of the queue it stands in, if any. */
export function leave(flow: usize): void {
  const queue = <usize>load<u32>(flow, QUEUE);
  if (queue == 0) return;
  const newer = load<u32>(flow, NEWER);
  const older = load<u32>(flow, OLDER);
  if (newer != 0) store<u32>(<usize>newer, older, OLDER);
  else store<u32>(queue, older, NEWEST);
  if (older != 0) store<u32>(<usize>older, newer, NEWER);
  else store<u32>(queue, newer, OLDEST);
  store<u32>(queue, load<u32>(queue, COUNT) - 1, COUNT);
  store<u32>(flow, 0, QUEUE);
}

/** The queue of flows that are remembered for so many seconds after their record. */
export function idleQueue(seconds: u32): usize {
  for (let index: u32 = 0; index < idleCount; index++) {
    const queue = idleAt(index);
    if (load<u32>(queue, TIMEOUT_S) == seconds) return queue;
  }
  // More idle times than places: the last made serves.
  if (idleCount == MAX_IDLE_QUEUES) return idleAt(0);
  const made = idleQueues + <usize>(idleCount << 4);
  store<u32>(made, seconds, TIMEOUT_S);
  for (let index = idleCount; index > 0; index--) {
    store<u32>(idleOrder + <usize>(index << 2), load<u32>(idleOrder + <usize>((index - 1) << 2)));
  }
  store<u32>(idleOrder, <u32>made);
  idleCount++;
  return made;
}

export function idleAt(index: u32): usize {
  return <usize>load<u32>(idleOrder + <usize>(index << 2));
}

/** Is what entered at a time past a span of nanoseconds? A span of 0 always is, one below never. */
export function isPast(entered: u64, span: i64): bool {
  if (span <= 0) return span == 0;
  return <i64>(view.clock - entered) >= span;
}
