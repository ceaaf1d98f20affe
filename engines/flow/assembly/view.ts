/**
 * The packet as the table looks at it: set by `argus/links.ts`, moved on by the headers and the protocols. One
 * packet at a time; module-wide, because it is looked at everywhere.
 */
import { be16, be32 } from '../../../sources/packet/assembly/bytes';

/** When the packet came, nanoseconds since 1970, UTC. */
export let now: u64 = 0;
/** The table's clock, as above: what is due is due by it. */
export let clock: u64 = 0;
/** Bytes on the wire that the flow counts. */
export let wireBytes: i32 = 0;
/** Behind the last captured byte. */
export let end: usize = 0;
/** Address of an Ethernet header, 0 if there is none, and of what follows the first one. */
export let ethernet: usize = 0;
export let behindEthernet: usize = 0;
/** Address of the IP header that makes the flow, 0 if there is none. */
export let ip: usize = 0;
/** Address of the next header or of the payload. */
export let upper: usize = 0;
/** Bytes from there on, by the headers; and captured. Either may fall below 0. */
export let length: i32 = 0;
export let captured: i32 = 0;
/** Encapsulations passed, ENCAPSULATION_… bits. */
export let encapsulation: u32 = 0;
/** What the innermost header is: an Ethernet type or one of NETWORK_…. */
export let network: u32 = 0;
export let mplsDepth: u32 = 0;
export let mplsLabel: u32 = 0;
export let vlanTag: u32 = 0;
/** Saps of an LLC header. */
export let destinationSap: u32 = 0;
export let sourceSap: u32 = 0;
/** IP options of this packet, IP_OPTION_… of `ip-options.ts`. */
export let ipOptions: u32 = 0;
/** The packet goes from the key's second address to its first. */
export let reversed: bool = false;
/** The packet goes the way of the flow's initiator. */
export let forward: bool = false;
/** Address of the IPv6 fragment header, 0 if there is none. */
export let fragment6: usize = 0;
/** It came as the protocol expects (inside the window): inter-packet times keep the rest apart. */
export let active: bool = true;
/** Address of the counters that this packet went into, 0 before. */
export let counters: usize = 0;
/** Which interface of the capture it came from. */
export let interfaceNumber: u32 = 0;

export const NETWORK_ETHERNET: u32 = 1;
export const NETWORK_WLAN: u32 = 2;
export const NETWORK_IPX: u32 = 100;
export const NETWORK_CLNS: u32 = 129;
export const NETWORK_ESIS: u32 = 130;
export const NETWORK_ISIS: u32 = 131;
export const NETWORK_NULLNS: u32 = 132;

export const TYPE_IP: u32 = 0x0800;
export const TYPE_ARP: u32 = 0x0806;
export const TYPE_BRIDGE: u32 = 0x6558;
export const TYPE_RARP: u32 = 0x8035;
export const TYPE_VLAN: u32 = 0x8100;
export const TYPE_IPV6: u32 = 0x86dd;
export const TYPE_PPP: u32 = 0x880b;
export const TYPE_MPLS: u32 = 0x8847;
export const TYPE_MPLS_MULTICAST: u32 = 0x8848;
export const TYPE_PPPOE_DISCOVERY: u32 = 0x8863;
export const TYPE_PPPOE: u32 = 0x8864;
export const TYPE_ERSPAN: u32 = 0x88be;
export const TYPE_UDTOE: u32 = 0xbeef;

export const ENCAPSULATION_MPLS: u32 = 0x1;
export const ENCAPSULATION_ETHERNET: u32 = 0x2;
export const ENCAPSULATION_VLAN: u32 = 0x4;
export const ENCAPSULATION_LLC: u32 = 0x8;
export const ENCAPSULATION_PPP: u32 = 0x10;
export const ENCAPSULATION_ISL: u32 = 0x20;
export const ENCAPSULATION_GRE: u32 = 0x40;
export const ENCAPSULATION_AH: u32 = 0x80;
export const ENCAPSULATION_HDLC: u32 = 0x400;
export const ENCAPSULATION_CISCO_HDLC: u32 = 0x800;
export const ENCAPSULATION_ATM: u32 = 0x1000;
export const ENCAPSULATION_SLL: u32 = 0x2000;
export const ENCAPSULATION_FDDI: u32 = 0x4000;
export const ENCAPSULATION_SLIP: u32 = 0x8000;
export const ENCAPSULATION_WLAN: u32 = 0x20000;
export const ENCAPSULATION_TEREDO: u32 = 0x400000;
export const ENCAPSULATION_UDT: u32 = 0x800000;
export const ENCAPSULATION_SPI: u32 = 0x1000000;
export const ENCAPSULATION_JUNIPER: u32 = 0x2000000;
export const ENCAPSULATION_ERSPAN: u32 = 0x4000000;

/** Were so many bytes captured from there on? */
export function has(address: usize, bytes: u32): bool {
  return address + bytes <= end;
}

/** Numbers in network order; what was not captured is zero. */
export function peek8(address: usize): u32 {
  return address < end ? <u32>load<u8>(address) : 0;
}

export function peek16(address: usize): u32 {
  return address + 2 <= end ? be16(address) : peek8(address) << 8;
}

export function peek32(address: usize): u32 {
  return address + 4 <= end ? be32(address) : (peek16(address) << 16) | peek16(address + 2);
}

/** Passes bytes that belong to a header. */
export function pass(bytes: i32): void {
  upper += bytes;
  length -= bytes;
  captured -= bytes;
}

/** The type without what lies above it. */
export function networkType(): u32 {
  return network & 0xffff;
}
