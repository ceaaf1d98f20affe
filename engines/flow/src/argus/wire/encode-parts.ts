/** Times, counters and attributes of a record, in argus' forms. Each writes where the bytes are zero. */
import {
  AGGREGATE_ACTIVE,
  AGGREGATE_COUNT,
  AGGREGATE_IDLE,
  AGGREGATE_LAST_END_S,
  AGGREGATE_LAST_END_US,
  AGGREGATE_LAST_S,
  AGGREGATE_LAST_US,
  DESTINATION_APP_BYTES,
  DESTINATION_ASN,
  DESTINATION_BYTES,
  DESTINATION_COUNTRY,
  DESTINATION_ENCAPSULATION,
  DESTINATION_END_NS,
  DESTINATION_END_S,
  DESTINATION_IP_ID,
  DESTINATION_IP_OPTIONS,
  DESTINATION_KEYSTROKES,
  DESTINATION_MAC,
  DESTINATION_MPLS,
  DESTINATION_PACKETS,
  DESTINATION_SIZE_HISTOGRAM,
  DESTINATION_SIZE_MAX,
  DESTINATION_SIZE_MIN,
  DESTINATION_START_NS,
  DESTINATION_START_S,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  ENCAPSULATION_CHANGED,
  END_NS,
  END_S,
  HAS_APP_BYTES,
  ICMP_CODE,
  ICMP_GATEWAY,
  ICMP_INNER_DESTINATION,
  ICMP_INNER_SOURCE,
  ICMP_MAPPED,
  ICMP_OUTER_DESTINATION,
  ICMP_OUTER_SOURCE,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  INTERMEDIATE_ASN,
  IP_HAS,
  JITTER_HAS,
  JITTER_HAS_HISTOGRAMS,
  JITTER_HISTOGRAMS,
  JITTER_SOURCE_ACTIVE,
  KEYSTROKES_OF_SSH,
  MAC_ETHER_TYPE,
  MAC_MULTIPLE,
  MPLS_DEPTHS,
  MPLS_HAS,
  SEQUENCE,
  SIZE_FORM,
  SOURCE_APP_BYTES,
  SOURCE_ASN,
  SOURCE_BYTES,
  SOURCE_COUNTRY,
  SOURCE_ENCAPSULATION,
  SOURCE_END_NS,
  SOURCE_END_S,
  SOURCE_ID,
  SOURCE_ID_KIND,
  SOURCE_IP_ID,
  SOURCE_IP_OPTIONS,
  SOURCE_KEYSTROKES,
  SOURCE_MAC,
  SOURCE_MPLS,
  SOURCE_PACKETS,
  SOURCE_SIZE_HISTOGRAM,
  SOURCE_SIZE_MAX,
  SOURCE_SIZE_MIN,
  SOURCE_START_NS,
  SOURCE_START_S,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  START_NS,
  START_S,
  STAT_WORDS,
  TIME_HAS,
  TIMEHAS_RANGE,
  VLAN_HAS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { writeMac } from './encode-flow.ts';
import {
  METRIC_APP_BYTES,
  METRIC_BYTES,
  PART_AGGREGATE,
  PART_ASN,
  PART_COUNTRY,
  PART_ENCAPSULATION,
  PART_ICMP,
  PART_IP,
  PART_JITTER,
  PART_KEYSTROKES,
  PART_MAC,
  PART_METRIC,
  PART_MPLS,
  PART_PACKET_SIZE,
  PART_TIME,
  PART_TRANSPORT,
  PART_VLAN,
  TIME_MICROSECONDS,
  TIME_RANGE,
  TIME_STAMP,
  WAYS_BOTH,
  WAYS_DESTINATION,
  WAYS_SOURCE,
} from './format.ts';
import { ICMP_PART_WORDS, NO_TIME_S, writeMacEtherType, writeStateWord } from './quirks.ts';

const NUMBER_ID = 0x20;
/** Subtype of an aggregate: what its statistics are of. */
const AGGREGATE_OF_DURATIONS = 4;

/** Version 3 has ids of one word; a longer one keeps its first. */
export function encodeTransport(record: FlowRecord, view: DataView, at: number): number {
  const kind = record.get(SOURCE_ID_KIND);
  view.setUint32(at + 4, record.get(SOURCE_ID), true);
  view.setUint32(at + 8, record.get(SEQUENCE));
  return head(view, at, PART_TRANSPORT, 3, kind === 2 || kind === 0x22 ? NUMBER_ID : kind, 3);
}

/**
 * Where the record knows only from when to when: both, or one stamp. A range of one instant keeps its name: argus says
 * range for all records of a flow from the first that held two packets.
 */
export function encodeTime(record: FlowRecord, view: DataView, at: number): number {
  const sides = record.get(TIME_HAS) & 15;
  if (sides !== 0) return encodeSides(record, view, at, sides);
  const packets = record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
  const form = packets > 1 || record.get(TIME_HAS) & TIMEHAS_RANGE ? TIME_RANGE : TIME_STAMP;
  const startS = record.get(START_S);
  if (startS === record.get(END_S) && (startS === 0 || startS === NO_TIME_S)) {
    view.setUint32(at + 4, NO_TIME_S);
    return head(view, at, PART_TIME, TIME_STAMP, TIME_MICROSECONDS, 5);
  }
  writeTime(record, view, at + 4, START_S, START_NS);
  if (startS === record.get(END_S) && record.get(START_NS) === record.get(END_NS)) {
    return head(view, at, PART_TIME, form, TIME_MICROSECONDS, 3);
  }
  writeTime(record, view, at + 12, END_S, END_NS);
  return head(view, at, PART_TIME, TIME_RANGE, TIME_MICROSECONDS, 5);
}

function encodeSides(record: FlowRecord, view: DataView, at: number, sides: number): number {
  let to = at + 4;
  if (sides & 1) to = writeTime(record, view, to, SOURCE_START_S, SOURCE_START_NS);
  if (sides & 2) to = writeTime(record, view, to, SOURCE_END_S, SOURCE_END_NS);
  if (sides & 4) to = writeTime(record, view, to, DESTINATION_START_S, DESTINATION_START_NS);
  if (sides & 8) to = writeTime(record, view, to, DESTINATION_END_S, DESTINATION_END_NS);
  const words = (to - at) >> 2;
  const isStamp = words === 3 && !(record.get(TIME_HAS) & TIMEHAS_RANGE);
  return head(view, at, PART_TIME, (isStamp ? TIME_STAMP : TIME_RANGE) | (sides << 3), TIME_MICROSECONDS, words);
}

/** @returns the byte behind it */
function writeTime(record: FlowRecord, view: DataView, at: number, seconds: number, nanos: number): number {
  view.setUint32(at, record.get(seconds));
  view.setUint32(at + 4, Math.floor(record.get(nanos) / 1000));
  return at + 8;
}

/** The narrowest width for the bytes; a width for packets of its own only when all fits into 8 bits. */
export function encodeMetric(record: FlowRecord, view: DataView, at: number): number {
  const sourcePackets = record.getWide(SOURCE_PACKETS);
  const destinationPackets = record.getWide(DESTINATION_PACKETS);
  const sourceBytes = record.getWide(SOURCE_BYTES);
  const destinationBytes = record.getWide(DESTINATION_BYTES);
  const app = record.has(HAS_APP_BYTES) && record.getWide(SOURCE_APP_BYTES) + record.getWide(DESTINATION_APP_BYTES) > 0;
  const source = sourcePackets > 0 || sourceBytes > 0;
  const destination = destinationPackets > 0 || destinationBytes > 0;
  const ways = source === destination ? WAYS_BOTH : source ? WAYS_SOURCE : WAYS_DESTINATION;
  const packets = Math.max(sourcePackets, destinationPackets);
  const bytes = Math.max(sourceBytes, destinationBytes);
  let width = bytes <= 0xffff ? 1 : bytes <= 0xffffffff ? 2 : 3;
  if (ways === WAYS_BOTH && packets <= 0xff && bytes <= 0xff) width = 0;
  let to = at + 4;
  if (ways !== WAYS_DESTINATION) {
    to = writeCounter(record, view, to, width, SOURCE_PACKETS);
    to = writeCounter(record, view, to, width, SOURCE_BYTES);
    if (app) to = writeCounter(record, view, to, width, SOURCE_APP_BYTES);
  }
  if (ways !== WAYS_SOURCE) {
    to = writeCounter(record, view, to, width, DESTINATION_PACKETS);
    to = writeCounter(record, view, to, width, DESTINATION_BYTES);
    if (app) to = writeCounter(record, view, to, width, DESTINATION_APP_BYTES);
  }
  const words = (to - at + 3) >> 2;
  return head(view, at, PART_METRIC, app ? METRIC_APP_BYTES : METRIC_BYTES, ways + width + 1, words);
}

/** @returns the byte behind it */
function writeCounter(record: FlowRecord, view: DataView, at: number, width: number, word: number): number {
  if (width === 0) view.setUint8(at, record.get(word));
  else if (width === 1) view.setUint16(at, record.get(word));
  else if (width === 2) view.setUint32(at, record.get(word));
  else {
    view.setUint32(at, record.get(word + 1));
    view.setUint32(at + 4, record.get(word));
  }
  return at + (1 << width);
}

/** @returns 0 when neither side has a size: then there is no such part */
export function encodePacketSize(record: FlowRecord, view: DataView, at: number): number {
  const source = record.get(SOURCE_SIZE_MAX) > 0;
  const destination = record.get(DESTINATION_SIZE_MAX) > 0;
  if (!source && !destination) return 0;
  let to = at + 4;
  if (source) {
    view.setUint16(to, record.get(SOURCE_SIZE_MIN));
    view.setUint16(to + 2, record.get(SOURCE_SIZE_MAX));
    to += 4;
  }
  if (destination) {
    view.setUint16(to, record.get(DESTINATION_SIZE_MIN));
    view.setUint16(to + 2, record.get(DESTINATION_SIZE_MAX));
    to += 4;
  }
  const form = record.get(SIZE_FORM);
  if (form & 4 && source) {
    view.setUint32(to, record.get(SOURCE_SIZE_HISTOGRAM));
    to += 4;
  }
  if (form & 4 && destination) {
    view.setUint32(to, record.get(DESTINATION_SIZE_HISTOGRAM));
    to += 4;
  }
  return head(view, at, PART_PACKET_SIZE, form, source && destination ? 2 : source ? 6 : 0x0a, (to - at) >> 2);
}

export function encodeEncapsulation(record: FlowRecord, view: DataView, at: number): number {
  view.setUint32(at + 4, record.get(SOURCE_ENCAPSULATION));
  view.setUint32(at + 8, record.get(DESTINATION_ENCAPSULATION));
  return head(view, at, PART_ENCAPSULATION, 0, record.get(ENCAPSULATION_CHANGED), 3);
}

export function encodeIcmp(record: FlowRecord, view: DataView, at: number): number {
  view.setUint8(at + 4, record.get(ICMP_TYPE));
  view.setUint8(at + 5, record.get(ICMP_CODE));
  view.setUint16(at + 6, record.get(ICMP_SEQUENCE));
  view.setUint32(at + 8, record.get(ICMP_OUTER_SOURCE), true);
  view.setUint32(at + 12, record.get(ICMP_OUTER_DESTINATION), true);
  view.setUint32(at + 16, record.get(ICMP_INNER_SOURCE), true);
  view.setUint32(at + 20, record.get(ICMP_INNER_DESTINATION), true);
  view.setUint32(at + 24, record.get(ICMP_GATEWAY), true);
  return head(view, at, PART_ICMP, 0, record.get(ICMP_MAPPED), ICMP_PART_WORDS);
}

export function encodeVlan(record: FlowRecord, view: DataView, at: number): number {
  view.setUint16(at + 4, record.get(SOURCE_VLAN));
  view.setUint16(at + 6, record.get(DESTINATION_VLAN));
  return head(view, at, PART_VLAN, 0, record.get(VLAN_HAS), 2);
}

export function encodeMac(record: FlowRecord, view: DataView, at: number): number {
  writeMac(record, view, at + 4, DESTINATION_MAC);
  writeMac(record, view, at + 10, SOURCE_MAC);
  writeMacEtherType(view, at + 16, record.get(MAC_ETHER_TYPE));
  return head(view, at, PART_MAC, 0, record.get(MAC_MULTIPLE), 5);
}

export function encodeMpls(record: FlowRecord, view: DataView, at: number): number {
  const sides = record.get(MPLS_HAS) & 3;
  let to = at + 4;
  if (sides & 1) {
    view.setUint32(to, record.get(SOURCE_MPLS));
    to += 4;
  }
  if (sides & 2) {
    view.setUint32(to, record.get(DESTINATION_MPLS));
    to += 4;
  }
  return head(view, at, PART_MPLS, sides, record.get(MPLS_DEPTHS), (to - at) >> 2);
}

export function encodeJitter(record: FlowRecord, view: DataView, at: number): number {
  const present = record.get(JITTER_HAS) & 15;
  const histograms = record.get(JITTER_HAS_HISTOGRAMS) !== 0;
  let to = at + 4;
  for (let block = 0; block < 4; block += 1) {
    if ((present & (1 << block)) === 0) continue;
    for (let word = 0; word < STAT_WORDS; word += 1) {
      view.setUint32(to + word * 4, record.get(JITTER_SOURCE_ACTIVE + block * STAT_WORDS + word));
    }
    to += STAT_WORDS * 4;
    if (histograms) {
      writeNibbles(record, view, to, JITTER_HISTOGRAMS + block * 2);
      to += 4;
    }
  }
  return head(view, at, PART_JITTER, histograms ? 1 : 0, present, (to - at) >> 2);
}

function writeNibbles(record: FlowRecord, view: DataView, at: number, word: number): void {
  for (let half = 0; half < 2; half += 1) {
    const counts = record.get(word + half);
    view.setUint8(at + half * 2, ((counts & 15) << 4) | ((counts >> 8) & 15));
    view.setUint8(at + half * 2 + 1, (((counts >> 16) & 15) << 4) | ((counts >> 24) & 15));
  }
}

export function encodeIp(record: FlowRecord, view: DataView, at: number): number {
  const present = record.get(IP_HAS);
  let to = at + 4;
  if (present & 1) {
    view.setUint8(to, record.get(SOURCE_TTL));
    view.setUint8(to + 1, record.get(SOURCE_TOS));
    view.setUint16(to + 2, record.get(SOURCE_IP_ID));
    to += 4;
  }
  if (present & 4) {
    view.setUint32(to, record.get(SOURCE_IP_OPTIONS));
    to += 4;
  }
  if (present & 2) {
    view.setUint8(to, record.get(DESTINATION_TTL));
    view.setUint8(to + 1, record.get(DESTINATION_TOS));
    view.setUint16(to + 2, record.get(DESTINATION_IP_ID));
    to += 4;
  }
  if (present & 8) {
    view.setUint32(to, record.get(DESTINATION_IP_OPTIONS));
    to += 4;
  }
  return head(view, at, PART_IP, 0, present, (to - at) >> 2);
}

export function encodeAggregate(record: FlowRecord, view: DataView, at: number): number {
  view.setUint32(at + 4, record.get(AGGREGATE_COUNT));
  view.setUint32(at + 8, record.get(AGGREGATE_LAST_S));
  view.setUint32(at + 12, record.get(AGGREGATE_LAST_US));
  view.setUint32(at + 16, record.get(AGGREGATE_LAST_END_S));
  view.setUint32(at + 20, record.get(AGGREGATE_LAST_END_US));
  writeAggregateStat(record, view, at + 24, AGGREGATE_ACTIVE);
  writeAggregateStat(record, view, at + 52, AGGREGATE_IDLE);
  return head(view, at, PART_AGGREGATE, AGGREGATE_OF_DURATIONS, 1, 20);
}

function writeAggregateStat(record: FlowRecord, view: DataView, at: number, word: number): void {
  for (let index = 0; index < STAT_WORDS; index += 1) writeStateWord(view, at + index * 4, record.get(word + index));
}

export function encodeAsn(record: FlowRecord, view: DataView, at: number): number {
  view.setUint32(at + 4, record.get(SOURCE_ASN));
  view.setUint32(at + 8, record.get(DESTINATION_ASN));
  view.setUint32(at + 12, record.get(INTERMEDIATE_ASN));
  return head(view, at, PART_ASN, 1, 0, 4);
}

export function encodeCountry(record: FlowRecord, view: DataView, at: number): number {
  view.setUint16(at + 4, record.get(SOURCE_COUNTRY), true);
  view.setUint16(at + 6, record.get(DESTINATION_COUNTRY), true);
  return head(view, at, PART_COUNTRY, 0, 0, 2);
}

export function encodeKeystrokes(record: FlowRecord, view: DataView, at: number): number {
  view.setUint32(at + 4, record.get(SOURCE_KEYSTROKES));
  view.setUint32(at + 8, record.get(DESTINATION_KEYSTROKES));
  return head(view, at, PART_KEYSTROKES, 1 + record.get(KEYSTROKES_OF_SSH), 0, 3);
}

function head(view: DataView, at: number, type: number, subtype: number, qualifier: number, words: number): number {
  view.setUint8(at, type);
  view.setUint8(at + 1, subtype);
  view.setUint8(at + 2, qualifier);
  view.setUint8(at + 3, words);
  return words;
}
