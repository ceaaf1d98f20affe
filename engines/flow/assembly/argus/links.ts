/**
 * Where a packet begins, by the link type of its capture. Link types that Argus does not take begin at the IP layer
 * that the decoder finds.
 */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import { decode } from '../../../../sources/packet/assembly/decode';
import {
  CAPTURED_BYTES,
  DATA,
  LAYER_BYTES,
  LAYER_OFFSET,
  LAYER_TABLE,
  LINK_TYPE,
  NONE,
  OUTER,
  STRIPPED_TCI,
  STRIPPED_TPID,
  WIRE_BYTES,
} from '../../../../sources/packet/src/decode/layout';
import { STOP_AT_TUNNELS } from '../../../../sources/packet/src/decode/options';
import { passBehindEthernet, passHeaders } from './headers';
import { radiotap, unpadded } from './wlan';
import { QUIRK_COOKED_END, QUIRK_IP_LINKS } from '../../src/table/quirks';
import { keeps } from './quirks';
import * as options from '../table/options';
import * as view from '../view';

/** The packet is passed over. */
export const ENTER_NOTHING: u32 = 0;
/** It only says what time it is; it makes no flow, but what is due is sent. */
export const ENTER_TIME: u32 = 1;
export const ENTER_TURN: u32 = 2;
export const ENTER_FLOW: u32 = 3;
/** As ENTER_FLOW, on a link that carries IP only. */
export const ENTER_IP: u32 = 4;

const LINK_NULL: u32 = 0;
const LINK_ETHERNET: u32 = 1;
const LINK_SLIP: u32 = 8;
const LINK_PPP: u32 = 9;
const LINK_PPP_SERIAL: u32 = 50;
const LINK_RAW: u32 = 101;
const LINK_CISCO_HDLC: u32 = 104;
const LINK_WLAN: u32 = 105;
const LINK_SLL: u32 = 113;
const LINK_PRISM: u32 = 119;
const LINK_RADIOTAP: u32 = 127;
const LINK_IPV4: u32 = 228;
const LINK_IPV6: u32 = 229;
const LINK_SLL2: u32 = 276;

const ETHERNET_BYTES: u32 = 14;
const SLL_BYTES: u32 = 16;
const SLL2_BYTES: u32 = 20;
const IPV4_BYTES: u32 = 20;
const IPV6_BYTES: u32 = 40;
const SLIP_BYTES: u32 = 16;
const PPP_BYTES: u32 = 4;
const HDLC_BYTES: u32 = 4;
const PRISM_BYTES: u32 = 144;

const FAMILY_INET: u32 = 2;
const FAMILY_INET6_BSD: u32 = 24;
const FAMILY_INET6_FREEBSD: u32 = 28;
const FAMILY_INET6_DARWIN: u32 = 30;

const PPP_IP: u32 = 0x21;
const PPP_IPV6: u32 = 0x57;
const PPP_MPLS: u32 = 0x281;
const PPP_MPLS_MULTICAST: u32 = 0x283;

const SLL_BROADCAST: u32 = 1;
const SLL_MULTICAST: u32 = 2;
const SLL_OUTGOING: u32 = 4;

/** What the last packet has left behind: Argus forgets to set it anew on links that carry IP only. */
let lastActive: bool = true;
let lastData: usize = 0;
let lastUpper: usize = 0;

/** An Ethernet header made up for packets that have none; Argus copies the packet behind it. */
const made: usize = memory.data(4096);
const COPIED_BYTES: u32 = 2048 - 14;

/** Sets the view to the packet and passes what lies below the flow's layer. @returns ENTER_… */
export function enter(packet: usize): u32 {
  const data = <usize>load<u32>(packet, DATA);
  const captured = load<u32>(packet, CAPTURED_BYTES);
  const wire = load<u32>(packet, WIRE_BYTES);
  view.end = data + captured;
  view.ethernet = 0;
  view.behindEthernet = 0;
  view.ip = 0;
  view.mplsDepth = 0;
  view.network = 0;
  lastUpper = view.upper - lastData;
  lastData = data;
  lastActive = view.active;
  view.active = true;
  view.counters = 0;
  view.reversed = false;
  const link = <u32>load<u16>(packet, LINK_TYPE);
  if (link == LINK_ETHERNET) {
    if (wire < ETHERNET_BYTES) return ENTER_TIME;
    begin(data, wire, captured, wire, view.ENCAPSULATION_ETHERNET);
    if (load<u16>(packet, STRIPPED_TPID) != 0) {
      view.vlanTag = load<u16>(packet, STRIPPED_TCI);
      view.encapsulation |= view.ENCAPSULATION_VLAN;
    }
    passHeaders(view.NETWORK_ETHERNET);
    return ENTER_FLOW;
  }
  return enterOther(packet, link, data, captured, wire);
}

