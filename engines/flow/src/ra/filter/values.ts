/** Words that a value follows: addresses, ports, counters, figures. */
import {
  DESTINATION_APP_BYTES,
  DESTINATION_ASN,
  DESTINATION_BYTES,
  DESTINATION_COUNTRY,
  DESTINATION_ENCAPSULATION,
  DESTINATION_IP_ID,
  DESTINATION_KEYSTROKES,
  DESTINATION_MPLS,
  DESTINATION_PACKETS,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  HAS_ASN,
  HAS_COUNTRY,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_ICMP,
  HAS_JITTER,
  HAS_KEYSTROKES,
  HAS_METRIC,
  HAS_MPLS,
  HAS_TRANSPORT,
  HAS_VLAN,
  ICMP_OUTER_SOURCE,
  JITTER_DESTINATION_ACTIVE,
  JITTER_DESTINATION_IDLE,
  JITTER_HAS,
  JITTER_SOURCE_ACTIVE,
  JITTER_SOURCE_IDLE,
  KEY_DETAIL,
  MPLS_HAS,
  SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SOURCE_APP_BYTES,
  SOURCE_ASN,
  SOURCE_BYTES,
  SOURCE_COUNTRY,
  SOURCE_ENCAPSULATION,
  SOURCE_ID,
  SOURCE_IP_ID,
  SOURCE_KEYSTROKES,
  SOURCE_MPLS,
  SOURCE_PACKETS,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  STAT_MEAN,
  STAT_STDDEV,
  TCP_DESTINATION,
  TCP_SOURCE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  gap,
  hasTcpState,
  load,
  loss,
  percentLoss,
  producerConsumerRatio,
  rateAsRead,
  roundTrip,
  transactions,
} from '../record/measures.ts';
import { duration } from '../record/times.ts';
import { DIFFSERV_NAMES } from '../text/names.ts';
import { addressTest, macTest } from './addresses.ts';
import {
  allOf,
  anyOf,
  bits,
  type Comparison,
  compare,
  compareFigure,
  MISSING,
  masked,
  type Predicate,
  type Reader,
} from './atoms.ts';
import { FilterError } from './errors.ts';
import { numberOf, type Token } from './lexer.ts';
import { ofSides } from './named.ts';
import { protocolValueTest } from './protocols.ts';
import type { Direction, Qualifiers } from './qualifiers.ts';
import {
  ipWord,
  isEvent,
  isFlow,
  isIpv4,
  isManagement,
  isProtocol,
  partWide,
  partWord,
  portOfKey,
  swapped,
} from './readers.ts';

export type { Comparison } from './atoms.ts';

const TCP = 6;
const UDP = 17;
const ESP = 50;
const US_PER_MS = 1000;

/** What names mean. */
export interface NameLookup {
  /** @returns addresses as text, IPv4 or IPv6 */
  host(name: string): readonly string[] | null;
  port(name: string, protocol: 'tcp' | 'udp'): number | null;
  /** @returns the protocol's number by the machine's own list */
  protocol(name: string): number | null;
  /** @returns six bytes of MAC by /etc/ethers, `aa:bb:...` */
  mac(name: string): string | null;
}

/** @throws FilterError */
export function valueTest(
  qualifiers: Qualifiers,
  comparison: Comparison,
  token: Token,
  mask: string | undefined,
  lookup: NameLookup,
): Predicate {
  const { of, direction } = qualifiers;
  if (mask !== undefined && of !== 'net') throw new FilterError('Mask syntax for networks only');
  if (token.kind === 'mac') return macTest(qualifiers, token.text);
  switch (of) {
    case 'default':
    case 'host':
    case 'net':
      return addressTest(qualifiers, token, mask, lookup);
    case 'gateway':
      return gatewayTest(qualifiers, token, lookup);
    case 'proto':
      if (direction !== 'default') throw new FilterError("direction applied to 'proto'");
      return protocolValueTest(qualifiers.protocol, token, lookup);
    case 'port':
      return portTest(qualifiers, comparison, token, lookup);
    case 'srcid':
      return sourceIdTest(token, lookup);
    case 'inode':
      return allOf(
        isFlow,
        compare((r) => (r.has(HAS_ICMP) ? swapped(r.get(ICMP_OUTER_SOURCE)) : MISSING), 'eq', addressOf(token, lookup)),
      );
    case 'co':
      return countryTest(direction, token.text);
    case 'encaps':
      return encapsulationTest(direction, token.text);
    case 'dsb':
      return codeTest(direction, comparison, token);
  }
  return numberTest(of, direction, comparison, token);
}

