/**
 * Keeps the table below its limit. A flood makes flows of one packet that nobody answers: those go first, the oldest
 * before; then flows whose records have been sent; then the oldest of all. What goes early is sent first, and counted.
 */
import { CAUSE_STATUS } from '../../src/record/layout';
import * as flows from '../flow';
import * as options from './options';
import * as queues from './queues';
import { forget, send } from './send';
import * as slots from './slots';

/** Flows looked at for one of a single packet. */
const LOOKED_AT: u32 = 16;

/** Flows that went early: of one packet, others. */
export let evictedSingle: u64 = 0;
export let evictedOther: u64 = 0;

/** Makes room for one flow. */
export function makeRoom(): void {
  if (options.maxFlows == 0 || slots.flows < options.maxFlows) return;
  const single = oldestSingle();
  if (single != 0) {
    evictedSingle++;
    evict(single);
    return;
  }
  for (let index: u32 = 0; index < queues.idleCount; index++) {
    const idle = <usize>load<u32>(queues.idleAt(index), queues.OLDEST);
    if (idle != 0) {
      evictedOther++;
      evict(idle);
      return;
    }
  }
  const oldest = <usize>load<u32>(queues.statusQueue, queues.OLDEST);
  if (oldest == 0) return;
  evictedOther++;
  evict(oldest);
}

/** Sends what no record has shown yet. */
function evict(flow: usize): void {
  if (!flows.isSent(flow)) send(flow, (load<u32>(flow, flows.STATUS) & flows.CAUSE_MASK) | CAUSE_STATUS);
  forget(flow);
}

/** Among the oldest flows, first of those already reported, one of a single packet; 0 if there is none. */
function oldestSingle(): usize {
  for (let index: u32 = 0; index < queues.idleCount; index++) {
    const found = singleIn(queues.idleAt(index));
    if (found != 0) return found;
  }
  return singleIn(queues.statusQueue);
}

function singleIn(queue: usize): usize {
  let flow = <usize>load<u32>(queue, queues.OLDEST);
  for (let looked: u32 = 0; flow != 0 && looked < LOOKED_AT; looked++) {
    const packets =
      load<u64>(flow + flows.SOURCE_COUNTERS, flows.PACKETS) +
      load<u64>(flow + flows.DESTINATION_COUNTERS, flows.PACKETS);
    if (packets <= 1 && load<u8>(flow, flows.TIME_KIND) == 0) return flow;
    flow = <usize>load<u32>(flow, flows.NEWER);
  }
  return 0;
}
