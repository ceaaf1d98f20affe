/** PPP in its framings, PPPoE, multilink, Cisco HDLC, Frame Relay. @see RFC 1661, 1662, 1990, 2516, 2427 */
import { be16 } from '../bytes';
import { FLAG_BAD_VERSION, FLAG_ENCRYPTED } from '../../src/decode/flags';
import {
  LAYER_END,
  LAYER_FRAME_RELAY,
  LAYER_HDLC,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_MULTILINK,
  LAYER_PPP,
  LAYER_PPPOE_DISCOVERY,
  LAYER_RARP,
  LAYER_SNAP,
} from '../../src/decode/layers';
import { available, flag, head, narrow, push, room, setEtherType } from './cursor';
import { byEtherType, byPppProtocol } from './numbers';

const PROTOCOL_MULTILINK: u32 = 0x3d;
const PROTOCOL_ENCRYPTED: u32 = 0x53;
const PROTOCOL_COMPRESSED: u32 = 0xfd;

/** Discovery or session: version and type, code, session, length. */
export function pppoe(packet: usize, kind: u32): u32 {
  if (!room(packet, 6)) return LAYER_END;
  const at = head(packet);
  if (load<u8>(at) != 0x11) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const code = <u32>load<u8>(at, 1);
  const bytes = be16(at + 4);
  if (!push(packet, kind, code, 6)) return LAYER_END;
  narrow(packet, bytes);
  return kind == LAYER_PPPOE_DISCOVERY || code != 0 ? LAYER_END : LAYER_PPP;
}

/** Address and control may be left out, and so may the first byte of the protocol. */
export function ppp(packet: usize): u32 {
  if (!room(packet, 1)) return LAYER_END;
  const at = head(packet);
  let bytes: u32 = 0;
  if (available(packet) >= 2 && be16(at) == 0xff03) bytes = 2;
  if (!room(packet, bytes + 1)) return LAYER_END;
  const short = (load<u8>(at + bytes) & 1) != 0;
  bytes += short ? 1 : 2;
  if (!room(packet, bytes)) return LAYER_END;
  const protocol = short ? <u32>load<u8>(at + bytes - 1) : be16(at + bytes - 2);
  if (!push(packet, LAYER_PPP, 0, bytes)) return LAYER_END;
  if (protocol == PROTOCOL_MULTILINK) return LAYER_MULTILINK;
  if (protocol == PROTOCOL_ENCRYPTED || protocol == PROTOCOL_COMPRESSED) flag(packet, FLAG_ENCRYPTED);
  return byPppProtocol(protocol);
}

/** With long sequence numbers, as is the default; only what is both begin and end is a packet. */
export function multilink(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const bits = load<u8>(head(packet));
  if (!push(packet, LAYER_MULTILINK, bits >> 6, 4)) return LAYER_END;
  return bits >> 6 == 3 ? LAYER_PPP : LAYER_END;
}

/** PPP in HDLC-like framing, or Cisco HDLC, told by the first byte. */
export function hdlc(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const at = head(packet);
  const address = load<u8>(at);
  if (address != 0x0f && address != 0x8f) return LAYER_PPP;
  const type = be16(at + 2);
  if (!push(packet, LAYER_HDLC, 0, 4)) return LAYER_END;
  setEtherType(packet, type);
  const kind = byEtherType(type);
  // 0x8035 is SLARP here.
  return kind == LAYER_RARP ? LAYER_END : kind;
}

/** A DLCI of 2 to 4 bytes, then either NLPID or Cisco's Ethernet type. */
export function frameRelay(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const at = head(packet);
  let bytes: u32 = 2;
  while (bytes < 4 && !(load<u8>(at + bytes - 1) & 1)) bytes++;
  if (!room(packet, bytes + 2)) return LAYER_END;
  const type = be16(at + bytes);
  if (!push(packet, LAYER_FRAME_RELAY, 0, bytes + 2)) return LAYER_END;
  if (type == 0x03cc) return LAYER_IPV4;
  if (type == 0x038e) return LAYER_IPV6;
  if (type == 0x0380) return LAYER_SNAP;
  if (type >> 8 == 3) return LAYER_END;
  setEtherType(packet, type);
  return byEtherType(type);
}
