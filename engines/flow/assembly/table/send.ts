/** Sends what a flow holds, and takes flows out of the table. */
import * as flows from '../flow';
import { giveRanges } from '../protocols/fragment-ranges';
import { toParent } from '../protocols/fragment-parent';
import { CAUSE_TIMEOUT } from '../../src/record/layout';
import { BLOCK_QUEUE } from './blocks';
import { giveBlock } from './memory';
import * as queues from './queues';
import { writeRecord } from './record';
import { remove } from './slots';

/** Number of the next flow to be sent. */
let nextSequence: u32 = 1;
/** Records sent. */
export let recordsSent: u64 = 0;
/** Flows taken out of the table. */
export let flowsClosed: u64 = 0;

/** Sends a flow's record, with what its fragments have brought, if it has packets. */
export function send(flow: usize, cause: u32): void {
  const fragments = <usize>load<u32>(flow, flows.FRAGMENTS);
  if (fragments != 0) {
    for (let each = load<u32>(fragments, queues.NEWEST); each != 0; each = load<u32>(<usize>each, flows.OLDER)) {
      toParent(<usize>each);
    }
  }
  if (!flows.hasPackets(flow)) return;
  giveNumber(flow);
  writeRecord(flow, cause & flows.CAUSE_MASK);
  store<u32>(flow, load<u32>(flow, flows.STATUS) | flows.STATUS_SENT, flows.STATUS);
  recordsSent++;
}

/** Numbers a flow that has no number yet. */
export function giveNumber(flow: usize): void {
  if (load<u32>(flow, flows.SEQUENCE) != 0) return;
  store<u32>(flow, nextSequence, flows.SEQUENCE);
  nextSequence = nextSequence == 0xfffffffe ? 1 : nextSequence + 1;
}

/** Takes a flow out of its queue and of the table; fragments that are its own are sent and go with it. */
export function forget(flow: usize): void {
  queues.leave(flow);
  if (<u32>load<u8>(flow, flows.NETWORK_KIND) == flows.NETWORK_FRAGMENT) giveRanges(flow + flows.NETWORK);
  const fragments = <usize>load<u32>(flow, flows.FRAGMENTS);
  if (fragments != 0) {
    for (let each = load<u32>(fragments, queues.NEWEST); each != 0; each = load<u32>(fragments, queues.NEWEST)) {
      queues.leave(<usize>each);
      send(<usize>each, CAUSE_TIMEOUT);
      forget(<usize>each);
    }
    giveBlock(BLOCK_QUEUE, fragments);
  }
  remove(flow);
  flowsClosed++;
}
