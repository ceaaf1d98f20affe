/** Which layer a number of another protocol's registry stands for; LAYER_END where none is known. */
import {
  LAYER_AH,
  LAYER_ARP,
  LAYER_DCCP,
  LAYER_DESTINATION_OPTIONS,
  LAYER_EAPOL,
  LAYER_END,
  LAYER_ESP,
  LAYER_ETHERNET,
  LAYER_FABRIC_PATH,
  LAYER_FRAGMENT,
  LAYER_GRE,
  LAYER_HOP_BY_HOP,
  LAYER_ICMP,
  LAYER_ICMPV6,
  LAYER_IGMP,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_LLDP,
  LAYER_MACSEC,
  LAYER_MPLS,
  LAYER_OSPF,
  LAYER_OTHER_EXTENSION,
  LAYER_PBB,
  LAYER_PIM,
  LAYER_PPP,
  LAYER_PPPOE,
  LAYER_PPPOE_DISCOVERY,
  LAYER_RARP,
  LAYER_ROUTING,
  LAYER_SCTP,
  LAYER_SLOW,
  LAYER_TCP,
  LAYER_UDP,
  LAYER_UDP_LITE,
  LAYER_VLAN,
  LAYER_VNTAG,
  LAYER_VRRP,
} from '../../src/decode/layers';

/** @see IEEE 802 numbers, IANA */
export function byEtherType(type: u32): u32 {
  switch (type) {
    case 0x0800: return LAYER_IPV4;
    case 0x86dd: return LAYER_IPV6;
    case 0x0806: return LAYER_ARP;
    case 0x8035: return LAYER_RARP;
    case 0x8100:
    case 0x88a8:
    case 0x9100:
    case 0x9200:
    case 0x9300: return LAYER_VLAN;
    case 0x8847:
    case 0x8848: return LAYER_MPLS;
    case 0x8863: return LAYER_PPPOE_DISCOVERY;
    case 0x8864: return LAYER_PPPOE;
    case 0x880b: return LAYER_PPP;
    case 0x88e7: return LAYER_PBB;
    case 0x88e5: return LAYER_MACSEC;
    case 0x88cc: return LAYER_LLDP;
    case 0x888e: return LAYER_EAPOL;
    case 0x8809: return LAYER_SLOW;
    case 0x8903: return LAYER_FABRIC_PATH;
    case 0x8926: return LAYER_VNTAG;
    case 0x6558: return LAYER_ETHERNET;
  }
  return LAYER_END;
}

/** @see Protocol Numbers, IANA */
export function byProtocol(protocol: u32): u32 {
  switch (protocol) {
    case 6: return LAYER_TCP;
    case 17: return LAYER_UDP;
    case 1: return LAYER_ICMP;
    case 58: return LAYER_ICMPV6;
    case 0: return LAYER_HOP_BY_HOP;
    case 43: return LAYER_ROUTING;
    case 44: return LAYER_FRAGMENT;
    case 60: return LAYER_DESTINATION_OPTIONS;
    case 51: return LAYER_AH;
    case 50: return LAYER_ESP;
    case 135:
    case 139:
    case 140: return LAYER_OTHER_EXTENSION;
    case 4: return LAYER_IPV4;
    case 41: return LAYER_IPV6;
    case 47: return LAYER_GRE;
    case 2: return LAYER_IGMP;
    case 132: return LAYER_SCTP;
    case 136: return LAYER_UDP_LITE;
    case 33: return LAYER_DCCP;
    case 103: return LAYER_PIM;
    case 89: return LAYER_OSPF;
    case 112: return LAYER_VRRP;
    case 137: return LAYER_MPLS;
    case 143: return LAYER_ETHERNET;
  }
  return LAYER_END;
}

/** @see RFC 1661 and Point-to-Point Protocol Field Assignments, IANA */
export function byPppProtocol(protocol: u32): u32 {
  switch (protocol) {
    case 0x0021: return LAYER_IPV4;
    case 0x0057: return LAYER_IPV6;
    case 0x0281:
    case 0x0283: return LAYER_MPLS;
  }
  return LAYER_END;
}
