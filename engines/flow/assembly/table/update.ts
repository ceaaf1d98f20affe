/** What a packet does to its flow. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_IPV6_TOS, QUIRK_LATE_TIMES } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import { CAUSE_START, CAUSE_STATUS, CAUSE_STOP } from '../../src/record/layout';
import * as extras from '../extra';
import * as flows from '../flow';
import * as key from '../key';
import { updateApplication } from '../application';
import { updateArp } from '../protocols/arp';
import { updateEsp } from '../protocols/esp';
import { addFragment, FRAGMENT_GOES_ON, FRAGMENT_WHOLE_ALONE } from '../protocols/fragment';
import { updateIcmp, updateIcmpv6 } from '../protocols/icmp';
import { followKeystrokes } from '../protocols/keystrokes';
import { updateTcp } from '../protocols/tcp';
import { updateUdp } from '../protocols/udp';
import {
  PROTOCOL_ESP,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../keys/protocols';
import * as view from '../view';
import { clearRecord, clearStatistics } from './clear';
import { count } from './count';
import { addFirstFragment } from './first-fragment';
import { inspect } from './inspect';
import * as options from './options';
import { forget, send } from './send';

const MORE_FRAGMENTS: u32 = 0x2000;
const OFFSET_MASK: u32 = 0x1fff;
const SOURCE_CHANGED: u32 = 4;
const DESTINATION_CHANGED: u32 = 8;

/**
 * @param isFirst the flow begins with the packet at hand
 * @param counted it goes into the counters
 */
export function update(flow: usize, isFirst: bool, counted: bool): void {
  updateBasics(flow, isFirst);
  if (view.ip == 0) {
    updateState(flow, isFirst, counted);
    return;
  }
  flows.addPart(flow, flows.HAS_ATTRIBUTES);
  const header = view.ip;
  const type = view.networkType();
  if (type == view.TYPE_IP) {
    setAttributes(flow, load<u8>(header, 8), load<u8>(header, 1), load<u16>(header, 4));
    const fragment = be16(header + 6);
    const isFirstFragment = (fragment & OFFSET_MASK) == 0 && (fragment & MORE_FRAGMENTS) != 0;
    updateState(flow, isFirst, counted);
    if (isFirstFragment) addFirstFragment(flow, header, isFirst, false);
  } else if (type == view.TYPE_IPV6) {
    const traffic = be16(keeps(QUIRK_IPV6_TOS) ? header + 2 : header) >> 4;
    setAttributes(flow, load<u8>(header, 7), traffic, 0);
    const fragment = view.fragment6;
    updateState(flow, isFirst, counted);
    if (fragment != 0) addFirstFragment(flow, header, isFirst, true);
  } else {
    updateState(flow, isFirst, counted);
  }
}

function setAttributes(flow: usize, ttl: u32, tos: u32, id: u32): void {
  const side = flow + (view.forward ? flows.SOURCE_ATTRIBUTES : flows.DESTINATION_ATTRIBUTES);
  let qualifier = <u32>load<u8>(flow, flows.ATTRIBUTES_QUALIFIER);
  qualifier |= view.forward ? flows.ATTRIBUTES_SOURCE : flows.ATTRIBUTES_DESTINATION;
  store<u8>(side, ttl, flows.TTL);
  store<u8>(side, tos, flows.TOS);
  store<u16>(side, id, flows.IP_ID);
  store<u16>(side, view.ipOptions, flows.IP_OPTIONS);
  if (view.ipOptions != 0) {
    qualifier |= view.forward ? flows.ATTRIBUTES_SOURCE_OPTIONS : flows.ATTRIBUTES_DESTINATION_OPTIONS;
  }
  store<u8>(flow, qualifier, flows.ATTRIBUTES_QUALIFIER);
}

