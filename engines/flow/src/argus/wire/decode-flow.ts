/** The flow key of a record: who with whom. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_MASK,
  DESTINATION_PORT,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_MATRIX_IP,
  FLOW_MATRIX_MAC,
  FLOW_RARP,
  FLOW_TYPE,
  FLOWFLAG_DIRECTION,
  FLOWFLAG_FRAGMENT,
  FLOWFLAG_MASKS,
  FLOWFLAG_REVERSED,
  HAS,
  HAS_FLOW,
  KEY_ARP_HARDWARE,
  KEY_ARP_LENGTHS,
  KEY_ARP_MAC,
  KEY_ARP_MAC2,
  KEY_ARP_OPERATION,
  KEY_ARP_PROTOCOL,
  KEY_DETAIL,
  KEY_ICMP_CODE,
  KEY_ICMP_ID,
  KEY_ICMP_SEQUENCE,
  KEY_ICMP_TYPE,
  KEY_INNER_PROTOCOL,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_MASK,
  SOURCE_PORT,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  KEY_ARP,
  KEY_FIVE_TUPLE,
  KEY_MATRIX_IP,
  KEY_MATRIX_MAC,
  KEY_REVERSED,
  QUALIFIER_DIRECTION,
  QUALIFIER_FRAGMENT,
  QUALIFIER_MASKS,
} from './format.ts';
import { arpMacBytes, readFragment6Id, readFragmentId, readKeyDetail16, readReversedAddress } from './quirks.ts';

const ICMP = 1;
const IGMP = 2;
const UDP = 17;
const ESP = 50;
const ICMP6 = 58;
/** Subtype bits beside kind and reversal; kept in the high half of FLOW_FLAGS. */
const OTHER_SUBTYPE_BITS = 0xa0;

/**
 * @param at where the part begins in `view`
 * @param words its length; all of it lies within the record
 * @returns false when the key is none of ours: then the record is unchanged
 */
export function decodeFlow(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const subtype = view.getUint8(at + 1);
  const qualifier = view.getUint8(at + 2);
  const reversed = (subtype & KEY_REVERSED) !== 0;
  const type = decodeKey(record, view, at, words, subtype & 0x1f, qualifier, reversed);
  if (type === 0) return false;
  record.set(FLOW_TYPE, type);
  record.set(
    FLOW_FLAGS,
    (reversed ? FLOWFLAG_REVERSED : 0) |
      (qualifier & QUALIFIER_DIRECTION ? FLOWFLAG_DIRECTION : 0) |
      (qualifier & QUALIFIER_MASKS ? FLOWFLAG_MASKS : 0) |
      (qualifier & QUALIFIER_FRAGMENT ? FLOWFLAG_FRAGMENT : 0) |
      ((subtype & OTHER_SUBTYPE_BITS) << 16),
  );
  record.set(HAS, record.get(HAS) | HAS_FLOW);
  return true;
}

/** @returns FLOW_…, 0 when it is none of ours or too short */
function decodeKey(
  record: FlowRecord,
  view: DataView,
  at: number,
  words: number,
  kind: number,
  qualifier: number,
  reversed: boolean,
): number {
  const type = qualifier & 0x1f;
  if (kind === KEY_FIVE_TUPLE) {
    if (type === FLOW_IPV4 && words >= 5) return decodeIpv4(record, view, at, qualifier, reversed);
    if (type === FLOW_IPV6 && words >= 11) return decodeIpv6(record, view, at, words, qualifier, reversed);
    if (type === FLOW_ETHERNET && words >= 5) {
      readMac(record, view, at + 4, DESTINATION_ADDRESS);
      readMac(record, view, at + 10, SOURCE_ADDRESS);
      record.set(PROTOCOL, view.getUint16(at + 16));
      record.set(DESTINATION_PORT, view.getUint8(at + 18));
      record.set(SOURCE_PORT, view.getUint8(at + 19));
      return FLOW_ETHERNET;
    }
  }
  if (kind === KEY_ARP) {
    if (type === FLOW_ARP && words >= 5) return decodeArp(record, view, at, words);
    if (type === FLOW_RARP && words >= 7) return decodeRarp(record, view, at);
  }
  if (kind === KEY_MATRIX_IP) return decodeMatrix(record, view, at, words, type, reversed);
  if (kind === KEY_MATRIX_MAC && type === FLOW_ETHERNET && words >= 4) {
    readMac(record, view, at + 4, DESTINATION_ADDRESS);
    readMac(record, view, at + 10, SOURCE_ADDRESS);
    return FLOW_MATRIX_MAC;
  }
  return 0;
}

