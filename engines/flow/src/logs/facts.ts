/** What a flow record says, in the words that logs have: outcome of a connection, its history, its id, its bytes. */
import { createHash } from 'node:crypto';
import { addressText } from '@undercroft/packet';
import { ICMP, ICMPV6, TCP, UDP } from '../netflow/language/protocols.ts';
import * as L from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';

const SYN = 1;
const SYNACK = 2;
const ESTABLISHED = 4;
const FIN_SEEN = 8;
const FIN_ACKED = 0x10;
const CLOSED = 0x20;
const SOURCE_RETRANSMITS = 0x100;
const DESTINATION_RETRANSMITS = 0x200;
const SOURCE_WINDOW_SHUT = 0x400;
const DESTINATION_WINDOW_SHUT = 0x800;
const SOURCE_RESET = 0x1000;
const DESTINATION_RESET = 0x2000;
const FLAG_FIN = 1;
const FLAG_PUSH = 8;
const FLAG_ACK = 16;
const ENCAPSULATION_ETHERNET = 2;
const ENCAPSULATION_VLAN = 4;
const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;

export type ConnState =
  | 'S0'
  | 'S1'
  | 'SF'
  | 'REJ'
  | 'S2'
  | 'S3'
  | 'RSTO'
  | 'RSTR'
  | 'RSTOS0'
  | 'RSTRH'
  | 'SH'
  | 'SHR'
  | 'OTH';

export function isTcp(record: FlowRecord): boolean {
  return record.get(L.PROTOCOL) === TCP && isIp(record);
}

export function isIp(record: FlowRecord): boolean {
  const type = record.get(L.FLOW_TYPE);
  return record.has(L.HAS_FLOW) && (type === L.FLOW_IPV4 || type === L.FLOW_IPV6);
}

export function isIcmp(record: FlowRecord): boolean {
  const protocol = record.get(L.PROTOCOL);
  return isIp(record) && (protocol === ICMP || protocol === ICMPV6);
}

/** Address of either end as text; MACs where the key is of Ethernet; null where the key has none. */
export function endAddress(
  record: FlowRecord,
  word: typeof L.SOURCE_ADDRESS | typeof L.DESTINATION_ADDRESS,
): string | null {
  const at = (record.base + word) * 4;
  switch (record.has(L.HAS_FLOW) ? record.get(L.FLOW_TYPE) : 0) {
    case L.FLOW_IPV4:
    case L.FLOW_ARP:
      return addressText(record.bytes.subarray(at, at + 4));
    case L.FLOW_IPV6:
      return addressText(record.bytes.subarray(at, at + 16));
    case L.FLOW_ETHERNET:
      return macText(record, word);
    default:
      return null;
  }
}

