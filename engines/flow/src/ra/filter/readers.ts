/** Values of a record that filters test. */
import {
  CAUSE,
  CAUSE_DETAIL,
  DESTINATION_ADDRESS,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_RARP,
  FLOW_TYPE,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_MAC,
  HAS_METRIC,
  HAS_NETWORK,
  ICMP_MAPPED,
  IP_HAS,
  KIND,
  KIND_EVENT,
  KIND_FLOW,
  KIND_IMPORTED,
  KIND_MANAGEMENT,
  MAC_MULTIPLE,
  NET_ESP,
  NET_FRAGMENT,
  NET_ICMP,
  NET_KIND,
  NET_RTCP,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_WORDS,
  PROTOCOL,
  SOURCE_ADDRESS,
  TCP_ACKDAT_US,
  TCP_OPTIONS,
  TCP_STATE,
  TCP_STATUS,
  TCP_SYNACK_US,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { shownPort } from '../record/ports.ts';
import { allOf, anyOf, bits, compare, MISSING, masked, type Predicate, type Reader } from './atoms.ts';

// Types of records and keys by their number on the wire, which is what filters mask.
const WIRE_MANAGEMENT = 0x80;
const WIRE_FLOW = 0x10;
const WIRE_EVENT = 0x40;
const WIRE_IMPORTED = 0x30;
const WIRE_ARP_KEY = 6;
const WIRE_FIVE_TUPLE_KEY = 1;
const KEY_TYPE_MASK = 0x1f;

export const recordKind: Reader = (record) => {
  switch (record.get(KIND)) {
    case KIND_MANAGEMENT:
      return WIRE_MANAGEMENT;
    case KIND_FLOW:
      return WIRE_FLOW;
    case KIND_EVENT:
      return WIRE_EVENT;
    case KIND_IMPORTED:
      return WIRE_IMPORTED;
  }
  return 0;
};

export const causeByte: Reader = (record) => record.get(CAUSE) | record.get(CAUSE_DETAIL);

/** A word that stands when a part does. */
export function partWord(part: number, word: number): Reader {
  return (record) => (record.has(part) ? record.get(word) : MISSING);
}

export function partWide(part: number, word: number): Reader {
  return (record) => (record.has(part) ? record.getWide(word) : MISSING);
}

export const keyType: Reader = (record) => {
  if (!record.has(HAS_FLOW)) return MISSING;
  return record.get(FLOW_TYPE);
};

const keyKind: Reader = (record) => {
  if (!record.has(HAS_FLOW)) return MISSING;
  const type = record.get(FLOW_TYPE);
  return type === FLOW_ARP || type === FLOW_RARP ? WIRE_ARP_KEY : WIRE_FIVE_TUPLE_KEY;
};

export const isManagement: Predicate = bits(recordKind, WIRE_MANAGEMENT);
export const isFlow: Predicate = bits(recordKind, WIRE_FLOW);
export const isEvent: Predicate = bits(recordKind, WIRE_EVENT);
export const isIndex: Predicate = bits(recordKind, 0x20);
export const isArp: Predicate = allOf(isFlow, bits(keyKind, WIRE_ARP_KEY));
export const isIpv4: Predicate = masked(keyType, KEY_TYPE_MASK, FLOW_IPV4);
export const isIpv6: Predicate = masked(keyType, KEY_TYPE_MASK, FLOW_IPV6);
/** What asks for addresses; ra takes ARP for RARP too. */
export const isArpKey: Predicate = masked(keyType, KEY_TYPE_MASK, FLOW_ARP);
export const isEthernet: Predicate = masked(keyType, KEY_TYPE_MASK, FLOW_ETHERNET);

const protocolByte: Reader = partWord(HAS_FLOW, PROTOCOL);

export function isProtocol(number: number, version: '' | 4 | 6 = ''): Predicate {
  const isNumber = compare(protocolByte, 'eq', number);
  const v4 = allOf(isIpv4, isNumber);
  const v6 = allOf(isIpv6, isNumber);
  if (version !== '') return version === 4 ? v4 : v6;
  return anyOf(v4, v6);
}

export function netKindIs(kind: number): Predicate {
  return (record) => record.has(HAS_NETWORK) && record.get(NET_KIND) === kind;
}

/** The n-th word of the protocol's state, in the order of the format. */
export function stateWord(index: number): Reader {
  return (record) => {
    if (!record.has(HAS_NETWORK)) return MISSING;
    const kind = record.get(NET_KIND);
    if (kind >= NET_TCP_FIRST && kind <= NET_TCP) return record.get(TCP_WORDS[index] as number);
    if (kind === NET_ICMP) return icmpStateWord(record, index);
    const words = STATE_WORD_COUNTS.get(kind) ?? 0;
    if (index >= words) return MISSING;
    const word = record.get(NET_WORDS + index);
    return kind === NET_ESP ? word : swapped(word);
  };
}

const TCP_WORDS = [TCP_STATUS, TCP_STATE, TCP_OPTIONS, TCP_SYNACK_US, TCP_ACKDAT_US] as const;
const STATE_WORD_COUNTS = new Map([
  [NET_ESP, 4],
  [NET_RTP, 9],
  [NET_RTCP, 5],
  [NET_FRAGMENT, 13],
]);

/** Type, code and sequence number share the first word; then addresses. */
function icmpStateWord(record: FlowRecord, index: number): number {
  if (index === 0)
    return (record.get(NET_WORDS) | (record.get(NET_WORDS + 1) << 8) | (record.get(NET_WORDS + 2) << 16)) >>> 0;
  return index < 6 ? record.get(NET_WORDS + 2 + index) : MISSING;
}

/** The type in the state of an ICMP flow. */
export const icmpStateType: Reader = (record) =>
  record.has(HAS_NETWORK) && record.get(NET_KIND) === NET_ICMP ? record.get(NET_WORDS) : MISSING;

/** Byte order of an address kept as bytes, turned into a number. */
export function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** One word of an address as a number, 0 the first. */
export function addressWord(isSource: boolean, index: number): Reader {
  const word = (isSource ? SOURCE_ADDRESS : DESTINATION_ADDRESS) + index;
  return (record) => (record.has(HAS_FLOW) ? swapped(record.get(word)) : MISSING);
}

/** The attributes of one side's packets; 0 where that side sent none. */
export function ipWord(word: number): Reader {
  return (record) => (record.has(HAS_IP) ? record.get(word) : MISSING);
}

/** The port as ra shows it. */
export function portOfKey(isSource: boolean): Reader {
  return (record) => (record.has(HAS_FLOW) ? shownPort(record, isSource) : MISSING);
}

export const ipPresence: Reader = partWord(HAS_IP, IP_HAS);
export const icmpMapping: Reader = partWord(HAS_ICMP, ICMP_MAPPED);
export const macPaths: Reader = partWord(HAS_MAC, MAC_MULTIPLE);

export function hasCounters(record: FlowRecord): boolean {
  return record.has(HAS_METRIC);
}
