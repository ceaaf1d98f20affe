/** Who with whom: columns of addresses, networks, protocols and ports. */
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
  FLOWFLAG_FRAGMENT,
  HAS_FLOW,
  HAS_ICMP,
  HAS_NETWORK,
  ICMP_MAPPED,
  ICMP_OUTER_SOURCE,
  KEY_ARP_MAC2,
  KEY_DETAIL,
  KEY_ICMP_CODE,
  KEY_ICMP_ID,
  KEY_ICMP_TYPE,
  KIND,
  KIND_EVENT,
  MANAGEMENT,
  MAR_BUFFERS,
  MAR_CLIENTS,
  MAR_DROPPED,
  MAR_QUEUE,
  NET_KIND,
  NET_RTCP,
  NET_RTP,
  NET_UDT,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_MASK,
  SOURCE_PORT,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { shownPort } from '../record/ports.ts';
import { writeIpv4, writeIpv6, writeMac } from '../text/address.ts';
import { type Cell, LEFT, LEFT_OPEN } from '../text/cell.ts';
import { ETHERNET_TYPE_NAMES, ipProtocolName, SERVICE_POINT_NAMES } from '../text/names.ts';
import type { Field, FieldWriter, Style } from './field.ts';
import { writeSourceId } from './identity.ts';
import { isManagement } from './times.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ESP = 50;
const ICMP6 = 58;
const ARP_TYPE = 2054;
const RARP_TYPE = 32821;
const MATRIX_IPV6 = 6;
const MAX_IPV4_PREFIX = 32;
const MAX_IPV6_PREFIX = 128;
/** `-n` count from which ports, from which protocols are numbers. */
const NUMERIC_PORTS = 2;
const NUMERIC_PROTOCOLS = 3;

function writeAddress(cell: Cell, record: FlowRecord, style: Style, isSource: boolean): void {
  if (record.get(KIND) === KIND_EVENT) {
    if (isSource) writeSourceId(cell, record);
    return;
  }
  if (!record.has(HAS_FLOW)) return;
  const word = isSource ? SOURCE_ADDRESS : DESTINATION_ADDRESS;
  const at = (record.base + word) * 4;
  switch (record.get(FLOW_TYPE)) {
    case FLOW_IPV4:
    case FLOW_ARP:
      writeIpv4(cell, record.bytes, at);
      writePrefix(cell, record, style, isSource, MAX_IPV4_PREFIX);
      return;
    case FLOW_IPV6:
      writeIpv6(cell, record.bytes, at);
      writePrefix(cell, record, style, isSource, MAX_IPV6_PREFIX);
      return;
    case FLOW_MATRIX_IP:
      if (record.get(KEY_DETAIL) === MATRIX_IPV6) writeIpv6(cell, record.bytes, at);
      else writeIpv4(cell, record.bytes, at);
      return;
    case FLOW_RARP:
      if (isSource) writeMac(cell, record.bytes, (record.base + KEY_ARP_MAC2) * 4);
      else writeIpv4(cell, record.bytes, at);
      return;
    case FLOW_ETHERNET:
    case FLOW_MATRIX_MAC:
      writeMac(cell, record.bytes, at);
  }
}

function writePrefix(cell: Cell, record: FlowRecord, style: Style, isSource: boolean, whole: number): void {
  if (style.cidr === 'no' || record.get(FLOW_TYPE) === FLOW_ARP) return;
  const isFragment = (record.get(FLOW_FLAGS) & FLOWFLAG_FRAGMENT) !== 0;
  const mask = isFragment ? whole : record.get(isSource ? SOURCE_MASK : DESTINATION_MASK) || whole;
  if (style.cidr === 'yes' && mask === whole) return;
  cell.text('/');
  cell.whole(mask);
}

