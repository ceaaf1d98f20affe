/**
 * Argus' way through the headers below a flow: what it opens and what it leaves closed decides which flow a packet
 * belongs to. Each function passes one header and says what follows: an Ethernet type, NETWORK_…, 0 (the flow's
 * layer is reached) or STOP.
 */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_LLC_STAYS } from '../../src/table/quirks';
import { keeps } from './quirks';
import { wlanHeader } from './wlan';
import * as view from '../view';

const STOP: u32 = 0xffffffff;
/** Headers passed at most. */
const MAX_HEADERS: u32 = 32;
/** Up to here the field is a length (IEEE 802.3). */
const MAX_LENGTH_FIELD: u32 = 1500;
const ETHERNET_BYTES: u32 = 14;
const ISL_BYTES: u32 = 26;
const IP_BYTES: u32 = 20;
const ERSPAN_BYTES: u32 = 8;
const PROTOCOL_GRE: u32 = 47;
/** Juniper's tunnel of mirrored traffic. */
const PROTOCOL_TTP: u32 = 84;
const TTP_BYTES: u32 = 20;

const SAP_GLOBAL: u32 = 0xff;
const SAP_ISO: u32 = 0xfe;
const SAP_SNAP: u32 = 0xaa;
const SAP_NETBIOS: u32 = 0xf0;
const LLC_UNNUMBERED: u32 = 0x03;
const LLC_POLL: u32 = 0x10;
const LLC_XID: u32 = 0xaf;
const LLC_XID_FORMAT: u32 = 0x81;
const SNAP_BYTES: i32 = 8;

const PPP_IP: u32 = 0x21;
const PPP_IPV6: u32 = 0x57;

const GRE_CHECKSUM: u32 = 0x8000;
const GRE_ROUTING: u32 = 0x4000;
const GRE_KEY: u32 = 0x2000;
const GRE_SEQUENCE: u32 = 0x1000;
const GRE_ACKNOWLEDGEMENT: u32 = 0x0080;

/** Passes all headers below the flow's layer, from one of the given type at `view.upper` on. */
export function passHeaders(first: u32): void {
  let type = first;
  for (let passed: u32 = 0; passed < MAX_HEADERS && type != 0 && type != STOP; passed++) type = passHeader(type);
}

function passHeader(type: u32): u32 {
  switch (type) {
    case view.TYPE_BRIDGE:
    case view.NETWORK_ETHERNET:
      view.network = view.NETWORK_ETHERNET;
      return ethernet();
    case view.TYPE_IP:
      return ip();
    case view.TYPE_IPV6:
      view.ip = view.upper;
      view.network = type;
      return 0;
    case view.TYPE_ARP:
    case view.TYPE_RARP:
      view.network = type;
      return 0;
    case view.TYPE_VLAN:
      return vlan();
    case view.TYPE_MPLS:
    case view.TYPE_MPLS_MULTICAST:
      view.network = type;
      return mpls();
    case view.TYPE_PPPOE:
    case view.TYPE_PPPOE_DISCOVERY:
      view.network = type;
      return pppoe();
    case view.TYPE_PPP:
      view.network = type;
      return ppp();
    case view.TYPE_ERSPAN:
      view.network = type;
      return erspan();
    case view.TYPE_UDTOE:
      view.network = type;
      view.encapsulation |= view.ENCAPSULATION_UDT;
      view.pass(2);
      return 0;
    case view.NETWORK_WLAN:
      view.network = type;
      return wlan();
  }
  return STOP;
}

function ethernet(): u32 {
  const header = view.upper;
  view.ethernet = header;
  view.ip = 0;
  view.encapsulation |= view.ENCAPSULATION_ETHERNET;
  view.pass(ETHERNET_BYTES);
  view.behindEthernet = view.upper;
  const type = view.peek16(header + 12);
  if (type > MAX_LENGTH_FIELD) return type;
  if (isIsl(header)) return isl(header);
  return llc(view.upper, type, true);
}

/** Passes all headers behind an Ethernet header that the capture does not have. */
export function passBehindEthernet(type: u32): void {
  view.network = view.NETWORK_ETHERNET;
  view.encapsulation |= view.ENCAPSULATION_ETHERNET;
  passHeaders(type > MAX_LENGTH_FIELD ? type : llc(view.upper, type, true));
}

function isIsl(address: usize): bool {
  return view.has(address, 5) && be32(address) == 0x01000c00 && load<u8>(address, 4) == 0;
}

