/** The flow key of a record, as argus 3.0.8 writes it. */
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
  PART_FLOW,
  QUALIFIER_DIRECTION,
  QUALIFIER_FRAGMENT,
  QUALIFIER_MASKS,
} from './format.ts';
import {
  ARP_KEY_WORDS,
  ARP_REVERSED_KEY_WORDS,
  arpMacBytes,
  writeFragment6Id,
  writeFragmentId,
  writeKeyDetail16,
  writeReversedAddress,
} from './quirks.ts';

const ICMP = 1;
const IGMP = 2;
const UDP = 17;
const ESP = 50;
const ICMP6 = 58;

/**
 * @param at where in `view` the part goes; the bytes there are zero
 * @returns words written; 0 for a key that has no form of its own (it is among the extra parts)
 */
export function encodeFlow(record: FlowRecord, view: DataView, at: number): number {
  const flags = record.get(FLOW_FLAGS);
  const reversed = (flags & FLOWFLAG_REVERSED) !== 0;
  const qualifier =
    (flags & FLOWFLAG_DIRECTION ? QUALIFIER_DIRECTION : 0) |
    (flags & FLOWFLAG_MASKS ? QUALIFIER_MASKS : 0) |
    (flags & FLOWFLAG_FRAGMENT ? QUALIFIER_FRAGMENT : 0);
  let kind = KEY_FIVE_TUPLE;
  let type = record.get(FLOW_TYPE);
  let words: number;
  switch (type) {
    case FLOW_IPV4:
      encodeIpv4(record, view, at, flags, reversed);
      words = 5;
      break;
    case FLOW_IPV6:
      words = encodeIpv6(record, view, at, flags, reversed);
      break;
    case FLOW_ETHERNET:
      writeMac(record, view, at + 4, DESTINATION_ADDRESS);
      writeMac(record, view, at + 10, SOURCE_ADDRESS);
      view.setUint16(at + 16, record.get(PROTOCOL));
      view.setUint8(at + 18, record.get(DESTINATION_PORT));
      view.setUint8(at + 19, record.get(SOURCE_PORT));
      words = 5;
      break;
    case FLOW_ARP:
      kind = KEY_ARP;
      words = encodeArp(record, view, at, reversed);
      break;
    case FLOW_RARP:
      kind = KEY_ARP;
      writeArpHead(record, view, at);
      writeAddress(record, view, at + 12, DESTINATION_ADDRESS);
      writeMac(record, view, at + 16, KEY_ARP_MAC);
      writeMac(record, view, at + 22, KEY_ARP_MAC2);
      words = 7;
      break;
    case FLOW_MATRIX_IP:
      kind = KEY_MATRIX_IP;
      type = record.get(KEY_DETAIL) === 6 ? FLOW_IPV6 : FLOW_IPV4;
      words = encodeMatrix(record, view, at, type === FLOW_IPV6 ? 4 : 1, reversed);
      break;
    case FLOW_MATRIX_MAC:
      kind = KEY_MATRIX_MAC;
      type = FLOW_ETHERNET;
      writeMac(record, view, at + 4, DESTINATION_ADDRESS);
      writeMac(record, view, at + 10, SOURCE_ADDRESS);
      words = 4;
      break;
    default:
      return 0;
  }
  view.setUint8(at, PART_FLOW);
  view.setUint8(at + 1, kind | (reversed ? KEY_REVERSED : 0) | ((flags >>> 16) & 0xff));
  view.setUint8(at + 2, type | qualifier);
  view.setUint8(at + 3, words);
  return words;
}

function encodeIpv4(record: FlowRecord, view: DataView, at: number, flags: number, reversed: boolean): void {
  const protocol = record.get(PROTOCOL);
  writeAddress(record, view, at + 4, reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS);
  writeAddress(record, view, at + 8, reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS);
  view.setUint8(at + 12, protocol);
  view.setUint8(at + 13, record.get(KEY_INNER_PROTOCOL));
  if (flags & FLOWFLAG_FRAGMENT) {
    writeFragmentId(view, at, protocol, record.get(KEY_DETAIL));
    return;
  }
  switch (protocol) {
    case ICMP:
      view.setUint8(at + 14, record.get(KEY_ICMP_TYPE));
      view.setUint8(at + 15, record.get(KEY_ICMP_CODE));
      writeKeyDetail16(view, at + 16, record.get(KEY_ICMP_ID));
      writeKeyDetail16(view, at + 18, record.get(KEY_ICMP_SEQUENCE));
      return;
    case IGMP:
      view.setUint8(at + 14, record.get(KEY_ICMP_TYPE));
      view.setUint8(at + 15, record.get(KEY_ICMP_CODE));
      view.setUint16(at + 18, record.get(KEY_DETAIL));
      return;
    case ESP:
      view.setUint32(at + 16, record.get(KEY_DETAIL));
      return;
  }
  view.setUint16(at + 14, record.get(reversed ? DESTINATION_PORT : SOURCE_PORT));
  view.setUint16(at + 16, record.get(reversed ? SOURCE_PORT : DESTINATION_PORT));
  if (flags & FLOWFLAG_MASKS) {
    view.setUint8(at + 18, record.get(reversed ? DESTINATION_MASK : SOURCE_MASK));
    view.setUint8(at + 19, record.get(reversed ? SOURCE_MASK : DESTINATION_MASK));
  } else {
    writeKeyDetail16(view, at + 18, record.get(KEY_DETAIL));
  }
}