/** What does not depend on the protocol: direction, times, encapsulation, tags. */
export function updateBasics(flow: usize, isFirst: bool): void {
  if (flows.isSent(flow)) clearRecord(flow);
  view.forward = ((load<u32>(flow, flows.STATUS) & flows.STATUS_REVERSED) != 0) == view.reversed;
  const forward = view.forward;
  const encapsulation = flow + (forward ? flows.SOURCE_ENCAPSULATION : flows.DESTINATION_ENCAPSULATION);
  let has = load<u32>(flow, flows.HAS);
  if ((has & flows.HAS_ENCAPSULATION) == 0) {
    store<u64>(flow, 0, flows.SOURCE_ENCAPSULATION);
    store<u8>(flow, 0, flows.ENCAPSULATION_QUALIFIER);
    has |= flows.HAS_ENCAPSULATION;
  }
  const passed = load<u32>(encapsulation);
  if (passed != view.encapsulation) {
    store<u32>(encapsulation, passed | view.encapsulation);
    if (passed != 0) {
      const changed = <u8>(forward ? SOURCE_CHANGED : DESTINATION_CHANGED);
      store<u8>(flow, load<u8>(flow, flows.ENCAPSULATION_QUALIFIER) | changed, flows.ENCAPSULATION_QUALIFIER);
    }
  }
  has |= flows.HAS_METRIC;
  const times = flow + (forward ? flows.SOURCE_START : flows.DESTINATION_START);
  if ((has & flows.HAS_TIME) == 0) {
    store<u64>(times, view.now);
    has |= flows.HAS_TIME;
  } else if (load<u64>(times) < flows.NO_TIME) {
    store<u64>(times, view.now);
    const other = load<u64>(flow + (forward ? flows.DESTINATION_START : flows.SOURCE_START));
    if (other >= flows.NO_TIME) store<u8>(flow, 1, flows.TIME_KIND);
  } else {
    setEnd(times);
    store<u8>(flow, 1, flows.TIME_KIND);
  }
  if ((has & flows.HAS_NETWORK) == 0) {
    has |= flows.HAS_NETWORK;
    memory.fill(flow + flows.NETWORK, 0, flows.NETWORK_BYTES);
    store<u8>(flow, isFirst && key.isFragment() ? flows.NETWORK_FRAGMENT : flows.NETWORK_NONE, flows.NETWORK_KIND);
    store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  }
  store<u32>(flow, has, flows.HAS);
  if ((view.encapsulation & (view.ENCAPSULATION_MPLS | view.ENCAPSULATION_VLAN)) != 0) updateTags(flow);
  if (options.mac) updateMac(flow);
  if (options.jitter && (has & flows.HAS_JITTER) == 0) beginJitter(flow);
}

/** @param times of a side that has had a packet */
function setEnd(times: usize): void {
  const start = load<u64>(times);
  const end = load<u64>(times, 8);
  if (view.now >= max(start, end) || keeps(QUIRK_LATE_TIMES)) {
    store<u64>(times, view.now, 8);
    return;
  }
  if (end < flows.NO_TIME) store<u64>(times, start, 8);
  if (view.now < start) store<u64>(times, view.now);
}

function updateTags(flow: usize): void {
  if ((view.encapsulation & view.ENCAPSULATION_MPLS) != 0) {
    if (!flows.hasPart(flow, flows.HAS_MPLS)) {
      flows.addPart(flow, flows.HAS_MPLS);
      store<u8>(flow, 0, flows.MPLS_QUALIFIER);
      store<u64>(flow, 0, flows.SOURCE_MPLS);
    }
    const depths = <u32>load<u8>(flow, flows.MPLS_QUALIFIER);
    const depth = view.mplsDepth & 0xf;
    store<u8>(flow, view.forward ? (depth << 4) | (depths & 0xf) : depth | (depths & 0xf0), flows.MPLS_QUALIFIER);
    store<u32>(flow + (view.forward ? flows.SOURCE_MPLS : flows.DESTINATION_MPLS), view.mplsLabel);
  }
  if ((view.encapsulation & view.ENCAPSULATION_VLAN) != 0) {
    if (!flows.hasPart(flow, flows.HAS_VLAN)) {
      flows.addPart(flow, flows.HAS_VLAN);
      store<u8>(flow, 0, flows.VLAN_QUALIFIER);
      store<u32>(flow, 0, flows.SOURCE_VLAN);
    }
    store<u8>(flow, load<u8>(flow, flows.VLAN_QUALIFIER) | (view.forward ? 1 : 2), flows.VLAN_QUALIFIER);
    store<u16>(flow + (view.forward ? flows.SOURCE_VLAN : flows.DESTINATION_VLAN), view.vlanTag);
  }
}

