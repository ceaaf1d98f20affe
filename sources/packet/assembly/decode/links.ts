/** Where a packet of a link type starts, and the link headers of hosts. @see LINKTYPE_ values, tcpdump.org */
import { be16 } from '../bytes';
import {
  LAYER_END,
  LAYER_ETHERNET,
  LAYER_FRAME_RELAY,
  LAYER_HDLC,
  LAYER_IEEE802154,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_LLC,
  LAYER_LOOPBACK,
  LAYER_NFLOG,
  LAYER_PPI,
  LAYER_PPP,
  LAYER_PPPOE,
  LAYER_PRISM,
  LAYER_RADIOTAP,
  LAYER_SLL,
  LAYER_SLL2,
  LAYER_WLAN,
} from '../../src/decode/layers';
import { available, head, narrow, push, room, setEtherType } from './cursor';
import { byEtherType } from './numbers';
import { ipByVersion } from './tunnels';

const HARDWARE_RADIOTAP: u32 = 803;
const HARDWARE_NETLINK: u32 = 824;
/** The attribute of NFLOG that holds the packet. */
const NFLOG_PAYLOAD: u32 = 9;
const MAX_NFLOG_ATTRIBUTES: u32 = 64;

export function firstLayer(packet: usize, linkType: u32): u32 {
  switch (linkType) {
    case 1: return LAYER_ETHERNET;
    case 0:
    case 108: return LAYER_LOOPBACK;
    case 12:
    case 14:
    case 101: return ipByVersion(packet);
    case 228: return LAYER_IPV4;
    case 229: return LAYER_IPV6;
    case 9:
    case 166: return LAYER_PPP;
    case 204: return directedPpp(packet);
    case 50:
    case 104: return LAYER_HDLC;
    case 51: return LAYER_PPPOE;
    case 105: return LAYER_WLAN;
    case 107: return LAYER_FRAME_RELAY;
    case 113: return LAYER_SLL;
    case 119:
    case 163: return LAYER_PRISM;
    case 127: return LAYER_RADIOTAP;
    case 192: return LAYER_PPI;
    case 195:
    case 215:
    case 230:
    case 283: return LAYER_IEEE802154;
    case 239: return LAYER_NFLOG;
    case 276: return LAYER_SLL2;
  }
  return LAYER_END;
}

/** The address family in the byte order of who wrote it, or in network order. */
export function loopback(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const value = load<u32>(head(packet));
  const family = value > 0xffff ? bswap<u32>(value) : value;
  if (!push(packet, LAYER_LOOPBACK, family, 4)) return LAYER_END;
  switch (family) {
    case 2: return LAYER_IPV4;
    case 10:
    case 23:
    case 24:
    case 28:
    case 30: return LAYER_IPV6;
  }
  return LAYER_END;
}

export function sll(packet: usize): u32 {
  if (!room(packet, 16)) return LAYER_END;
  const at = head(packet);
  const hardware = be16(at + 2);
  const protocol = be16(at + 14);
  if (!push(packet, LAYER_SLL, be16(at), 16)) return LAYER_END;
  return ofHost(packet, hardware, protocol);
}

export function sll2(packet: usize): u32 {
  if (!room(packet, 20)) return LAYER_END;
  const at = head(packet);
  const protocol = be16(at);
  const hardware = be16(at + 8);
  if (!push(packet, LAYER_SLL2, load<u8>(at, 10), 20)) return LAYER_END;
  return ofHost(packet, hardware, protocol);
}

/** Attributes in the writer's byte order, each padded to 4 bytes; the packet is one of them. */
export function nflog(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const at = head(packet);
  const present = available(packet);
  const family = <u32>load<u8>(at);
  let offset: u32 = 4;
  for (let count: u32 = 0; count < MAX_NFLOG_ATTRIBUTES && offset + 4 <= present; count++) {
    let bytes = <u32>load<u16>(at + offset);
    let type = <u32>load<u16>(at + offset, 2) & 0x7fff;
    if (bytes < 4 || bytes > 0xfff && type > 0xff) {
      bytes = be16(at + offset);
      type = be16(at + offset + 2) & 0x7fff;
    }
    if (bytes < 4) return LAYER_END;
    if (type == NFLOG_PAYLOAD) {
      if (!push(packet, LAYER_NFLOG, family, offset + 4)) return LAYER_END;
      narrow(packet, bytes - 4);
      return family == 2 || family == 10 ? ipByVersion(packet) : LAYER_END;
    }
    offset += (bytes + 3) & ~3;
  }
  push(packet, LAYER_NFLOG, family, 4);
  return LAYER_END;
}

export function ieee802154(packet: usize): u32 {
  push(packet, LAYER_IEEE802154, 0, 0);
  return LAYER_END;
}

/** A byte of direction stands before the frame. */
function directedPpp(packet: usize): u32 {
  return room(packet, 1) && push(packet, LAYER_HDLC, load<u8>(head(packet)), 1) ? LAYER_PPP : LAYER_END;
}

function ofHost(packet: usize, hardware: u32, protocol: u32): u32 {
  if (hardware == HARDWARE_RADIOTAP) return LAYER_RADIOTAP;
  if (hardware == HARDWARE_NETLINK) return LAYER_END;
  // Linux' own numbers for 802.2 frames.
  if (protocol == 4) return LAYER_LLC;
  setEtherType(packet, protocol);
  return byEtherType(protocol);
}