function gatewayTest(qualifiers: Qualifiers, token: Token, lookup: NameLookup): Predicate {
  const mac = lookup.mac(token.text);
  if (mac === null) throw new FilterError(`unknown ether host: ${token.text}`);
  const isLink = macTest({ ...qualifiers, protocol: 'link', direction: 'or' }, mac);
  const isHost = addressTest({ ...qualifiers, of: 'host', direction: 'or' }, token, undefined, lookup);
  return allOf(isLink, (record) => !isHost(record));
}

function portTest(qualifiers: Qualifiers, comparison: Comparison, token: Token, lookup: NameLookup): Predicate {
  const { protocol, direction } = qualifiers;
  if (!['', 'tcp', 'udp', 'udt', 'rtp', 'rtcp'].includes(protocol))
    throw new FilterError("illegal qualifier of 'port'");
  const protocols = protocol === '' ? [TCP, UDP] : [protocol === 'tcp' ? TCP : UDP];
  if (token.kind === 'number') return portOf(protocols, direction, comparison, numberOf(token.text));
  const range = /^(\d+)-(\d+)$/.exec(token.text);
  if (range !== null) {
    const from = portOf(protocols, direction, 'gte', Number(range[1]));
    return allOf(from, portOf(protocols, direction, 'lte', Number(range[2])));
  }
  return namedPort(protocols, direction, token.text, lookup);
}

function namedPort(protocols: readonly number[], direction: Direction, name: string, lookup: NameLookup): Predicate {
  const tcp = protocols.includes(TCP) ? lookup.port(name, 'tcp') : null;
  const udp = protocols.includes(UDP) ? lookup.port(name, 'udp') : null;
  if (tcp === null && udp === null) throw new FilterError(`unknown port '${name}'`);
  const named = [...(tcp === null ? [] : [TCP]), ...(udp === null ? [] : [UDP])];
  return portOf(named, direction, 'eq', (tcp ?? udp) as number);
}

function portOf(protocols: readonly number[], direction: Direction, comparison: Comparison, port: number): Predicate {
  const isAny = protocols.map((number) => isProtocol(number)).reduce(anyOf);
  const side = (isSource: boolean) => allOf(compare(portOfKey(isSource), comparison, port), isAny);
  return ofSides(direction, side(true), side(false));
}

function sourceIdTest(token: Token, lookup: NameLookup): Predicate {
  let wanted = 0;
  if (token.kind === 'string') {
    const text = Buffer.alloc(4);
    text.write(token.text.slice(0, 4), 'latin1');
    wanted = text.readUInt32BE();
  } else if (token.kind === 'number') {
    wanted = numberOf(token.text) >>> 0;
  } else {
    wanted = addressOf(token, lookup);
  }
  const isId = compare((record) => swapped(record.get(SOURCE_ID)), 'eq', wanted);
  const hasId: Predicate = (record) => record.has(HAS_TRANSPORT);
  return anyOf(allOf(anyOf(isFlow, isEvent), allOf(hasId, isId)), allOf(isManagement, isId));
}

/** An IPv4 address, or the first of a name. */
function addressOf(token: Token, lookup: NameLookup): number {
  const text = token.kind === 'ipv4' ? token.text : lookup.host(token.text)?.find((address) => !address.includes(':'));
  if (text === undefined) throw new FilterError(`srcid ${token.text} unknown`);
  return text.split('.').reduce((value, part) => value * 256 + (numberOf(part) & 255), 0);
}

