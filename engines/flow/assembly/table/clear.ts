/** Begins the next record of a flow: counters to zero, what spans records stays. */
import { KEYSTROKES, STATISTICS, STATISTIC_BYTES, STATISTIC_MIN } from '../extra';
import * as flows from '../flow';
import * as key from '../key';
import { giveRanges } from '../protocols/fragment-ranges';
import { FRAGMENT_STATE_BYTES } from '../protocols/fragment-state';
import { KEYSTROKES_STROKES } from '../protocols/keystroke-state';
import * as tcp from '../protocols/tcp-state';

/** Parts that the next record has again only if its packets say so. */
const PASSING: u32 =
  flows.HAS_ENCAPSULATION |
  flows.HAS_VLAN |
  flows.HAS_MPLS |
  flows.HAS_SIZE |
  flows.HAS_ICMP |
  flows.HAS_KEYSTROKES;

const LARGEST: f32 = 4294967295;

export function clearRecord(flow: usize): void {
  store<u32>(flow, load<u32>(flow, flows.STATUS) & ~(flows.STATUS_SENT | flows.CAUSE_MASK), flows.STATUS);
  store<u32>(flow, load<u32>(flow, flows.HAS) & ~PASSING, flows.HAS);
  const qualifier = flow + flows.KEY_HEAD + key.HEAD_QUALIFIER;
  store<u8>(qualifier, load<u8>(qualifier) & <u8>~key.QUALIFIER_FRAGMENT);
  const attributes = flow + flows.ATTRIBUTES_QUALIFIER;
  const fragments = flows.ATTRIBUTES_SOURCE_FRAGMENTS | flows.ATTRIBUTES_DESTINATION_FRAGMENTS;
  store<u8>(attributes, load<u8>(attributes) & <u8>~fragments);
  store<u16>(flow + flows.SOURCE_ATTRIBUTES, 0, flows.IP_OPTIONS);
  store<u16>(flow + flows.DESTINATION_ATTRIBUTES, 0, flows.IP_OPTIONS);
  memory.fill(flow + flows.SOURCE_START, 0, 32);
  memory.fill(flow + flows.SOURCE_COUNTERS, 0, flows.COUNTERS_BYTES);
  store<u32>(flow, 0, flows.SOURCE_LAST_ID);
  if (flows.hasPart(flow, flows.HAS_NETWORK)) clearNetwork(flow);
  const extra = <usize>load<u32>(flow, flows.EXTRA);
  if (extra == 0) return;
  clearStatistics(extra);
  const keystrokes = <usize>load<u32>(extra, KEYSTROKES);
  if (keystrokes != 0) store<u32>(keystrokes, 0, KEYSTROKES_STROKES);
}

/** Inter-packet times of an extra block: none. */
export function clearStatistics(extra: usize): void {
  memory.fill(extra + STATISTICS, 0, 4 * STATISTIC_BYTES);
  for (let block: u32 = 0; block < 4; block++) {
    store<f32>(extra + STATISTICS + <usize>(block * STATISTIC_BYTES), LARGEST, STATISTIC_MIN);
  }
}

function clearNetwork(flow: usize): void {
  const part = flow + flows.NETWORK;
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  switch (<u32>load<u8>(flow, flows.NETWORK_KIND)) {
    case flows.NETWORK_TCP_FIRST:
    case flows.NETWORK_TCP_STATUS:
    case flows.NETWORK_TCP:
      clearSide(part + tcp.TCP_SOURCE);
      clearSide(part + tcp.TCP_DESTINATION);
      return;
    case flows.NETWORK_FRAGMENT:
      giveRanges(part);
      memory.fill(part, 0, FRAGMENT_STATE_BYTES);
      return;
    case flows.NETWORK_RTP:
      // Packets missed, each way.
      store<u32>(part, 0, 28);
      return;
    case flows.NETWORK_ESP:
      // Status and packets missed.
      store<u32>(part, 0);
      store<u32>(part, 0, 12);
      return;
  }
}

function clearSide(side: usize): void {
  const kept = ~(
    tcp.STATUS_RESET |
    tcp.STATUS_RETRANSMITTED |
    tcp.STATUS_WINDOW_SHUT |
    tcp.STATUS_OUT_OF_ORDER |
    tcp.STATUS_CONGESTED
  );
  store<u32>(side, load<u32>(side, tcp.SIDE_STATUS) & kept, tcp.SIDE_STATUS);
  store<u32>(side, 0, tcp.SIDE_RETRANSMITTED);
  store<u8>(side, 0, tcp.SIDE_FLAGS);
  store<u32>(side, 0, tcp.SIDE_BYTES);
  store<u32>(side, 0, tcp.SIDE_IN_FLIGHT);
  store<u32>(side, 0, tcp.SIDE_ROLLED);
  store<u32>(side, load<u32>(side, tcp.SIDE_SEQUENCE), tcp.SIDE_BASE);
}
