/** The flat fields of a record by their stable names: ra's where it has one. CSV prints them, JSON carries them along. */
import { addressText } from '@undercroft/packet';
import * as L from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import {
  connState,
  durationS,
  endAddress,
  flowUid,
  history,
  isIcmp,
  labelText,
  macText,
  protocolName,
  seconds,
  tcpStatus,
} from './facts.ts';

export type FieldValue = string | number | null;
export type FieldReader = (record: FlowRecord) => FieldValue;

const wide =
  (word: number): FieldReader =>
  (record) =>
    record.getWide(word);
const when =
  (part: number, read: FieldReader): FieldReader =>
  (record) =>
    record.has(part) ? read(record) : null;
const word = (part: number, index: number): FieldReader => when(part, (record) => record.get(index));
/** A word that is there when a bit of another is. */
const sided = (part: number, bits: number, bit: number, index: number): FieldReader =>
  when(part, (record) => (record.get(bits) & bit ? record.get(index) : null));
const told =
  (read: FieldReader): FieldReader =>
  (record) =>
    read(record) || null;
const tcp =
  (index: number): FieldReader =>
  (record) =>
    record.has(L.HAS_NETWORK) && record.get(L.NET_KIND) === L.NET_TCP ? record.get(index) : null;
const CAUSES: Readonly<Record<number, string>> = {
  [L.CAUSE_START]: 'start',
  [L.CAUSE_STATUS]: 'status',
  [L.CAUSE_STOP]: 'stop',
  [L.CAUSE_TIMEOUT]: 'timeout',
  [L.CAUSE_SHUTDOWN]: 'shutdown',
  [L.CAUSE_ERROR]: 'error',
};
const INITIATORS = ['as-exported', 'tcp-flags', 'ports', 'time', 'address'];

/** Name to value; null is "not told". Times are seconds since 1970, durations seconds. */
export const FIELDS: Readonly<Record<string, FieldReader>> = {
  stime: (record) => seconds(record, L.START_S),
  ltime: (record) => seconds(record, L.END_S),
  dur: durationS,
  uid: flowUid,
  proto: protocolName,
  saddr: (record) => endAddress(record, L.SOURCE_ADDRESS),
  sport: (record) => (isIcmp(record) ? null : record.get(L.SOURCE_PORT)),
  daddr: (record) => endAddress(record, L.DESTINATION_ADDRESS),
  dport: (record) => (isIcmp(record) ? null : record.get(L.DESTINATION_PORT)),
  icmp_type: (record) => (isIcmp(record) ? record.get(L.KEY_ICMP_TYPE) : null),
  icmp_code: (record) => (isIcmp(record) ? record.get(L.KEY_ICMP_CODE) : null),
  spkts: wide(L.SOURCE_PACKETS),
  dpkts: wide(L.DESTINATION_PACKETS),
  sbytes: wide(L.SOURCE_BYTES),
  dbytes: wide(L.DESTINATION_BYTES),
  sappbytes: when(L.HAS_APP_BYTES, wide(L.SOURCE_APP_BYTES)),
  dappbytes: when(L.HAS_APP_BYTES, wide(L.DESTINATION_APP_BYTES)),
  conn_state: connState,
  history: told(history),
  cause: (record) => CAUSES[record.get(L.CAUSE)] ?? null,
  tcp_status: told(tcpStatus),
  synack: tcpTime(L.TCP_SYNACK_US),
  ackdat: tcpTime(L.TCP_ACKDAT_US),
  swin: tcp(L.TCP_SOURCE + L.SIDE_WINDOW),
  dwin: tcp(L.TCP_DESTINATION + L.SIDE_WINDOW),
  stcpb: tcp(L.TCP_SOURCE + L.SIDE_SEQUENCE_BASE),
  dtcpb: tcp(L.TCP_DESTINATION + L.SIDE_SEQUENCE_BASE),
  sretrans: tcp(L.TCP_SOURCE + L.SIDE_RETRANSMITTED),
  dretrans: tcp(L.TCP_DESTINATION + L.SIDE_RETRANSMITTED),
  stos: sided(L.HAS_IP, L.IP_HAS, 1, L.SOURCE_TOS),
  dtos: sided(L.HAS_IP, L.IP_HAS, 2, L.DESTINATION_TOS),
  sttl: sided(L.HAS_IP, L.IP_HAS, 1, L.SOURCE_TTL),
  dttl: sided(L.HAS_IP, L.IP_HAS, 2, L.DESTINATION_TTL),
  svlan: sided(L.HAS_VLAN, L.VLAN_HAS, 1, L.SOURCE_VLAN),
  dvlan: sided(L.HAS_VLAN, L.VLAN_HAS, 2, L.DESTINATION_VLAN),
  smac: when(L.HAS_MAC, (record) => macText(record, L.SOURCE_MAC)),
  dmac: when(L.HAS_MAC, (record) => macText(record, L.DESTINATION_MAC)),
  sas: told(word(L.HAS_ASN, L.SOURCE_ASN)),
  das: told(word(L.HAS_ASN, L.DESTINATION_ASN)),
  sco: when(L.HAS_COUNTRY, (record) => countryText(record, L.SOURCE_COUNTRY)),
  dco: when(L.HAS_COUNTRY, (record) => countryText(record, L.DESTINATION_COUNTRY)),
  srcid: sourceIdText,
  seq: told(word(L.HAS_TRANSPORT, L.SEQUENCE)),
  label: labelText,
  in_if: word(L.HAS_EXPORT, L.INPUT_INTERFACE),
  out_if: word(L.HAS_EXPORT, L.OUTPUT_INTERFACE),
  sampling: told(word(L.HAS_EXPORT, L.SAMPLING_RATE)),
  initiator_by: when(L.HAS_EXPORT, (record) => INITIATORS[record.get(L.INITIATOR_BY)] ?? null),
};

/** Chosen where nobody chooses. */
export const DEFAULT_FIELDS: readonly string[] = [
  'stime',
  'ltime',
  'dur',
  'proto',
  'saddr',
  'sport',
  'daddr',
  'dport',
  'spkts',
  'dpkts',
  'sbytes',
  'dbytes',
  'conn_state',
];

/** Microseconds of the handshake, as seconds. */
function tcpTime(index: number): FieldReader {
  const read = tcp(index);
  return (record) => {
    const us = read(record);
    return us === null ? null : Number(us) / 1e6;
  };
}

function countryText(record: FlowRecord, index: number): string | null {
  const at = (record.base + index) * 4;
  const text = Buffer.from(record.bytes.subarray(at, at + 2))
    .toString('latin1')
    .replace(/\0/g, '');
  return text === '' ? null : text;
}

const ID_TEXT = 0x21;
const ID_NUMBER = 0x20;

function sourceIdText(record: FlowRecord): string | null {
  if (!record.has(L.HAS_TRANSPORT)) return null;
  const kind = record.get(L.SOURCE_ID_KIND);
  const at = (record.base + L.SOURCE_ID) * 4;
  if (kind === 1) return addressText(record.bytes.subarray(at, at + 4));
  if (kind === 2) return addressText(record.bytes.subarray(at, at + 16));
  if (kind === ID_NUMBER) return String(record.get(L.SOURCE_ID));
  if (kind === ID_TEXT)
    return Buffer.from(record.bytes.subarray(at, at + 4))
      .toString('latin1')
      .replace(/\0/g, '');
  return null;
}