function decodeIpv4(record: FlowRecord, view: DataView, at: number, qualifier: number, reversed: boolean): number {
  const protocol = view.getUint8(at + 12);
  readAddress(record, view, at + 4, reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS);
  readAddress(record, view, at + 8, reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS);
  record.set(PROTOCOL, protocol);
  record.set(KEY_INNER_PROTOCOL, view.getUint8(at + 13));
  if (qualifier & QUALIFIER_FRAGMENT) {
    record.set(KEY_DETAIL, readFragmentId(view, at, protocol));
    return FLOW_IPV4;
  }
  switch (protocol) {
    case ICMP:
      record.set(KEY_ICMP_TYPE, view.getUint8(at + 14));
      record.set(KEY_ICMP_CODE, view.getUint8(at + 15));
      record.set(KEY_ICMP_ID, readKeyDetail16(view, at + 16));
      record.set(KEY_ICMP_SEQUENCE, readKeyDetail16(view, at + 18));
      return FLOW_IPV4;
    case IGMP:
      record.set(KEY_ICMP_TYPE, view.getUint8(at + 14));
      record.set(KEY_ICMP_CODE, view.getUint8(at + 15));
      record.set(KEY_DETAIL, view.getUint16(at + 18));
      return FLOW_IPV4;
    case ESP:
      record.set(KEY_DETAIL, view.getUint32(at + 16));
      return FLOW_IPV4;
  }
  record.set(reversed ? DESTINATION_PORT : SOURCE_PORT, view.getUint16(at + 14));
  record.set(reversed ? SOURCE_PORT : DESTINATION_PORT, view.getUint16(at + 16));
  if (qualifier & QUALIFIER_MASKS) {
    record.set(reversed ? DESTINATION_MASK : SOURCE_MASK, view.getUint8(at + 18));
    record.set(reversed ? SOURCE_MASK : DESTINATION_MASK, view.getUint8(at + 19));
  } else {
    record.set(KEY_DETAIL, readKeyDetail16(view, at + 18));
  }
  return FLOW_IPV4;
}

function decodeIpv6(
  record: FlowRecord,
  view: DataView,
  at: number,
  words: number,
  qualifier: number,
  reversed: boolean,
): number {
  for (let word = 0; word < 4; word += 1) {
    readAddress(record, view, at + 4 + word * 4, (reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS) + word);
    readAddress(record, view, at + 20 + word * 4, (reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS) + word);
  }
  const protocol = view.getUint8(at + 36);
  record.set(PROTOCOL, protocol);
  record.set(KEY_DETAIL, view.getUint32(at + 36) & 0xffffff);
  if (qualifier & QUALIFIER_FRAGMENT) {
    record.set(KEY_DETAIL, readFragment6Id(view, at + 40));
  } else if (protocol === ICMP6) {
    record.set(KEY_ICMP_TYPE, view.getUint8(at + 40));
    record.set(KEY_ICMP_CODE, view.getUint8(at + 41));
    record.set(KEY_ICMP_ID, readKeyDetail16(view, at + 42));
  } else if (protocol === ESP) {
    record.set(KEY_DETAIL, view.getUint32(at + 40));
  } else {
    record.set(reversed ? DESTINATION_PORT : SOURCE_PORT, view.getUint16(at + 40));
    record.set(reversed ? SOURCE_PORT : DESTINATION_PORT, view.getUint16(at + 42));
  }
  if (words >= 12 && qualifier & QUALIFIER_MASKS) {
    record.set(reversed ? DESTINATION_MASK : SOURCE_MASK, view.getUint8(at + 44));
    record.set(reversed ? SOURCE_MASK : DESTINATION_MASK, view.getUint8(at + 45));
  } else if (words >= 12 && protocol === UDP) {
    record.set(KEY_DETAIL, readKeyDetail16(view, at + 44));
  }
  return FLOW_IPV6;
}

