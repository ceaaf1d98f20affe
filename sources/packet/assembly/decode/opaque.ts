/** Protocols whose header is only located. */
import { FLAG_ENCRYPTED } from '../../src/decode/flags';
import { LAYER_END, LAYER_ESP } from '../../src/decode/layers';
import { available, flag, push, pushTransport, room } from './cursor';

/** Of a link: ARP, LLDP, spanning tree and their like. */
export function opaqueOfLink(packet: usize, kind: u32): u32 {
  push(packet, kind, 0, 0);
  return LAYER_END;
}

/** Of IP: OSPF, PIM, VRRP. */
export function opaqueOfIp(packet: usize, kind: u32): u32 {
  if (available(packet) > 0) pushTransport(packet, kind, 0, 0);
  return LAYER_END;
}

/** @see RFC 4303 */
export function esp(packet: usize): u32 {
  if (!room(packet, 8)) return LAYER_END;
  flag(packet, FLAG_ENCRYPTED);
  pushTransport(packet, LAYER_ESP, 0, 8);
  return LAYER_END;
}

/** ARP and RARP: a fixed head, then two pairs of addresses of the lengths it gives. @see RFC 826 */
export function arp(packet: usize, kind: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  push(packet, kind, 0, 8);
  return LAYER_END;
}
