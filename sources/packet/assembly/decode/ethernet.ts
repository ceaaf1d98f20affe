/** Ethernet II, 802.3 with LLC and SNAP, tags. @see IEEE 802.3, 802.1Q, 802.1ah, 802.2 */
import { be16, be24 } from '../bytes';
import { FLAG_ENCRYPTED } from '../../src/decode/flags';
import {
  LAYER_END,
  LAYER_ETHERNET,
  LAYER_FABRIC_PATH,
  LAYER_IPV4,
  LAYER_LLC,
  LAYER_MACSEC,
  LAYER_PBB,
  LAYER_SNAP,
  LAYER_STP,
  LAYER_VLAN,
  LAYER_VNTAG,
} from '../../src/decode/layers';
import { available, flag, head, narrow, push, room, setEtherType } from './cursor';
import { byEtherType } from './numbers';

/** Up to here the field is the length of an 802.3 frame, from 0x600 a type. */
const MAX_LENGTH: u32 = 1500;

export function ethernet(packet: usize): u32 {
  if (!room(packet, 14)) return LAYER_END;
  const type = be16(head(packet) + 12);
  if (!push(packet, LAYER_ETHERNET, 0, 14)) return LAYER_END;
  return typeOrLength(packet, type);
}

export function vlan(packet: usize): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const type = be16(head(packet) + 2);
  if (!push(packet, LAYER_VLAN, 0, 4)) return LAYER_END;
  return typeOrLength(packet, type);
}

export function fabricPath(packet: usize): u32 {
  return room(packet, 2) && push(packet, LAYER_FABRIC_PATH, 0, 2) ? LAYER_ETHERNET : LAYER_END;
}

export function vntag(packet: usize): u32 {
  if (!room(packet, 6)) return LAYER_END;
  const type = be16(head(packet) + 4);
  if (!push(packet, LAYER_VNTAG, 0, 6)) return LAYER_END;
  return typeOrLength(packet, type);
}

/** A service instance tag, then the customer's own frame. */
export function pbb(packet: usize): u32 {
  if (!room(packet, 4) || !push(packet, LAYER_PBB, 0, 4)) return LAYER_END;
  return LAYER_ETHERNET;
}

/** Only where it is authenticated but not encrypted could one look inside: the integrity check stays a trailer. */
export function macsec(packet: usize): u32 {
  if (!room(packet, 6)) return LAYER_END;
  const at = head(packet);
  const control = <u32>load<u8>(at);
  const headerBytes: u32 = control & 0x20 ? 14 : 6;
  if (!room(packet, headerBytes + 2)) return LAYER_END;
  if (control & 0x0c) {
    flag(packet, FLAG_ENCRYPTED);
    push(packet, LAYER_MACSEC, 0, headerBytes);
    return LAYER_END;
  }
  const type = be16(at + headerBytes);
  if (!push(packet, LAYER_MACSEC, 0, headerBytes + 2)) return LAYER_END;
  return typeOrLength(packet, type);
}

/** Service access points and, in SNAP, a type again. */
export function llc(packet: usize): u32 {
  if (!room(packet, 3)) return LAYER_END;
  const at = head(packet);
  const points = be16(at);
  const control = <u32>load<u8>(at, 2);
  // Unnumbered frames have one byte of control, others two.
  const headerBytes: u32 = (control & 3) == 3 ? 3 : 4;
  if (!push(packet, LAYER_LLC, 0, headerBytes)) return LAYER_END;
  if (points == 0xaaaa && control == 3) return LAYER_SNAP;
  if (points == 0x4242) return LAYER_STP;
  if (points == 0x0606 && control == 3) return LAYER_IPV4;
  return LAYER_END;
}

export function snap(packet: usize): u32 {
  if (!room(packet, 5)) return LAYER_END;
  const at = head(packet);
  const organisation = be24(at);
  const type = be16(at + 3);
  if (!push(packet, LAYER_SNAP, 0, 5)) return LAYER_END;
  // Ethernet's own types; 0x0000f8 is the bridge tunnel's; Cisco's PVST+ is a spanning tree.
  if (organisation == 0 || organisation == 0xf8) {
    setEtherType(packet, type);
    return byEtherType(type);
  }
  return organisation == 0x00000c && type == 0x010b ? LAYER_STP : LAYER_END;
}

/** What an Ethernet type field leads to. */
export function typeOrLength(packet: usize, type: u32): u32 {
  if (type > MAX_LENGTH) {
    setEtherType(packet, type);
    return byEtherType(type);
  }
  // Novell's raw frames have an IPX checksum in place of LLC.
  if (available(packet) >= 2 && be16(head(packet)) == 0xffff) return LAYER_END;
  setEtherType(packet, 0);
  if (type > 0) narrow(packet, type);
  return LAYER_LLC;
}
