/** Makes flows. */
import { CAUSE_START } from '../../src/record/layout';
import * as flows from '../flow';
import * as key from '../key';
import { isControl } from './control';
import * as options from './options';
import * as queues from './queues';
import { add } from './slots';
import * as view from '../view';

/** Flows made. */
export let flowsMade: u64 = 0;
/** Packets that made no flow because memory was full. */
export let flowsRefused: u64 = 0;

/** A flow of the key at hand, in front of a queue. @returns 0 when memory is full */
export function newFlow(queue: usize): usize {
  const flow = add();
  if (flow == 0) {
    flowsRefused++;
    return 0;
  }
  flowsMade++;
  let status: u32 = CAUSE_START;
  if (options.keystrokesSsh) status |= flows.STATUS_SSH;
  if (view.reversed) {
    status |= flows.STATUS_REVERSED;
    const kind = flow + flows.KEY_HEAD + key.HEAD_KIND;
    store<u8>(kind, load<u8>(kind) | <u8>key.KIND_REVERSED);
  }
  const type = view.networkType();
  const isIp = type == view.TYPE_IP || type == view.TYPE_IPV6;
  let idleS: u32 = options.otherIdleS;
  if (isIp) idleS = options.ipIdleS;
  else if (type == view.TYPE_ARP || type == view.TYPE_RARP) idleS = options.arpIdleS;
  store<u16>(flow, idleS, flows.IDLE_S);
  if (options.controlData && isControl(flow, isIp, type == view.TYPE_IPV6)) status |= flows.STATUS_CONTROL;
  store<u32>(flow, status, flows.STATUS);
  queues.push(queue, flow);
  return flow;
}
