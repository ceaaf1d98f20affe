/** Columns as ra prints them, read back into records. */
import {
  CAUSE,
  CAUSE_STATUS,
  DESTINATION_ADDRESS,
  DESTINATION_APP_BYTES,
  DESTINATION_BYTES,
  DESTINATION_MAC,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  DESTINATION_START_S,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  HAS,
  HAS_APP_BYTES,
  HAS_FLOW,
  HAS_IP,
  HAS_MAC,
  HAS_METRIC,
  HAS_NETWORK,
  HAS_TIME,
  HAS_TRANSPORT,
  HAS_VLAN,
  IP_HAS,
  KIND,
  KIND_FLOW,
  NET_KIND,
  NET_TCP_STATUS,
  PROTOCOL,
  SEQUENCE,
  SOURCE_ADDRESS,
  SOURCE_APP_BYTES,
  SOURCE_BYTES,
  SOURCE_MAC,
  SOURCE_PACKETS,
  SOURCE_PORT,
  SOURCE_START_S,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  START_S,
  TCP_STATUS,
  TIME_HAS,
  TIMEHAS_DESTINATION_END,
  TIMEHAS_DESTINATION_START,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
  VLAN_HAS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { setTime } from '../aggregate/cut.ts';
import { FIELDS } from '../fields/table.ts';
import { swapped } from '../filter/readers.ts';
import { setRangeOf } from '../record/times.ts';
import { ipProtocolNumber, readServices } from '../text/names.ts';
import { addressNumber } from '../text/parse-address.ts';
import { localToEpoch, type Zone } from '../text/zone.ts';

const US_PER_S = 1e6;
const TCP = 6;
const UDP = 17;
const ETHERNET_ARP = 0x806;
const SAW_SYN = 1;
const SAW_SYN_ACK = 2;
const ESTABLISHED = 4;
const FIN = 8;
const CLOSED = 0x20;
const RESET = 0x1000;
const OPEN = SAW_SYN | SAW_SYN_ACK | ESTABLISHED;
const TCP_STATES: Readonly<Record<string, number>> = {
  REQ: SAW_SYN,
  ACC: SAW_SYN | SAW_SYN_ACK,
  CON: OPEN,
  FIN: OPEN | FIN,
  CLO: OPEN | FIN | CLOSED,
  RST: OPEN | RESET,
};

type Values = ReadonlyMap<string, string>;

/** @param line names above columns @returns the field that each stands for, '' for none */
export function fieldsOf(names: readonly string[]): string[] {
  const byHeader = new Map<string, string>();
  for (const { name, header } of FIELDS.values()) if (!byHeader.has(header)) byHeader.set(header, name);
  return names.map((name) => byHeader.get(name) ?? (FIELDS.has(name) ? name : ''));
}

export class RecordReader {
  readonly #zone: Zone;
  readonly #services = readServices();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** @returns false when the values are no flow */
  read(record: FlowRecord, values: Values): boolean {
    record.clear();
    record.set(KIND, KIND_FLOW);
    record.set(CAUSE, CAUSE_STATUS);
    if (!readKey(record, values, this.#services.ports)) return false;
    readCounters(record, values);
    if (!readTimes(record, values, this.#zone)) return false;
    readLink(record, values);
    readState(record, values.get('state') ?? '');
    const sequence = numberIn(values, 'seq');
    if (sequence !== null) {
      record.set(SEQUENCE, sequence >>> 0);
      add(record, HAS_TRANSPORT);
    }
    return true;
  }
}

function add(record: FlowRecord, parts: number): void {
  record.set(HAS, (record.get(HAS) | parts) >>> 0);
}

/** @returns null for a value that is none; hexadecimal as ra prints it, too */
function numberIn(values: Values, field: string): number | null {
  const text = values.get(field);
  if (text === undefined || text === '') return null;
  const number = Number(text.replace(/\*$/, ''));
  return Number.isFinite(number) ? number : null;
}

function readKey(record: FlowRecord, values: Values, ports: ReadonlyMap<string, number>): boolean {
  const source = values.get('saddr') ?? '';
  const destination = values.get('daddr') ?? '';
  const name = values.get('proto') ?? '';
  const protocol = /^\d+$/.test(name) ? Number(name) : ipProtocolNumber(name);
  const first = addressNumber(source);
  const second = addressNumber(destination);
  if (first !== null && second !== null) {
    const isSix = source.includes(':');
    const isArp = name === 'arp' || protocol === ETHERNET_ARP;
    record.set(FLOW_TYPE, isSix ? FLOW_IPV6 : isArp ? FLOW_ARP : FLOW_IPV4);
    record.set(PROTOCOL, isArp ? ETHERNET_ARP : (protocol ?? 0) & 0xff);
    setAddress(record, SOURCE_ADDRESS, first, isSix);
    setAddress(record, DESTINATION_ADDRESS, second, isSix);
  } else if (setMac(record, SOURCE_ADDRESS, source) && setMac(record, DESTINATION_ADDRESS, destination)) {
    record.set(FLOW_TYPE, FLOW_ETHERNET);
    record.set(PROTOCOL, (protocol ?? 0) & 0xffff);
  } else return false;
  add(record, HAS_FLOW);
  const kind = record.get(PROTOCOL) === TCP ? 'tcp' : 'udp';
  if (record.get(PROTOCOL) === TCP || record.get(PROTOCOL) === UDP) {
    record.set(SOURCE_PORT, portOf(values, 'sport', kind, ports));
    record.set(DESTINATION_PORT, portOf(values, 'dport', kind, ports));
  }
  return true;
}

function portOf(values: Values, field: string, kind: string, ports: ReadonlyMap<string, number>): number {
  const port = numberIn(values, field) ?? ports.get(`${values.get(field)}/${kind}`) ?? 0;
  return port & 0xffff;
}

function setAddress(record: FlowRecord, at: number, address: bigint, isSix: boolean): void {
  const count = isSix ? 4 : 1;
  for (let word = 0; word < count; word += 1) {
    const shift = BigInt((count - 1 - word) * 32);
    record.set(at + word, swapped(Number((address >> shift) & 0xffffffffn)));
  }
}

function setMac(record: FlowRecord, at: number, text: string): boolean {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) return false;
  const bytes = Buffer.from(text.replaceAll(':', ''), 'hex');
  record.set(at, bytes.readUInt32LE(0));
  record.set(at + 1, bytes.readUInt16LE(4));
  return true;
}

/** Sides where they are told; else the sum is the source's. */
function readCounters(record: FlowRecord, values: Values): void {
  add(record, HAS_METRIC);
  const pairs = [
    ['pkts', SOURCE_PACKETS, DESTINATION_PACKETS],
    ['bytes', SOURCE_BYTES, DESTINATION_BYTES],
    ['appbytes', SOURCE_APP_BYTES, DESTINATION_APP_BYTES],
  ] as const;
  for (const [name, sourceAt, destinationAt] of pairs) {
    const total = numberIn(values, name);
    const source = numberIn(values, `s${name}`);
    const destination = numberIn(values, `d${name}`);
    if (total === null && source === null && destination === null) continue;
    const other = destination ?? (total !== null && source !== null ? total - source : 0);
    record.setWide(sourceAt, Math.max(0, source ?? (total ?? 0) - other));
    record.setWide(destinationAt, Math.max(0, other));
    if (name === 'appbytes') add(record, HAS_APP_BYTES);
  }
}

function readTimes(record: FlowRecord, values: Values, zone: Zone): boolean {
  const seconds = numberIn(values, 'dur');
  const told = timeIn(values.get('stime') ?? '', zone);
  const end = timeIn(values.get('ltime') ?? '', zone);
  const start = told ?? (end !== null ? end - (seconds ?? 0) * US_PER_S : null);
  if (start === null) return false;
  const last = end ?? start + Math.round((seconds ?? 0) * US_PER_S);
  const sides = [
    [SOURCE_PACKETS, SOURCE_START_S, TIMEHAS_SOURCE_START | TIMEHAS_SOURCE_END],
    [DESTINATION_PACKETS, DESTINATION_START_S, TIMEHAS_DESTINATION_START | TIMEHAS_DESTINATION_END],
  ] as const;
  for (const [packets, at, bits] of sides) {
    if (record.getWide(packets) === 0 && (at !== SOURCE_START_S || record.getWide(DESTINATION_PACKETS) > 0)) continue;
    setTime(record, at, start);
    setTime(record, at + 2, last);
    record.set(TIME_HAS, record.get(TIME_HAS) | bits);
  }
  setTime(record, START_S, start);
  setRangeOf(record);
  add(record, HAS_TIME);
  return true;
}

/** Microseconds since 1970 of `1569687240.992580`, `2019/09/28.16:14:00.992580` or `2019-09-28T16:14:00`. */
function timeIn(text: string, zone: Zone): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const [seconds = '', fraction = ''] = text.split('.');
    return Number(seconds) * US_PER_S + Number(fraction.padEnd(6, '0').slice(0, 6));
  }
  const match = /^(\d{4})[-/](\d{2})[-/](\d{2})[.T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?/.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return localToEpoch(zone, local) * US_PER_S + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
}

function readLink(record: FlowRecord, values: Values): void {
  const hasSource = setMac(record, SOURCE_MAC, values.get('smac') ?? '');
  if (setMac(record, DESTINATION_MAC, values.get('dmac') ?? '') || hasSource) add(record, HAS_MAC);
  const words = [
    ['svlan', SOURCE_VLAN, HAS_VLAN, VLAN_HAS, 1],
    ['dvlan', DESTINATION_VLAN, HAS_VLAN, VLAN_HAS, 2],
    ['sttl', SOURCE_TTL, HAS_IP, IP_HAS, 1],
    ['dttl', DESTINATION_TTL, HAS_IP, IP_HAS, 2],
    ['stos', SOURCE_TOS, HAS_IP, IP_HAS, 1],
    ['dtos', DESTINATION_TOS, HAS_IP, IP_HAS, 2],
  ] as const;
  for (const [name, at, part, sides, bit] of words) {
    const value = numberIn(values, name);
    if (value === null) continue;
    record.set(at, value >>> 0);
    record.set(sides, record.get(sides) | bit);
    add(record, part);
  }
}

function readState(record: FlowRecord, state: string): void {
  const status = TCP_STATES[state];
  if (record.get(PROTOCOL) !== TCP || status === undefined) return;
  record.set(NET_KIND, NET_TCP_STATUS);
  record.set(TCP_STATUS, status);
  add(record, HAS_NETWORK);
}
