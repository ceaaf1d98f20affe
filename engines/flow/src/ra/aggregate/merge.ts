/** One record that says what two said. */
import {
  AGGREGATE_ACTIVE,
  AGGREGATE_COUNT,
  AGGREGATE_IDLE,
  AGGREGATE_LAST_END_S,
  AGGREGATE_LAST_END_US,
  AGGREGATE_LAST_S,
  AGGREGATE_LAST_US,
  DESTINATION_ADDRESS,
  DESTINATION_APP_BYTES,
  DESTINATION_BYTES,
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
  JITTER_HAS,
  JITTER_SOURCE_ACTIVE,
  KEY_DETAIL,
  KEY_ICMP_CODE,
  KEY_ICMP_ID,
  KEY_ICMP_TYPE,
  NET_ESP,
  NET_KIND,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_TCP_STATUS,
  NET_WORDS,
  PROTOCOL,
  SIDE_ACK_BYTES,
  SIDE_ACKNOWLEDGEMENT,
  SIDE_BYTES,
  SIDE_FLAGS,
  SIDE_MAX_SEGMENT,
  SIDE_RETRANSMITTED,
  SIDE_SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SIDE_STATUS,
  SIDE_WINDOW,
  SIDE_WINDOW_BYTES,
  SIDE_WINDOW_COUNT,
  SOURCE_ADDRESS,
  SOURCE_APP_BYTES,
  SOURCE_BYTES,
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
  STAT_COUNT,
  STAT_MAX,
  STAT_MEAN,
  STAT_MIN,
  STAT_STDDEV,
  STAT_WORDS,
  TCP_ACKDAT_US,
  TCP_DESTINATION,
  TCP_OPTIONS,
  TCP_SOURCE,
  TCP_STATE,
  TCP_STATUS,
  TCP_SYNACK_US,
  TIME_HAS,
  TIMEHAS_DESTINATION_END,
  TIMEHAS_DESTINATION_START,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { FLOWFLAG_MERGED } from '../record/measures.ts';
import { duration, setRangeOf } from '../record/times.ts';

const ESP = 50;
const ICMP = 1;
const FRAGMENTS = 0x30;
/** A sequence number that is smaller by more than this has begun anew. */
const MAX_WINDOW = 65536;
const JITTER_BLOCKS = 4;

/** What the statistics are of: durations unless a client asks for another figure. */
export type Figure = (record: FlowRecord) => number;

/** A record that stands for itself becomes one that stands for one. */
export function beginAggregate(record: FlowRecord, figure: Figure = duration): void {
  if (record.has(HAS_AGGREGATE)) return;
  const packets = record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
  if (packets === 0) return;
  const value = figure(record);
  record.set(HAS, (record.get(HAS) | HAS_AGGREGATE) >>> 0);
  record.set(AGGREGATE_COUNT, 1);
  record.set(AGGREGATE_ACTIVE + STAT_COUNT, 1);
  for (const stat of [STAT_MIN, STAT_MEAN, STAT_MAX]) record.setFloat(AGGREGATE_ACTIVE + stat, value);
  record.setFloat(AGGREGATE_ACTIVE + STAT_STDDEV, 0);
  record.words.fill(0, record.base + AGGREGATE_IDLE, record.base + AGGREGATE_IDLE + STAT_WORDS);
}

/** Adds the second to the first; the second may be changed on the way. */
export function mergeRecords(one: FlowRecord, other: FlowRecord, figure: Figure = duration): void {
  beginAggregate(one, figure);
  beginAggregate(other, figure);
  const gaps = gapsBetween(one, other);
  if (one.has(HAS_FLOW) && other.has(HAS_FLOW)) mergeKeys(one, other);
  mergeSourceId(one, other);
  if (one.has(HAS_TIME) && other.has(HAS_TIME)) mergeTimes(one, other);
  if (one.has(HAS_NETWORK) && other.has(HAS_NETWORK)) mergeStates(one, other);
  if (one.has(HAS_IP) && other.has(HAS_IP)) mergeIp(one, other);
  if (one.has(HAS_METRIC) && other.has(HAS_METRIC)) mergeCounters(one, other);
  if (one.has(HAS_PACKET_SIZE) && other.has(HAS_PACKET_SIZE)) mergeSizes(one, other);
  if (one.has(HAS_AGGREGATE) && other.has(HAS_AGGREGATE)) mergeStatistics(one, other, gaps);
  if (other.has(HAS_JITTER)) mergeJitter(one, other);
  mergeLink(one, other);
  if (!one.has(HAS_ICMP) && other.has(HAS_ICMP)) copyPart(one, other, HAS_ICMP, ICMP_MAPPED, 9);
  mergeCountries(one, other);
  mergeKeystrokes(one, other);
  if (duration(one) > 0) one.set(FLOW_FLAGS, (one.get(FLOW_FLAGS) | FLOWFLAG_MERGED) >>> 0);
}

/** Microseconds between the end of the first and the start of the second, by side. */
function gapsBetween(one: FlowRecord, other: FlowRecord): readonly [number, number] {
  const gap = (packets: number, end: number, start: number): number => {
    if (one.getWide(packets) === 0 || other.getWide(packets) === 0) return 0;
    const seconds = other.get(start) - one.get(end);
    return Math.abs(seconds * 1e6 + (other.get(start + 1) - one.get(end + 1)) / 1000);
  };
  return [
    gap(SOURCE_PACKETS, SOURCE_END_S, SOURCE_START_S),
    gap(DESTINATION_PACKETS, DESTINATION_END_S, DESTINATION_START_S),
  ];
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
  for (const word of [SOURCE_PORT, DESTINATION_PORT]) if (one.get(word) !== other.get(word)) one.set(word, 0);
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
  const first = (one.base + at) * 4;
  const second = (other.base + at) * 4;
  const bytes = type === FLOW_IPV6 ? 16 : type === FLOW_IPV4 || type === FLOW_ARP ? 4 : 0;
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

function mergeStates(one: FlowRecord, other: FlowRecord): void {
  const kind = one.get(NET_KIND);
  const otherKind = other.get(NET_KIND);
  const isTcp = (net: number): boolean => net >= NET_TCP_FIRST && net <= NET_TCP;
  if (isTcp(kind) && isTcp(otherKind)) {
    mergeTcp(one, other, kind, otherKind);
    return;
  }
  if (kind !== otherKind) {
    one.set(HAS, one.get(HAS) & ~HAS_NETWORK);
    return;
  }
  if (kind === NET_RTP) mergeRtp(one, other);
  if (kind === NET_ESP) {
    one.set(NET_WORDS + 2, other.get(NET_WORDS + 2));
    add(one, other, NET_WORDS + 3);
    if (one.get(NET_WORDS + 1) !== other.get(NET_WORDS + 1)) one.set(NET_WORDS + 1, 0);
  }
}

/** Drops add up by side in the halves of one word; the rest is the later's. */
function mergeRtp(one: FlowRecord, other: FlowRecord): void {
  const low = ((one.get(NET_WORDS + 7) & 0xffff) + (other.get(NET_WORDS + 7) & 0xffff)) & 0xffff;
  const high = ((one.get(NET_WORDS + 7) >>> 16) + (other.get(NET_WORDS + 7) >>> 16)) & 0xffff;
  for (let i = 1; i < 7; i += 1) one.set(NET_WORDS + i, other.get(NET_WORDS + i));
  one.set(NET_WORDS + 7, low | (high << 16));
}

function mergeTcp(one: FlowRecord, other: FlowRecord, kind: number, otherKind: number): void {
  if (kind !== NET_TCP && otherKind === NET_TCP) {
    copyTcp(one, other);
    return;
  }
  if (kind === NET_TCP && otherKind !== NET_TCP) return;
  join(one, other, TCP_STATUS);
  join(one, other, TCP_OPTIONS);
  if (kind !== NET_TCP) {
    join(one, other, TCP_SOURCE + SIDE_FLAGS);
    if (otherKind === NET_TCP_STATUS) join(one, other, TCP_DESTINATION + SIDE_FLAGS);
    return;
  }
  join(one, other, TCP_STATE);
  for (const word of [TCP_SYNACK_US, TCP_ACKDAT_US]) if (one.get(word) === 0) one.set(word, other.get(word));
  mergeTcpSide(one, other, TCP_SOURCE);
  mergeTcpSide(one, other, TCP_DESTINATION);
}

/** A state of few words gives way to a whole one. */
function copyTcp(one: FlowRecord, other: FlowRecord): void {
  const status = one.get(NET_KIND) === NET_TCP_STATUS ? one.get(TCP_STATUS) : 0;
  const count = TCP_DESTINATION + SIDE_MAX_SEGMENT + 1 - NET_KIND;
  for (let i = 0; i < count; i += 1) one.set(NET_KIND + i, other.get(NET_KIND + i));
  one.set(TCP_STATUS, (one.get(TCP_STATUS) | status) >>> 0);
}

function mergeTcpSide(one: FlowRecord, other: FlowRecord, side: number): void {
  join(one, other, side + SIDE_STATUS);
  join(one, other, side + SIDE_FLAGS);
  const base = one.get(side + SIDE_SEQUENCE_BASE);
  const otherBase = other.get(side + SIDE_SEQUENCE_BASE);
  if (base <= otherBase) one.set(side + SIDE_SEQUENCE, other.get(side + SIDE_SEQUENCE));
  else if (base - otherBase <= MAX_WINDOW) one.set(side + SIDE_SEQUENCE_BASE, otherBase);
  else {
    const rolled = one.get(side + SIDE_ACK_BYTES) + other.get(side + SIDE_SEQUENCE) + (0xffffffff - otherBase);
    one.set(side + SIDE_ACK_BYTES, rolled >>> 0);
  }
  for (const word of [SIDE_WINDOW_COUNT, SIDE_BYTES, SIDE_RETRANSMITTED]) add(one, other, side + word);
  for (const word of [SIDE_ACKNOWLEDGEMENT, SIDE_WINDOW, SIDE_WINDOW_BYTES])
    one.set(side + word, other.get(side + word));
}

function join(one: FlowRecord, other: FlowRecord, word: number): void {
  one.set(word, (one.get(word) | other.get(word)) >>> 0);
}

function add(one: FlowRecord, other: FlowRecord, word: number): void {
  one.set(word, (one.get(word) + other.get(word)) >>> 0);
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

const COUNTERS = [
  SOURCE_PACKETS,
  DESTINATION_PACKETS,
  SOURCE_BYTES,
  DESTINATION_BYTES,
  SOURCE_APP_BYTES,
  DESTINATION_APP_BYTES,
] as const;

function mergeCounters(one: FlowRecord, other: FlowRecord): void {
  for (const counter of COUNTERS) one.setWide(counter, one.getWide(counter) + other.getWide(counter));
  one.set(HAS, (one.get(HAS) | (other.get(HAS) & 0x10)) >>> 0);
}

function mergeSizes(one: FlowRecord, other: FlowRecord): void {
  for (const [least, most] of [
    [SOURCE_SIZE_MIN, SOURCE_SIZE_MAX],
    [DESTINATION_SIZE_MIN, DESTINATION_SIZE_MAX],
  ] as const) {
    if (other.get(most) === 0) continue;
    if (one.get(most) === 0 || one.get(least) > other.get(least)) one.set(least, other.get(least));
    if (one.get(most) < other.get(most)) one.set(most, other.get(most));
  }
}

function mergeStatistics(one: FlowRecord, other: FlowRecord, gaps: readonly [number, number]): void {
  one.set(AGGREGATE_COUNT, (one.get(AGGREGATE_COUNT) + other.get(AGGREGATE_COUNT)) >>> 0);
  mergeActive(one, other);
  if (gaps[0] > 0 || gaps[1] > 0) mergeIdle(one, other, gaps);
  laterOf(one, other, AGGREGATE_LAST_S, AGGREGATE_LAST_US);
  laterOf(one, other, AGGREGATE_LAST_END_S, AGGREGATE_LAST_END_US);
}

function laterOf(one: FlowRecord, other: FlowRecord, seconds: number, micros: number): void {
  const isLater =
    other.get(seconds) > one.get(seconds) ||
    (other.get(seconds) === one.get(seconds) && other.get(micros) > one.get(micros));
  if (!isLater) return;
  one.set(seconds, other.get(seconds));
  one.set(micros, other.get(micros));
}

function squareSum(record: FlowRecord, block: number): number {
  const count = record.get(block + STAT_COUNT);
  const mean = record.getFloat(block + STAT_MEAN);
  return count > 1 ? count * (record.getFloat(block + STAT_STDDEV) ** 2 + mean ** 2) : mean ** 2;
}

function sumOf(record: FlowRecord, block: number): number {
  const count = record.get(block + STAT_COUNT);
  const mean = record.getFloat(block + STAT_MEAN);
  return count > 1 ? Math.fround(mean * count) : mean;
}

function mergeActive(one: FlowRecord, other: FlowRecord): void {
  const block = AGGREGATE_ACTIVE;
  const squares = squareSum(one, block) + squareSum(other, block);
  const sum = sumOf(one, block) + sumOf(other, block);
  const count = one.get(block + STAT_COUNT) + other.get(block + STAT_COUNT);
  one.setFloat(block + STAT_MAX, Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX)));
  one.setFloat(block + STAT_MIN, Math.min(one.getFloat(block + STAT_MIN), other.getFloat(block + STAT_MIN)));
  one.set(block + STAT_COUNT, count);
  if (count === 0) return;
  one.setFloat(block + STAT_MEAN, sum / count);
  const mean = one.getFloat(block + STAT_MEAN);
  one.setFloat(block + STAT_STDDEV, Math.sqrt(Math.abs(squares / count - mean ** 2)));
}

function mergeIdle(one: FlowRecord, other: FlowRecord, gaps: readonly [number, number]): void {
  const block = AGGREGATE_IDLE;
  const found = gaps.filter((gap) => gap > 0);
  const counts = [one.get(block + STAT_COUNT), other.get(block + STAT_COUNT)] as const;
  const count = counts[0] + counts[1] + found.length;
  const sum = sumOf(one, block) + sumOf(other, block) + found.reduce((total, gap) => total + gap, 0);
  const squares =
    squareSum(one, block) + squareSum(other, block) + 2 * found.reduce((total, gap) => total + gap ** 2, 0);
  const least = found.concat(
    counts[0] > 0 ? [one.getFloat(block + STAT_MIN)] : [],
    counts[1] > 0 ? [other.getFloat(block + STAT_MIN)] : [],
  );
  one.setFloat(block + STAT_MIN, Math.min(...least));
  one.setFloat(block + STAT_MAX, Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX), ...found));
  one.set(block + STAT_COUNT, count);
  one.setFloat(block + STAT_MEAN, sum / count);
  const mean = one.getFloat(block + STAT_MEAN);
  if (count > 1) one.setFloat(block + STAT_STDDEV, Math.sqrt(Math.abs(squares / count - mean ** 2)));
}

