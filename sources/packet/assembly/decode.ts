/**
 * The packet decoder: from a filled head to the whole structure of `layout.ts`. Every byte is looked at only after its
 * presence has been checked; a packet passes at most MAX_LAYERS headers.
 */
import { flowHash } from './hash';
import { begin, finish } from './decode/cursor';
import { ethernet, fabricPath, llc, macsec, pbb, snap, vlan, vntag } from './decode/ethernet';
import { gre } from './decode/gre';
import { icmp, icmpv6, igmp } from './decode/icmp';
import { ipv4 } from './decode/ipv4';
import { extension, fragmentHeader, ipv6 } from './decode/ipv6';
import { firstLayer, ieee802154, loopback, nflog, sll, sll2 } from './decode/links';
import { mpls, pseudowire } from './decode/mpls';
import { arp, esp, opaqueOfIp, opaqueOfLink } from './decode/opaque';
import { frameRelay, hdlc, multilink, ppp, pppoe } from './decode/ppp';
import { dccp, sctp } from './decode/sctp';
import { tcp } from './decode/tcp';
import { geneve, gtp, l2tp, teredo, vxlan } from './decode/tunnels';
import { udp, udpLite } from './decode/udp';
import { ppi, prism, radiotap, wlan } from './decode/wlan';
import * as layers from '../src/decode/layers';
import { FLOW_HASH, INNER, LINK_TYPE, NONE, PACKET_BYTES } from '../src/decode/layout';

/**
 * Decodes one packet in place.
 *
 * @param packet address of its structure: PACKET_BYTES, the head filled
 * @param options DECODE_… and STOP_AT_… bits of `options.ts`
 */
export function decode(packet: usize, options: u32): void {
  begin(packet);
  let kind = firstLayer(packet, load<u16>(packet, LINK_TYPE));
  while (kind != layers.LAYER_END) kind = step(packet, kind, options);
  finish(packet);
  store<u32>(packet, load<u8>(packet, INNER) == NONE ? 0 : flowHash(packet), FLOW_HASH);
}

/** Decodes packets that lie one behind the other. */
export function decodeAll(packets: usize, count: u32, options: u32): void {
  for (let index: u32 = 0; index < count; index++) decode(packets + <usize>(index * PACKET_BYTES), options);
}

/** Passes one header. @returns the kind of the next */
function step(packet: usize, kind: u32, options: u32): u32 {
  switch (kind) {
    case layers.LAYER_ETHERNET: return ethernet(packet);
    case layers.LAYER_IPV4: return ipv4(packet, options);
    case layers.LAYER_IPV6: return ipv6(packet, options);
    case layers.LAYER_TCP: return tcp(packet, options);
    case layers.LAYER_UDP: return udp(packet, options);
    case layers.LAYER_ICMP: return icmp(packet, options);
    case layers.LAYER_ICMPV6: return icmpv6(packet, options);
    case layers.LAYER_IGMP: return igmp(packet, options);
    case layers.LAYER_VLAN: return vlan(packet);
    case layers.LAYER_LLC: return llc(packet);
    case layers.LAYER_SNAP: return snap(packet);
    case layers.LAYER_FABRIC_PATH: return fabricPath(packet);
    case layers.LAYER_VNTAG: return vntag(packet);
    case layers.LAYER_PBB: return pbb(packet);
    case layers.LAYER_MACSEC: return macsec(packet);
    case layers.LAYER_ARP:
    case layers.LAYER_RARP: return arp(packet, kind);
    case layers.LAYER_LLDP:
    case layers.LAYER_STP:
    case layers.LAYER_EAPOL:
    case layers.LAYER_SLOW: return opaqueOfLink(packet, kind);
    case layers.LAYER_HOP_BY_HOP:
    case layers.LAYER_ROUTING:
    case layers.LAYER_DESTINATION_OPTIONS:
    case layers.LAYER_AH:
    case layers.LAYER_OTHER_EXTENSION: return extension(packet, options, kind);
    case layers.LAYER_FRAGMENT: return fragmentHeader(packet, options);
    case layers.LAYER_UDP_LITE: return udpLite(packet, options);
    case layers.LAYER_ESP: return esp(packet);
    case layers.LAYER_OSPF:
    case layers.LAYER_PIM:
    case layers.LAYER_VRRP: return opaqueOfIp(packet, kind);
    case layers.LAYER_VXLAN: return vxlan(packet);
    case layers.LAYER_GENEVE: return geneve(packet);
    case layers.LAYER_GTP: return gtp(packet);
    case layers.LAYER_TEREDO: return teredo(packet);
    case layers.LAYER_L2TP: return l2tp(packet);
    case layers.LAYER_GRE: return gre(packet, options);
    case layers.LAYER_SCTP: return sctp(packet, options);
    case layers.LAYER_DCCP: return dccp(packet, options);
    case layers.LAYER_MPLS: return mpls(packet);
    case layers.LAYER_PSEUDOWIRE: return pseudowire(packet);
    case layers.LAYER_PPPOE:
    case layers.LAYER_PPPOE_DISCOVERY: return pppoe(packet, kind);
    case layers.LAYER_PPP: return ppp(packet);
    case layers.LAYER_MULTILINK: return multilink(packet);
    case layers.LAYER_HDLC: return hdlc(packet);
    case layers.LAYER_FRAME_RELAY: return frameRelay(packet);
    case layers.LAYER_SLL: return sll(packet);
    case layers.LAYER_SLL2: return sll2(packet);
    case layers.LAYER_LOOPBACK: return loopback(packet);
    case layers.LAYER_WLAN: return wlan(packet);
    case layers.LAYER_RADIOTAP: return radiotap(packet);
    case layers.LAYER_PRISM: return prism(packet);
    case layers.LAYER_PPI: return ppi(packet);
    case layers.LAYER_NFLOG: return nflog(packet);
    case layers.LAYER_IEEE802154: return ieee802154(packet);
  }
  return layers.LAYER_END;
}
