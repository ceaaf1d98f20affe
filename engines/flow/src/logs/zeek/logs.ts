/** The logs: conn from flow records; dns, http and ssl from transactions. Fields, order and types are Zeek's. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  connState,
  durationS,
  endAddress,
  flowUid,
  history,
  ipBytes,
  isIcmp,
  isTcp,
  payloadBytes,
  seconds,
} from '../facts.ts';
import type { DnsTransaction, HttpTransaction, TlsHandshake, TransactionFlow } from '../transactions.ts';
import type { ZeekField, ZeekLog, ZeekType } from './format.ts';

const UDP = 17;

function field<Row>(name: string, type: ZeekType, read: ZeekField<Row>['read']): ZeekField<Row> {
  return { name, type, read };
}

/** The service a label names (`ssvc=` as ra's labels have it), and whether an end is local, are the caller's to know. */
export interface ConnFacts {
  readonly service?: (record: FlowRecord) => string | null;
  readonly isLocal?: (address: string) => boolean;
}

/** @returns conn.log; only records of IP belong into it (`belongsInConnLog`) */
export function connLog(facts: ConnFacts = {}): ZeekLog<FlowRecord> {
  const local = (word: typeof L.SOURCE_ADDRESS | typeof L.DESTINATION_ADDRESS) => (record: FlowRecord) =>
    facts.isLocal?.(endAddress(record, word) ?? '') ?? null;
  return {
    path: 'conn',
    fields: [
      field('ts', 'time', (record) => seconds(record, L.START_S)),
      field('uid', 'string', flowUid),
      field('id.orig_h', 'addr', (record) => endAddress(record, L.SOURCE_ADDRESS)),
      field('id.orig_p', 'port', (record) => record.get(isIcmp(record) ? L.KEY_ICMP_TYPE : L.SOURCE_PORT)),
      field('id.resp_h', 'addr', (record) => endAddress(record, L.DESTINATION_ADDRESS)),
      field('id.resp_p', 'port', (record) => record.get(isIcmp(record) ? L.KEY_ICMP_CODE : L.DESTINATION_PORT)),
      field('proto', 'enum', transport),
      field('service', 'string', (record) => facts.service?.(record) ?? null),
      field('duration', 'interval', durationS),
      field('orig_bytes', 'count', (record) => payloadBytes(record, 'source')),
      field('resp_bytes', 'count', (record) => payloadBytes(record, 'destination')),
      field('conn_state', 'string', connState),
      field('local_orig', 'bool', local(L.SOURCE_ADDRESS)),
      field('local_resp', 'bool', local(L.DESTINATION_ADDRESS)),
      field('missed_bytes', 'count', () => 0),
      field('history', 'string', (record) => history(record) || null),
      field('orig_pkts', 'count', (record) => record.getWide(L.SOURCE_PACKETS)),
      field('orig_ip_bytes', 'count', (record) => ipBytes(record, 'source')),
      field('resp_pkts', 'count', (record) => record.getWide(L.DESTINATION_PACKETS)),
      field('resp_ip_bytes', 'count', (record) => ipBytes(record, 'destination')),
      field('tunnel_parents', 'set[string]', () => null),
    ],
  };
}

export function belongsInConnLog(record: FlowRecord): boolean {
  const type = record.get(L.FLOW_TYPE);
  return (
    record.has(L.HAS_FLOW) && (type === L.FLOW_IPV4 || type === L.FLOW_IPV6) && record.get(L.KIND) !== L.KIND_MANAGEMENT
  );
}

function transport(record: FlowRecord): string {
  if (isTcp(record)) return 'tcp';
  if (record.get(L.PROTOCOL) === UDP) return 'udp';
  return isIcmp(record) ? 'icmp' : 'unknown_transport';
}

function flowFields<Row extends TransactionFlow>(): ZeekField<Row>[] {
  return [
    field('ts', 'time', (row) => row.timeS),
    field('uid', 'string', (row) => row.uid),
    field('id.orig_h', 'addr', (row) => row.sourceAddress),
    field('id.orig_p', 'port', (row) => row.sourcePort),
    field('id.resp_h', 'addr', (row) => row.destinationAddress),
    field('id.resp_p', 'port', (row) => row.destinationPort),
  ];
}

