/** One record of the wire, version 3 or 5, into the words of a FlowRecord. Reads nothing outside the record. */
import {
  CAUSE,
  CAUSE_DETAIL,
  DESTINATION_DATA_AT,
  DESTINATION_DATA_COUNT,
  DESTINATION_DATA_SIZE,
  EXTRA_AT,
  EXTRA_BYTES,
  HAS,
  HAS_CORRELATION,
  HAS_DESTINATION_DATA,
  HAS_GEO,
  HAS_HASH,
  HAS_LABEL,
  HAS_SOURCE_DATA,
  HAS_TUNNEL,
  KIND,
  KIND_EVENT,
  KIND_FLOW,
  KIND_IMPORTED,
  LABEL_AT,
  LABEL_BYTES,
  SOURCE_DATA_AT,
  SOURCE_DATA_COUNT,
  SOURCE_DATA_SIZE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { decodeFlow } from './decode-flow.ts';
import { decodeManagement } from './decode-management.ts';
import {
  decodeAggregate,
  decodeAsn,
  decodeCountry,
  decodeEncapsulation,
  decodeIcmp,
  decodeIp,
  decodeJitter,
  decodeKeystrokes,
  decodeMac,
  decodeMetric,
  decodeMpls,
  decodePacketSize,
  decodeTransport,
  decodeVlan,
} from './decode-parts.ts';
import { decodeState } from './decode-state.ts';
import { decodeTime } from './decode-time.ts';
import {
  DATA_SOURCE,
  PART_AGGREGATE,
  PART_ASN,
  PART_CORRELATION,
  PART_COUNTRY,
  PART_DATA,
  PART_ENCAPSULATION,
  PART_FLOW,
  PART_GENEVE,
  PART_GEO,
  PART_GRE,
  PART_HASH,
  PART_ICMP,
  PART_IP,
  PART_JITTER,
  PART_KEYSTROKES,
  PART_LABEL,
  PART_LONG,
  PART_MAC,
  PART_METRIC,
  PART_MPLS,
  PART_NETWORK,
  PART_ONE_WORD,
  PART_PACKET_SIZE,
  PART_TIME,
  PART_TRANSPORT,
  PART_VLAN,
  PART_VXLAN,
  RECORD_EVENT,
  RECORD_FLOW,
  RECORD_IMPORTED,
  RECORD_MANAGEMENT,
} from './format.ts';

/** Where parts go that are carried along but do not lie together in the record: room for as many bytes as it has. */
export interface Spill {
  /** Next free byte of the same memory; moved on by what is put there. */
  at: number;
}

/**
 * @param record its words are set anew; data, label and extra parts point into `view`'s memory, which must be the record's
 * @param at where the record begins; its `words` lie within the view
 * @returns false when the record is of a type that nobody reads (ra ends there)
 */
export function decodeRecord(record: FlowRecord, view: DataView, at: number, words: number, spill: Spill): boolean {
  record.clear();
  const head = view.getUint8(at);
  const cause = view.getUint8(at + 1);
  record.set(CAUSE, cause & 0xf0);
  record.set(CAUSE_DETAIL, cause & 0x0f);
  switch (head >> 4) {
    case RECORD_MANAGEMENT:
      decodeManagement(record, view, at, words, head & 15);
      return true;
    case RECORD_FLOW:
      record.set(KIND, KIND_FLOW);
      break;
    case RECORD_IMPORTED:
      record.set(KIND, KIND_IMPORTED);
      break;
    case RECORD_EVENT:
      record.set(KIND, KIND_EVENT);
      break;
    default:
      return false;
  }
  decodeParts(record, view, at + 4, at + words * 4, spill);
  return true;
}

/** A part that is empty or runs over the record's end ends the reading; the parts before it stand. */
function decodeParts(record: FlowRecord, view: DataView, start: number, end: number, spill: Spill): void {
  let at = start;
  while (at < end) {
    const words = partWords(view, at);
    if (words === 0 || at + words * 4 > end) return;
    if (!decodePart(record, view, at, words)) carry(record, at, words * 4, spill);
    at += words * 4;
  }
}

/** @returns length in words, its head included; 0 when it says so */
function partWords(view: DataView, at: number): number {
  const type = view.getUint8(at);
  if (type & PART_ONE_WORD) return 1;
  return view.getUint8(at + 1) & PART_LONG ? view.getUint16(at + 2) : view.getUint8(at + 3);
}

/** @returns false when the part has no words in the record, or another shape than is known */
function decodePart(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  switch (view.getUint8(at)) {
    case PART_TRANSPORT:
      return decodeTransport(record, view, at, words);
    case PART_FLOW:
      return decodeFlow(record, view, at, words);
    case PART_TIME:
      return decodeTime(record, view, at, words);
    case PART_METRIC:
      return decodeMetric(record, view, at, words);
    case PART_NETWORK:
      decodeState(record, view, at, words);
      return true;
    case PART_ENCAPSULATION:
      return decodeEncapsulation(record, view, at, words);
    case PART_IP:
      return decodeIp(record, view, at, words);
    case PART_PACKET_SIZE:
      return decodePacketSize(record, view, at, words);
    case PART_JITTER:
      return decodeJitter(record, view, at, words);
    case PART_MAC:
      return decodeMac(record, view, at, words);
    case PART_VLAN:
      return decodeVlan(record, view, at, words);
    case PART_MPLS:
      return decodeMpls(record, view, at, words);
    case PART_ICMP:
      return decodeIcmp(record, view, at, words);
    case PART_DATA:
      return decodeData(record, view, at, words);
    case PART_AGGREGATE:
      return decodeAggregate(record, view, at, words);
    case PART_ASN:
      return decodeAsn(record, view, at, words);
    case PART_COUNTRY:
      return decodeCountry(record, view, at, words);
    case PART_KEYSTROKES:
      return decodeKeystrokes(record, view, at, words);
    case PART_LABEL:
      return decodeLabel(record, view, at, words);
    case PART_CORRELATION:
      return carried(record, HAS_CORRELATION);
    case PART_HASH:
      return carried(record, HAS_HASH);
    case PART_GEO:
      return carried(record, HAS_GEO);
    case PART_GRE:
    case PART_VXLAN:
    case PART_GENEVE:
      return carried(record, HAS_TUNNEL);
  }
  return false;
}

/** Notes that the record has such a part, and leaves it to the extra bytes. */
function carried(record: FlowRecord, part: number): false {
  record.set(HAS, record.get(HAS) | part);
  return false;
}

/** User data, with the length in 16 bits or in 8 (where the qualifier tells the side). */
function decodeData(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  if (words < 2) return false;
  const subtype = view.getUint8(at + 1);
  const side = subtype & PART_LONG ? subtype : view.getUint8(at + 2);
  const size = view.getUint16(at + 4);
  const count = Math.min(view.getUint16(at + 6), (words - 2) * 4);
  if (side & DATA_SOURCE) {
    record.set(SOURCE_DATA_AT, at + 8);
    record.set(SOURCE_DATA_COUNT, count);
    record.set(SOURCE_DATA_SIZE, size);
    record.set(HAS, record.get(HAS) | HAS_SOURCE_DATA);
  } else {
    record.set(DESTINATION_DATA_AT, at + 8);
    record.set(DESTINATION_DATA_COUNT, count);
    record.set(DESTINATION_DATA_SIZE, size);
    record.set(HAS, record.get(HAS) | HAS_DESTINATION_DATA);
  }
  return true;
}

/** Text padded with zeros. */
function decodeLabel(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  let bytes = (words - 1) * 4;
  while (bytes > 0 && view.getUint8(at + 3 + bytes) === 0) bytes -= 1;
  record.set(LABEL_AT, at + 4);
  record.set(LABEL_BYTES, bytes);
  record.set(HAS, record.get(HAS) | HAS_LABEL);
  return true;
}

function carry(record: FlowRecord, at: number, bytes: number, spill: Spill): void {
  const carried = record.get(EXTRA_BYTES);
  const carriedAt = record.get(EXTRA_AT);
  if (carried === 0) {
    record.set(EXTRA_AT, at);
  } else if (carriedAt + carried !== at) {
    if (carriedAt + carried !== spill.at) {
      record.bytes.copyWithin(spill.at, carriedAt, carriedAt + carried);
      record.set(EXTRA_AT, spill.at);
      spill.at += carried;
    }
    record.bytes.copyWithin(spill.at, at, at + bytes);
    spill.at += bytes;
  }
  record.set(EXTRA_BYTES, carried + bytes);
}