function isl(header: usize): u32 {
  if (view.peek8(header + 5) >> 4 != 0) return 0;
  view.length -= ISL_BYTES;
  view.captured -= ISL_BYTES;
  view.upper = header + ISL_BYTES;
  view.encapsulation |= view.ENCAPSULATION_ISL;
  return ethernet();
}

/**
 * IEEE 802.2. What follows is known behind SNAP only.
 *
 * @param header where it lies: `view.upper`, but behind it on 802.11
 * @param otherwise what to say if nothing is known
 * @param setsNetwork a SNAP type is the flow's network as well
 */
function llc(header: usize, otherwise: u32, setsNetwork: bool): u32 {
  if (!view.has(header, 3)) {
    if (!keeps(QUIRK_LLC_STAYS)) view.destinationSap = view.sourceSap = 0;
    return otherwise;
  }
  view.encapsulation |= view.ENCAPSULATION_LLC;
  const destination = <u32>load<u8>(header);
  const source = <u32>load<u8>(header, 1);
  const control = <u32>load<u8>(header, 2);
  view.destinationSap = destination;
  view.sourceSap = source;
  if (source == SAP_GLOBAL && destination == SAP_GLOBAL) {
    view.network = view.NETWORK_IPX;
    return otherwise;
  }
  const first = setsNetwork ? view.ethernet : header;
  if (view.peek16(first) == ((SAP_NETBIOS << 8) | SAP_NETBIOS)) return 0;
  if (source == SAP_ISO && destination == SAP_ISO && control == LLC_UNNUMBERED) return iso(header);
  if (source == SAP_SNAP && destination == SAP_SNAP) {
    if (control != LLC_UNNUMBERED) return otherwise;
    const type = view.peek16(header + 6);
    if (setsNetwork) view.network = type;
    view.length -= SNAP_BYTES;
    view.captured -= SNAP_BYTES;
    view.upper = header + SNAP_BYTES;
    return type;
  }
  if ((control & LLC_UNNUMBERED) != LLC_UNNUMBERED) {
    view.pass(4);
  } else {
    view.pass(3);
    if ((control & ~LLC_POLL) == LLC_XID && view.peek8(view.upper) == LLC_XID_FORMAT) view.pass(3);
  }
  return otherwise;
}

function iso(header: usize): u32 {
  const protocol = view.peek8(header + 3);
  if (protocol == 0x82) view.network = view.NETWORK_ESIS;
  else if (protocol == 0x83) view.network = view.NETWORK_ISIS;
  else if (protocol == 0) view.network = view.NETWORK_NULLNS;
  else view.network = view.NETWORK_CLNS;
  view.length -= 3;
  view.captured -= 3;
  view.upper = header + 3;
  return 0;
}

function vlan(): u32 {
  view.network = view.TYPE_VLAN;
  const header = view.upper;
  view.vlanTag = view.peek16(header);
  view.encapsulation |= view.ENCAPSULATION_VLAN;
  const type = view.peek16(header + 2);
  if (type <= MAX_LENGTH_FIELD && isIsl(header)) return isl(header);
  view.pass(4);
  return type <= MAX_LENGTH_FIELD ? llc(view.upper, 0, false) : type;
}

function mpls(): u32 {
  let next: u32 = 0;
  let last = false;
  while (!last) {
    if (!view.has(view.upper, 4)) return next;
    const entry = be32(view.upper);
    if (view.mplsDepth == 0) {
      view.mplsLabel = entry;
      view.mplsDepth = 1;
    }
    last = (entry & 0x100) != 0;
    view.encapsulation |= view.ENCAPSULATION_MPLS;
    view.pass(4);
    next = behindLabels(view.upper);
  }
  return next;
}

/** MPLS does not say what it carries: guessed by the first bytes. */
function behindLabels(address: usize): u32 {
  const first = view.peek8(address);
  if (first >> 4 == 4 && (first & 0xf) >= 5 && view.peek16(address + 2) >= IP_BYTES) return view.TYPE_IP;
  if (first >> 4 == 6 && view.peek16(address + 4) <= 2048) return view.TYPE_IPV6;
  const tagged = view.peek16(address + 2);
  return tagged == view.TYPE_IP || tagged == view.TYPE_IPV6 ? view.TYPE_VLAN : view.NETWORK_ETHERNET;
}

/** Address and control field, where there is one, then the protocol in one byte or two. */
function pppProtocol(at: usize): u32 {
  const control = view.peek16(at);
  return control == 0xff03 || control == 0x0003 || control == 0x0103 ? 2 : 0;
}