function updateMac(flow: usize): void {
  const header = view.ethernet;
  if (header == 0) return;
  const extra = extras.extraOf(flow);
  if (extra == 0) return;
  const mac = extra + extras.MAC;
  const type = view.peek16(header + 12);
  if (!flows.hasPart(flow, flows.HAS_MAC)) {
    flows.addPart(flow, flows.HAS_MAC);
    copyMac(mac, view.forward ? header : header + 6);
    copyMac(mac + 6, view.forward ? header + 6 : header);
    store<u16>(extra, type, extras.MAC_TYPE);
    return;
  }
  const same =
    isMac(mac, view.forward ? header : header + 6) &&
    isMac(mac + 6, view.forward ? header + 6 : header) &&
    <u32>load<u16>(extra, extras.MAC_TYPE) == type;
  if (!same) store<u8>(extra, load<u8>(extra, extras.MAC_MULTIPLE) | (view.forward ? 1 : 2), extras.MAC_MULTIPLE);
}

function copyMac(to: usize, from: usize): void {
  for (let index: u32 = 0; index < 6; index++) store<u8>(to + index, view.peek8(from + index));
}

function isMac(one: usize, other: usize): bool {
  for (let index: u32 = 0; index < 6; index++) {
    if (<u32>load<u8>(one + index) != view.peek8(other + index)) return false;
  }
  return true;
}

function beginJitter(flow: usize): void {
  const extra = extras.extraOf(flow);
  if (extra == 0) return;
  flows.addPart(flow, flows.HAS_JITTER);
  clearStatistics(extra);
}

function updateState(flow: usize, isFirst: bool, counted: bool): void {
  const status = load<u32>(flow, flows.STATUS);
  if ((status & flows.CAUSE_MASK) == 0) {
    store<u32>(flow, status | (isFirst ? CAUSE_START : CAUSE_STATUS), flows.STATUS);
  } else if (isFirst) {
    store<u32>(flow, (status & ~flows.CAUSE_MASK) | CAUSE_START, flows.STATUS);
  }
  let begins = isFirst;
  const type = view.networkType();
  if (type == view.TYPE_IP || type == view.TYPE_IPV6) {
    const isIpv6 = type == view.TYPE_IPV6;
    if (key.isFragment()) {
      count(flow);
      if (!updateFragment(flow, isIpv6, isFirst)) return;
    } else {
      const transport = view.upper;
      begins = updateProtocol(flow, protocolOf(flow, isIpv6), isFirst);
      if (options.inspection && counted) inspect(flow, transport, protocolOf(flow, isIpv6));
    }
  } else if (type == view.TYPE_ARP || type == view.TYPE_RARP) {
    updateArp(flow);
  }
  if (!counted) return;
  if (!key.isFragment()) count(flow);
  updateApplication(flow, begins);
}

/** The protocol that the flow's key has. */
function protocolOf(flow: usize, isIpv6: bool): u32 {
  return load<u8>(flows.keyOf(flow) + (isIpv6 ? 35 : 8));
}

/** @returns true if for what follows the flow begins with the packet */
function updateProtocol(flow: usize, protocol: u32, isFirst: bool): bool {
  switch (protocol) {
    case PROTOCOL_TCP: {
      if (options.keystrokes) followKeystrokes(flow);
      const again = updateTcp(flow, isFirst);
      store<u16>(flow, options.tcpIdleS, flows.IDLE_S);
      return isFirst || again;
    }
    case PROTOCOL_ICMP: {
      const asks = updateIcmp(flow, isFirst);
      store<u16>(flow, options.icmpIdleS, flows.IDLE_S);
      return isFirst || asks;
    }
    case PROTOCOL_ICMPV6:
      updateIcmpv6(flow, isFirst);
      store<u16>(flow, options.icmpIdleS, flows.IDLE_S);
      return isFirst;
    case PROTOCOL_UDP:
      updateUdp(flow, isFirst);
      return isFirst;
    case PROTOCOL_ESP:
      updateEsp(flow, isFirst);
      return isFirst;
  }
  return isFirst;
}

/** @returns false if the flow is no more */
function updateFragment(flow: usize, isIpv6: bool, isFirst: bool): bool {
  const outcome = addFragment(flow, isIpv6, isFirst);
  if (outcome == FRAGMENT_GOES_ON) return true;
  if (outcome == FRAGMENT_WHOLE_ALONE) send(flow, CAUSE_STOP);
  forget(flow);
  return false;
}
