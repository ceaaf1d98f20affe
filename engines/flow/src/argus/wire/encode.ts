/** A FlowRecord as a record of version 3: argus 3.0.8's parts, in its order, as wide as it writes them. */
import {
  CAUSE,
  CAUSE_DETAIL,
  DESTINATION_DATA_AT,
  DESTINATION_DATA_COUNT,
  DESTINATION_DATA_SIZE,
  EXTRA_AT,
  EXTRA_BYTES,
  HAS_AGGREGATE,
  HAS_ASN,
  HAS_COUNTRY,
  HAS_DESTINATION_DATA,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_JITTER,
  HAS_KEYSTROKES,
  HAS_LABEL,
  HAS_MAC,
  HAS_METRIC,
  HAS_MPLS,
  HAS_NETWORK,
  HAS_PACKET_SIZE,
  HAS_SOURCE_DATA,
  HAS_TIME,
  HAS_TRANSPORT,
  HAS_VLAN,
  KIND,
  KIND_EVENT,
  KIND_IMPORTED,
  KIND_MANAGEMENT,
  LABEL_AT,
  LABEL_BYTES,
  SOURCE_DATA_AT,
  SOURCE_DATA_COUNT,
  SOURCE_DATA_SIZE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { encodeFlow } from './encode-flow.ts';
import { encodeManagement } from './encode-management.ts';
import {
  encodeAggregate,
  encodeAsn,
  encodeCountry,
  encodeEncapsulation,
  encodeIcmp,
  encodeIp,
  encodeJitter,
  encodeKeystrokes,
  encodeMac,
  encodeMetric,
  encodeMpls,
  encodePacketSize,
  encodeTime,
  encodeTransport,
  encodeVlan,
} from './encode-parts.ts';
import { encodeState } from './encode-state.ts';
import {
  DATA_DESTINATION,
  DATA_SOURCE,
  MAX_RECORD_BYTES,
  PART_DATA,
  PART_LABEL,
  PART_LONG,
  RECORD_EVENT,
  RECORD_FLOW,
  RECORD_IMPORTED,
} from './format.ts';

const VERSION = 3;
/** A part whose length has 8 bits. */
const MAX_SHORT_PART_BYTES = 255 * 4;

/** Writes records one behind another into memory that it reuses. */
export class RecordEncoder {
  readonly #bytes = new Uint8Array(MAX_RECORD_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  /** Data, labels and extra parts left out because a record has 65535 words at most. */
  partsLeftOut = 0;

  /** @returns the record's bytes, valid until the next call */
  encode(record: FlowRecord): Uint8Array {
    const bytes =
      record.get(KIND) === KIND_MANAGEMENT
        ? encodeManagement(record, this.#bytes, this.#view)
        : this.#encodeParts(record);
    return this.#bytes.subarray(0, bytes);
  }

  #encodeParts(record: FlowRecord): number {
    const view = this.#view;
    // The longest record without data has less than a page; only this much need be zero.
    this.#bytes.fill(0, 0, 4096);
    let at = 4;
    if (record.has(HAS_TRANSPORT)) at += encodeTransport(record, view, at) * 4;
    if (record.has(HAS_FLOW)) at += encodeFlow(record, view, at) * 4;
    if (record.has(HAS_TIME)) at += encodeTime(record, view, at) * 4;
    if (record.has(HAS_METRIC)) at += encodeMetric(record, view, at) * 4;
    if (record.has(HAS_AGGREGATE)) at += encodeAggregate(record, view, at) * 4;
    if (record.has(HAS_NETWORK)) at += encodeState(record, view, at) * 4;
    if (record.has(HAS_VLAN)) at += encodeVlan(record, view, at) * 4;
    if (record.has(HAS_MPLS)) at += encodeMpls(record, view, at) * 4;
    if (record.has(HAS_JITTER)) at += encodeJitter(record, view, at) * 4;
    if (record.has(HAS_IP)) at += encodeIp(record, view, at) * 4;
    if (record.has(HAS_PACKET_SIZE)) at += encodePacketSize(record, view, at) * 4;
    if (record.has(HAS_SOURCE_DATA)) {
      at = this.#data(record, at, DATA_SOURCE, SOURCE_DATA_AT, SOURCE_DATA_COUNT, SOURCE_DATA_SIZE);
    }
    if (record.has(HAS_DESTINATION_DATA)) {
      at = this.#data(record, at, DATA_DESTINATION, DESTINATION_DATA_AT, DESTINATION_DATA_COUNT, DESTINATION_DATA_SIZE);
    }
    at = this.#tail(record, at);
    view.setUint8(0, (recordType(record.get(KIND)) << 4) | VERSION);
    view.setUint8(1, record.get(CAUSE) | record.get(CAUSE_DETAIL));
    view.setUint16(2, at >> 2);
    return at;
  }

  /** The parts behind the data, whose place is not yet zero. */
  #tail(record: FlowRecord, from: number): number {
    const view = this.#view;
    this.#bytes.fill(0, from, from + 1024);
    let at = from;
    if (record.has(HAS_MAC)) at += encodeMac(record, view, at) * 4;
    if (record.has(HAS_ICMP)) at += encodeIcmp(record, view, at) * 4;
    if (record.has(HAS_ENCAPSULATION)) at += encodeEncapsulation(record, view, at) * 4;
    if (record.has(HAS_KEYSTROKES)) at += encodeKeystrokes(record, view, at) * 4;
    if (record.has(HAS_COUNTRY)) at += encodeCountry(record, view, at) * 4;
    if (record.has(HAS_LABEL)) at = this.#label(record, at);
    if (record.has(HAS_ASN)) {
      this.#bytes.fill(0, at, at + 16);
      at += encodeAsn(record, view, at) * 4;
    }
    const extra = record.get(EXTRA_BYTES);
    return extra > 0 ? this.#copy(record, at, record.get(EXTRA_AT), extra) : at;
  }

  #data(record: FlowRecord, at: number, side: number, from: number, count: number, size: number): number {
    const bytes = record.get(count);
    const padded = (bytes + 3) & ~3;
    if (at + 8 + padded > MAX_RECORD_BYTES - 2048) {
      this.partsLeftOut += 1;
      return at;
    }
    const view = this.#view;
    view.setUint8(at, PART_DATA);
    view.setUint8(at + 1, PART_LONG | side);
    view.setUint16(at + 2, 2 + padded / 4);
    view.setUint16(at + 4, record.get(size));
    view.setUint16(at + 6, bytes);
    this.#copy(record, at + 8, record.get(from), bytes);
    this.#bytes.fill(0, at + 8 + bytes, at + 8 + padded);
    return at + 8 + padded;
  }

  /** A label's length must have 8 bits: ra crashes over the longer form. */
  #label(record: FlowRecord, at: number): number {
    const bytes = Math.min(record.get(LABEL_BYTES), MAX_SHORT_PART_BYTES - 8);
    const words = 2 + (bytes >> 2);
    this.#bytes.fill(0, at, at + words * 4);
    this.#view.setUint8(at, PART_LABEL);
    this.#view.setUint8(at + 1, 1);
    this.#view.setUint8(at + 3, words);
    this.#copy(record, at + 4, record.get(LABEL_AT), bytes);
    return at + words * 4;
  }

  /** @returns the byte behind the copy, or `at` when it has no room */
  #copy(record: FlowRecord, at: number, from: number, bytes: number): number {
    if (at + bytes > MAX_RECORD_BYTES) {
      this.partsLeftOut += 1;
      return at;
    }
    this.#bytes.set(record.bytes.subarray(from, from + bytes), at);
    return at + bytes;
  }
}

function recordType(kind: number): number {
  if (kind === KIND_IMPORTED) return RECORD_IMPORTED;
  return kind === KIND_EVENT ? RECORD_EVENT : RECORD_FLOW;
}
