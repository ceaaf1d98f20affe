/** Times, counters and attributes of a record. Each function takes a part that lies whole within the record. */
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
  DESTINATION_IP_ID,
  DESTINATION_IP_OPTIONS,
  DESTINATION_KEYSTROKES,
  DESTINATION_MAC,
  DESTINATION_MPLS,
  DESTINATION_PACKETS,
  DESTINATION_SIZE_HISTOGRAM,
  DESTINATION_SIZE_MAX,
  DESTINATION_SIZE_MIN,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  ENCAPSULATION_CHANGED,
  HAS,
  HAS_AGGREGATE,
  HAS_APP_BYTES,
  HAS_ASN,
  HAS_COUNTRY,
  HAS_ENCAPSULATION,
  HAS_ICMP,
  HAS_IP,
  HAS_JITTER,
  HAS_KEYSTROKES,
  HAS_MAC,
  HAS_METRIC,
  HAS_MPLS,
  HAS_PACKET_SIZE,
  HAS_TRANSPORT,
  HAS_VLAN,
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
  SOURCE_ID,
  SOURCE_ID_KIND,
  SOURCE_INTERFACE,
  SOURCE_IP_ID,
  SOURCE_IP_OPTIONS,
  SOURCE_KEYSTROKES,
  SOURCE_MAC,
  SOURCE_MPLS,
  SOURCE_PACKETS,
  SOURCE_SIZE_HISTOGRAM,
  SOURCE_SIZE_MAX,
  SOURCE_SIZE_MIN,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  STAT_WORDS,
  VLAN_HAS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { readMac } from './decode-flow.ts';
import { METRIC_APP_BYTES, METRIC_BYTES, WAYS_BOTH, WAYS_SOURCE } from './format.ts';
import { readMacEtherType, readStateWord } from './quirks.ts';

export function decodeTransport(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const subtype = view.getUint8(at + 1);
  const qualifier = view.getUint8(at + 2);
  const hasInterface = (qualifier & 0x10) !== 0;
  const kind = qualifier & ~0x10;
  const idWords = kind === 2 || kind === 0x22 ? 4 : 1;
  const id = (subtype & 1) !== 0 || words >= 3;
  const needed = 1 + (id ? idWords + (hasInterface ? 1 : 0) : 0);
  const sequence = (subtype & 2) !== 0 || words >= needed + 1;
  if (words < needed + (sequence ? 1 : 0)) return false;
  let from = at + 4;
  if (id) {
    for (let word = 0; word < idWords; word += 1) record.set(SOURCE_ID + word, view.getUint32(from + word * 4, true));
    from += idWords * 4;
    if (hasInterface) {
      record.set(SOURCE_INTERFACE, view.getUint32(from, true));
      from += 4;
    }
  }
  record.set(SOURCE_ID_KIND, kind);
  if (sequence) record.set(SEQUENCE, view.getUint32(from));
  mark(record, HAS_TRANSPORT);
  return true;
}

export function decodeMetric(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const subtype = view.getUint8(at + 1);
  const qualifier = view.getUint8(at + 2) & 0x0f;
  if (qualifier < 1 || qualifier > 12) return false;
  const app = (subtype & METRIC_BYTES) === 0;
  if (app && (subtype & METRIC_APP_BYTES) === 0) return false;
  const width = (qualifier - 1) & 3;
  const ways = (qualifier - 1) & ~3;
  const counters = (app ? 3 : 2) * (ways === WAYS_BOTH ? 2 : 1);
  if ((words - 1) * 4 < counters << width) return false;
  if (!(width === 0 && ways !== WAYS_BOTH && !app)) {
    let from = at + 4;
    if (ways === WAYS_BOTH || ways === WAYS_SOURCE) {
      readSide(record, view, from, width, app, SOURCE_PACKETS, SOURCE_BYTES, SOURCE_APP_BYTES);
      from += (app ? 3 : 2) << width;
    }
    if (ways !== WAYS_SOURCE) {
      readSide(record, view, from, width, app, DESTINATION_PACKETS, DESTINATION_BYTES, DESTINATION_APP_BYTES);
    }
  }
  mark(record, HAS_METRIC | (app ? HAS_APP_BYTES : 0));
  return true;
}

function readSide(
  record: FlowRecord,
  view: DataView,
  at: number,
  width: number,
  app: boolean,
  packets: number,
  bytes: number,
  appBytes: number,
): void {
  readCounter(record, view, at, width, packets);
  readCounter(record, view, at + (1 << width), width, bytes);
  if (app) readCounter(record, view, at + (2 << width), width, appBytes);
}

