/** Figures that follow from a record: rates, loads, losses, gaps, round trips. In the precision ra computes them in. */
import {
  AGGREGATE_COUNT,
  DESTINATION_APP_BYTES,
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  HAS_AGGREGATE,
  HAS_FLOW,
  HAS_METRIC,
  HAS_NETWORK,
  NET_ESP,
  NET_KIND,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_WORDS,
  PROTOCOL,
  SIDE_ACK_BYTES,
  SIDE_BYTES,
  SIDE_RETRANSMITTED,
  SIDE_SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SIDE_WINDOW,
  SIDE_WINDOW_BYTES,
  SIDE_WINDOW_SHIFT,
  SOURCE_APP_BYTES,
  SOURCE_BYTES,
  SOURCE_PACKETS,
  TCP_ACKDAT_US,
  TCP_DESTINATION,
  TCP_SOURCE,
  TCP_STATE,
  TCP_SYNACK_US,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { FLOWFLAG_TURNED } from './reverse.ts';
import { destinationDuration, duration, sourceDuration } from './times.ts';

const { fround } = Math;
const TCP = 6;
const UDP = 17;
const ESP = 50;
/** Word of an RTP state (NET_WORDS) that counts lost packets: the source's in the low half. */
const RTP_DROPS = 7;
const ESP_LOST = 3;
/** A half of the handshake below this is not the network's. */
const MIN_HANDSHAKE_S = 0.0001;

/** Bit in FLOW_FLAGS of a record that others were merged into: ra's loads then count every packet. */
export const FLOWFLAG_MERGED = 0x40000000;

export const SOURCE = 0;
export const DESTINATION = 1;
export type Side = typeof SOURCE | typeof DESTINATION;

export function packets(record: FlowRecord, side: Side): number {
  return record.getWide(side === SOURCE ? SOURCE_PACKETS : DESTINATION_PACKETS);
}

export function bytes(record: FlowRecord, side: Side): number {
  return record.getWide(side === SOURCE ? SOURCE_BYTES : DESTINATION_BYTES);
}

export function appBytes(record: FlowRecord, side: Side): number {
  return record.getWide(side === SOURCE ? SOURCE_APP_BYTES : DESTINATION_APP_BYTES);
}

function sideDuration(record: FlowRecord, side: Side): number {
  const seconds = side === SOURCE ? sourceDuration(record) : destinationDuration(record);
  return seconds > 0 ? seconds : duration(record);
}

/** Packets a second after the first. */
export function rate(record: FlowRecord, side: Side): number {
  const count = packets(record, side) - 1;
  const seconds = sideDuration(record, side);
  return count > 0 && seconds > 0 ? fround(fround(count) / seconds) : 0;
}

/** The rate of the side as it was before the record was turned round, by which ra filters and sorts. */
export function rateAsRead(record: FlowRecord, side: Side): number {
  return rate(record, asRead(record, side));
}

function asRead(record: FlowRecord, side: Side): Side {
  return record.get(FLOW_FLAGS) & FLOWFLAG_TURNED ? ((1 - side) as Side) : side;
}

export function totalRate(record: FlowRecord): number {
  const count = packets(record, SOURCE) + packets(record, DESTINATION) - 1;
  const seconds = duration(record);
  return count > 0 && seconds > 0 ? fround(fround(count) / seconds) : 0;
}

/** Bits a second after the first packet, which counts as one of average size. */
export function load(record: FlowRecord, side: Side): number {
  if (record.get(FLOW_FLAGS) & FLOWFLAG_MERGED) return mergedLoad(record, side);
  const told = asRead(record, side);
  const count = packets(record, told);
  const seconds = sideDuration(record, told);
  if (!(count > 1) || !(seconds > 0)) return 0;
  const total = bytes(record, told);
  return fround(fround((total - Math.floor(total / count)) * 8) / seconds);
}

function mergedLoad(record: FlowRecord, side: Side): number {
  const seconds = duration(record);
  return seconds > 0 ? fround(fround(bytes(record, side) * 8) / seconds) : 0;
}

export function totalLoad(record: FlowRecord): number {
  const whole = duration(record);
  if (!(whole > 0)) return 0;
  const source = fround(load(record, SOURCE) * sideDuration(record, SOURCE));
  const destination = fround(load(record, DESTINATION) * sideDuration(record, DESTINATION));
  return fround(fround(source + destination) / whole);
}

export function isTcp(record: FlowRecord): boolean {
  const type = record.get(FLOW_TYPE);
  return record.has(HAS_FLOW) && (type === FLOW_IPV4 || type === FLOW_IPV6) && record.get(PROTOCOL) === TCP;
}

/** TCP with a state that is TCP's. */
export function hasTcpState(record: FlowRecord): boolean {
  const kind = record.get(NET_KIND);
  return isTcp(record) && record.has(HAS_NETWORK) && kind >= NET_TCP_FIRST && kind <= NET_TCP;
}

function retransmitted(record: FlowRecord, side: Side): number {
  return record.get((side === SOURCE ? TCP_SOURCE : TCP_DESTINATION) + SIDE_RETRANSMITTED);
}

/** Packets known to be lost or sent again by one side. */
export function loss(record: FlowRecord, side: Side): number {
  if (!record.has(HAS_FLOW | HAS_NETWORK)) return 0;
  const type = record.get(FLOW_TYPE);
  if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return 0;
  switch (record.get(PROTOCOL)) {
    case UDP:
      if (record.get(NET_KIND) !== NET_RTP) return 0;
      return (record.get(NET_WORDS + RTP_DROPS) >>> (side === SOURCE ? 0 : 16)) & 0xffff;
    case TCP:
      return hasTcpState(record) && record.get(TCP_STATE) !== 0 && packets(record, side) > 0
        ? retransmitted(record, side)
        : 0;
    case ESP:
      if (type !== FLOW_IPV4 || record.get(NET_KIND) !== NET_ESP || packets(record, side) === 0) return 0;
      return record.get(NET_WORDS + ESP_LOST);
  }
  return 0;
}

export function totalLoss(record: FlowRecord): number {
  if (!record.has(HAS_FLOW | HAS_NETWORK)) return 0;
  switch (record.get(PROTOCOL)) {
    case TCP:
      if (!hasTcpState(record) || record.get(TCP_STATE) === 0 || packets(record, SOURCE) === 0) return 0;
      return (retransmitted(record, SOURCE) + retransmitted(record, DESTINATION)) >>> 0;
    case ESP:
      return loss(record, SOURCE);
  }
  return loss(record, SOURCE) + loss(record, DESTINATION);
}

/** Percent of what was sent. */
export function percentLoss(record: FlowRecord, side: Side): number {
  return percentOf(loss(record, side), packets(record, side));
}

export function totalPercentLoss(record: FlowRecord): number {
  return percentOf(totalLoss(record), packets(record, SOURCE) + packets(record, DESTINATION));
}

function percentOf(lost: number, received: number): number {
  return received > 0 ? (lost * 100) / (received + lost) : 0;
}

/** From only consuming (-1) to only producing (1) application bytes. */
export function producerConsumerRatio(record: FlowRecord): number {
  if (!record.has(HAS_METRIC)) return 0;
  const source = appBytes(record, SOURCE);
  const destination = appBytes(record, DESTINATION);
  return source + destination > 0 ? (source - destination) / (source + destination) : -0;
}

/** Seconds. */
export function synAck(record: FlowRecord): number {
  return hasTcpState(record) ? record.get(TCP_SYNACK_US) / 1e6 : 0;
}

export function ackData(record: FlowRecord): number {
  return hasTcpState(record) ? record.get(TCP_ACKDAT_US) / 1e6 : 0;
}

export function roundTrip(record: FlowRecord): number {
  return hasTcpState(record) ? ((record.get(TCP_SYNACK_US) + record.get(TCP_ACKDAT_US)) >>> 0) / 1e6 : 0;
}

/** What the other side's window lets this side send: the source in kilobits a second, the destination in bits, as in ra. */
export function tcpMax(record: FlowRecord, side: Side): number {
  let seconds = roundTrip(record);
  if (!(seconds > 0)) return 0;
  if (ackData(record) < MIN_HANDSHAKE_S) seconds = synAck(record);
  else if (synAck(record) < MIN_HANDSHAKE_S) seconds = ackData(record);
  const other = (1 - side) as Side;
  if (packets(record, other) === 0) return 0;
  return (windowBytes(record, other) * 8) / (side === SOURCE ? seconds * 1000 : seconds);
}

export function windowBytes(record: FlowRecord, side: Side): number {
  const words = side === SOURCE ? TCP_SOURCE : TCP_DESTINATION;
  return (record.get(words + SIDE_WINDOW) << (record.get(words + SIDE_WINDOW_SHIFT) & 31)) >>> 0;
}

/** Bytes of the sequence space that were never seen; -1 where the record is not TCP's. */
export function gap(record: FlowRecord, side: Side): number {
  if (!isTcp(record) || !record.has(HAS_NETWORK)) return -1;
  if (record.get(NET_KIND) !== NET_TCP) return 0;
  const at = side === SOURCE ? TCP_SOURCE : TCP_DESTINATION;
  const base = record.get(at + SIDE_SEQUENCE_BASE);
  const sequence = record.get(at + SIDE_SEQUENCE);
  const seen = record.get(at + SIDE_BYTES);
  if (base === record.get(at + SIDE_ACK_BYTES) || sequence === 0 || record.get(at + SIDE_RETRANSMITTED) !== 0) return 0;
  const span = (sequence - base) >>> 0;
  if (span === seen || span === (seen - record.get(at + SIDE_WINDOW_BYTES)) >>> 0) return 0;
  return Math.max(0, span - seen - 1);
}

/** Records that went into this one. */
export function transactions(record: FlowRecord): number {
  if (record.has(HAS_AGGREGATE)) return record.get(AGGREGATE_COUNT);
  return packets(record, SOURCE) + packets(record, DESTINATION) > 0 ? 1 : 0;
}