function encodeIpv6(record: FlowRecord, view: DataView, at: number, flags: number, reversed: boolean): number {
  for (let word = 0; word < 4; word += 1) {
    writeAddress(record, view, at + 4 + word * 4, (reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS) + word);
    writeAddress(record, view, at + 20 + word * 4, (reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS) + word);
  }
  const protocol = record.get(PROTOCOL);
  const fragment = (flags & FLOWFLAG_FRAGMENT) !== 0;
  const hasLabel = !fragment && protocol !== ESP && protocol !== UDP;
  view.setUint32(at + 36, (protocol << 24) | (hasLabel ? record.get(KEY_DETAIL) & 0xffffff : 0));
  if (fragment) {
    writeFragment6Id(view, at + 40, record.get(KEY_DETAIL));
  } else if (protocol === ICMP6) {
    view.setUint8(at + 40, record.get(KEY_ICMP_TYPE));
    view.setUint8(at + 41, record.get(KEY_ICMP_CODE));
    writeKeyDetail16(view, at + 42, record.get(KEY_ICMP_ID));
  } else if (protocol === ESP) {
    view.setUint32(at + 40, record.get(KEY_DETAIL));
  } else {
    view.setUint16(at + 40, record.get(reversed ? DESTINATION_PORT : SOURCE_PORT));
    view.setUint16(at + 42, record.get(reversed ? SOURCE_PORT : DESTINATION_PORT));
  }
  if ((flags & FLOWFLAG_MASKS) === 0) return 11;
  view.setUint8(at + 44, record.get(reversed ? DESTINATION_MASK : SOURCE_MASK));
  view.setUint8(at + 45, record.get(reversed ? SOURCE_MASK : DESTINATION_MASK));
  return 12;
}

function encodeArp(record: FlowRecord, view: DataView, at: number, reversed: boolean): number {
  writeArpHead(record, view, at);
  writeAddress(record, view, at + 12, SOURCE_ADDRESS);
  writeAddress(record, view, at + 16, DESTINATION_ADDRESS);
  const words = reversed ? ARP_REVERSED_KEY_WORDS : ARP_KEY_WORDS;
  const bytes = arpMacBytes(words, record.get(KEY_ARP_LENGTHS) >> 8);
  for (let index = 0; index < bytes; index += 1) {
    view.setUint8(at + 20 + index, record.get(KEY_ARP_MAC + (index >> 2)) >>> ((index & 3) * 8));
  }
  return words;
}

function writeArpHead(record: FlowRecord, view: DataView, at: number): void {
  view.setUint16(at + 4, record.get(KEY_ARP_HARDWARE));
  view.setUint16(at + 6, record.get(KEY_ARP_PROTOCOL));
  view.setUint16(at + 8, record.get(KEY_ARP_LENGTHS));
  view.setUint16(at + 10, record.get(KEY_ARP_OPERATION));
}

function encodeMatrix(record: FlowRecord, view: DataView, at: number, addressWords: number, reversed: boolean): number {
  if (addressWords === 1) {
    writeReversedAddress(view, at + 4, record.get(reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS));
    writeReversedAddress(view, at + 8, record.get(reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS));
    return 3;
  }
  for (let word = 0; word < addressWords; word += 1) {
    writeAddress(record, view, at + 4 + word * 4, (reversed ? DESTINATION_ADDRESS : SOURCE_ADDRESS) + word);
    writeAddress(
      record,
      view,
      at + 4 + (addressWords + word) * 4,
      (reversed ? SOURCE_ADDRESS : DESTINATION_ADDRESS) + word,
    );
  }
  return 1 + 2 * addressWords;
}

function writeAddress(record: FlowRecord, view: DataView, at: number, word: number): void {
  view.setUint32(at, record.get(word), true);
}

export function writeMac(record: FlowRecord, view: DataView, at: number, word: number): void {
  view.setUint32(at, record.get(word), true);
  view.setUint16(at + 4, record.get(word + 1), true);
}
