/** One direction of a record, as formats without biflows tell it. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ICMP, ICMPV6, IGMP } from './protocols.ts';

/** Where the numbers of one direction are. */
export interface Direction {
  readonly reverse: boolean;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sourceMask: number;
  readonly destinationMask: number;
  readonly sourceAsn: number;
  readonly destinationAsn: number;
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly input: number;
  readonly output: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcpFlags: number;
  readonly tos: number;
  readonly ttl: number;
  readonly vlan: number;
  readonly startS: number;
  readonly endS: number;
  /** Bits of TIME_HAS that say that start and end are there. */
  readonly timesHas: number;
}

export const THERE: Direction = {
  reverse: false,
  source: L.SOURCE_ADDRESS,
  destination: L.DESTINATION_ADDRESS,
  sourcePort: L.SOURCE_PORT,
  destinationPort: L.DESTINATION_PORT,
  sourceMask: L.SOURCE_MASK,
  destinationMask: L.DESTINATION_MASK,
  sourceAsn: L.SOURCE_ASN,
  destinationAsn: L.DESTINATION_ASN,
  sourceMac: L.SOURCE_MAC,
  destinationMac: L.DESTINATION_MAC,
  input: L.INPUT_INTERFACE,
  output: L.OUTPUT_INTERFACE,
  packets: L.SOURCE_PACKETS,
  bytes: L.SOURCE_BYTES,
  tcpFlags: L.TCP_SOURCE + L.SIDE_FLAGS,
  tos: L.SOURCE_TOS,
  ttl: L.SOURCE_TTL,
  vlan: L.SOURCE_VLAN,
  startS: L.SOURCE_START_S,
  endS: L.SOURCE_END_S,
  timesHas: L.TIMEHAS_SOURCE_START | L.TIMEHAS_SOURCE_END,
};

export const BACK: Direction = {
  reverse: true,
  source: L.DESTINATION_ADDRESS,
  destination: L.SOURCE_ADDRESS,
  sourcePort: L.DESTINATION_PORT,
  destinationPort: L.SOURCE_PORT,
  sourceMask: L.DESTINATION_MASK,
  destinationMask: L.SOURCE_MASK,
  sourceAsn: L.DESTINATION_ASN,
  destinationAsn: L.SOURCE_ASN,
  sourceMac: L.DESTINATION_MAC,
  destinationMac: L.SOURCE_MAC,
  input: L.OUTPUT_INTERFACE,
  output: L.INPUT_INTERFACE,
  packets: L.DESTINATION_PACKETS,
  bytes: L.DESTINATION_BYTES,
  tcpFlags: L.TCP_DESTINATION + L.SIDE_FLAGS,
  tos: L.DESTINATION_TOS,
  ttl: L.DESTINATION_TTL,
  vlan: L.DESTINATION_VLAN,
  startS: L.DESTINATION_START_S,
  endS: L.DESTINATION_END_S,
  timesHas: L.TIMEHAS_DESTINATION_START | L.TIMEHAS_DESTINATION_END,
};

const FORTH = [THERE];
const BACK_ONLY = [BACK];
const BOTH = [THERE, BACK];

/** The directions in which the record has packets; one that has none at all counts as its source's. */
export function directionsOf(record: FlowRecord): readonly Direction[] {
  if (record.getWide(L.DESTINATION_PACKETS) === 0) return FORTH;
  return record.getWide(L.SOURCE_PACKETS) === 0 ? BACK_ONLY : BOTH;
}

/** Milliseconds since 1970, with the direction's own times where the record has them. */
export function startMs(record: FlowRecord, direction: Direction): number {
  return milliseconds(record, hasTimes(record, direction) ? direction.startS : L.START_S);
}

export function endMs(record: FlowRecord, direction: Direction): number {
  return milliseconds(record, hasTimes(record, direction) ? direction.endS : L.END_S);
}

/** Word of the seconds of the direction's start. */
export function startWord(record: FlowRecord, direction: Direction): number {
  return hasTimes(record, direction) ? direction.startS : L.START_S;
}

export function endWord(record: FlowRecord, direction: Direction): number {
  return hasTimes(record, direction) ? direction.endS : L.END_S;
}

export function isIcmp(record: FlowRecord): boolean {
  const protocol = record.get(L.PROTOCOL);
  return protocol === ICMP || protocol === ICMPV6 || protocol === IGMP;
}

/** Type << 8 | code of what went this way: echo requests are answered by replies. */
export function icmpTypeCode(record: FlowRecord, direction: Direction): number {
  if (!isIcmp(record)) return 0;
  let type = record.get(L.KEY_ICMP_TYPE);
  if (direction.reverse && record.get(L.PROTOCOL) === ICMP && type === 8) type = 0;
  if (direction.reverse && record.get(L.PROTOCOL) === ICMPV6 && type === 128) type = 129;
  return ((type & 0xff) << 8) | (record.get(L.KEY_ICMP_CODE) & 0xff);
}

/** TCP flags of the direction; words of other protocols' state share no place with them. */
export function tcpFlags(record: FlowRecord, direction: Direction): number {
  const kind = record.get(L.NET_KIND);
  const isTcp = kind >= L.NET_TCP_FIRST && kind <= L.NET_TCP;
  return record.has(L.HAS_NETWORK) && isTcp ? record.get(direction.tcpFlags) & 0xff : 0;
}

/** flowEndReason of IPFIX: as told, or what the record's cause comes to. */
export function endReason(record: FlowRecord): number {
  if (record.get(L.END_REASON) !== 0) return record.get(L.END_REASON);
  switch (record.get(L.CAUSE)) {
    case L.CAUSE_STOP:
      return 3;
    case L.CAUSE_TIMEOUT:
      return 1;
    case L.CAUSE_SHUTDOWN:
      return 4;
    default:
      return 2;
  }
}

function hasTimes(record: FlowRecord, direction: Direction): boolean {
  return (record.get(L.TIME_HAS) & direction.timesHas) === direction.timesHas;
}

function milliseconds(record: FlowRecord, secondsWord: number): number {
  return record.get(secondsWord) * 1000 + Math.floor(record.get(secondsWord + 1) / 1e6);
}
