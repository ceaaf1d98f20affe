/** One record that says what two said. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_APP_BYTES,
  DESTINATION_COUNTRY,
  DESTINATION_ENCAPSULATION,
  DESTINATION_END_S,
  DESTINATION_IP_OPTIONS,
  DESTINATION_KEYSTROKES,
  DESTINATION_MASK,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  DESTINATION_SIZE_MAX,
  DESTINATION_SIZE_MIN,
  DESTINATION_START_S,
  DESTINATION_TOS,
  DESTINATION_TTL,
  FLOW_ARP,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  FLOWFLAG_MASKS,
  HAS,
  HAS_AGGREGATE,
  HAS_APP_BYTES,
  HAS_COUNTRY,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_JITTER,
  HAS_KEYSTROKES,
  HAS_MAC,
  HAS_METRIC,
  HAS_NETWORK,
  HAS_PACKET_SIZE,
  HAS_TIME,
  HAS_TRANSPORT,
  ICMP_MAPPED,
  IP_HAS,
  KEY_DETAIL,
  KEY_ICMP_CODE,
  KEY_ICMP_ID,
  KEY_ICMP_TYPE,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_COUNTRY,
  SOURCE_ENCAPSULATION,
  SOURCE_END_S,
  SOURCE_ID,
  SOURCE_IP_OPTIONS,
  SOURCE_KEYSTROKES,
  SOURCE_MASK,
  SOURCE_PACKETS,
  SOURCE_PORT,
  SOURCE_SIZE_MAX,
  SOURCE_SIZE_MIN,
  SOURCE_START_S,
  SOURCE_TOS,
  SOURCE_TTL,
  TIME_HAS,
  TIMEHAS_DESTINATION_END,
  TIMEHAS_DESTINATION_START,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { FLOWFLAG_MERGED } from '../record/measures.ts';
import { duration, setRangeOf } from '../record/times.ts';
import { mergeStates } from './merge-state.ts';
import { beginAggregate, type Figure, mergeJitter, mergeStatistics } from './statistics.ts';
import { add, copyPart, join } from './words.ts';

const ESP = 50;
const ICMP = 1;
const FRAGMENTS = 0x30;

/** Adds the second to the first; the second may be changed on the way. */
export function mergeRecords(one: FlowRecord, other: FlowRecord, figure: Figure = duration): void {
  beginAggregate(one, figure);
  beginAggregate(other, figure);
  const sourceGap = gapBetween(one, other, SOURCE_PACKETS, SOURCE_END_S, SOURCE_START_S);
  const destinationGap = gapBetween(one, other, DESTINATION_PACKETS, DESTINATION_END_S, DESTINATION_START_S);
  if (one.has(HAS_FLOW) && other.has(HAS_FLOW)) mergeKeys(one, other);
  mergeSourceId(one, other);
  if (one.has(HAS_TIME) && other.has(HAS_TIME)) mergeTimes(one, other);
  if (one.has(HAS_NETWORK) && other.has(HAS_NETWORK)) mergeStates(one, other);
  if (one.has(HAS_IP) && other.has(HAS_IP)) mergeIp(one, other);
  if (one.has(HAS_METRIC) && other.has(HAS_METRIC)) mergeCounters(one, other);
  if (one.has(HAS_PACKET_SIZE) && other.has(HAS_PACKET_SIZE)) mergeSizes(one, other);
  if (one.has(HAS_AGGREGATE) && other.has(HAS_AGGREGATE)) mergeStatistics(one, other, sourceGap, destinationGap);
  if (other.has(HAS_JITTER)) mergeJitter(one, other);
  mergeLink(one, other);
  if (!one.has(HAS_ICMP) && other.has(HAS_ICMP)) copyPart(one, other, HAS_ICMP, ICMP_MAPPED, 9);
  mergeCountries(one, other);
  mergeKeystrokes(one, other);
  if (duration(one) > 0) one.set(FLOW_FLAGS, (one.get(FLOW_FLAGS) | FLOWFLAG_MERGED) >>> 0);
}

/** Microseconds between the end of the first and the start of the second, of one side. */
function gapBetween(one: FlowRecord, other: FlowRecord, packets: number, end: number, start: number): number {
  if (one.getWide(packets) === 0 || other.getWide(packets) === 0) return 0;
  const seconds = other.get(start) - one.get(end);
  return Math.abs(seconds * 1e6 + (other.get(start + 1) - one.get(end + 1)) / 1000);
}