/** The network of an address by its old class: /8, /16, /24; multicast whole. */
function writeNetwork(cell: Cell, record: FlowRecord, isSource: boolean): void {
  if (!record.has(HAS_FLOW)) return;
  const at = (record.base + (isSource ? SOURCE_ADDRESS : DESTINATION_ADDRESS)) * 4;
  const { bytes } = record;
  if (record.get(FLOW_TYPE) === FLOW_ARP) {
    // ra looks where no address is.
    cell.text('0.0.0.0');
    return;
  }
  if (record.get(FLOW_TYPE) !== FLOW_IPV4) {
    writeAddress(cell, record, PLAIN_ADDRESSES, isSource);
    return;
  }
  const first = bytes[at] as number;
  const kept = first < 128 ? 1 : first < 192 ? 2 : first < 224 ? 3 : first < 240 ? 4 : 0;
  for (let i = 0; i < 4; i += 1) {
    if (i > 0) cell.text('.');
    cell.whole(i < kept ? (bytes[at + i] as number) : 0);
  }
}
const PLAIN_ADDRESSES = { cidr: 'no' } as Style;

function addressField(name: string, header: string, isSource: boolean, management: number): Field {
  return plain(name, header, 18, (cell, record, style) => {
    if (isManagement(record)) cell.whole(record.get(MANAGEMENT + management));
    else writeAddress(cell, record, style, isSource);
  });
}

function networkField(name: string, header: string, isSource: boolean, management: number): Field {
  return plain(name, header, 18, (cell, record) => {
    if (isManagement(record)) cell.whole(record.get(MANAGEMENT + management));
    else writeNetwork(cell, record, isSource);
  });
}

const protocol: FieldWriter = (cell, record, style) => {
  const kind = record.get(KIND);
  if (isManagement(record)) return cell.text('man');
  if (kind === KIND_EVENT) return cell.text('evt');
  if (!record.has(HAS_FLOW)) return;
  const isNumeric = style.numeric >= NUMERIC_PROTOCOLS;
  const number = record.get(PROTOCOL);
  switch (record.get(FLOW_TYPE)) {
    case FLOW_IPV4:
    case FLOW_IPV6:
      if (isNumeric) cell.whole(number);
      else cell.text(mediaName(record) ?? ipProtocolName(number));
      return;
    case FLOW_ARP:
      return isNumeric ? cell.whole(ARP_TYPE) : cell.text('arp');
    case FLOW_RARP:
      return isNumeric ? cell.whole(RARP_TYPE) : cell.text('rarp');
    case FLOW_ETHERNET:
      if (isNumeric) cell.whole(number);
      else cell.text(ETHERNET_TYPE_NAMES.get(number) ?? (style.numeric < NUMERIC_PORTS ? 'unknown' : String(number)));
      return;
    case FLOW_MATRIX_IP:
      return cell.text('ip');
    case FLOW_MATRIX_MAC:
      return cell.text('ether');
  }
};

function mediaName(record: FlowRecord): string | null {
  if (record.get(PROTOCOL) !== UDP || !record.has(HAS_NETWORK)) return null;
  switch (record.get(NET_KIND)) {
    case NET_RTP:
      return 'rtp';
    case NET_RTCP:
      return 'rtcp';
    case NET_UDT:
      return record.get(FLOW_TYPE) === FLOW_IPV4 ? 'udt' : null;
  }
  return null;
}

function writePort(cell: Cell, record: FlowRecord, style: Style, isSource: boolean): void {
  const type = record.get(FLOW_TYPE);
  const number = record.get(PROTOCOL);
  if (!record.has(HAS_FLOW)) return;
  if (type === FLOW_ETHERNET) {
    const point = record.get(isSource ? SOURCE_PORT : DESTINATION_PORT);
    if (style.numeric >= NUMERIC_PORTS) {
      writeOpen(cell, point);
      return;
    }
    cell.align = LEFT;
    if (point !== 0) cell.text(SERVICE_POINT_NAMES.get(point) ?? `0x${point.toString(16).padStart(2, '0')}`);
    return;
  }
  if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return;
  const isIcmp = type === FLOW_IPV4 ? number === ICMP : number === ICMP6;
  if (number === TCP || number === UDP) writeTransportPort(cell, record, style, isSource);
  else if (isIcmp) writeIcmpPort(cell, record, style, isSource);
  else if (number === ESP && !isSource) {
    cell.align = LEFT;
    cell.text('0x');
    cell.hex(record.get(KEY_DETAIL), cell.width === 0 ? 1 : 8);
  }
}

