/** What makes records belong together: `-m`. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_ASN,
  DESTINATION_COUNTRY,
  DESTINATION_IP_ID,
  DESTINATION_MAC,
  DESTINATION_MASK,
  DESTINATION_MPLS,
  DESTINATION_PORT,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_RARP,
  FLOW_TYPE,
  HAS_ASN,
  HAS_COUNTRY,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_MAC,
  HAS_MPLS,
  HAS_TRANSPORT,
  HAS_VLAN,
  ICMP_OUTER_SOURCE,
  KEY_ARP_MAC2,
  KEY_DETAIL,
  KEY_ICMP_CODE,
  KEY_ICMP_ID,
  KEY_ICMP_TYPE,
  PROTOCOL,
  SEQUENCE,
  SOURCE_ADDRESS,
  SOURCE_ASN,
  SOURCE_COUNTRY,
  SOURCE_ID,
  SOURCE_IP_ID,
  SOURCE_MAC,
  SOURCE_MASK,
  SOURCE_MPLS,
  SOURCE_PORT,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ClientError } from '../options/settings.ts';

const ICMP = 1;
const ESP = 50;
const ICMP6 = 58;
const MAX_KEY_WORDS = 64;
const ADDRESS_WORDS = 4;
const DEFAULT_KEYS = ['saddr', 'daddr', 'proto', 'sport', 'dport'];

/** Reads the words of a key into `out` from `at`. @returns where the next word goes */
type KeyReader = (record: FlowRecord, out: Int32Array, at: number) => number;

export interface KeySpec {
  /** No key at all: every record stands alone. */
  readonly isNone: boolean;
  /** Both directions of a pair of addresses are one, the smaller address first. */
  readonly isMatrix: boolean;
  readonly names: readonly string[];
  readonly sourcePrefix: number;
  readonly destinationPrefix: number;
  readonly readers: readonly KeyReader[];
}

const word =
  (part: number, at: number): KeyReader =>
  (record, out, to) => {
    if (!record.has(part)) return to;
    out[to] = record.get(at);
    return to + 1;
  };

const words =
  (part: number, at: number, count: number): KeyReader =>
  (record, out, to) => {
    if (!record.has(part)) return to;
    for (let i = 0; i < count; i += 1) out[to + i] = record.get(at + i);
    return to + count;
  };

const masked =
  (part: number, at: number, shift: number, mask = 0xffffffff): KeyReader =>
  (record, out, to) => {
    if (!record.has(part)) return to;
    out[to] = (record.get(at) >>> shift) & mask;
    return to + 1;
  };

/** Addresses of one kind of key only meet those of the same kind. */
function addressReader(isSource: boolean): KeyReader {
  const at = isSource ? SOURCE_ADDRESS : DESTINATION_ADDRESS;
  return (record, out, to) => {
    if (!record.has(HAS_FLOW)) return to;
    const type = record.get(FLOW_TYPE);
    out[to] = type;
    const from = type === FLOW_RARP && isSource ? KEY_ARP_MAC2 : at;
    const count = type === FLOW_IPV6 ? 4 : type === FLOW_ETHERNET || type === FLOW_RARP ? 2 : 1;
    for (let i = 0; i < count; i += 1) out[to + 1 + i] = record.get(from + i);
    return to + 1 + count;
  };
}

/** What stands where a port stands: types of ICMP, halves of an SPI, service points, MACs of ARP. */
function portReader(isSource: boolean): KeyReader {
  return (record, out, to) => {
    if (!record.has(HAS_FLOW)) return to;
    const type = record.get(FLOW_TYPE);
    const protocol = record.get(PROTOCOL);
    if (type === FLOW_ARP || type === FLOW_RARP) return to;
    const isIcmp = (type === FLOW_IPV4 && protocol === ICMP) || (type === FLOW_IPV6 && protocol === ICMP6);
    if (isIcmp)
      out[to] = isSource ? (record.get(KEY_ICMP_CODE) << 8) | record.get(KEY_ICMP_TYPE) : record.get(KEY_ICMP_ID);
    else if (protocol === ESP) out[to] = isSource ? 0 : record.get(KEY_DETAIL);
    else out[to] = record.get(isSource ? SOURCE_PORT : DESTINATION_PORT);
    return to + 1;
  };
}

const READERS: Readonly<Record<string, readonly KeyReader[]>> = {
  srcid: [words(HAS_TRANSPORT, SOURCE_ID, 4)],
  seq: [word(HAS_TRANSPORT, SEQUENCE)],
  saddr: [addressReader(true)],
  daddr: [addressReader(false)],
  proto: [word(HAS_FLOW, PROTOCOL)],
  sport: [portReader(true)],
  dport: [portReader(false)],
  smac: [words(HAS_MAC, SOURCE_MAC, 2)],
  dmac: [words(HAS_MAC, DESTINATION_MAC, 2)],
  soui: [masked(HAS_MAC, SOURCE_MAC, 0, 0xffffff)],
  doui: [masked(HAS_MAC, DESTINATION_MAC, 0, 0xffffff)],
  mpls: [masked(HAS_MPLS, SOURCE_MPLS, 12), masked(HAS_MPLS, DESTINATION_MPLS, 12)],
  smpls: [masked(HAS_MPLS, SOURCE_MPLS, 12)],
  dmpls: [masked(HAS_MPLS, DESTINATION_MPLS, 12)],
  vlan: [word(HAS_VLAN, SOURCE_VLAN), word(HAS_VLAN, DESTINATION_VLAN)],
  svlan: [word(HAS_VLAN, SOURCE_VLAN)],
  dvlan: [word(HAS_VLAN, DESTINATION_VLAN)],
  svid: [masked(HAS_VLAN, SOURCE_VLAN, 0, 0xfff)],
  dvid: [masked(HAS_VLAN, DESTINATION_VLAN, 0, 0xfff)],
  stos: [word(HAS_IP, SOURCE_TOS)],
  dtos: [word(HAS_IP, DESTINATION_TOS)],
  sttl: [word(HAS_IP, SOURCE_TTL)],
  dttl: [word(HAS_IP, DESTINATION_TTL)],
  sipid: [word(HAS_IP, SOURCE_IP_ID)],
  dipid: [word(HAS_IP, DESTINATION_IP_ID)],
  sco: [word(HAS_COUNTRY, SOURCE_COUNTRY)],
  dco: [word(HAS_COUNTRY, DESTINATION_COUNTRY)],
  sas: [word(HAS_ASN, SOURCE_ASN)],
  das: [word(HAS_ASN, DESTINATION_ASN)],
  inode: [word(HAS_ICMP, ICMP_OUTER_SOURCE)],
  all: [],
};