function ppp(): u32 {
  if (view.length < 4) return 0;
  view.encapsulation |= view.ENCAPSULATION_PPP;
  let bytes = pppProtocol(view.upper);
  const first = view.peek8(view.upper + bytes);
  const protocol = (first & 1) != 0 ? first : view.peek16(view.upper + bytes);
  bytes += (first & 1) != 0 ? 1 : 2;
  view.pass(bytes);
  return pppType(protocol);
}

function pppoe(): u32 {
  const header = view.upper;
  view.encapsulation |= view.ENCAPSULATION_ETHERNET | view.ENCAPSULATION_PPP;
  if (view.peek8(header + 1) != 0) return 0;
  let bytes = 6 + pppProtocol(header);
  const first = view.peek8(header + bytes);
  const protocol = (first & 1) != 0 ? first : view.peek16(header + bytes);
  bytes += (first & 1) != 0 ? 1 : 2;
  view.pass(bytes);
  return pppType(protocol);
}

function pppType(protocol: u32): u32 {
  if (protocol == PPP_IP) {
    view.network = PPP_IP;
    return view.TYPE_IP;
  }
  if (protocol == PPP_IPV6) {
    view.network = PPP_IPV6;
    return view.TYPE_IPV6;
  }
  return 0;
}

function erspan(): u32 {
  if (view.length <= <i32>ERSPAN_BYTES || view.peek16(view.upper) >> 12 != 1) return 0;
  view.encapsulation |= view.ENCAPSULATION_ERSPAN;
  view.pass(ERSPAN_BYTES);
  return view.NETWORK_ETHERNET;
}

function wlan(): u32 {
  const bytes = wlanHeader(view.upper);
  return bytes == 0 ? 0 : llc(view.upper + bytes, 0, false);
}

function ip(): u32 {
  const header = view.upper;
  if (!view.has(header, IP_BYTES) || be16(header + 2) < IP_BYTES) return 0;
  const version = load<u8>(header) >> 4;
  if (version == 4) view.network = view.TYPE_IP;
  else if (version == 6) view.network = view.TYPE_IPV6;
  view.ip = header;
  const protocol = <u32>load<u8>(header, 9);
  if (protocol == PROTOCOL_GRE) return gre(header);
  return protocol == PROTOCOL_TTP ? ttp(header) : 0;
}

function gre(header: usize): u32 {
  const headerBytes = <i32>(load<u8>(header) & 0xf) << 2;
  view.length -= headerBytes;
  view.captured -= headerBytes;
  let at = header + headerBytes;
  if (!view.has(at, 4)) return 0;
  const flags = be16(at);
  const type = be16(at + 2);
  at += 4;
  let bytes = 4;
  view.encapsulation |= view.ENCAPSULATION_GRE;
  const version = flags & 7;
  if (version == 0) {
    if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0) {
      at += 4;
      bytes += 4;
    }
    if ((flags & GRE_KEY) != 0) {
      at += 4;
      bytes -= 4;
    }
    if ((flags & GRE_SEQUENCE) != 0) {
      at += 4;
      bytes += 4;
    }
    while ((flags & GRE_ROUTING) != 0 && view.has(at, 4)) {
      const family = be16(at);
      const routeBytes = <i32>load<u8>(at, 3);
      at += 4;
      bytes -= 4;
      if (family == 0 && routeBytes == 0) break;
      at += routeBytes;
      bytes += routeBytes;
    }
  } else if (version == 1) {
    if ((flags & GRE_KEY) != 0) {
      at += 4;
      bytes -= 4;
    }
    if ((flags & GRE_SEQUENCE) != 0) {
      at += 4;
      bytes += 4;
    }
    if ((flags & GRE_ACKNOWLEDGEMENT) != 0) {
      at += 4;
      bytes += 4;
    }
  }
  view.upper = at;
  view.length -= bytes;
  view.captured -= bytes;
  return type;
}

function ttp(header: usize): u32 {
  const headerBytes = <u32>(load<u8>(header) & 0xf) << 2;
  const at = header + headerBytes;
  if (!view.has(at, TTP_BYTES)) return 0;
  const type = load<u8>(at);
  if (type < 1 || type > 4) return 0;
  view.pass(headerBytes + TTP_BYTES);
  return type <= 2 ? view.NETWORK_ETHERNET : view.TYPE_IP;
}