function mergeJitter(one: FlowRecord, other: FlowRecord): void {
  if (!one.has(HAS_JITTER)) {
    copyPart(one, other, HAS_JITTER, JITTER_HAS, 1 + JITTER_BLOCKS * STAT_WORDS + 9);
    return;
  }
  for (let index = 0; index < JITTER_BLOCKS; index += 1)
    mergeJitterBlock(one, other, JITTER_SOURCE_ACTIVE + index * STAT_WORDS);
  one.set(JITTER_HAS, one.get(JITTER_HAS) | other.get(JITTER_HAS));
}

function mergeJitterBlock(one: FlowRecord, other: FlowRecord, block: number): void {
  const first = one.get(block + STAT_COUNT);
  const second = other.get(block + STAT_COUNT);
  if (second === 0) return;
  if (first === 0) {
    for (let word = 0; word < STAT_WORDS; word += 1) one.set(block + word, other.get(block + word));
    return;
  }
  const count = first + second;
  const mean = (one.getFloat(block + STAT_MEAN) * first + other.getFloat(block + STAT_MEAN) * second) / count;
  const squares = [one, other].reduce((sum, record) => {
    const n = record.get(block + STAT_COUNT);
    return sum + n * (record.getFloat(block + STAT_STDDEV) ** 2 + record.getFloat(block + STAT_MEAN) ** 2);
  }, 0);
  one.setFloat(block + STAT_MIN, Math.min(one.getFloat(block + STAT_MIN), other.getFloat(block + STAT_MIN)));
  one.setFloat(block + STAT_MAX, Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX)));
  one.set(block + STAT_COUNT, count);
  // ra keeps both in whole microseconds here.
  one.setFloat(block + STAT_MEAN, Math.trunc(mean));
  one.setFloat(block + STAT_STDDEV, Math.trunc(Math.sqrt(Math.max(0, squares / count - mean ** 2))));
}

function copyPart(one: FlowRecord, other: FlowRecord, part: number, from: number, count: number): void {
  for (let i = 0; i < count; i += 1) one.set(from + i, other.get(from + i));
  one.set(HAS, (one.get(HAS) | part) >>> 0);
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
