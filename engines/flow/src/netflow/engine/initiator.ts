/** Which side of a conversation began it, from what flow exports tell. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  DESTINATION_START_NS,
  DESTINATION_START_S,
  INITIATOR_BY_ADDRESS,
  INITIATOR_BY_PORTS,
  INITIATOR_BY_TCP_FLAGS,
  INITIATOR_BY_TIME,
  KEY_ICMP_TYPE,
  PROTOCOL,
  SIDE_FLAGS,
  SOURCE_ADDRESS,
  SOURCE_PACKETS,
  SOURCE_PORT,
  SOURCE_START_NS,
  SOURCE_START_S,
  TCP_DESTINATION,
  TCP_SOURCE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ICMP, ICMPV6, SCTP, TCP, UDP } from '../language/protocols.ts';
import { ACK, RST, SYN } from '../language/tcp-status.ts';

export interface Verdict {
  /** The record's destination has begun it. */
  readonly reversed: boolean;
  /** INITIATOR_… of the record layout. */
  readonly by: number;
}

const WELL_KNOWN_PORTS = 1024;
/** Below the ephemeral ports of all systems in use. */
const REGISTERED_PORTS = 32_768;

/**
 * TCP flags decide first: who sent a SYN that is not an answer, or who refused one. Then ports: a well-known port
 * answers an ephemeral one. Then who was seen first. Then the smaller address.
 */
export function initiator(record: FlowRecord): Verdict {
  const protocol = record.get(PROTOCOL);
  if (protocol === TCP) {
    const byFlags = tcpInitiator(record);
    if (byFlags !== 0) return { reversed: byFlags < 0, by: INITIATOR_BY_TCP_FLAGS };
  }
  if (protocol === TCP || protocol === UDP || protocol === SCTP) {
    const byPorts = portInitiator(record.get(SOURCE_PORT), record.get(DESTINATION_PORT));
    if (byPorts !== 0) return { reversed: byPorts < 0, by: INITIATOR_BY_PORTS };
  }
  if (isEcho(record)) return { reversed: isEchoReply(record), by: INITIATOR_BY_PORTS };
  if (record.getWide(DESTINATION_PACKETS) > 0 && record.getWide(SOURCE_PACKETS) > 0) {
    const byTime = compareStarts(record);
    if (byTime !== 0) return { reversed: byTime > 0, by: INITIATOR_BY_TIME };
    return { reversed: compareAddresses(record) > 0, by: INITIATOR_BY_ADDRESS };
  }
  return { reversed: false, by: 0 };
}

/** @returns 1 the source, -1 the destination, 0 the flags do not say */
function tcpInitiator(record: FlowRecord): number {
  const source = record.get(TCP_SOURCE + SIDE_FLAGS);
  const destination = record.get(TCP_DESTINATION + SIDE_FLAGS);
  const sourceAsks = source & SYN && !(source & ACK);
  const destinationAsks = destination & SYN && !(destination & ACK);
  if (sourceAsks && !destinationAsks) return 1;
  if (destinationAsks && !sourceAsks) return -1;
  const sourceSyn = (source & SYN) !== 0;
  const destinationSyn = (destination & SYN) !== 0;
  if (sourceSyn !== destinationSyn && record.getWide(DESTINATION_PACKETS) > 0 && record.getWide(SOURCE_PACKETS) > 0) {
    // One side alone has a SYN: an answer to it would have one too, a refusal has a RST.
    if (sourceSyn && destination & RST) return 1;
    if (destinationSyn && source & RST) return -1;
  }
  // Flags are sums: SYN and ACK of one packet are an answer.
  if (sourceSyn && source & ACK && record.getWide(SOURCE_PACKETS) === 1) return -1;
  if (destinationSyn && destination & ACK && record.getWide(DESTINATION_PACKETS) === 1) return 1;
  return 0;
}

function portInitiator(source: number, destination: number): number {
  for (const limit of [WELL_KNOWN_PORTS, REGISTERED_PORTS]) {
    const isSource = source < limit;
    const isDestination = destination < limit;
    if (isSource !== isDestination) return isDestination ? 1 : -1;
    if (isSource) return 0;
  }
  return 0;
}

/** ICMP has its type at the same place in both versions of IP. */
export function isEcho(record: FlowRecord): boolean {
  const protocol = record.get(PROTOCOL);
  const type = record.get(KEY_ICMP_TYPE);
  return (protocol === ICMP && (type === 8 || type === 0)) || (protocol === ICMPV6 && (type === 128 || type === 129));
}

export function isEchoReply(record: FlowRecord): boolean {
  const type = record.get(KEY_ICMP_TYPE);
  return type === 0 || type === 129;
}

function compareStarts(record: FlowRecord): number {
  const seconds = record.get(SOURCE_START_S) - record.get(DESTINATION_START_S);
  return seconds !== 0 ? seconds : record.get(SOURCE_START_NS) - record.get(DESTINATION_START_NS);
}

export function compareAddresses(record: FlowRecord): number {
  const { bytes, base } = record;
  const source = (base + SOURCE_ADDRESS) * 4;
  const destination = (base + DESTINATION_ADDRESS) * 4;
  for (let index = 0; index < 16; index++) {
    const order = (bytes[source + index] as number) - (bytes[destination + index] as number);
    if (order !== 0) return order;
  }
  return record.get(SOURCE_PORT) - record.get(DESTINATION_PORT);
}