function countryTest(direction: Direction, code: string): Predicate {
  const wanted = (code.charCodeAt(0) & 255) | ((code.charCodeAt(1) & 255) << 8);
  const side = (word: number) =>
    compare((record) => (record.has(HAS_COUNTRY) ? record.get(word) & 0xffff : MISSING), 'eq', wanted);
  return ofSides(direction, side(SOURCE_COUNTRY), side(DESTINATION_COUNTRY));
}

const ENCAPSULATIONS =
  'mpls eth 802q llc pppoe isl gre ah ipnip ipnip6 hdlc chdlc atm sll fddi slip arc wlan prism avs lrh grh teredo udt ipsec juniper erspan'.split(
    ' ',
  );

/** The first name that the text begins with, as ra looks them up. */
function encapsulationTest(direction: Direction, text: string): Predicate {
  const bit = ENCAPSULATIONS.findIndex((name) => text.toLowerCase().startsWith(name));
  if (bit < 0) throw new FilterError(`unknown encapsulation '${text}'`);
  const side = (word: number) => bits(partWord(HAS_ENCAPSULATION, word), 2 ** bit);
  return ofSides(direction, side(SOURCE_ENCAPSULATION), side(DESTINATION_ENCAPSULATION));
}

function codeTest(direction: Direction, comparison: Comparison, token: Token): Predicate {
  let code = token.kind === 'number' ? numberOf(token.text) : -1;
  for (const [number, name] of DIFFSERV_NAMES) {
    if (code < 0 && token.text.toLowerCase().startsWith(name)) code = number;
  }
  if (code < 0) throw new FilterError(`unknown code point '${token.text}'`);
  const side = (word: number) => {
    const read = ipWord(word);
    return compare((record) => read(record) & 0xfc, comparison, (code << 2) & 0xfc);
  };
  return allOf(isIpv4, ofSides(direction, side(SOURCE_TOS), side(DESTINATION_TOS)));
}

interface Sides {
  readonly source: Reader;
  readonly destination: Reader;
}

function counters(source: number, destination: number): Sides {
  return { source: partWide(HAS_METRIC, source), destination: partWide(HAS_METRIC, destination) };
}

function words(part: number, source: number, destination: number): Sides {
  return { source: partWord(part, source), destination: partWord(part, destination) };
}

/** Whole numbers of each side, from a part of the record. */
const SIDE_NUMBERS: Readonly<Record<string, Sides>> = {
  pkts: counters(SOURCE_PACKETS, DESTINATION_PACKETS),
  bytes: counters(SOURCE_BYTES, DESTINATION_BYTES),
  appbytes: counters(SOURCE_APP_BYTES, DESTINATION_APP_BYTES),
  nstroke: words(HAS_KEYSTROKES, SOURCE_KEYSTROKES, DESTINATION_KEYSTROKES),
  asn: words(HAS_ASN, SOURCE_ASN, DESTINATION_ASN),
  tcpbase: {
    source: (record) => (hasTcpState(record) ? record.get(TCP_SOURCE + SIDE_SEQUENCE_BASE) : MISSING),
    destination: (record) => (hasTcpState(record) ? record.get(TCP_DESTINATION + SIDE_SEQUENCE_BASE) : MISSING),
  },
  gap: { source: (record) => gap(record, 0), destination: (record) => gap(record, 1) },
};
/** Figures of each side that ra works out for every record. */
const SIDE_FIGURES: Readonly<Record<string, Sides>> = {
  rate: { source: (record) => rateAsRead(record, 0), destination: (record) => rateAsRead(record, 1) },
  load: { source: (record) => load(record, 0), destination: (record) => load(record, 1) },
  loss: { source: (record) => loss(record, 0), destination: (record) => loss(record, 1) },
  ploss: { source: (record) => percentLoss(record, 0), destination: (record) => percentLoss(record, 1) },
};

