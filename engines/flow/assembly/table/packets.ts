/** Takes packets: finds or makes the flow of each, and sends what is due. */
import { QUIRK_CLOCK_REWINDS, QUIRK_IP_LINKS, QUIRK_MICROSECONDS } from '../../src/table/quirks';
import { PACKET_BYTES, TIME_NS, TIME_S, WIRE_BYTES } from '../../../../sources/packet/src/decode/layout';
import { ENTER_FLOW, ENTER_IP, ENTER_NOTHING, ENTER_TIME, enter } from '../argus/links';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import * as key from '../key';
import { closeKey, makeKey } from '../keys/key-of';
import * as view from '../view';
import { expireStatus, isTurn, turn } from './expire';
import { isNearlyFull } from './outbox';
import { makeRoom } from './limit';
import { newFlow } from './new-flow';
import * as options from './options';
import * as queues from './queues';
import { send } from './send';
import * as slots from './slots';
import { update } from './update';
import { enterTunnel } from './tunnel';
import { KEY_TUNNEL_INNER } from '../../src/table/options';

/** Packets and their bytes; packets that made no flow. */
export let packetsSeen: u64 = 0;
export let bytesSeen: u64 = 0;
export let packetsPassed: u64 = 0;

// What the last call left undone because the outbox was full.
const NOTHING: u32 = 0;
/** The records due before the packet at hand. */
const BEFORE: u32 = 1;
/** What was due after the last packet. */
const AFTER: u32 = 2;
let left: u32 = NOTHING;

/**
 * @param packets structures with their heads filled, one behind the other
 * @returns how many were taken; fewer than `count` when the outbox has to be emptied first
 */
export function takePackets(packets: usize, count: u32): u32 {
  if (left == AFTER) {
    if (!turn()) return 0;
    left = NOTHING;
  }
  for (let index: u32 = 0; index < count; index++) {
    // A limit that is reached sends a record for each flow made.
    if (isNearlyFull()) return index;
    if (!takePacket(packets + <usize>(index * PACKET_BYTES))) return index;
    if (left == AFTER) return index + 1;
  }
  return count;
}

/** Is there more to send before the next packet? */
export function isBehind(): bool {
  return left == AFTER;
}

/** @returns false if it has to be taken again */
function takePacket(packet: usize): bool {
  const isAgain = left == BEFORE;
  const entered = enter(packet);
  if (!isAgain) {
    packetsSeen++;
    bytesSeen += load<u32>(packet, WIRE_BYTES);
    if (entered == ENTER_NOTHING) {
      packetsPassed++;
      return true;
    }
    setTime(packet);
  }
  if (entered == ENTER_TIME) {
    packetsPassed++;
    return true;
  }
  if (entered >= ENTER_FLOW) {
    if ((options.key & KEY_TUNNEL_INNER) != 0) enterTunnel(packet);
    if (!takeFlow(entered == ENTER_IP && keeps(QUIRK_IP_LINKS), isAgain)) {
      left = BEFORE;
      return false;
    }
  } else {
    packetsPassed++;
  }
  left = NOTHING;
  if (isTurn() && !turn()) left = AFTER;
  return true;
}

function setTime(packet: usize): void {
  let ns = <u64>load<u32>(packet, TIME_NS);
  if (keeps(QUIRK_MICROSECONDS)) ns -= ns % 1000;
  const time = <u64>load<u32>(packet, TIME_S) * 1000000000 + ns;
  view.now = time;
  if (time > view.clock || keeps(QUIRK_CLOCK_REWINDS)) view.clock = time;
}

/** @returns false if records are due before and the outbox is full */
function takeFlow(isIpLink: bool, isAgain: bool): bool {
  if (!makeKey()) {
    packetsPassed++;
    return true;
  }
  closeKey();
  if (key.count == 0) {
    packetsPassed++;
    return true;
  }
  let flow = slots.find();
  if (flow != 0 && isDue(flow, isAgain)) {
    if (!sendDue(flow, isIpLink, isAgain)) return false;
    // It may have been forgotten with the others.
    flow = slots.find();
  }
  if (flow != 0) {
    update(flow, false, true);
    return true;
  }
  // Before anything holds on to a flow that may have to go.
  makeRoom();
  flow = newFlow(queues.statusQueue);
  if (flow == 0) return true;
  update(flow, true, true);
  if (options.startRecords) {
    flow = slots.find();
    if (flow != 0) send(flow, load<u32>(flow, flows.STATUS));
  }
  return true;
}

/** Has the flow to go to the front of the queue? */
function isDue(flow: usize, isAgain: bool): bool {
  if (isAgain || <usize>load<u32>(flow, flows.QUEUE) != queues.statusQueue) return true;
  return queues.isPast(load<u64>(flow, flows.QUEUED), options.interval);
}

/**
 * Brings a flow that goes on to the front of the queue: past its interval with its record sent before, as those of all
 * that are due with it.
 *
 * @returns false if the outbox is full
 */
function sendDue(flow: usize, isIpLink: bool, isAgain: bool): bool {
  const queue = <usize>load<u32>(flow, flows.QUEUE);
  if (queue == queues.statusQueue || isAgain) {
    const isAlone = isIpLink && !isAgain && <usize>load<u32>(queue, queues.OLDEST) == flow;
    if (!isAlone && !expireStatus()) return false;
    flow = slots.find();
    if (flow == 0) return true;
    if (isAlone && !flows.isSent(flow)) send(flow, load<u32>(flow, flows.STATUS));
  } else if (key.isFragment() && !isIpLink) {
    return true;
  }
  queues.leave(flow);
  queues.push(queues.statusQueue, flow);
  return true;
}
