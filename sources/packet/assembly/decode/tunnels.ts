/** Tunnels over UDP, taken for such by their port and by what their header must be. */
import { be16 } from '../bytes';
import {
  LAYER_END,
  LAYER_ETHERNET,
  LAYER_GENEVE,
  LAYER_GTP,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_L2TP,
  LAYER_PPP,
  LAYER_TEREDO,
  LAYER_VXLAN,
} from '../../src/decode/layers';
import { STOP_AT_GENEVE, STOP_AT_GTP, STOP_AT_L2TP, STOP_AT_TEREDO, STOP_AT_VXLAN } from '../../src/decode/options';
import { available, head, push, remaining } from './cursor';
import { byEtherType } from './numbers';

const PORT_L2TP: u32 = 1701;
const PORT_GTP_USER: u32 = 2152;
const PORT_TEREDO: u32 = 3544;
const PORT_VXLAN: u32 = 4789;
/** What Linux took before there was a number. */
const PORT_VXLAN_LINUX: u32 = 8472;
const PORT_GENEVE: u32 = 6081;
/** A longer chain of extension headers is none. */
const MAX_GTP_HEADER_BYTES: u32 = 512;

/** The tunnel between these ports, or LAYER_END. */
export function tunnelOfPorts(packet: usize, options: u32, source: u32, destination: u32): u32 {
  switch (destination) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX: return options & STOP_AT_VXLAN ? LAYER_END : LAYER_VXLAN;
    case PORT_GENEVE: return options & STOP_AT_GENEVE ? LAYER_END : LAYER_GENEVE;
    case PORT_GTP_USER: return options & STOP_AT_GTP ? LAYER_END : LAYER_GTP;
    case PORT_TEREDO: return options & STOP_AT_TEREDO ? LAYER_END : LAYER_TEREDO;
    case PORT_L2TP: return options & STOP_AT_L2TP ? LAYER_END : LAYER_L2TP;
  }
  switch (source) {
    case PORT_GTP_USER: return options & STOP_AT_GTP ? LAYER_END : LAYER_GTP;
    case PORT_TEREDO: return options & STOP_AT_TEREDO ? LAYER_END : LAYER_TEREDO;
    case PORT_L2TP: return options & STOP_AT_L2TP ? LAYER_END : LAYER_L2TP;
  }
  return LAYER_END;
}

/** @see RFC 7348; the group policy and GPE bits are tolerated as far as the payload stays Ethernet */
export function vxlan(packet: usize): u32 {
  if (available(packet) < 8) return LAYER_END;
  const at = head(packet);
  // The VNI must be valid and the last byte reserved.
  if (!(load<u8>(at) & 0x08) || load<u8>(at, 7) != 0) return LAYER_END;
  if (!push(packet, LAYER_VXLAN, 0, 8)) return LAYER_END;
  return LAYER_ETHERNET;
}

/** @see RFC 8926 */
export function geneve(packet: usize): u32 {
  if (available(packet) < 8) return LAYER_END;
  const at = head(packet);
  const first = <u32>load<u8>(at);
  const headerBytes: u32 = 8 + ((first & 0x3f) << 2);
  if (first >> 6 != 0 || headerBytes > remaining(packet)) return LAYER_END;
  const kind = byEtherType(be16(at + 2));
  if (!push(packet, LAYER_GENEVE, 0, headerBytes)) return LAYER_END;
  return kind;
}

/** Version 1 of the user plane; only G-PDUs carry packets. @see 3GPP TS 29.281 */
export function gtp(packet: usize): u32 {
  if (available(packet) < 8) return LAYER_END;
  const at = head(packet);
  const first = <u32>load<u8>(at);
  const type = <u32>load<u8>(at, 1);
  if ((first & 0xf0) != 0x30) return LAYER_END;
  const present = available(packet);
  let headerBytes: u32 = 8;
  if (first & 7) {
    headerBytes = 12;
    if (present < 12) return LAYER_END;
    let next = first & 4 ? <u32>load<u8>(at, 11) : 0;
    // Extension headers: a length in words of 4 bytes, whose last byte names the next one.
    while (next != 0) {
      if (headerBytes >= present) return LAYER_END;
      const bytes = <u32>load<u8>(at + headerBytes) << 2;
      if (bytes == 0 || headerBytes + bytes > present || headerBytes > MAX_GTP_HEADER_BYTES) return LAYER_END;
      headerBytes += bytes;
      next = <u32>load<u8>(at + headerBytes - 1);
    }
  }
  if (!push(packet, LAYER_GTP, type, headerBytes)) return LAYER_END;
  return type == 0xff ? ipByVersion(packet) : LAYER_END;
}

/** @see RFC 4380 */
export function teredo(packet: usize): u32 {
  const at = head(packet);
  const present = available(packet);
  let bytes: u32 = 0;
  if (present >= 4 && be16(at) == 1) {
    // Lengths of client identifier and authentication value, then both, a nonce of 8 bytes and a confirmation.
    bytes = 13 + <u32>load<u8>(at, 2) + <u32>load<u8>(at, 3);
  }
  if (present >= bytes + 8 && be16(at + bytes) == 0) bytes += 8;
  if (present < bytes + 40 || load<u8>(at + bytes) >> 4 != 6) return LAYER_END;
  if (be16(at + bytes + 4) + bytes + 40 > remaining(packet)) return LAYER_END;
  if (!push(packet, LAYER_TEREDO, 0, bytes)) return LAYER_END;
  return LAYER_IPV6;
}

/** Data messages of version 2 carry PPP. @see RFC 2661 */
export function l2tp(packet: usize): u32 {
  if (available(packet) < 6) return LAYER_END;
  const at = head(packet);
  const bits = be16(at);
  const version = bits & 15;
  if (version != 2) {
    if (version == 3) push(packet, LAYER_L2TP, 3, 0);
    return LAYER_END;
  }
  let headerBytes: u32 = 6;
  if (bits & 0x4000) headerBytes += 2;
  if (bits & 0x0800) headerBytes += 4;
  if (bits & 0x0200) {
    if (available(packet) < headerBytes + 2) return LAYER_END;
    headerBytes += 2 + be16(at + headerBytes);
  }
  if (headerBytes > available(packet)) return LAYER_END;
  if (!push(packet, LAYER_L2TP, 2, headerBytes)) return LAYER_END;
  return bits & 0x8000 || available(packet) < 2 ? LAYER_END : LAYER_PPP;
}

/** IPv4, IPv6 or neither, by the first four bits. */
export function ipByVersion(packet: usize): u32 {
  if (available(packet) < 1) return LAYER_END;
  const version = load<u8>(head(packet)) >> 4;
  if (version == 4) return LAYER_IPV4;
  return version == 6 ? LAYER_IPV6 : LAYER_END;
}
