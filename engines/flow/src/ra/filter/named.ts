/** Words that test by themselves: protocols, kinds, causes, states, options. */
import {
  CAUSE_ERROR,
  CAUSE_SHUTDOWN,
  CAUSE_START,
  CAUSE_STATUS,
  CAUSE_STOP,
  CAUSE_TIMEOUT,
  DESTINATION_MAC,
  DESTINATION_PACKETS,
  HAS_CORRELATION,
  HAS_COUNTRY,
  HAS_FLOW,
  HAS_ICMP,
  HAS_MAC,
  HAS_METRIC,
  HAS_MPLS,
  HAS_VLAN,
  ICMP_TYPE,
  KEY_ICMP_TYPE,
  NET_RTCP,
  NET_RTP,
  NET_UDT,
  PROTOCOL,
  SIDE_FLAGS,
  SOURCE_COUNTRY,
  SOURCE_MAC,
  SOURCE_PACKETS,
  TCP_DESTINATION,
  TCP_SOURCE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { hasTcpState } from '../record/measures.ts';
import { allOf, anyOf, bits, compare, MISSING, masked, noneOf, type Predicate, type Reader } from './atoms.ts';
import { FilterError } from './errors.ts';
import type { Direction } from './qualifiers.ts';
import {
  addressWord,
  causeByte,
  icmpMapping,
  icmpStateType,
  ipPresence,
  isArp,
  isArpKey,
  isEvent,
  isFlow,
  isIndex,
  isIpv4,
  isIpv6,
  isManagement,
  isProtocol,
  macPaths,
  netKindIs,
  partWide,
  partWord,
  stateWord,
} from './readers.ts';

const ICMP = 1;
const IGMP = 2;
const TCP = 6;
const UDP = 17;
const ESP = 50;
const BROADCAST = 0xffffffff;
const MULTICAST = 0xe0000000;
const MULTICAST_BITS = 0xf0000000;

const PROTOCOL_TESTS: Readonly<Record<string, Predicate>> = {
  tcp: isProtocol(TCP),
  udp: isProtocol(UDP),
  icmp: isProtocol(ICMP),
  igmp: isProtocol(IGMP),
  esp: isProtocol(ESP),
  rtp: allOf(compare(partWord(HAS_FLOW, PROTOCOL), 'eq', UDP), netKindIs(NET_RTP)),
  rtcp: allOf(compare(partWord(HAS_FLOW, PROTOCOL), 'eq', UDP), netKindIs(NET_RTCP)),
  udt: netKindIs(NET_UDT),
  arp: isArp,
  rarp: isArpKey,
  ip: anyOf(isIpv6, isIpv4),
  ipv4: isIpv4,
  ipv6: isIpv6,
  mpls: (record) => record.has(HAS_MPLS),
  vlan: (record) => record.has(HAS_VLAN),
  isis: () => false,
};

export function protocolTest(protocol: string): Predicate {
  const test = PROTOCOL_TESTS[protocol];
  if (test === undefined) throw new FilterError(`'${protocol}' cannot stand alone`);
  return test;
}

const tcpStatus = stateWord(0);
const isTcp = isProtocol(TCP);
const isEsp = isProtocol(ESP);
const isIcmp = isProtocol(ICMP);

function tcpState(wanted: number): Predicate {
  return allOf(isTcp, bits(tcpStatus, wanted));
}

function espState(wanted: number): Predicate {
  return allOf(isEsp, bits(stateWord(0), wanted));
}

const isTalk = allOf(
  isIpv4,
  allOf(
    compare(partWide(HAS_METRIC, SOURCE_PACKETS), 'gt', 0),
    compare(partWide(HAS_METRIC, DESTINATION_PACKETS), 'gt', 0),
  ),
);
const isEstablished = anyOf(isTalk, tcpState(4));
const igmpType = partWord(HAS_FLOW, KEY_ICMP_TYPE);
const isIgmp = isProtocol(IGMP);
const mappedType = partWord(HAS_ICMP, ICMP_TYPE);

/** An ICMP message of that type, or a flow that one spoke of. */
function icmpOf(type: number, mapping: number): Predicate {
  return anyOf(allOf(isIcmp, compare(icmpStateType, 'eq', type)), compare(icmpMapping, 'eq', mapping));
}

const STATE_TESTS: Readonly<Record<string, Predicate>> = {
  man: isManagement,
  mar: isManagement,
  far: isFlow,
  event: isEvent,
  index: isIndex,
  start: bits(causeByte, CAUSE_START),
  init: bits(causeByte, CAUSE_START),
  status: bits(causeByte, CAUSE_STATUS),
  stop: bits(causeByte, CAUSE_STOP),
  shut: bits(causeByte, CAUSE_SHUTDOWN),
  timeout: bits(causeByte, CAUSE_TIMEOUT),
  error: bits(causeByte, CAUSE_ERROR),
  normal: tcpState(0x20),
  wait: tcpState(0x40),
  synack: tcpState(2),
  finack: tcpState(0x10),
  est: isEstablished,
  con: isEstablished,
  avail: isEstablished,
  cor: (record) => record.has(HAS_CORRELATION),
  corolated: (record) => record.has(HAS_CORRELATION),
  icmpmap: noneOf(masked(icmpMapping, 7, 0)),
  echo: allOf(anyOf(compare(icmpStateType, 'eq', 8), compare(icmpStateType, 'eq', 0)), isIcmp),
  unreach: icmpOf(3, 1),
  redirect: anyOf(allOf(isIcmp, compare(mappedType, 'eq', 5)), compare(icmpMapping, 'eq', 2)),
  timexed: icmpOf(11, 4),
  rtr: allOf(isIgmp, compare(igmpType, 'eq', 0x11)),
  lvg: allOf(isIgmp, compare(igmpType, 'eq', 0x17)),
  mbr: allOf(isIgmp, noneOf(compare(igmpType, 'eq', 0x11))),
  cocode: noneOf(compare(partWord(HAS_COUNTRY, SOURCE_COUNTRY), 'eq', 0)),
};

export function stateTest(word: string): Predicate {
  const test = STATE_TESTS[word];
  if (test === undefined) throw new FilterError(`'${word}' is not known`);
  return test;
}

const OPTION_BITS: Readonly<Record<string, number>> = {
  tcpopt: 0xfff00000,
  mss: 0x00100000,
  wscale: 0x00200000,
  selackok: 0x00400000,
  selack: 0x00800000,
  tcpecho: 0x01000000,
  tcpechoreply: 0x02000000,
  tcptimestamp: 0x04000000,
  tcpcc: 0x08000000,
  tcpccnew: 0x10000000,
  tcpccecho: 0x20000000,
  secn: 0x40000000,
  decn: 0x80000000,
};

export function optionTest(word: string): Predicate {
  return allOf(isIpv4, bits(stateWord(2), OPTION_BITS[word] as number));
}

/** Bits of a TCP status, source and destination. */
const SIDE_STATUS: Readonly<Record<string, readonly [number, number]>> = {
  outoforder: [0x10000, 0x20000],
  ooo: [0x10000, 0x20000],
  winshut: [0x400, 0x800],
  ecn: [0x4000, 0x8000],
};
/** TCP flags, which each side keeps its own of. */
const SIDE_FLAG: Readonly<Record<string, number>> = {
  fin: 0x01,
  syn: 0x02,
  reset: 0x04,
  rst: 0x04,
  push: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
};

/** A word about one side, or about any or both. */
export function sideTest(word: string, direction: Direction): Predicate {
  const status = SIDE_STATUS[word];
  if (status !== undefined) return ofSides(direction, tcpState(status[0]), tcpState(status[1]));
  const flag = SIDE_FLAG[word];
  if (flag !== undefined)
    return allOf(isTcp, ofSides(direction, flagOf(TCP_SOURCE, flag), flagOf(TCP_DESTINATION, flag)));
  switch (word) {
    case 'retrans':
    case 'drop':
      return ofSides(direction, anyOf(espState(0x10), tcpState(0x100)), anyOf(espState(0x20), tcpState(0x200)));
    case 'frag':
      return allOf(isIpv4, ofSides(direction, bits(ipPresence, 0x10), bits(ipPresence, 0x20)));
    case 'multipath':
    case 'mpath':
      return ofSides(direction, bits(macPaths, 1), bits(macPaths, 2));
    case 'dup':
      return duplicates(direction);
  }
  return () => false;
}

function duplicates(direction: Direction): Predicate {
  if (direction === 'src') return bits(tcpStatus, 0x40000);
  return bits(tcpStatus, direction === 'dst' ? 0x80000 : 0xc0000);
}

/** Without a state there is nothing to mask: all flags read as set, as in ra. */
function flagOf(side: number, flag: number): Predicate {
  const read: Reader = (record: FlowRecord) => (hasTcpState(record) ? record.get(side + SIDE_FLAGS) : MISSING);
  return bits(read, flag);
}

export function ofSides(direction: Direction, source: Predicate, destination: Predicate): Predicate {
  switch (direction) {
    case 'src':
      return source;
    case 'dst':
      return destination;
    case 'and':
      return allOf(source, destination);
    default:
      return anyOf(source, destination);
  }
}

/** `broadcast` and `multicast`, by address or by MAC. */
export function trafficTest(word: string, protocol: string): Predicate {
  if (protocol === 'link') {
    return word === 'broadcast' ? anyOf(macIs(SOURCE_MAC), macIs(DESTINATION_MAC)) : isGroupMac;
  }
  const source = addressWord(true, 0);
  const destination = addressWord(false, 0);
  if (word === 'multicast') return allOf(isIpv4, anyOf(reaches(source), reaches(destination)));
  return allOf(isIpv4, anyOf(compare(source, 'eq', BROADCAST), compare(destination, 'eq', BROADCAST)));
}

function reaches(read: Reader): Predicate {
  return (record) => (read(record) & MULTICAST_BITS) >>> 0 >= MULTICAST;
}

function macIs(word: number): Predicate {
  return (record) =>
    record.has(HAS_MAC) && record.get(word) === 0xffffffff && (record.get(word + 1) & 0xffff) === 0xffff;
}

const isGroupMac: Predicate = (record) =>
  record.has(HAS_MAC) && ((record.get(SOURCE_MAC) | record.get(DESTINATION_MAC)) & 1) !== 0;