function writeOpen(cell: Cell, value: number): void {
  cell.align = LEFT_OPEN;
  cell.whole(value);
}

function writeTransportPort(cell: Cell, record: FlowRecord, style: Style, isSource: boolean): void {
  const port = shownPort(record, isSource);
  if (style.numeric >= NUMERIC_PORTS) {
    writeOpen(cell, port);
    return;
  }
  cell.align = LEFT;
  if (port === 0) return;
  const names = record.get(PROTOCOL) === TCP ? style.services.tcp : style.services.udp;
  const name = names.get(port);
  if (name === undefined) cell.whole(port);
  else cell.text(name);
}

/** ICMP shows its type and code where ports are, then its id. */
function writeIcmpPort(cell: Cell, record: FlowRecord, style: Style, isSource: boolean): void {
  const isNumeric = style.numeric >= NUMERIC_PORTS;
  const isV4 = record.get(FLOW_TYPE) === FLOW_IPV4;
  if (!isV4) {
    const value = record.get(isSource ? KEY_ICMP_TYPE : KEY_ICMP_CODE);
    if (isNumeric) {
      writeOpen(cell, value);
      return;
    }
    cell.align = LEFT;
    cell.text('0x');
    cell.hex(value, 4);
    return;
  }
  cell.align = isNumeric ? LEFT_OPEN : LEFT;
  const typeAndCode = (record.get(KEY_ICMP_CODE) << 8) | record.get(KEY_ICMP_TYPE);
  cell.text('0x');
  cell.hex(isSource ? typeAndCode : shownIcmpId(record), 4);
}

/** ra shows the id's bytes the other way round, as argus on small-endian machines stores them. */
function shownIcmpId(record: FlowRecord): number {
  const id = record.get(KEY_ICMP_ID);
  return ((id & 0xff) << 8) | (id >>> 8);
}

function portField(name: string, header: string, isSource: boolean, management: number): Field {
  return plain(name, header, 6, (cell, record, style) => {
    if (isManagement(record)) cell.whole(record.get(MANAGEMENT + management));
    else writePort(cell, record, style, isSource);
  });
}

const icmpId: FieldWriter = (cell, record) => {
  const type = record.get(FLOW_TYPE);
  const number = record.get(PROTOCOL);
  const isIcmp = (type === FLOW_IPV4 && number === ICMP) || (type === FLOW_IPV6 && number === ICMP6);
  if (!isManagement(record) && record.has(HAS_FLOW) && isIcmp) cell.whole(shownIcmpId(record));
};

/** The router or host whose ICMP message spoke of this flow. */
const intermediate: FieldWriter = (cell, record) => {
  if (!record.has(HAS_ICMP | HAS_FLOW) || (record.get(ICMP_MAPPED) & 7) === 0) return;
  const at = (record.base + ICMP_OUTER_SOURCE) * 4;
  const type = record.get(FLOW_TYPE);
  if (type === FLOW_IPV4) writeIpv4(cell, record.bytes, at);
};

const nothing: FieldWriter = () => {};

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

export const ADDRESS_FIELDS: readonly Field[] = [
  addressField('saddr', 'SrcAddr', true, MAR_QUEUE),
  addressField('daddr', 'DstAddr', false, MAR_BUFFERS),
  networkField('snet', 'SrcNet', true, MAR_QUEUE),
  networkField('dnet', 'DstNet', false, MAR_BUFFERS),
  plain('proto', 'Proto', 6, protocol),
  portField('sport', 'Sport', true, MAR_DROPPED),
  portField('dport', 'Dport', false, MAR_CLIENTS),
  plain('icmpid', 'IcmpId', 6, icmpId),
  plain('inode', 'Inode', 18, intermediate),
  plain('laddr', 'LocalAddr', 18, nothing),
  plain('raddr', 'RemoteAddr', 18, nothing),
  plain('lnet', 'LocalNet', 18, nothing),
  plain('rnet', 'RemoteNet', 18, nothing),
];
