/**
 * What argus 3.0.8 does differently from its own format on little-endian machines. Files hold it and clients expect it,
 * so reading and writing do the same; nothing outside this file knows. Each has its test.
 *
 * Words in which bytes matter, not numbers (addresses), hold the bytes in the order of the network.
 */

const IGMP = 2;
const ESP = 50;

/** ICMP id and sequence number, the DNS query id and the id of an IPv4 fragment stand low byte first. */
export function readKeyDetail16(view: DataView, at: number): number {
  return view.getUint16(at, true);
}

export function writeKeyDetail16(view: DataView, at: number, value: number): void {
  view.setUint16(at, value, true);
}

/** The Ethernet type beside the MAC addresses stands low byte first. */
export function readMacEtherType(view: DataView, at: number): number {
  return view.getUint16(at, true);
}

export function writeMacEtherType(view: DataView, at: number, value: number): void {
  view.setUint16(at, value, true);
}

/** The id of an IPv4 fragment of IGMP or ESP stands as that protocol's own fields would: turned with them. */
export function readFragmentId(view: DataView, at: number, protocol: number): number {
  if (protocol === ESP) return view.getUint16(at + 16);
  return protocol === IGMP ? view.getUint16(at + 18) : readKeyDetail16(view, at + 18);
}

export function writeFragmentId(view: DataView, at: number, protocol: number, value: number): void {
  if (protocol === ESP) view.setUint16(at + 16, value);
  else if (protocol === IGMP) view.setUint16(at + 18, value);
  else writeKeyDetail16(view, at + 18, value);
}

/** The id of an IPv6 fragment stands low byte first too. */
export function readFragment6Id(view: DataView, at: number): number {
  return view.getUint32(at, true);
}

export function writeFragment6Id(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
}

/** Numbers in the state of ICMP, RTP, RTCP and of fragments, and an aggregate's statistics, stand low byte first. */
export function readStateWord(view: DataView, at: number): number {
  return view.getUint32(at, true);
}

export function writeStateWord(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
}

export function readState16(view: DataView, at: number): number {
  return view.getUint16(at, true);
}

export function writeState16(view: DataView, at: number, value: number): void {
  view.setUint16(at, value, true);
}

/** IPv4 addresses in the state of ICMP and in a matrix stand in reverse order. @returns bytes in network order */
export function readReversedAddress(view: DataView, at: number): number {
  return view.getUint32(at, false);
}

export function writeReversedAddress(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, false);
}

/** The part with an ARP key is a word too short for its last two bytes of hardware address... */
export const ARP_KEY_WORDS = 6;
/** ...and has room for 32 bytes of it when the key is stored reversed. */
export const ARP_REVERSED_KEY_WORDS = 13;
/** The state of an answered ARP request has room for the largest state there is. */
export const ARP_STATE_WORDS = 44;
/** An ICMP error's part has a word of zeros behind its last field. */
export const ICMP_PART_WORDS = 8;

/**
 * A record whose packets all lie in the first second of 1970 gets this for its start, zeros for its end, and the length
 * of a range with the name of a stamp.
 */
export const NO_TIME_S = 0xefffffff;

/** Bytes of the hardware address that fit into an ARP key of so many words. */
export function arpMacBytes(words: number, hardwareBytes: number): number {
  return Math.max(0, Math.min(8, hardwareBytes, (words - 5) * 4));
}