function decodeArp(record: FlowRecord, view: DataView, at: number, words: number): number {
  readArpHead(record, view, at);
  readAddress(record, view, at + 12, SOURCE_ADDRESS);
  readAddress(record, view, at + 16, DESTINATION_ADDRESS);
  readBytes(record, view, at + 20, arpMacBytes(words, view.getUint8(at + 8)), KEY_ARP_MAC);
  return FLOW_ARP;
}

function decodeRarp(record: FlowRecord, view: DataView, at: number): number {
  readArpHead(record, view, at);
  readAddress(record, view, at + 12, DESTINATION_ADDRESS);
  readMac(record, view, at + 16, KEY_ARP_MAC);
  readMac(record, view, at + 22, KEY_ARP_MAC2);
  return FLOW_RARP;
}

function readArpHead(record: FlowRecord, view: DataView, at: number): void {
  record.set(PROTOCOL, view.getUint8(at + 2) === FLOW_RARP ? 0x8035 : 0x0806);
  record.set(KEY_ARP_HARDWARE, view.getUint16(at + 4));
  record.set(KEY_ARP_PROTOCOL, view.getUint16(at + 6));
  record.set(KEY_ARP_LENGTHS, view.getUint16(at + 8));
  record.set(KEY_ARP_OPERATION, view.getUint16(at + 10));
}

/** KEY_DETAIL says which addresses a matrix is of: 4 or 6. */
function decodeMatrix(
  record: FlowRecord,
  view: DataView,
  at: number,
  words: number,
  type: number,
  reversed: boolean,
): number {
  const addressWords = type === FLOW_IPV4 ? 1 : 4;
  if ((type !== FLOW_IPV4 && type !== FLOW_IPV6) || words < 1 + 2 * addressWords) return 0;
  record.set(KEY_DETAIL, type === FLOW_IPV4 ? 4 : 6);
  if (type === FLOW_IPV4) {
    record.set(reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS, readReversedAddress(view, at + 4));
    record.set(reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS, readReversedAddress(view, at + 8));
    return FLOW_MATRIX_IP;
  }
  for (let word = 0; word < addressWords; word += 1) {
    readAddress(record, view, at + 4 + word * 4, (reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS) + word);
    readAddress(
      record,
      view,
      at + 4 + (addressWords + word) * 4,
      (reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS) + word,
    );
  }
  return FLOW_MATRIX_IP;
}

function readAddress(record: FlowRecord, view: DataView, at: number, word: number): void {
  record.set(word, view.getUint32(at, true));
}

export function readMac(record: FlowRecord, view: DataView, at: number, word: number): void {
  record.set(word, view.getUint32(at, true));
  record.set(word + 1, view.getUint16(at + 4, true));
}

/** @param count at most 8 */
function readBytes(record: FlowRecord, view: DataView, at: number, count: number, word: number): void {
  let low = 0;
  let high = 0;
  for (let index = 0; index < count; index += 1) {
    const byte = view.getUint8(at + index);
    if (index < 4) low |= byte << (index * 8);
    else high |= byte << ((index - 4) * 8);
  }
  record.set(word, low);
  record.set(word + 1, high);
}