/**
 * @param masks words of `-m`: names, `saddr/24`, `matrix`, `none`, `-name`
 * @throws ClientError for a name that is no key
 */
export function keySpec(masks: readonly string[]): KeySpec {
  let names: string[] = masks.length === 0 || masks[0]?.startsWith('-') ? [...DEFAULT_KEYS] : [];
  let isMatrix = false;
  let isNone = false;
  let sourcePrefix = 0;
  let destinationPrefix = 0;
  for (const mask of masks.flatMap((text) => text.split(/[ ,]+/)).filter((text) => text !== '')) {
    const [name = '', prefix] = mask.replace(/^[+-]/, '').split('/');
    const bits = prefix === undefined ? 0 : Number.parseInt(prefix, 10) || 0;
    if (name === 'none') {
      names = [];
      isNone = true;
      continue;
    }
    if (name === 'matrix') {
      isMatrix = true;
      names.push('saddr', 'daddr');
      sourcePrefix = bits || sourcePrefix;
      destinationPrefix = bits || destinationPrefix;
      continue;
    }
    if (name === 'macmatrix') {
      names.push('smac', 'dmac');
      continue;
    }
    if (READERS[name] === undefined) throw new ClientError(`error: mask arg ${mask}`);
    if (mask.startsWith('-')) names = names.filter((other) => other !== name);
    else names.push(name);
    isNone = false;
    if (name === 'saddr') sourcePrefix = bits;
    if (name === 'daddr') destinationPrefix = bits;
  }
  const unique = Object.keys(READERS).filter((name) => names.includes(name));
  const readers = unique.flatMap((name) => READERS[name] as readonly KeyReader[]);
  return { isNone, isMatrix, names: unique, sourcePrefix, destinationPrefix, readers };
}

/** Whether the key has both ends, so that a record from the other end may belong to it. */
export function isBothWays({ names }: KeySpec): boolean {
  const pairs = [
    ['saddr', 'daddr'],
    ['sport', 'dport'],
  ] as const;
  return (
    pairs.every(([source, destination]) => names.includes(source) === names.includes(destination)) &&
    names.includes('saddr')
  );
}

/** Leaves of the addresses what the key's prefixes say. */
export function maskAddresses(record: FlowRecord, spec: KeySpec): void {
  if (!record.has(HAS_FLOW)) return;
  if (spec.sourcePrefix > 0 && spec.names.includes('saddr'))
    maskAddress(record, SOURCE_ADDRESS, SOURCE_MASK, spec.sourcePrefix);
  if (spec.destinationPrefix > 0 && spec.names.includes('daddr')) {
    maskAddress(record, DESTINATION_ADDRESS, DESTINATION_MASK, spec.destinationPrefix);
  }
}

/** Leaves of a key only what records are gathered by. */
export function keepKey(record: FlowRecord, { names, isNone }: KeySpec): void {
  if (isNone || !record.has(HAS_FLOW)) return;
  const zero = (at: number, count: number): void => {
    record.words.fill(0, record.base + at, record.base + at + count);
  };
  if (!names.includes('saddr')) zero(SOURCE_ADDRESS, ADDRESS_WORDS);
  if (!names.includes('daddr')) zero(DESTINATION_ADDRESS, ADDRESS_WORDS);
  if (!names.includes('proto')) zero(PROTOCOL, 1);
  if (!names.includes('sport')) zero(SOURCE_PORT, 1);
  if (!names.includes('dport')) zero(DESTINATION_PORT, 1);
}

function maskAddress(record: FlowRecord, at: number, mask: number, prefix: number): void {
  const type = record.get(FLOW_TYPE);
  if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return;
  const whole = type === FLOW_IPV6 ? 128 : 32;
  if (prefix >= whole) return;
  const first = (record.base + at) * 4;
  for (let bit = prefix; bit < whole; bit = (bit | 7) + 1) {
    const byte = first + (bit >> 3);
    record.bytes[byte] = (record.bytes[byte] as number) & (0xff00 >> (bit & 7));
  }
  record.set(mask, prefix);
}

export class KeyBuffer {
  readonly words = new Int32Array(MAX_KEY_WORDS);
  length = 0;
  hash = 0;

  read(record: FlowRecord, spec: KeySpec): void {
    let at = 0;
    for (const reader of spec.readers) at = reader(record, this.words, at);
    this.length = at;
    let hash = 0x811c9dc5;
    for (let i = 0; i < at; i += 1) {
      hash = Math.imul(hash ^ (this.words[i] as number), 0x01000193);
      hash ^= hash >>> 15;
    }
    this.hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  }
}
