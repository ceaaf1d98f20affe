/** What a record says of its protocol's state. */
import {
  HAS,
  HAS_NETWORK,
  NET_ARP,
  NET_ESP,
  NET_FRAGMENT,
  NET_ICMP,
  NET_IGMP,
  NET_KIND,
  NET_NONE,
  NET_OTHER,
  NET_QUALIFIER,
  NET_RTCP,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_TCP_STATUS,
  NET_UDT,
  NET_WORDS,
  NET_WORDS_COUNT,
  RAW_NET_AT,
  RAW_NET_BYTES,
  SIDE_ACK_BYTES,
  SIDE_ACKNOWLEDGEMENT,
  SIDE_BYTES,
  SIDE_FLAGS,
  SIDE_LAST_S,
  SIDE_LAST_US,
  SIDE_MAX_SEGMENT,
  SIDE_RETRANSMITTED,
  SIDE_SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SIDE_STATUS,
  SIDE_WINDOW,
  SIDE_WINDOW_BYTES,
  SIDE_WINDOW_COUNT,
  SIDE_WINDOW_SHIFT,
  TCP_ACKDAT_US,
  TCP_DESTINATION,
  TCP_OPTIONS,
  TCP_SOURCE,
  TCP_STATE,
  TCP_STATUS,
  TCP_SYNACK_US,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { readMac } from './decode-flow.ts';
import {
  STATE_ARP,
  STATE_ESP,
  STATE_FRAGMENT,
  STATE_ICMP,
  STATE_IGMP,
  STATE_RTCP,
  STATE_RTP,
  STATE_TCP,
  STATE_TCP_FIRST,
  STATE_TCP_STATUS,
  STATE_UDT,
} from './format.ts';
import { readReversedAddress, readState16, readStateWord } from './quirks.ts';

/** Words of one side in a TCP state: version 3, and version 5 with the largest segment. */
const SIDE_WORDS = 12;
const SIDE_WORDS_V5 = 13;

/** Words in the order of the format that one side has: SIDE_… of each. */
export const SIDE_ORDER = [
  SIDE_LAST_S,
  SIDE_LAST_US,
  SIDE_STATUS,
  SIDE_SEQUENCE_BASE,
  SIDE_SEQUENCE,
  SIDE_ACKNOWLEDGEMENT,
  SIDE_WINDOW_COUNT,
  SIDE_BYTES,
  SIDE_RETRANSMITTED,
  SIDE_ACK_BYTES,
  SIDE_WINDOW_BYTES,
] as const;

/** Every state is understood: what has no words of its own is carried as it is. */
export function decodeState(record: FlowRecord, view: DataView, at: number, words: number): void {
  const subtype = view.getUint8(at + 1);
  record.set(HAS, record.get(HAS) | HAS_NETWORK);
  record.set(NET_QUALIFIER, view.getUint8(at + 2));
  record.set(NET_KIND, decodeKind(record, view, at, words, subtype));
}

function decodeKind(record: FlowRecord, view: DataView, at: number, words: number, subtype: number): number {
  switch (subtype) {
    case 0:
      if (words === 1) return NET_NONE;
      break;
    case STATE_TCP_FIRST:
      if (words >= 5) return decodeTcpFirst(record, view, at, words);
      break;
    case STATE_TCP_STATUS:
      if (words >= 3) {
        record.set(TCP_STATUS, view.getUint32(at + 4));
        record.set(TCP_SOURCE + SIDE_FLAGS, view.getUint8(at + 8));
        record.set(TCP_DESTINATION + SIDE_FLAGS, view.getUint8(at + 9));
        return NET_TCP_STATUS;
      }
      break;
    case STATE_TCP:
      if (words === 6 + 2 * SIDE_WORDS || words === 6 + 2 * SIDE_WORDS_V5) return decodeTcp(record, view, at, words);
      break;
    case STATE_ICMP:
      if (words === 7) return decodeIcmpState(record, view, at);
      break;
    case STATE_ESP:
      if (words === 5) {
        for (let word = 0; word < 4; word += 1) record.set(NET_WORDS + word, view.getUint32(at + 4 + word * 4));
        return NET_ESP;
      }
      break;
    case STATE_RTP:
      if (words === 10) return decodeWords(record, view, at, words, NET_RTP);
      break;
    case STATE_RTCP:
      if (words === 6) return decodeWords(record, view, at, words, NET_RTCP);
      break;
    case STATE_IGMP:
      if (words - 1 <= NET_WORDS_COUNT) return decodeWords(record, view, at, words, NET_IGMP);
      break;
    case STATE_FRAGMENT:
      if (words === 14) return decodeWords(record, view, at, words, NET_FRAGMENT);
      break;
    case STATE_ARP:
      if (words >= 3) {
        readMac(record, view, at + 4, NET_WORDS);
        return NET_ARP;
      }
      break;
  }
  record.set(RAW_NET_AT, at);
  record.set(RAW_NET_BYTES, words * 4);
  return subtype === STATE_UDT ? NET_UDT : NET_OTHER;
}

function decodeTcpFirst(record: FlowRecord, view: DataView, at: number, words: number): number {
  record.set(TCP_STATUS, view.getUint32(at + 4));
  record.set(TCP_SOURCE + SIDE_SEQUENCE_BASE, view.getUint32(at + 8));
  record.set(TCP_OPTIONS, view.getUint32(at + 12));
  record.set(TCP_SOURCE + SIDE_WINDOW, view.getUint16(at + 16));
  record.set(TCP_SOURCE + SIDE_FLAGS, view.getUint8(at + 18));
  record.set(TCP_SOURCE + SIDE_WINDOW_SHIFT, view.getUint8(at + 19));
  if (words >= 6) record.set(TCP_SOURCE + SIDE_MAX_SEGMENT, view.getUint16(at + 20));
  return NET_TCP_FIRST;
}

function decodeTcp(record: FlowRecord, view: DataView, at: number, words: number): number {
  record.set(TCP_STATUS, view.getUint32(at + 4));
  record.set(TCP_STATE, view.getUint32(at + 8));
  record.set(TCP_OPTIONS, view.getUint32(at + 12));
  record.set(TCP_SYNACK_US, view.getUint32(at + 16));
  record.set(TCP_ACKDAT_US, view.getUint32(at + 20));
  const sideWords = (words - 6) >> 1;
  decodeSide(record, view, at + 24, sideWords, TCP_SOURCE);
  decodeSide(record, view, at + 24 + sideWords * 4, sideWords, TCP_DESTINATION);
  return NET_TCP;
}

function decodeSide(record: FlowRecord, view: DataView, at: number, words: number, side: number): void {
  for (let index = 0; index < 11; index += 1) {
    record.set(side + (SIDE_ORDER[index] as number), view.getUint32(at + index * 4));
  }
  record.set(side + SIDE_WINDOW, view.getUint16(at + 44));
  record.set(side + SIDE_FLAGS, view.getUint8(at + 46));
  record.set(side + SIDE_WINDOW_SHIFT, view.getUint8(at + 47));
  if (words === SIDE_WORDS_V5) record.set(side + SIDE_MAX_SEGMENT, view.getUint16(at + 48));
}

/** NET_WORDS: type, code, sequence number, then outer source and destination, inner source and destination, gateway. */
function decodeIcmpState(record: FlowRecord, view: DataView, at: number): number {
  record.set(NET_WORDS, view.getUint8(at + 4));
  record.set(NET_WORDS + 1, view.getUint8(at + 5));
  record.set(NET_WORDS + 2, readState16(view, at + 6));
  for (let word = 0; word < 5; word += 1) {
    record.set(NET_WORDS + 3 + word, readReversedAddress(view, at + 8 + word * 4));
  }
  return NET_ICMP;
}

function decodeWords(record: FlowRecord, view: DataView, at: number, words: number, kind: number): number {
  for (let word = 0; word < words - 1; word += 1) {
    record.set(NET_WORDS + word, readStateWord(view, at + 4 + word * 4));
  }
  return kind;
}
