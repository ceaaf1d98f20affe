/**
 * A record as ra takes it when it reads one: times completed, connections seen from their answer turned round, counters
 * that cannot be true dropped. Done once a record, before any filter, column or aggregation looks at it.
 */
import {
  CAUSE,
  CAUSE_ERROR,
  DESTINATION_PACKETS,
  FLOW_ARP,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_RARP,
  FLOW_TYPE,
  FLOWFLAG_DIRECTION,
  FLOWFLAG_REVERSED,
  HAS,
  HAS_FLOW,
  HAS_NETWORK,
  HAS_TIME,
  KIND,
  KIND_MANAGEMENT,
  NET_KIND,
  NET_NONE,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  PROTOCOL,
  SIDE_FLAGS,
  SIDE_WINDOW,
  SOURCE_APP_BYTES,
  SOURCE_PACKETS,
  TCP_DESTINATION,
  TCP_SOURCE,
  TCP_STATUS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { reverseRecord, reverseValues } from './reverse.ts';
import { durationMicroseconds, readTimes } from './times.ts';

const TCP = 6;
const UDP = 17;
const SAW_SYN = 1;
const SAW_SYN_ACK = 2;
const ESTABLISHED = 4;
const FIN = 8;
const FIN_ACK = 0x10;
/** ra marks a connection it turned round with the bit that also says "closed". */
const TURNED = 0x20;
const ANSWERED = ESTABLISHED | FIN | FIN_ACK | TURNED;
/** As many packets cannot have one time. */
const MAX_PACKETS_AT_ONCE = 1000;
const MIN_RTP_PACKETS = 5;
export function readAsRa(record: FlowRecord): void {
  if (record.get(KIND) === KIND_MANAGEMENT) return;
  const hasFlow = record.has(HAS_FLOW);
  readState(record);
  if (record.has(HAS_TIME)) readTimes(record);
  if (hasFlow) turn(record);
  if (record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS) > MAX_PACKETS_AT_ONCE) {
    if (durationMicroseconds(record) === 0) dropCounters(record);
  }
}

/** Flags and windows of a side that sent nothing are not its own; RTP of a few packets is a guess. */
function readState(record: FlowRecord): void {
  if (!record.has(HAS_NETWORK)) return;
  const kind = record.get(NET_KIND);
  if (kind > NET_TCP_FIRST && kind <= NET_TCP) {
    if (record.getWide(SOURCE_PACKETS) === 0) forgetSide(record, TCP_SOURCE);
    if (record.getWide(DESTINATION_PACKETS) === 0) forgetSide(record, TCP_DESTINATION);
    return;
  }
  const isSmall =
    record.getWide(SOURCE_PACKETS) < MIN_RTP_PACKETS && record.getWide(DESTINATION_PACKETS) < MIN_RTP_PACKETS;
  if (kind === NET_NONE || (kind === NET_RTP && (isSmall || record.get(PROTOCOL) !== UDP))) {
    record.set(HAS, record.get(HAS) & ~HAS_NETWORK);
  }
}

function forgetSide(record: FlowRecord, side: number): void {
  record.set(side + SIDE_WINDOW, 0);
  record.set(side + SIDE_FLAGS, 0);
}

function turn(record: FlowRecord): void {
  const type = record.get(FLOW_TYPE);
  const flags = record.get(FLOW_FLAGS);
  if (type === FLOW_ARP || type === FLOW_RARP) {
    if (flags & FLOWFLAG_REVERSED) reverseValues(record);
    return;
  }
  if (type !== FLOW_IPV4 || record.get(PROTOCOL) !== TCP || flags & FLOWFLAG_DIRECTION) return;
  const kind = record.get(NET_KIND);
  if (!record.has(HAS_NETWORK) || kind < NET_TCP_FIRST || kind > NET_TCP) return;
  const status = record.get(TCP_STATUS);
  if (status & SAW_SYN || !(status & SAW_SYN_ACK)) return;
  if (kind === NET_TCP_FIRST || !(status & ANSWERED)) return;
  reverseRecord(record);
  record.set(TCP_STATUS, status | TURNED);
  record.set(FLOW_FLAGS, record.get(FLOW_FLAGS) | FLOWFLAG_DIRECTION);
}

function dropCounters(record: FlowRecord): void {
  record.set(CAUSE, CAUSE_ERROR);
  record.words.fill(0, record.base + SOURCE_PACKETS, record.base + SOURCE_APP_BYTES + 4);
}
