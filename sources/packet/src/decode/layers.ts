/** Kinds of layers: what LAYER_KIND says. Compiled by both worlds: plain numbers only. */

export const LAYER_END = 0;

// Links.
export const LAYER_ETHERNET = 1;
/** Info: 1 where an 802.3 length stands in place of the type and was believed. */
export const LAYER_LLC = 2;
export const LAYER_SNAP = 3;
/** 802.1Q, 802.1ad and what else tags: the tag control information is at its offset, its TPID just before. */
export const LAYER_VLAN = 4;
/** IEEE 802.1ah service instance tag. */
export const LAYER_PBB = 5;
/** One layer for the whole stack; info: its labels. */
export const LAYER_MPLS = 6;
/** Control word of an Ethernet pseudowire. */
export const LAYER_PSEUDOWIRE = 7;
export const LAYER_PPPOE_DISCOVERY = 8;
export const LAYER_PPPOE = 9;
/** Its offset is that of the protocol number, its header with address and control where they are there. */
export const LAYER_PPP = 10;
export const LAYER_MULTILINK = 11;
export const LAYER_SLL = 12;
export const LAYER_SLL2 = 13;
export const LAYER_LOOPBACK = 14;
/** Cisco HDLC, Frame Relay. */
export const LAYER_HDLC = 15;
export const LAYER_FRAME_RELAY = 16;
/** Info: type and subtype, the six bits of the frame control as `subtype << 2 | type`. */
export const LAYER_WLAN = 17;
export const LAYER_RADIOTAP = 18;
export const LAYER_PRISM = 19;
export const LAYER_AVS = 20;
export const LAYER_PPI = 21;
export const LAYER_IEEE802154 = 22;
export const LAYER_NFLOG = 23;
export const LAYER_MACSEC = 24;

// Opaque above a link.
export const LAYER_ARP = 25;
export const LAYER_RARP = 26;
export const LAYER_LLDP = 27;
export const LAYER_STP = 28;
export const LAYER_EAPOL = 29;
/** LACP and its like (0x8809). */
export const LAYER_SLOW = 30;

// The Internet layer.
/** Info: its protocol. */
export const LAYER_IPV4 = 32;
/** Info: its next header. */
export const LAYER_IPV6 = 33;
// Extension headers; info: the next header.
export const LAYER_HOP_BY_HOP = 34;
export const LAYER_ROUTING = 35;
export const LAYER_FRAGMENT = 36;
export const LAYER_DESTINATION_OPTIONS = 37;
export const LAYER_AH = 38;
/** Mobility, HIP, Shim6. */
export const LAYER_OTHER_EXTENSION = 39;
// The packet that an ICMP error quotes; info: its protocol. What it carried follows the header.
export const LAYER_QUOTED_IPV4 = 40;
export const LAYER_QUOTED_IPV6 = 41;

// Above the Internet layer.
export const LAYER_TCP = 48;
export const LAYER_UDP = 49;
export const LAYER_UDP_LITE = 50;
/** Info: the type of its first chunk. */
export const LAYER_SCTP = 51;
export const LAYER_DCCP = 52;
/** Info: its type. */
export const LAYER_ICMP = 53;
export const LAYER_ICMPV6 = 54;
export const LAYER_IGMP = 55;
export const LAYER_ESP = 56;
export const LAYER_PIM = 57;
export const LAYER_OSPF = 58;
export const LAYER_VRRP = 59;

// Tunnels.
/** Info: its version. */
export const LAYER_GRE = 64;
/** Info: its type, 1 to 3; type I has no header. */
export const LAYER_ERSPAN = 65;
export const LAYER_VXLAN = 66;
export const LAYER_GENEVE = 67;
/** Info: the message type. */
export const LAYER_GTP = 68;
/** Authentication and origin indication, if any. */
export const LAYER_TEREDO = 69;
/** Info: its version. */
export const LAYER_L2TP = 70;
/** Cisco's, whose tag stands between an outer and the original Ethernet header. */
export const LAYER_FABRIC_PATH = 71;
/** Cisco's (802.1Qbh). */
export const LAYER_VNTAG = 72;