/** Where keys differ: the common prefix of the addresses, nothing of the rest. */
function mergeKeys(one: FlowRecord, other: FlowRecord): void {
  const type = one.get(FLOW_TYPE);
  if (type === other.get(FLOW_TYPE)) {
    mergeAddresses(one, other, SOURCE_ADDRESS, SOURCE_MASK, type);
    mergeAddresses(one, other, DESTINATION_ADDRESS, DESTINATION_MASK, type);
  } else if (type === FLOW_IPV4 || type === FLOW_IPV6) {
    one.words.fill(0, one.base + SOURCE_ADDRESS, one.base + SOURCE_ADDRESS + 8);
  }
  if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return;
  one.set(FLOW_FLAGS, one.get(FLOW_FLAGS) | FLOWFLAG_MASKS);
  if (one.get(PROTOCOL) !== other.get(PROTOCOL)) {
    one.set(PROTOCOL, 0);
    // Without a protocol nothing tells what stood in place of the ports.
    for (const word of [SOURCE_PORT, DESTINATION_PORT, KEY_ICMP_TYPE, KEY_ICMP_CODE, KEY_ICMP_ID]) one.set(word, 0);
    return;
  }
  if (one.get(PROTOCOL) === ESP) {
    if (one.get(KEY_DETAIL) !== other.get(KEY_DETAIL)) one.set(KEY_DETAIL, 0);
    return;
  }
  if (type === FLOW_IPV4 && one.get(PROTOCOL) === ICMP) mergeIcmpKey(one, other);
  if (one.get(SOURCE_PORT) !== other.get(SOURCE_PORT)) one.set(SOURCE_PORT, 0);
  if (one.get(DESTINATION_PORT) !== other.get(DESTINATION_PORT)) one.set(DESTINATION_PORT, 0);
}

function mergeIcmpKey(one: FlowRecord, other: FlowRecord): void {
  const isSame =
    one.get(KEY_ICMP_TYPE) === other.get(KEY_ICMP_TYPE) && one.get(KEY_ICMP_CODE) === other.get(KEY_ICMP_CODE);
  if (!isSame) {
    one.set(KEY_ICMP_TYPE, 0);
    one.set(KEY_ICMP_CODE, 0);
  }
  if (one.get(KEY_ICMP_ID) !== other.get(KEY_ICMP_ID)) one.set(KEY_ICMP_ID, 0);
}

function mergeAddresses(one: FlowRecord, other: FlowRecord, at: number, mask: number, type: number): void {
  // Of ARP nothing is left where they differ.
  if (type === FLOW_ARP && one.get(at) !== other.get(at)) one.set(at, 0);
  const first = (one.base + at) * 4;
  const second = (other.base + at) * 4;
  const bytes = type === FLOW_IPV6 ? 16 : type === FLOW_IPV4 ? 4 : 0;
  const whole = bytes * 8;
  const limit = Math.min(one.get(mask) || whole, other.get(mask) || whole);
  for (let byte = 0; byte < bytes; byte += 1) {
    const difference = (one.bytes[first + byte] as number) ^ (other.bytes[second + byte] as number);
    if (difference === 0) continue;
    const prefix = Math.min(limit, byte * 8 + Math.clz32(difference) - 24);
    for (let bit = prefix; bit < whole; bit = (bit | 7) + 1) {
      one.bytes[first + (bit >> 3)] = (one.bytes[first + (bit >> 3)] as number) & (0xff00 >> (bit & 7));
    }
    one.set(mask, prefix);
    return;
  }
}

function mergeSourceId(one: FlowRecord, other: FlowRecord): void {
  if (!one.has(HAS_TRANSPORT) || !other.has(HAS_TRANSPORT)) return;
  if (one.get(SOURCE_ID) !== other.get(SOURCE_ID)) one.set(HAS, one.get(HAS) & ~HAS_TRANSPORT);
}

function mergeTimes(one: FlowRecord, other: FlowRecord): void {
  mergeSideTimes(one, other, SOURCE_START_S, TIMEHAS_SOURCE_START, TIMEHAS_SOURCE_END);
  mergeSideTimes(one, other, DESTINATION_START_S, TIMEHAS_DESTINATION_START, TIMEHAS_DESTINATION_END);
  setRangeOf(one);
}

function mergeSideTimes(one: FlowRecord, other: FlowRecord, start: number, startBit: number, endBit: number): void {
  const had = one.get(TIME_HAS);
  const has = other.get(TIME_HAS);
  if ((has & startBit) === 0) return;
  if ((had & startBit) === 0) {
    for (let i = 0; i < 4; i += 1) one.set(start + i, other.get(start + i));
    one.set(TIME_HAS, had | (has & (startBit | endBit)));
    return;
  }
  if (isEarlier(other, start, one, start)) copyTime(one, start, other, start);
  if (isEarlier(one, start + 2, other, start + 2)) {
    copyTime(one, start + 2, other, start + 2);
    one.set(TIME_HAS, one.get(TIME_HAS) | endBit);
  } else if (one.get(start) !== one.get(start + 2) || one.get(start + 1) !== one.get(start + 3)) {
    one.set(TIME_HAS, one.get(TIME_HAS) | endBit);
  }
}