function numberTest(of: string, direction: Direction, comparison: Comparison, token: Token): Predicate {
  if (token.kind !== 'number' && token.kind !== 'float') throw new FilterError('Argusgen_scode error');
  const value = token.kind === 'float' ? Math.fround(Number.parseFloat(token.text)) : numberOf(token.text);
  const sides = SIDE_NUMBERS[of];
  if (sides !== undefined) {
    return ofSides(direction, compare(sides.source, comparison, value), compare(sides.destination, comparison, value));
  }
  const figures = SIDE_FIGURES[of];
  if (figures !== undefined) {
    return ofSides(
      direction,
      compareFigure(figures.source, comparison, value),
      compareFigure(figures.destination, comparison, value),
    );
  }
  return singleNumberTest(of, direction, comparison, value);
}

function singleNumberTest(of: string, direction: Direction, comparison: Comparison, value: number): Predicate {
  const ip = (source: number, destination: number) =>
    ofSides(direction, compare(ipWord(source), comparison, value), compare(ipWord(destination), comparison, value));
  switch (of) {
    case 'ttl':
      return allOf(isIpv4, ip(SOURCE_TTL, DESTINATION_TTL));
    case 'tos':
      return allOf(isIpv4, ip(SOURCE_TOS, DESTINATION_TOS));
    case 'ipid':
      return allOf(isProtocol(TCP), ip(SOURCE_IP_ID, DESTINATION_IP_ID));
    case 'vid':
      return vlanTest(direction, 0x0fff, value);
    case 'vpri':
      return vlanTest(direction, 0xf000, value << 12);
    case 'mid':
      return mplsTest(direction, comparison, value);
    case 'trans':
      return compare(transactions, comparison, value);
    case 'seq':
      return allOf(isFlow, compare(partWord(HAS_TRANSPORT, SEQUENCE), comparison, value));
    case 'spi':
      return allOf(isProtocol(ESP), compare(partWord(HAS_FLOW, KEY_DETAIL), comparison, value >>> 0));
    case 'dur':
      return compareFigure(duration, comparison, value);
    case 'avgdur':
      return compareFigure(duration, comparison, value);
    case 'pcr':
      return allOf(
        isFlow,
        compareFigure((record) => Math.fround(producerConsumerRatio(record)), comparison, value),
      );
    case 'tcprtt':
      return compareFigure(roundTrip, comparison, value);
  }
  return jitterTest(of, direction, comparison, value);
}

function vlanTest(direction: Direction, mask: number, value: number): Predicate {
  const side = (word: number) => masked(partWord(HAS_VLAN, word), mask, value);
  return ofSides(direction, side(SOURCE_VLAN), side(DESTINATION_VLAN));
}

function mplsTest(direction: Direction, comparison: Comparison, value: number): Predicate {
  const side = (word: number, bit: number) => {
    const read: Reader = (record) => (record.has(HAS_MPLS) && record.get(MPLS_HAS) & bit ? record.get(word) : MISSING);
    return compare((record) => (read(record) & 0xfffff000) >>> 0, comparison, (value << 12) >>> 0);
  };
  return ofSides(direction, side(SOURCE_MPLS, 1), side(DESTINATION_MPLS, 2));
}

/** Milliseconds; without a direction both sides must hold. */
function jitterTest(of: string, direction: Direction, comparison: Comparison, value: number): Predicate {
  const isIdle = of.endsWith('idle');
  const stat = of.startsWith('jit') ? STAT_STDDEV : STAT_MEAN;
  const wanted = Math.fround(value * US_PER_MS);
  const side = (active: number, idle: number, bit: number) => {
    const word = (isIdle ? idle : active) + stat;
    const present = bit << (isIdle ? 1 : 0);
    const read: Reader = (record: FlowRecord) =>
      record.has(HAS_JITTER) && record.get(JITTER_HAS) & present ? record.getFloat(word) : 0;
    return compareFigure(read, comparison, wanted);
  };
  const both = direction === 'default' ? 'and' : direction;
  return ofSides(
    both,
    side(JITTER_SOURCE_ACTIVE, JITTER_SOURCE_IDLE, 1),
    side(JITTER_DESTINATION_ACTIVE, JITTER_DESTINATION_IDLE, 4),
  );
}
