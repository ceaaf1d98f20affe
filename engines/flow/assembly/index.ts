/** What the flow table gives to TypeScript (`src/table/flow-table.ts`). */
import { block } from './table/options';
import { defineAll } from './table/blocks';
import { endIntervals, readOptions, userDataBytes } from './table/options';
import { initInspection } from './table/inspect';
import { initOutbox } from './table/outbox';
import { initSlots } from './table/slots';
import { shutDown as closeAll, turn } from './table/expire';
import * as view from './view';

export { allocate } from '../../../sources/packet/assembly/arena';
export { frameCapture, frameRing, framedNext, framedOutcome } from '../../../sources/packet/assembly/frames';
export { isBehind, takePackets } from './table/packets';
export { answerInspection, inspectedAt, inspected } from './table/inspect';
export { emptyOutbox, recordsAt, waiting as waitingRecords } from './table/outbox';
export { statistics } from './table/statistics';

/** Where the options are written before `start`. */
export function options(): usize {
  return block;
}

/** @returns false when there is no memory */
export function start(): bool {
  readOptions();
  defineAll(userDataBytes);
  return initSlots() && initOutbox() && initInspection();
}

/** Without packets: sends what is due at a time. @returns false if the outbox is full: to be called again */
export function advance(seconds: u32, nanoseconds: u32): bool {
  const time = <u64>seconds * 1000000000 + nanoseconds;
  if (time > view.clock) view.clock = time;
  return turn();
}

/** The capture's end: all present records. @returns false if the outbox is full: to be called again */
export function endCapture(): bool {
  endIntervals();
  return turn();
}

/** After the end: what is left, and nothing is remembered. @returns as above */
export function shutDown(): bool {
  return closeAll();
}
