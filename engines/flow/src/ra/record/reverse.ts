/** The same record seen from its other end. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_APP_BYTES,
  DESTINATION_ASN,
  DESTINATION_BYTES,
  DESTINATION_COUNTRY,
  DESTINATION_DATA_AT,
  DESTINATION_IP_ID,
  DESTINATION_IP_OPTIONS,
  DESTINATION_MAC,
  DESTINATION_MASK,
  DESTINATION_MPLS,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  DESTINATION_SIZE_MIN,
  DESTINATION_START_S,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  FLOW_FLAGS,
  FLOW_RARP,
  FLOW_TYPE,
  FLOWFLAG_DIRECTION,
  HAS,
  HAS_DESTINATION_DATA,
  HAS_SOURCE_DATA,
  IP_HAS,
  JITTER_DESTINATION_ACTIVE,
  JITTER_HAS,
  JITTER_HISTOGRAMS,
  JITTER_SOURCE_ACTIVE,
  KEY_ARP_MAC,
  KEY_ARP_MAC2,
  MPLS_HAS,
  NET_KIND,
  NET_TCP,
  NET_TCP_FIRST,
  SIDE_MAX_SEGMENT,
  SOURCE_ADDRESS,
  SOURCE_APP_BYTES,
  SOURCE_ASN,
  SOURCE_BYTES,
  SOURCE_COUNTRY,
  SOURCE_DATA_AT,
  SOURCE_IP_ID,
  SOURCE_IP_OPTIONS,
  SOURCE_MAC,
  SOURCE_MASK,
  SOURCE_MPLS,
  SOURCE_PACKETS,
  SOURCE_PORT,
  SOURCE_SIZE_MIN,
  SOURCE_START_S,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  STAT_WORDS,
  TCP_DESTINATION,
  TCP_SOURCE,
  TIME_HAS,
  VLAN_HAS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';

/** Bit in FLOW_FLAGS of a record that was turned round here: ra's loads and rates still tell the sides as they were. */
export const FLOWFLAG_TURNED = 0x80000000;

/** Pairs of word ranges that change places: source, destination, words. */
const VALUE_PAIRS = [
  [SOURCE_START_S, DESTINATION_START_S, 4],
  [SOURCE_PACKETS, DESTINATION_PACKETS, 2],
  [SOURCE_BYTES, DESTINATION_BYTES, 2],
  [SOURCE_APP_BYTES, DESTINATION_APP_BYTES, 2],
  [SOURCE_SIZE_MIN, DESTINATION_SIZE_MIN, 2],
  [SOURCE_VLAN, DESTINATION_VLAN, 1],
  [SOURCE_MPLS, DESTINATION_MPLS, 1],
  [SOURCE_MAC, DESTINATION_MAC, 2],
  [SOURCE_TTL, DESTINATION_TTL, 1],
  [SOURCE_TOS, DESTINATION_TOS, 1],
  [SOURCE_IP_ID, DESTINATION_IP_ID, 1],
  [SOURCE_IP_OPTIONS, DESTINATION_IP_OPTIONS, 1],
  [JITTER_SOURCE_ACTIVE, JITTER_DESTINATION_ACTIVE, STAT_WORDS * 2],
  [JITTER_HISTOGRAMS, JITTER_HISTOGRAMS + 4, 4],
  [SOURCE_ASN, DESTINATION_ASN, 1],
  [SOURCE_COUNTRY, DESTINATION_COUNTRY, 1],
  [SOURCE_DATA_AT, DESTINATION_DATA_AT, 3],
] as const;
const TCP_SIDE_WORDS = SIDE_MAX_SEGMENT + 1;
/** Flag words whose bits come in pairs, source first. */
const PAIRED_BITS = [
  [VLAN_HAS, 1, 1],
  [MPLS_HAS, 1, 1],
  [IP_HAS, 0b0101, 1],
  [JITTER_HAS, 0b0011, 2],
  [TIME_HAS, 0b0011, 2],
] as const;

/** Exchanges key and values of both sides, as ra does. Encapsulations and keystrokes stay where they are, as in ra. */
export function reverseRecord(record: FlowRecord): void {
  const { words, base: b } = record;
  reverseKey(record);
  reverseValues(record);
  words[b + FLOW_FLAGS] = ((words[b + FLOW_FLAGS] as number) ^ (FLOWFLAG_DIRECTION | FLOWFLAG_TURNED)) >>> 0;
}

/** Exchanges addresses and ports only. */
export function reverseKey(record: FlowRecord): void {
  const { words, base: b } = record;
  swap(words, b + SOURCE_ADDRESS, b + DESTINATION_ADDRESS, 4);
  swap(words, b + SOURCE_PORT, b + DESTINATION_PORT, 1);
  swap(words, b + SOURCE_MASK, b + DESTINATION_MASK, 1);
  if (words[b + FLOW_TYPE] === FLOW_RARP) swap(words, b + KEY_ARP_MAC, b + KEY_ARP_MAC2, 2);
}

/** Exchanges the values, not the key. */
export function reverseValues(record: FlowRecord): void {
  const { words, base: b } = record;
  for (const [source, destination, count] of VALUE_PAIRS) swap(words, b + source, b + destination, count);
  const net = words[b + NET_KIND] as number;
  if (net >= NET_TCP_FIRST && net <= NET_TCP) swap(words, b + TCP_SOURCE, b + TCP_DESTINATION, TCP_SIDE_WORDS);
  for (const [word, mask, shift] of PAIRED_BITS) {
    const bits = words[b + word] as number;
    const others = bits & ~(mask | (mask << shift));
    words[b + word] = (others | ((bits & mask) << shift) | ((bits >>> shift) & mask)) >>> 0;
  }
  const has = words[b + HAS] as number;
  const data = has & (HAS_SOURCE_DATA | HAS_DESTINATION_DATA);
  if (data === HAS_SOURCE_DATA || data === HAS_DESTINATION_DATA) {
    words[b + HAS] = (has ^ (HAS_SOURCE_DATA | HAS_DESTINATION_DATA)) >>> 0;
  }
}

function swap(words: Uint32Array, one: number, other: number, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const kept = words[one + i] as number;
    words[one + i] = words[other + i] as number;
    words[other + i] = kept;
  }
}
