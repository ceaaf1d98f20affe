/**
 * A record as one object: OCSF's Network Activity (class 4001, activity Traffic), and under `flow` the fields that OCSF
 * has no place for, by ra's names. Names are stable; what a record does not tell is left out.
 *
 * @see Open Cybersecurity Schema Framework, "Network Activity"
 */
import * as L from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { endAddress, flowUid, isIcmp, isTcp, macText, protocolName, sideFlags } from './facts.ts';
import { FIELDS, type FieldValue } from './fields.ts';

const NETWORK_ACTIVITY = 4001;
const NETWORK_CATEGORY = 4;
const TRAFFIC = 6;
const INFORMATIONAL = 1;

/** Fields of `flow`: those of OCSF's own are not said twice. */
const FLOW_FIELDS = [
  'icmp_type',
  'icmp_code',
  'sappbytes',
  'dappbytes',
  'conn_state',
  'history',
  'cause',
  'tcp_status',
  'synack',
  'ackdat',
  'swin',
  'dwin',
  'stcpb',
  'dtcpb',
  'sretrans',
  'dretrans',
  'stos',
  'dtos',
  'sttl',
  'dttl',
  'srcid',
  'seq',
  'label',
  'in_if',
  'out_if',
  'sampling',
  'initiator_by',
] as const;

interface Endpoint {
  ip?: string;
  port?: number;
  mac?: string;
  vlan_uid?: string;
  autonomous_system?: { number: number };
  location?: { country: string };
}

export interface FlowJson {
  readonly class_uid: number;
  readonly category_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  /** Milliseconds since 1970, as OCSF has times. */
  readonly time: number;
  readonly start_time: number;
  readonly end_time: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly src_endpoint: Endpoint;
  readonly dst_endpoint: Endpoint;
  readonly connection_info: {
    readonly uid: string;
    readonly protocol_num?: number;
    readonly protocol_name: string;
    readonly protocol_ver_id?: number;
    readonly tcp_flags?: number;
  };
  /** `out` is from source to destination. */
  readonly traffic: {
    readonly bytes: number;
    readonly bytes_in: number;
    readonly bytes_out: number;
    readonly packets: number;
    readonly packets_in: number;
    readonly packets_out: number;
  };
  readonly flow: Readonly<Record<string, FieldValue>>;
}

/** @param record a flow, not a management record */
export function toJson(record: FlowRecord): FlowJson {
  const startMs = milliseconds(record, L.START_S);
  const endMs = Math.max(startMs, milliseconds(record, L.END_S));
  const out = { bytes: record.getWide(L.SOURCE_BYTES), packets: record.getWide(L.SOURCE_PACKETS) };
  const back = { bytes: record.getWide(L.DESTINATION_BYTES), packets: record.getWide(L.DESTINATION_PACKETS) };
  return {
    class_uid: NETWORK_ACTIVITY,
    category_uid: NETWORK_CATEGORY,
    activity_id: TRAFFIC,
    type_uid: NETWORK_ACTIVITY * 100 + TRAFFIC,
    severity_id: INFORMATIONAL,
    time: startMs,
    start_time: startMs,
    end_time: endMs,
    duration: endMs - startMs,
    src_endpoint: endpoint(record, 'source'),
    dst_endpoint: endpoint(record, 'destination'),
    connection_info: connection(record),
    traffic: {
      bytes: out.bytes + back.bytes,
      bytes_in: back.bytes,
      bytes_out: out.bytes,
      packets: out.packets + back.packets,
      packets_in: back.packets,
      packets_out: out.packets,
    },
    flow: flowFields(record),
  };
}

/** One line without its end: JSON lines. */
export function toJsonLine(record: FlowRecord): string {
  return JSON.stringify(toJson(record));
}

function endpoint(record: FlowRecord, side: 'source' | 'destination'): Endpoint {
  const isSource = side === 'source';
  const address = endAddress(record, isSource ? L.SOURCE_ADDRESS : L.DESTINATION_ADDRESS);
  const found: Endpoint = {};
  if (address !== null && record.get(L.FLOW_TYPE) === L.FLOW_ETHERNET) found.mac = address;
  else if (address !== null) found.ip = address;
  if (!isIcmp(record) && found.ip !== undefined) found.port = record.get(isSource ? L.SOURCE_PORT : L.DESTINATION_PORT);
  if (record.has(L.HAS_MAC)) found.mac = macText(record, isSource ? L.SOURCE_MAC : L.DESTINATION_MAC);
  const vlan = FIELDS[isSource ? 'svlan' : 'dvlan']?.(record);
  if (typeof vlan === 'number') found.vlan_uid = String(vlan & 0xfff);
  const asn = FIELDS[isSource ? 'sas' : 'das']?.(record);
  if (typeof asn === 'number') found.autonomous_system = { number: asn };
  const country = FIELDS[isSource ? 'sco' : 'dco']?.(record);
  if (typeof country === 'string') found.location = { country };
  return found;
}

function connection(record: FlowRecord): FlowJson['connection_info'] {
  const type = record.get(L.FLOW_TYPE);
  const isIp = type === L.FLOW_IPV4 || type === L.FLOW_IPV6;
  return {
    uid: flowUid(record),
    ...(isIp ? { protocol_num: record.get(L.PROTOCOL), protocol_ver_id: type === L.FLOW_IPV4 ? 4 : 6 } : {}),
    protocol_name: protocolName(record),
    ...(isTcp(record) ? { tcp_flags: sideFlags(record, L.TCP_SOURCE) | sideFlags(record, L.TCP_DESTINATION) } : {}),
  };
}

function flowFields(record: FlowRecord): Record<string, FieldValue> {
  const found: Record<string, FieldValue> = {};
  for (const name of FLOW_FIELDS) {
    const value = FIELDS[name]?.(record) ?? null;
    if (value !== null) found[name] = value;
  }
  return found;
}

function milliseconds(record: FlowRecord, secondsWord: number): number {
  return record.get(secondsWord) * 1000 + Math.floor(record.get(secondsWord + 1) / 1e6);
}