function readCounter(record: FlowRecord, view: DataView, at: number, width: number, word: number): void {
  if (width === 0) record.set(word, view.getUint8(at));
  else if (width === 1) record.set(word, view.getUint16(at));
  else if (width === 2) record.set(word, view.getUint32(at));
  else {
    record.set(word, view.getUint32(at + 4));
    record.set(word + 1, view.getUint32(at));
  }
}

/** Clients say in the subtype which sides follow, and may add a histogram of each. */
export function decodePacketSize(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const form = view.getUint8(at + 1) & 7;
  const qualifier = view.getUint8(at + 2) & 0x0f;
  const source = qualifier === 2 || qualifier === 6;
  const destination = qualifier === 2 || qualifier === 0x0a;
  const sides = (source ? 1 : 0) + (destination ? 1 : 0);
  if (sides === 0 || words < 1 + sides * (form & 4 ? 2 : 1)) return false;
  let from = at + 4;
  if (source) {
    record.set(SOURCE_SIZE_MIN, view.getUint16(from));
    record.set(SOURCE_SIZE_MAX, view.getUint16(from + 2));
    from += 4;
  }
  if (destination) {
    record.set(DESTINATION_SIZE_MIN, view.getUint16(from));
    record.set(DESTINATION_SIZE_MAX, view.getUint16(from + 2));
    from += 4;
  }
  if (form & 4) {
    if (source) record.set(SOURCE_SIZE_HISTOGRAM, view.getUint32(from));
    if (destination) record.set(DESTINATION_SIZE_HISTOGRAM, view.getUint32(source ? from + 4 : from));
  }
  record.set(SIZE_FORM, form);
  mark(record, HAS_PACKET_SIZE);
  return true;
}

export function decodeEncapsulation(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 3) return false;
  record.set(SOURCE_ENCAPSULATION, view.getUint32(at + 4));
  record.set(DESTINATION_ENCAPSULATION, view.getUint32(at + 8));
  record.set(ENCAPSULATION_CHANGED, view.getUint8(at + 2));
  mark(record, HAS_ENCAPSULATION);
  return true;
}

export function decodeIcmp(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 7) return false;
  record.set(ICMP_MAPPED, view.getUint8(at + 2));
  record.set(ICMP_TYPE, view.getUint8(at + 4));
  record.set(ICMP_CODE, view.getUint8(at + 5));
  record.set(ICMP_SEQUENCE, view.getUint16(at + 6));
  record.set(ICMP_OUTER_SOURCE, view.getUint32(at + 8, true));
  record.set(ICMP_OUTER_DESTINATION, view.getUint32(at + 12, true));
  record.set(ICMP_INNER_SOURCE, view.getUint32(at + 16, true));
  record.set(ICMP_INNER_DESTINATION, view.getUint32(at + 20, true));
  record.set(ICMP_GATEWAY, view.getUint32(at + 24, true));
  mark(record, HAS_ICMP);
  return true;
}

export function decodeVlan(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 2) return false;
  record.set(VLAN_HAS, view.getUint8(at + 2));
  record.set(SOURCE_VLAN, view.getUint16(at + 4));
  record.set(DESTINATION_VLAN, view.getUint16(at + 6));
  mark(record, HAS_VLAN);
  return true;
}

export function decodeMac(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 5) return false;
  record.set(MAC_MULTIPLE, view.getUint8(at + 2));
  readMac(record, view, at + 4, DESTINATION_MAC);
  readMac(record, view, at + 10, SOURCE_MAC);
  record.set(MAC_ETHER_TYPE, readMacEtherType(view, at + 16));
  mark(record, HAS_MAC);
  return true;
}

export function decodeMpls(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const sides = view.getUint8(at + 1) & 3;
  if (words < 1 + (sides & 1) + (sides >> 1)) return false;
  record.set(MPLS_HAS, sides);
  record.set(MPLS_DEPTHS, view.getUint8(at + 2));
  if (sides & 1) record.set(SOURCE_MPLS, view.getUint32(at + 4));
  if (sides & 2) record.set(DESTINATION_MPLS, view.getUint32(at + 4 + (sides & 1) * 4));
  mark(record, HAS_MPLS);
  return true;
}