const CLASS_NAMES: Readonly<Record<number, string>> = { 1: 'C_INTERNET', 3: 'C_CHAOS', 255: 'C_ANY' };

export const DNS_LOG: ZeekLog<DnsTransaction> = {
  path: 'dns',
  fields: [
    ...flowFields<DnsTransaction>(),
    field('proto', 'enum', (row) => row.transport),
    field('trans_id', 'count', (row) => row.id),
    field('rtt', 'interval', (row) => row.roundTripS),
    field('query', 'string', (row) => row.query),
    field('qclass', 'count', (row) => row.queryClass),
    field('qclass_name', 'string', (row) =>
      row.queryClass === undefined ? null : (CLASS_NAMES[row.queryClass] ?? `qclass-${row.queryClass}`),
    ),
    field('qtype', 'count', (row) => row.queryType),
    field('qtype_name', 'string', (row) => row.queryTypeName),
    field('rcode', 'count', (row) => row.responseCode),
    field('rcode_name', 'string', (row) => row.responseCodeName),
    field('AA', 'bool', (row) => row.authoritative),
    field('TC', 'bool', (row) => row.truncated),
    field('RD', 'bool', (row) => row.recursionDesired),
    field('RA', 'bool', (row) => row.recursionAvailable),
    field('Z', 'count', (row) => row.reserved),
    field('answers', 'vector[string]', (row) => (row.answers.length === 0 ? null : row.answers)),
    field('TTLs', 'vector[interval]', (row) => (row.ttlsS.length === 0 ? null : row.ttlsS)),
    field('rejected', 'bool', (row) => row.rejected),
  ],
};

export const HTTP_LOG: ZeekLog<HttpTransaction> = {
  path: 'http',
  fields: [
    ...flowFields<HttpTransaction>(),
    field('trans_depth', 'count', (row) => row.depth),
    field('method', 'string', (row) => row.method),
    field('host', 'string', (row) => row.host),
    field('uri', 'string', (row) => row.uri),
    field('referrer', 'string', (row) => row.referrer),
    field('version', 'string', (row) => row.version),
    field('user_agent', 'string', (row) => row.userAgent),
    field('origin', 'string', (row) => row.origin),
    field('request_body_len', 'count', (row) => row.requestBodyBytes),
    field('response_body_len', 'count', (row) => row.responseBodyBytes),
    field('status_code', 'count', (row) => row.statusCode),
    field('status_msg', 'string', (row) => row.statusText),
    field('info_code', 'count', () => null),
    field('info_msg', 'string', () => null),
    field('tags', 'set[enum]', () => []),
    field('username', 'string', (row) => row.user),
    field('password', 'string', () => null),
    field('proxied', 'set[string]', (row) => row.proxied),
    field('orig_fuids', 'vector[string]', () => null),
    field('orig_filenames', 'vector[string]', () => null),
    field('orig_mime_types', 'vector[string]', (row) => row.requestTypes),
    field('resp_fuids', 'vector[string]', () => null),
    field('resp_filenames', 'vector[string]', () => null),
    field('resp_mime_types', 'vector[string]', (row) => row.responseTypes),
  ],
};

export const SSL_LOG: ZeekLog<TlsHandshake> = {
  path: 'ssl',
  fields: [
    ...flowFields<TlsHandshake>(),
    field('version', 'string', (row) => row.version),
    field('cipher', 'string', (row) => row.cipher),
    field('curve', 'string', (row) => row.curve),
    field('server_name', 'string', (row) => row.serverName),
    field('resumed', 'bool', (row) => row.resumed),
    field('last_alert', 'string', (row) => row.lastAlert),
    field('next_protocol', 'string', (row) => row.nextProtocol),
    field('established', 'bool', (row) => row.established),
    field('cert_chain_fps', 'vector[string]', (row) => row.certificates),
    field('client_cert_chain_fps', 'vector[string]', (row) => row.clientCertificates),
    field('subject', 'string', (row) => row.subject),
    field('issuer', 'string', (row) => row.issuer),
    field('sni_matches_cert', 'bool', (row) => row.nameMatches),
    field('ja3', 'string', (row) => row.ja3),
    field('ja3s', 'string', (row) => row.ja3s),
    field('ja4', 'string', (row) => row.ja4),
  ],
};
