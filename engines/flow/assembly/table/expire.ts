/** What is due: records of flows past their interval, flows past their idle time. */
import * as flows from '../flow';
import { CAUSE_SHUTDOWN } from '../../src/record/layout';
import { toParent } from '../protocols/fragment-parent';
import * as view from '../view';
import { isNearlyFull } from './outbox';
import * as options from './options';
import * as queues from './queues';
import { forget, send } from './send';

/** How often it is looked for what is due, by the clock of packets. */
const TURN_NS: u64 = 200000000;
/** Fragments wait this long for the rest of their datagram once their flow has been reported. */
const FRAGMENT_WAIT_NS: i64 = 2000000000;
const NS_PER_S: i64 = 1000000000;

let nextTurn: u64 = 0;

/** Is it time to look? Moves the next turn if so. */
export function isTurn(): bool {
  if (nextTurn < flows.NO_TIME) nextTurn = view.clock;
  if (view.clock < nextTurn) return false;
  if (view.clock - nextTurn > TURN_NS) nextTurn = view.clock;
  nextTurn += TURN_NS;
  return true;
}

/** Sends and forgets what is due. @returns false if the outbox is full: to be called again when it has been emptied */
export function turn(): bool {
  if (!expireStatus()) return false;
  for (let index: u32 = 0; index < queues.idleCount; index++) {
    if (!expireIdle(queues.idleAt(index))) return false;
  }
  return true;
}

/** Sends records of flows past their interval, the oldest first. @returns false if the outbox is full */
export function expireStatus(): bool {
  const queue = queues.statusQueue;
  while (true) {
    const flow = <usize>load<u32>(queue, queues.OLDEST);
    if (flow == 0 || !queues.isPast(load<u64>(flow, flows.QUEUED), options.interval)) return true;
    if (isNearlyFull()) return false;
    queues.leave(flow);
    expireFragments(flow);
    if (!flows.isSent(flow)) send(flow, load<u32>(flow, flows.STATUS));
    const idleS = <u32>load<u16>(flow, flows.IDLE_S);
    if (idleS == 0) forget(flow);
    else queues.push(queues.idleQueue(idleS), flow);
  }
}

/** Gives a flow what its fragments have brought, and forgets those that have waited. */
function expireFragments(flow: usize): void {
  const fragments = <usize>load<u32>(flow, flows.FRAGMENTS);
  if (fragments == 0) return;
  let each = <usize>load<u32>(fragments, queues.NEWEST);
  while (each != 0) {
    const older = <usize>load<u32>(each, flows.OLDER);
    toParent(each);
    if (queues.isPast(load<u64>(each, flows.QUEUED), FRAGMENT_WAIT_NS)) forget(each);
    each = older;
  }
}

function expireIdle(queue: usize): bool {
  const span = <i64>load<u32>(queue, queues.TIMEOUT_S) * NS_PER_S;
  while (true) {
    const flow = <usize>load<u32>(queue, queues.OLDEST);
    if (flow == 0 || !queues.isPast(load<u64>(flow, flows.QUEUED), span)) return true;
    if (isNearlyFull()) return false;
    forget(flow);
  }
}

/** The end: sends what is left and forgets all. @returns false if the outbox is full: to be called again */
export function shutDown(): bool {
  for (let index: u32 = 0; index < queues.idleCount; index++) {
    if (!closeQueue(queues.idleAt(index))) return false;
  }
  return closeQueue(queues.statusQueue);
}

function closeQueue(queue: usize): bool {
  while (true) {
    const flow = <usize>load<u32>(queue, queues.OLDEST);
    if (flow == 0) return true;
    if (isNearlyFull()) return false;
    queues.leave(flow);
    if (!flows.isSent(flow)) send(flow, CAUSE_SHUTDOWN);
    forget(flow);
  }
}