function enterOther(packet: usize, link: u32, data: usize, captured: u32, wire: u32): u32 {
  switch (link) {
    case LINK_NULL: return loopback(data, captured, wire);
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6: return internet(data, captured, wire, wire, 0);
    case LINK_SLL: return cooked(data, captured, wire);
    case LINK_SLL2: return cooked2(data, captured, wire);
    case LINK_PPP:
      if (wire <= PPP_BYTES || captured < PPP_BYTES) return ENTER_NOTHING;
      return internet(data + PPP_BYTES, captured, wire - PPP_BYTES, wire - PPP_BYTES, view.ENCAPSULATION_PPP);
    case LINK_SLIP:
      if (wire <= SLIP_BYTES || captured < SLIP_BYTES) return ENTER_TIME;
      return internet(data + SLIP_BYTES, captured, wire - SLIP_BYTES, wire - SLIP_BYTES, view.ENCAPSULATION_SLIP);
    case LINK_CISCO_HDLC: return ciscoHdlc(data, captured, wire);
    case LINK_PPP_SERIAL: return pppSerial(data, captured, wire);
    case LINK_WLAN:
      unpadded();
      return wlan(data, captured, wire);
    case LINK_RADIOTAP: {
      const bytes = radiotap(data, captured);
      return bytes == 0 || wire < bytes ? ENTER_NOTHING : wlan(data + bytes, captured - bytes, wire - bytes);
    }
    case LINK_PRISM:
      unpadded();
      if (captured < PRISM_BYTES || wire < PRISM_BYTES) return ENTER_NOTHING;
      return wlan(data + PRISM_BYTES, captured, wire);
  }
  return decoded(packet, data, captured, wire);
}

/**
 * @param at the first header
 * @param length bytes from there on, by the capture
 * @param counted bytes that the flow counts
 */
function begin(at: usize, length: u32, captured: u32, counted: u32, encapsulation: u32): void {
  view.upper = at;
  view.length = length;
  view.captured = captured;
  view.wireBytes = counted;
  view.encapsulation = encapsulation;
}

function internet(at: usize, captured: u32, length: u32, counted: u32, encapsulation: u32): u32 {
  begin(at, length, captured, counted, encapsulation);
  view.ip = at;
  passHeaders(view.TYPE_IP);
  if (keeps(QUIRK_IP_LINKS)) {
    view.active = lastActive;
    if (view.upper == at) view.upper = at + lastUpper;
    lastData = at;
  }
  if (view.ip == 0) return ENTER_TURN;
  const isIpv4 = view.peek8(view.ip) >> 4 == 4;
  view.network = isIpv4 ? view.TYPE_IP : view.TYPE_IPV6;
  return view.has(view.ip, isIpv4 ? IPV4_BYTES : IPV6_BYTES) ? ENTER_IP : ENTER_TURN;
}

function loopback(data: usize, captured: u32, wire: u32): u32 {
  if (captured < 4 || wire < 4) return ENTER_NOTHING;
  let family = load<u32>(data);
  if ((family & 0xffff0000) != 0) family = bswap<u32>(family);
  if (
    family != FAMILY_INET &&
    family != FAMILY_INET6_BSD &&
    family != FAMILY_INET6_FREEBSD &&
    family != FAMILY_INET6_DARWIN
  ) {
    return ENTER_NOTHING;
  }
  return internet(data + 4, captured - 4, wire - 4, wire - 4, 0);
}

/** Linux cooked capture: its header is turned into an Ethernet header, as Argus does. */
function cooked(data: usize, captured: u32, wire: u32): u32 {
  if (captured < SLL_BYTES || wire < SLL_BYTES) return ENTER_TIME;
  makeDestination(be16(data));
  store<u32>(made, load<u32>(data, 6), 6);
  store<u16>(made, load<u16>(data, 10), 10);
  store<u16>(made, load<u16>(data, 14), 12);
  // What the inspector is shown must stay where it is.
  if (keeps(QUIRK_COOKED_END) && !options.inspection && captured - SLL_BYTES <= COPIED_BYTES) {
    memory.copy(made + ETHERNET_BYTES, data + SLL_BYTES, captured - SLL_BYTES);
    const end = ETHERNET_BYTES * (captured - SLL_BYTES);
    view.end = made + <usize>(end < COPIED_BYTES ? end : COPIED_BYTES);
    begin(made + ETHERNET_BYTES, wire - SLL_BYTES, captured - SLL_BYTES, wire - SLL_BYTES, view.ENCAPSULATION_SLL);
  } else {
    begin(data + SLL_BYTES, wire - SLL_BYTES, captured - SLL_BYTES, wire - SLL_BYTES, view.ENCAPSULATION_SLL);
  }
  return passMade();
}