function isEarlier(one: FlowRecord, at: number, other: FlowRecord, otherAt: number): boolean {
  const first = one.get(at);
  const second = other.get(otherAt);
  return first < second || (first === second && one.get(at + 1) < other.get(otherAt + 1));
}

function copyTime(one: FlowRecord, at: number, other: FlowRecord, otherAt: number): void {
  one.set(at, other.get(otherAt));
  one.set(at + 1, other.get(otherAt + 1));
}

function mergeIp(one: FlowRecord, other: FlowRecord): void {
  mergeIpSide(one, other, 1, SOURCE_TTL, SOURCE_TOS, SOURCE_IP_OPTIONS);
  mergeIpSide(one, other, 2, DESTINATION_TTL, DESTINATION_TOS, DESTINATION_IP_OPTIONS);
}

/** Of times to live the smallest, of types of service what is common. The id stands two words behind the type. */
function mergeIpSide(one: FlowRecord, other: FlowRecord, bit: number, ttl: number, tos: number, options: number): void {
  const has = other.get(IP_HAS);
  if ((has & bit) === 0) return;
  const sideBits = bit | (bit << 2) | ((bit << 4) & FRAGMENTS);
  if ((one.get(IP_HAS) & bit) === 0) {
    for (const word of [ttl, tos, tos + 2, options]) one.set(word, other.get(word));
    one.set(IP_HAS, one.get(IP_HAS) | (has & sideBits));
    return;
  }
  if (one.get(tos) !== other.get(tos)) one.set(tos, 0);
  if (other.get(ttl) > 0 && one.get(ttl) > other.get(ttl)) one.set(ttl, other.get(ttl));
  one.set(options, (one.get(options) ^ other.get(options)) >>> 0);
  one.set(IP_HAS, one.get(IP_HAS) | (has & sideBits & FRAGMENTS));
}

function mergeCounters(one: FlowRecord, other: FlowRecord): void {
  for (let word = SOURCE_PACKETS; word <= DESTINATION_APP_BYTES; word += 2) {
    one.setWide(word, one.getWide(word) + other.getWide(word));
  }
  one.set(HAS, (one.get(HAS) | (other.get(HAS) & HAS_APP_BYTES)) >>> 0);
}

function mergeSizes(one: FlowRecord, other: FlowRecord): void {
  mergeSideSizes(one, other, SOURCE_SIZE_MIN, SOURCE_SIZE_MAX);
  mergeSideSizes(one, other, DESTINATION_SIZE_MIN, DESTINATION_SIZE_MAX);
}

function mergeSideSizes(one: FlowRecord, other: FlowRecord, least: number, most: number): void {
  if (other.get(most) === 0) return;
  if (one.get(most) === 0 || one.get(least) > other.get(least)) one.set(least, other.get(least));
  if (one.get(most) < other.get(most)) one.set(most, other.get(most));
}

function mergeLink(one: FlowRecord, other: FlowRecord): void {
  if (one.has(HAS_ENCAPSULATION) && other.has(HAS_ENCAPSULATION)) {
    join(one, other, SOURCE_ENCAPSULATION);
    join(one, other, DESTINATION_ENCAPSULATION);
  }
  // Of different MACs ra keeps those that it saw first.
  if (one.has(HAS_MAC) && !other.has(HAS_MAC)) one.set(HAS, one.get(HAS) & ~HAS_MAC);
}

function mergeCountries(one: FlowRecord, other: FlowRecord): void {
  if (!one.has(HAS_COUNTRY) || !other.has(HAS_COUNTRY)) return;
  for (const word of [SOURCE_COUNTRY, DESTINATION_COUNTRY]) if (one.get(word) !== other.get(word)) one.set(word, 0);
}

function mergeKeystrokes(one: FlowRecord, other: FlowRecord): void {
  if (!other.has(HAS_KEYSTROKES)) return;
  if (!one.has(HAS_KEYSTROKES)) {
    copyPart(one, other, HAS_KEYSTROKES, SOURCE_KEYSTROKES, 2);
    return;
  }
  add(one, other, SOURCE_KEYSTROKES);
  add(one, other, DESTINATION_KEYSTROKES);
}