export function macText(record: FlowRecord, word: number): string {
  const at = (record.base + word) * 4;
  return Array.from(record.bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Seconds since 1970 of a pair of words. */
export function seconds(record: FlowRecord, secondsWord: number): number {
  return record.get(secondsWord) + record.get(secondsWord + 1) / 1e9;
}

export function durationS(record: FlowRecord): number {
  const whole = record.get(L.END_S) - record.get(L.START_S);
  return Math.max(0, whole + (record.get(L.END_NS) - record.get(L.START_NS)) / 1e9);
}

export function tcpStatus(record: FlowRecord): number {
  const kind = record.get(L.NET_KIND);
  const isTold = record.has(L.HAS_NETWORK) && kind >= L.NET_TCP_FIRST && kind <= L.NET_TCP;
  return isTold ? record.get(L.TCP_STATUS) : 0;
}

/** Flags that a side of a TCP flow has sent. */
export function sideFlags(record: FlowRecord, side: typeof L.TCP_SOURCE | typeof L.TCP_DESTINATION): number {
  const kind = record.get(L.NET_KIND);
  const isTold = record.has(L.HAS_NETWORK) && kind >= L.NET_TCP_FIRST && kind <= L.NET_TCP;
  return isTold ? record.get(side + L.SIDE_FLAGS) : 0;
}

/**
 * The outcome of a connection, as Zeek names it. What one record knows decides: of a connection told in several, each
 * has its own.
 *
 * @see Zeek manual, "conn.log", conn_state
 */
export function connState(record: FlowRecord): ConnState {
  const asked = record.getWide(L.SOURCE_PACKETS) > 0;
  const answered = record.getWide(L.DESTINATION_PACKETS) > 0;
  if (isIcmp(record)) return 'OTH';
  if (!isTcp(record)) return asked && answered ? 'SF' : asked ? 'S0' : answered ? 'SHR' : 'OTH';
  return tcpState(record, asked, answered);
}

function tcpState(record: FlowRecord, asked: boolean, answered: boolean): ConnState {
  const status = tcpStatus(record);
  const sourceFin = (sideFlags(record, L.TCP_SOURCE) & FLAG_FIN) !== 0;
  const destinationFin = (sideFlags(record, L.TCP_DESTINATION) & FLAG_FIN) !== 0;
  const hasSyn = (status & SYN) !== 0 && asked;
  const hasSynAck = (status & SYNACK) !== 0;
  if (hasSyn && !hasSynAck && !(status & ESTABLISHED)) {
    if (status & DESTINATION_RESET) return 'REJ';
    if (status & SOURCE_RESET) return 'RSTOS0';
    if (sourceFin) return 'SH';
    return answered ? 'OTH' : 'S0';
  }
  if (!hasSyn && hasSynAck && !asked) {
    if (status & DESTINATION_RESET) return 'RSTRH';
    return destinationFin ? 'SHR' : 'OTH';
  }
  if (status & SOURCE_RESET) return 'RSTO';
  if (status & DESTINATION_RESET) return 'RSTR';
  if ((sourceFin && destinationFin) || status & (FIN_ACKED | CLOSED)) return 'SF';
  if (sourceFin) return 'S2';
  if (destinationFin) return 'S3';
  if (status & FIN_SEEN) return 'S2';
  return hasSyn ? 'S1' : 'OTH';
}

/**
 * Letters of what happened, the source's capital: S a SYN, H a SYN-ACK, A an ACK, D data, T a retransmission, W a window
 * of zero, F a FIN, R a RST. A record has no order of events: they stand in the order a connection has them.
 */
export function history(record: FlowRecord): string {
  if (!isTcp(record)) {
    if (record.get(L.PROTOCOL) !== UDP) return '';
    return (record.getWide(L.SOURCE_PACKETS) > 0 ? 'D' : '') + (record.getWide(L.DESTINATION_PACKETS) > 0 ? 'd' : '');
  }
  const status = tcpStatus(record);
  const source = sideFlags(record, L.TCP_SOURCE);
  const destination = sideFlags(record, L.TCP_DESTINATION);
  const asked = record.getWide(L.SOURCE_PACKETS) > 0;
  const answered = record.getWide(L.DESTINATION_PACKETS) > 0;
  let letters = '';
  const add = (holds: number | boolean, letter: string) => {
    if (holds) letters += letter;
  };
  add(status & SYN && asked, 'S');
  add(status & SYNACK && answered, 'h');
  add(source & FLAG_ACK, 'A');
  add(destination & FLAG_ACK && !(status & SYNACK && record.getWide(L.DESTINATION_PACKETS) === 1), 'a');
  add(hasData(record, L.SOURCE_APP_BYTES, L.TCP_SOURCE, source), 'D');
  add(hasData(record, L.DESTINATION_APP_BYTES, L.TCP_DESTINATION, destination), 'd');
  add(status & SOURCE_RETRANSMITS, 'T');
  add(status & DESTINATION_RETRANSMITS, 't');
  add(status & SOURCE_WINDOW_SHUT, 'W');
  add(status & DESTINATION_WINDOW_SHUT, 'w');
  add(source & FLAG_FIN, 'F');
  add(destination & FLAG_FIN, 'f');
  add(status & SOURCE_RESET, 'R');
  add(status & DESTINATION_RESET, 'r');
  return letters;
}

function hasData(record: FlowRecord, appWord: number, side: number, flags: number): boolean {
  if (record.has(L.HAS_APP_BYTES)) return record.getWide(appWord) > 0;
  if (record.get(L.NET_KIND) === L.NET_TCP) return record.get(side + L.SIDE_BYTES) > 0;
  return (flags & FLAG_PUSH) !== 0;
}

/** Bytes that the transport carried; null where the record does not tell them. */
export function payloadBytes(record: FlowRecord, side: 'source' | 'destination'): number | null {
  const isSource = side === 'source';
  if (record.has(L.HAS_APP_BYTES)) return record.getWide(isSource ? L.SOURCE_APP_BYTES : L.DESTINATION_APP_BYTES);
  if (!record.has(L.HAS_NETWORK) || record.get(L.NET_KIND) !== L.NET_TCP) return null;
  return record.get((isSource ? L.TCP_SOURCE : L.TCP_DESTINATION) + L.SIDE_BYTES);
}

/** Bytes of IP packets: the link's headers that the record is known to count are taken off, padding is not. */
export function ipBytes(record: FlowRecord, side: 'source' | 'destination'): number {
  const isSource = side === 'source';
  const bytes = record.getWide(isSource ? L.SOURCE_BYTES : L.DESTINATION_BYTES);
  if (!record.has(L.HAS_ENCAPSULATION)) return bytes;
  const packets = record.getWide(isSource ? L.SOURCE_PACKETS : L.DESTINATION_PACKETS);
  const bits = record.get(isSource ? L.SOURCE_ENCAPSULATION : L.DESTINATION_ENCAPSULATION);
  const each = (bits & ENCAPSULATION_ETHERNET ? ETHERNET_BYTES : 0) + (bits & ENCAPSULATION_VLAN ? VLAN_BYTES : 0);
  return Math.max(0, bytes - packets * each);
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const UID_DIGITS = 17;

/**
 * One id for all records of a flow and for what happened within: `C` and 17 characters, made from the flow's key and its
 * number at its maker or, where it has none, its start.
 */
export function flowUid(record: FlowRecord): string {
  const { words, base } = record;
  const hash = createHash('sha256');
  const take = (from: number, count: number) => {
    const start = (base + from) * 4;
    hash.update(record.bytes.subarray(start, start + count * 4));
  };
  take(L.FLOW_TYPE, 1);
  take(L.PROTOCOL, L.DESTINATION_PORT - L.PROTOCOL + 1);
  take(L.KEY_ICMP_TYPE, 4);
  take(L.SOURCE_ID_KIND, 6);
  if (words[base + L.SEQUENCE] === 0) take(L.START_S, 2);
  let number = BigInt(`0x${hash.digest('hex').slice(0, 28)}`);
  let text = '';
  for (let index = 0; index < UID_DIGITS; index++) {
    text += DIGITS[Number(number % 62n)];
    number /= 62n;
  }
  return `C${text}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospf',
  103: 'pim',
  112: 'vrrp',
  132: 'sctp',
  136: 'udplite',
};

/** Name of the protocol, its number where it has none here; arp and rarp; the Ethernet type for other frames. */
export function protocolName(record: FlowRecord): string {
  const protocol = record.get(L.PROTOCOL);
  switch (record.get(L.FLOW_TYPE)) {
    case L.FLOW_ARP:
      return 'arp';
    case L.FLOW_RARP:
      return 'rarp';
    case L.FLOW_ETHERNET:
      return `0x${protocol.toString(16).padStart(4, '0')}`;
    default:
      return PROTOCOL_NAMES[protocol] ?? String(protocol);
  }
}

/** Text of the label; null without one. */
export function labelText(record: FlowRecord): string | null {
  if (!record.has(L.HAS_LABEL)) return null;
  const at = record.get(L.LABEL_AT);
  return Buffer.from(record.bytes.subarray(at, at + record.get(L.LABEL_BYTES)))
    .toString('utf8')
    .replace(/\0+$/, '');
}