/** As above, with the newer header. */
function cooked2(data: usize, captured: u32, wire: u32): u32 {
  if (captured < SLL2_BYTES || wire < SLL2_BYTES) return ENTER_TIME;
  makeDestination(<u32>load<u8>(data, 10));
  store<u32>(made, load<u32>(data, 12), 6);
  store<u16>(made, load<u16>(data, 16), 10);
  store<u16>(made, load<u16>(data), 12);
  begin(data + SLL2_BYTES, wire - SLL2_BYTES, captured - SLL2_BYTES, wire - SLL2_BYTES, view.ENCAPSULATION_SLL);
  return passMade();
}

function makeDestination(kind: u32): void {
  store<u64>(made, 0);
  if (kind == SLL_BROADCAST) {
    store<u32>(made, 0xffffffff);
    store<u16>(made, 0xffff, 4);
  } else if (kind == SLL_MULTICAST) {
    store<u8>(made, 1);
  } else if (kind != SLL_OUTGOING) {
    store<u8>(made, 1, 5);
  }
}

/** Goes on behind the made-up header as behind one of the capture. */
function passMade(): u32 {
  view.ethernet = made;
  view.behindEthernet = view.upper;
  view.length -= ETHERNET_BYTES;
  view.captured -= ETHERNET_BYTES;
  passBehindEthernet(be16(made + 12));
  return ENTER_FLOW;
}

function wlan(at: usize, captured: u32, wire: u32): u32 {
  begin(at, wire, captured, wire, view.ENCAPSULATION_WLAN);
  passHeaders(view.NETWORK_WLAN);
  return ENTER_FLOW;
}

function ciscoHdlc(data: usize, captured: u32, wire: u32): u32 {
  if (captured < HDLC_BYTES || wire < HDLC_BYTES) return ENTER_TIME;
  const type = be16(data + 2);
  if (!isCarried(type)) return ENTER_TIME;
  begin(data + HDLC_BYTES, wire - HDLC_BYTES, captured, wire - HDLC_BYTES, view.ENCAPSULATION_CISCO_HDLC);
  passHeaders(type);
  return ENTER_FLOW;
}

function isCarried(type: u32): bool {
  return (
    type == view.TYPE_IP || type == view.TYPE_IPV6 || type == view.TYPE_MPLS || type == view.TYPE_MPLS_MULTICAST
  );
}

function pppSerial(data: usize, captured: u32, wire: u32): u32 {
  if (captured < HDLC_BYTES || wire < HDLC_BYTES) return ENTER_TIME;
  let at = data + HDLC_BYTES;
  let protocol = be16(data + 2);
  let encapsulation = view.ENCAPSULATION_CISCO_HDLC;
  if (be16(data) == 0xff03) {
    encapsulation = view.ENCAPSULATION_HDLC | view.ENCAPSULATION_PPP;
    if ((load<u8>(data, 2) & 1) != 0) {
      protocol = load<u8>(data, 2);
      at = data + 3;
    }
  }
  if (protocol == PPP_IP) protocol = view.TYPE_IP;
  else if (protocol == PPP_IPV6) protocol = view.TYPE_IPV6;
  else if (protocol == PPP_MPLS) protocol = view.TYPE_MPLS;
  else if (protocol == PPP_MPLS_MULTICAST) protocol = view.TYPE_MPLS_MULTICAST;
  if (!isCarried(protocol)) return ENTER_TIME;
  const length = wire - <u32>(at - data);
  begin(at, length, captured, length, encapsulation);
  passHeaders(protocol);
  return ENTER_FLOW;
}

function decoded(packet: usize, data: usize, captured: u32, wire: u32): u32 {
  decode(packet, STOP_AT_TUNNELS);
  const outer = load<u8>(packet, OUTER);
  if (outer == NONE) return ENTER_TIME;
  const offset = load<u32>(packet + LAYER_TABLE + <usize>outer * LAYER_BYTES, LAYER_OFFSET);
  if (offset >= captured || offset >= wire) return ENTER_TIME;
  return internet(data + offset, captured - offset, wire - offset, wire, 0);
}
