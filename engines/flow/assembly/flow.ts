/**
 * One active flow as bytes: FLOW_BYTES in six cache lines, its own for as long as it is remembered. What few flows need
 * lies in an extra block (`extra.ts`). Addresses are u32, times u64 nanoseconds since 1970.
 */

export const FLOW_BYTES: u32 = 384;
/** Words of a key that fit; a longer key lies in a block whose address is the first word. */
export const INLINE_KEY_WORDS: u32 = 12;

export const HASH = 0;
/** Head of the key, as in `key.ts`; its first byte is the count of words compared. */
export const KEY_COUNT = 4;
export const KEY_HEAD = 4;
export const KEY = 8;
/** Queue that the flow stands in (0: none), and its neighbours there: newer and older. */
export const QUEUE = 56;
export const NEWER = 60;
export const OLDER = 64;
/** Queue of the fragments that belong to this flow; 0 if there are none. */
export const FRAGMENTS = 68;
/** When it entered the queue. */
export const QUEUED = 72;
/** STATUS_… and, in CAUSE_MASK, why its record is sent. */
export const STATUS = 80;
export const CAUSE_MASK: u32 = 0xf0;
/** The record of what the flow holds has been sent. */
export const STATUS_SENT: u32 = 1;
/** Packets look like those of a typist's SSH. */
export const STATUS_SSH: u32 = 2;
/** The key's direction is that of the first packet reversed. */
export const STATUS_REVERSED: u32 = 4;
/** It does not fall under the limit of user data but keeps all. */
export const STATUS_CONTROL: u32 = 8;
/** HAS_… bits: parts of the record that there are. */
export const HAS = 84;
export const HAS_TIME: u32 = 1;
export const HAS_METRIC: u32 = 2;
export const HAS_ENCAPSULATION: u32 = 4;
export const HAS_NETWORK: u32 = 8;
export const HAS_VLAN: u32 = 16;
export const HAS_MPLS: u32 = 32;
export const HAS_ATTRIBUTES: u32 = 64;
export const HAS_SIZE: u32 = 128;
export const HAS_MAC: u32 = 256;
export const HAS_ICMP: u32 = 512;
export const HAS_JITTER: u32 = 1024;
export const HAS_KEYSTROKES: u32 = 2048;
/** Number of the flow among those sent, 0 before its first record. */
export const SEQUENCE = 88;
/** u16, seconds it is remembered after its record; u8 TIME_RANGE if the record's time has an end. */
export const IDLE_S = 92;
export const TIME_KIND = 94;
/** First and last packet from the source, from the destination; a time below one second says that there is none. */
export const SOURCE_START = 96;
export const SOURCE_END = 104;
export const DESTINATION_START = 112;
export const DESTINATION_END = 120;
/** Counters of a side: u64 packets, bytes, application bytes. */
export const SOURCE_COUNTERS = 128;
export const DESTINATION_COUNTERS = 152;
export const PACKETS = 0;
export const BYTES = 8;
export const APP_BYTES = 16;
export const COUNTERS_BYTES: u32 = 48;

export const SOURCE_ENCAPSULATION = 176;
export const DESTINATION_ENCAPSULATION = 180;
/** u8 each. */
export const ATTRIBUTES_QUALIFIER = 184;
export const VLAN_QUALIFIER = 185;
export const MPLS_QUALIFIER = 186;
/** Sides whose encapsulation has changed within the record: 4 source, 8 destination. */
export const ENCAPSULATION_QUALIFIER = 187;
/** Attributes of IP of a side: u8 TTL, u8 TOS, u16 identification (bytes as on the wire), u16 status, u16 options. */
export const SOURCE_ATTRIBUTES = 188;
export const DESTINATION_ATTRIBUTES = 196;
export const TTL = 0;
export const TOS = 1;
export const IP_ID = 2;
export const IP_OPTIONS = 6;
export const ATTRIBUTES_BYTES: u32 = 16;
export const ATTRIBUTES_SOURCE: u32 = 1;
export const ATTRIBUTES_DESTINATION: u32 = 2;
export const ATTRIBUTES_SOURCE_OPTIONS: u32 = 4;
export const ATTRIBUTES_DESTINATION_OPTIONS: u32 = 8;
export const ATTRIBUTES_SOURCE_FRAGMENTS: u32 = 16;
export const ATTRIBUTES_DESTINATION_FRAGMENTS: u32 = 32;
/** u16 each: identification of the last segment with data, by side. */
export const SOURCE_LAST_ID = 204;
export const DESTINATION_LAST_ID = 206;
export const SOURCE_VLAN = 208;
export const DESTINATION_VLAN = 210;
export const SOURCE_MPLS = 212;
export const DESTINATION_MPLS = 216;
/** u16 each: least and most bytes of a packet. */
export const SOURCE_SIZE_MIN = 220;
export const SOURCE_SIZE_MAX = 222;
export const DESTINATION_SIZE_MIN = 224;
export const DESTINATION_SIZE_MAX = 226;
/** Address of the extra block, 0 if there is none. */
export const EXTRA = 228;
/** u8 each: NETWORK_… : what the network part is; its qualifier. */
export const NETWORK_KIND = 232;
export const NETWORK_QUALIFIER = 233;
export const NETWORK = 236;
export const NETWORK_BYTES: u32 = 128;
/** u8 packets shown to the inspector from the source, from the destination; u8 INSPECT_…; u16 bytes shown. */
export const INSPECTED = 364;
export const INSPECT_MODE = 366;
export const INSPECTED_BYTES = 368;

/** As numbered in records. */
export const NETWORK_NONE: u32 = 0;
export const NETWORK_TCP_FIRST: u32 = 3;
export const NETWORK_TCP_STATUS: u32 = 4;
export const NETWORK_TCP: u32 = 5;
export const NETWORK_RTCP: u32 = 9;
export const NETWORK_RTP: u32 = 10;
export const NETWORK_UDT: u32 = 13;
export const NETWORK_ARP: u32 = 16;
export const NETWORK_ICMP: u32 = 0x34;
export const NETWORK_ESP: u32 = 0x38;
export const NETWORK_FRAGMENT: u32 = 0x45;

/** A time that says that there is none, as a record's second of 0 does. */
export const NO_TIME: u64 = 1000000000;

export function hasPart(flow: usize, part: u32): bool {
  return (load<u32>(flow, HAS) & part) != 0;
}

export function addPart(flow: usize, part: u32): void {
  store<u32>(flow, load<u32>(flow, HAS) | part, HAS);
}

export function isSent(flow: usize): bool {
  return (load<u32>(flow, STATUS) & STATUS_SENT) != 0;
}

/** Has the flow packets that no record has shown? */
export function hasPackets(flow: usize): bool {
  return (load<u64>(flow, SOURCE_COUNTERS) | load<u64>(flow, DESTINATION_COUNTERS)) != 0;
}

/** Address of the key's words. */
export function keyOf(flow: usize): usize {
  return <u32>load<u8>(flow, KEY_COUNT) > INLINE_KEY_WORDS ? <usize>load<u32>(flow, KEY) : flow + KEY;
}