export function decodeJitter(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const subtype = view.getUint8(at + 1);
  const present = view.getUint8(at + 2) & 0x0f;
  const count = (present & 1) + ((present >> 1) & 1) + ((present >> 2) & 1) + (present >> 3);
  const histograms = subtype === 1;
  if (subtype > 1 || words !== 1 + count * (STAT_WORDS + (histograms ? 1 : 0))) return false;
  let from = at + 4;
  for (let block = 0; block < 4; block += 1) {
    if ((present & (1 << block)) === 0) continue;
    for (let word = 0; word < STAT_WORDS; word += 1) {
      record.set(JITTER_SOURCE_ACTIVE + block * STAT_WORDS + word, view.getUint32(from + word * 4));
    }
    from += STAT_WORDS * 4;
    if (histograms) {
      readNibbles(record, view, from, JITTER_HISTOGRAMS + block * 2);
      from += 4;
    }
  }
  record.set(JITTER_HAS, present);
  record.set(JITTER_HAS_HISTOGRAMS, histograms ? 1 : 0);
  mark(record, HAS_JITTER);
  return true;
}

/** Eight counts of four bits, the first in the high half of the first byte, into two words of four bytes. */
function readNibbles(record: FlowRecord, view: DataView, at: number, word: number): void {
  for (let half = 0; half < 2; half += 1) {
    const first = view.getUint8(at + half * 2);
    const second = view.getUint8(at + half * 2 + 1);
    record.set(word + half, (first >> 4) | ((first & 15) << 8) | ((second >> 4) << 16) | ((second & 15) << 24));
  }
}

export function decodeIp(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const present = view.getUint8(at + 2);
  const needed = 1 + (present & 1) + ((present >> 1) & 1) + ((present >> 2) & 1) + ((present >> 3) & 1);
  if (words < needed) return false;
  let from = at + 4;
  if (present & 1) {
    record.set(SOURCE_TTL, view.getUint8(from));
    record.set(SOURCE_TOS, view.getUint8(from + 1));
    record.set(SOURCE_IP_ID, view.getUint16(from + 2));
    from += 4;
  }
  if (present & 4) {
    record.set(SOURCE_IP_OPTIONS, view.getUint32(from));
    from += 4;
  }
  if (present & 2) {
    record.set(DESTINATION_TTL, view.getUint8(from));
    record.set(DESTINATION_TOS, view.getUint8(from + 1));
    record.set(DESTINATION_IP_ID, view.getUint16(from + 2));
    from += 4;
  }
  if (present & 8) record.set(DESTINATION_IP_OPTIONS, view.getUint32(from));
  record.set(IP_HAS, present);
  mark(record, HAS_IP);
  return true;
}

/** Bytes the clients add behind each of the two statistics; not used. */
const AGGREGATE_WORDS = 20;

export function decodeAggregate(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < AGGREGATE_WORDS) return false;
  record.set(AGGREGATE_COUNT, view.getUint32(at + 4));
  record.set(AGGREGATE_LAST_S, view.getUint32(at + 8));
  record.set(AGGREGATE_LAST_US, view.getUint32(at + 12));
  record.set(AGGREGATE_LAST_END_S, view.getUint32(at + 16));
  record.set(AGGREGATE_LAST_END_US, view.getUint32(at + 20));
  readAggregateStat(record, view, at + 24, AGGREGATE_ACTIVE);
  readAggregateStat(record, view, at + 52, AGGREGATE_IDLE);
  mark(record, HAS_AGGREGATE);
  return true;
}

function readAggregateStat(record: FlowRecord, view: DataView, at: number, word: number): void {
  for (let index = 0; index < STAT_WORDS; index += 1) record.set(word + index, readStateWord(view, at + index * 4));
}

export function decodeAsn(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 3) return false;
  record.set(SOURCE_ASN, view.getUint32(at + 4));
  record.set(DESTINATION_ASN, view.getUint32(at + 8));
  if (words >= 4) record.set(INTERMEDIATE_ASN, view.getUint32(at + 12));
  mark(record, HAS_ASN);
  return true;
}

export function decodeCountry(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 2) return false;
  record.set(SOURCE_COUNTRY, view.getUint16(at + 4, true));
  record.set(DESTINATION_COUNTRY, view.getUint16(at + 6, true));
  mark(record, HAS_COUNTRY);
  return true;
}

export function decodeKeystrokes(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 3) return false;
  record.set(KEYSTROKES_OF_SSH, view.getUint8(at + 1) === 2 ? 1 : 0);
  record.set(SOURCE_KEYSTROKES, view.getUint32(at + 4));
  record.set(DESTINATION_KEYSTROKES, view.getUint32(at + 8));
  mark(record, HAS_KEYSTROKES);
  return true;
}

function mark(record: FlowRecord, parts: number): void {
  record.set(HAS, record.get(HAS) | parts);
}
