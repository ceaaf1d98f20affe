/** Adds what a datagram's later fragments have brought to the flow of its first. */
import { QUIRK_FRAGMENT_APP_BYTES } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import { clearRecord } from '../table/clear';
import { FRAGMENT_PARENT } from './fragment-state';

/** @returns false if the fragments have no flow that is theirs */
export function toParent(flow: usize): bool {
  if (!flows.hasPackets(flow)) return false;
  if (<u32>load<u8>(flow, flows.NETWORK_KIND) != flows.NETWORK_FRAGMENT) return false;
  const parent = <usize>load<u32>(flow + flows.NETWORK, FRAGMENT_PARENT);
  if (parent == 0) return false;
  const queue = load<u32>(parent, flows.FRAGMENTS);
  if (queue == 0 || load<u32>(flow, flows.QUEUE) != queue) return false;
  if (flows.isSent(parent)) clearRecord(parent);
  const across = ((load<u32>(parent, flows.STATUS) ^ load<u32>(flow, flows.STATUS)) & flows.STATUS_REVERSED) != 0;
  if (flows.hasPart(parent, flows.HAS_METRIC)) addCounters(flow, parent, across);
  if (flows.hasPart(flow, flows.HAS_TIME) && flows.hasPart(parent, flows.HAS_TIME)) addTimes(flow, parent, across);
  return true;
}

function addCounters(flow: usize, parent: usize, across: bool): void {
  const from = flow + flows.SOURCE_COUNTERS;
  const to = parent + (across ? flows.DESTINATION_COUNTERS : flows.SOURCE_COUNTERS);
  const bytes = load<u64>(from, flows.BYTES);
  store<u64>(to, load<u64>(to, flows.PACKETS) + load<u64>(from, flows.PACKETS), flows.PACKETS);
  store<u64>(to, load<u64>(to, flows.BYTES) + bytes, flows.BYTES);
  if (!keeps(QUIRK_FRAGMENT_APP_BYTES)) {
    store<u64>(to, load<u64>(to, flows.APP_BYTES) + load<u64>(from, flows.APP_BYTES), flows.APP_BYTES);
    store<u64>(from, 0, flows.APP_BYTES);
  }
  store<u64>(from, 0, flows.PACKETS);
  store<u64>(from, 0, flows.BYTES);
  if (flows.hasPart(parent, flows.HAS_ATTRIBUTES)) {
    const side = across ? flows.ATTRIBUTES_DESTINATION_FRAGMENTS : flows.ATTRIBUTES_SOURCE_FRAGMENTS;
    store<u8>(parent, load<u8>(parent, flows.ATTRIBUTES_QUALIFIER) | <u8>side, flows.ATTRIBUTES_QUALIFIER);
  }
}

function addTimes(flow: usize, parent: usize, across: bool): void {
  const start = parent + (across ? flows.DESTINATION_START : flows.SOURCE_START);
  const fragmentStart = load<u64>(flow, flows.SOURCE_START);
  const fragmentEnd = load<u64>(flow, flows.SOURCE_END);
  if (load<u8>(parent, flows.TIME_KIND) == 0) {
    store<u8>(parent, 1, flows.TIME_KIND);
    if (load<u64>(start) > fragmentStart) store<u64>(start, fragmentStart);
    store<u64>(start, fragmentEnd, 8);
  } else if (load<u64>(start, 8) < fragmentEnd) {
    store<u64>(start, fragmentEnd, 8);
  }
}
