/** States of protocols merged. */
import {
  HAS,
  HAS_NETWORK,
  NET_ESP,
  NET_KIND,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_TCP_STATUS,
  NET_WORDS,
  SIDE_ACK_BYTES,
  SIDE_ACKNOWLEDGEMENT,
  SIDE_BYTES,
  SIDE_FLAGS,
  SIDE_MAX_SEGMENT,
  SIDE_RETRANSMITTED,
  SIDE_SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SIDE_STATUS,
  SIDE_WINDOW,
  SIDE_WINDOW_BYTES,
  SIDE_WINDOW_COUNT,
  TCP_ACKDAT_US,
  TCP_DESTINATION,
  TCP_OPTIONS,
  TCP_SOURCE,
  TCP_STATE,
  TCP_STATUS,
  TCP_SYNACK_US,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { add, join } from './words.ts';

/** A sequence number that is smaller by more than this has begun anew. */
const MAX_WINDOW = 65536;

export function mergeStates(one: FlowRecord, other: FlowRecord): void {
  const kind = one.get(NET_KIND);
  const otherKind = other.get(NET_KIND);
  const isTcp = (net: number): boolean => net >= NET_TCP_FIRST && net <= NET_TCP;
  if (isTcp(kind) && isTcp(otherKind)) {
    mergeTcp(one, other, kind, otherKind);
    return;
  }
  if (kind !== otherKind) {
    one.set(HAS, one.get(HAS) & ~HAS_NETWORK);
    return;
  }
  if (kind === NET_RTP) mergeRtp(one, other);
  if (kind === NET_ESP) {
    one.set(NET_WORDS + 2, other.get(NET_WORDS + 2));
    add(one, other, NET_WORDS + 3);
    if (one.get(NET_WORDS + 1) !== other.get(NET_WORDS + 1)) one.set(NET_WORDS + 1, 0);
  }
}

/** Drops add up by side in the halves of one word; the rest is the later's. */
function mergeRtp(one: FlowRecord, other: FlowRecord): void {
  const low = ((one.get(NET_WORDS + 7) & 0xffff) + (other.get(NET_WORDS + 7) & 0xffff)) & 0xffff;
  const high = ((one.get(NET_WORDS + 7) >>> 16) + (other.get(NET_WORDS + 7) >>> 16)) & 0xffff;
  for (let i = 1; i < 7; i += 1) one.set(NET_WORDS + i, other.get(NET_WORDS + i));
  one.set(NET_WORDS + 7, low | (high << 16));
}

function mergeTcp(one: FlowRecord, other: FlowRecord, kind: number, otherKind: number): void {
  if (kind !== NET_TCP && otherKind === NET_TCP) {
    copyTcp(one, other);
    return;
  }
  if (kind === NET_TCP && otherKind !== NET_TCP) return;
  join(one, other, TCP_STATUS);
  join(one, other, TCP_OPTIONS);
  if (kind !== NET_TCP) {
    join(one, other, TCP_SOURCE + SIDE_FLAGS);
    if (otherKind === NET_TCP_STATUS) join(one, other, TCP_DESTINATION + SIDE_FLAGS);
    return;
  }
  join(one, other, TCP_STATE);
  if (one.get(TCP_SYNACK_US) === 0) one.set(TCP_SYNACK_US, other.get(TCP_SYNACK_US));
  if (one.get(TCP_ACKDAT_US) === 0) one.set(TCP_ACKDAT_US, other.get(TCP_ACKDAT_US));
  mergeTcpSide(one, other, TCP_SOURCE);
  mergeTcpSide(one, other, TCP_DESTINATION);
}

/** A state of few words gives way to a whole one. */
function copyTcp(one: FlowRecord, other: FlowRecord): void {
  const status = one.get(NET_KIND) === NET_TCP_STATUS ? one.get(TCP_STATUS) : 0;
  const count = TCP_DESTINATION + SIDE_MAX_SEGMENT + 1 - NET_KIND;
  for (let i = 0; i < count; i += 1) one.set(NET_KIND + i, other.get(NET_KIND + i));
  one.set(TCP_STATUS, (one.get(TCP_STATUS) | status) >>> 0);
}

function mergeTcpSide(one: FlowRecord, other: FlowRecord, side: number): void {
  join(one, other, side + SIDE_STATUS);
  join(one, other, side + SIDE_FLAGS);
  const base = one.get(side + SIDE_SEQUENCE_BASE);
  const otherBase = other.get(side + SIDE_SEQUENCE_BASE);
  if (base <= otherBase) one.set(side + SIDE_SEQUENCE, other.get(side + SIDE_SEQUENCE));
  else if (base - otherBase <= MAX_WINDOW) one.set(side + SIDE_SEQUENCE_BASE, otherBase);
  else {
    const rolled = one.get(side + SIDE_ACK_BYTES) + other.get(side + SIDE_SEQUENCE) + (0xffffffff - otherBase);
    one.set(side + SIDE_ACK_BYTES, rolled >>> 0);
  }
  add(one, other, side + SIDE_WINDOW_COUNT);
  add(one, other, side + SIDE_BYTES);
  add(one, other, side + SIDE_RETRANSMITTED);
  one.set(side + SIDE_ACKNOWLEDGEMENT, other.get(side + SIDE_ACKNOWLEDGEMENT));
  one.set(side + SIDE_WINDOW, other.get(side + SIDE_WINDOW));
  one.set(side + SIDE_WINDOW_BYTES, other.get(side + SIDE_WINDOW_BYTES));
}
