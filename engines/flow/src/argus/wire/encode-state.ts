/** The state of a record's protocol, in the forms of argus 3.0.8. */
import {
  NET_ARP,
  NET_ESP,
  NET_FRAGMENT,
  NET_ICMP,
  NET_IGMP,
  NET_KIND,
  NET_NONE,
  NET_QUALIFIER,
  NET_RTCP,
  NET_RTP,
  NET_TCP,
  NET_TCP_FIRST,
  NET_TCP_STATUS,
  NET_WORDS,
  RAW_NET_AT,
  RAW_NET_BYTES,
  SIDE_FLAGS,
  SIDE_SEQUENCE_BASE,
  SIDE_WINDOW,
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
import { SIDE_ORDER } from './decode-state.ts';
import { writeMac } from './encode-flow.ts';
import {
  PART_NETWORK,
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
} from './format.ts';
import { ARP_STATE_WORDS, writeReversedAddress, writeState16, writeStateWord } from './quirks.ts';

const TCP_WORDS = 30;

/** @returns words written at `at`, where the bytes were zero */
export function encodeState(record: FlowRecord, view: DataView, at: number): number {
  const words = encodeKind(record, view, at);
  view.setUint8(at + 2, view.getUint8(at + 2) | record.get(NET_QUALIFIER));
  return words;
}

function encodeKind(record: FlowRecord, view: DataView, at: number): number {
  switch (record.get(NET_KIND)) {
    case NET_NONE:
      return head(view, at, 0, 1);
    case NET_TCP_FIRST:
      view.setUint32(at + 4, record.get(TCP_STATUS));
      view.setUint32(at + 8, record.get(TCP_SOURCE + SIDE_SEQUENCE_BASE));
      view.setUint32(at + 12, record.get(TCP_OPTIONS));
      writeWindow(record, view, at + 16, TCP_SOURCE);
      return head(view, at, STATE_TCP_FIRST, 5);
    case NET_TCP_STATUS:
      view.setUint32(at + 4, record.get(TCP_STATUS));
      view.setUint8(at + 8, record.get(TCP_SOURCE + SIDE_FLAGS));
      view.setUint8(at + 9, record.get(TCP_DESTINATION + SIDE_FLAGS));
      return head(view, at, STATE_TCP_STATUS, 3);
    case NET_TCP:
      return encodeTcp(record, view, at);
    case NET_ICMP:
      view.setUint8(at + 4, record.get(NET_WORDS));
      view.setUint8(at + 5, record.get(NET_WORDS + 1));
      writeState16(view, at + 6, record.get(NET_WORDS + 2));
      for (let word = 0; word < 5; word += 1) {
        writeReversedAddress(view, at + 8 + word * 4, record.get(NET_WORDS + 3 + word));
      }
      return head(view, at, STATE_ICMP, 7);
    case NET_ESP:
      for (let word = 0; word < 4; word += 1) view.setUint32(at + 4 + word * 4, record.get(NET_WORDS + word));
      return head(view, at, STATE_ESP, 5);
    case NET_RTP:
      return encodeWords(record, view, at, STATE_RTP, 10);
    case NET_RTCP:
      return encodeWords(record, view, at, STATE_RTCP, 6);
    case NET_FRAGMENT:
      return encodeWords(record, view, at, STATE_FRAGMENT, 14);
    case NET_IGMP:
      return encodeWords(record, view, at, STATE_IGMP, 5);
    case NET_ARP:
      writeMac(record, view, at + 4, NET_WORDS);
      return head(view, at, STATE_ARP, ARP_STATE_WORDS);
  }
  return encodeRaw(record, view, at);
}

function encodeTcp(record: FlowRecord, view: DataView, at: number): number {
  view.setUint32(at + 4, record.get(TCP_STATUS));
  view.setUint32(at + 8, record.get(TCP_STATE));
  view.setUint32(at + 12, record.get(TCP_OPTIONS));
  view.setUint32(at + 16, record.get(TCP_SYNACK_US));
  view.setUint32(at + 20, record.get(TCP_ACKDAT_US));
  encodeSide(record, view, at + 24, TCP_SOURCE);
  encodeSide(record, view, at + 72, TCP_DESTINATION);
  return head(view, at, STATE_TCP, TCP_WORDS);
}

function encodeSide(record: FlowRecord, view: DataView, at: number, side: number): void {
  for (let index = 0; index < 11; index += 1) {
    view.setUint32(at + index * 4, record.get(side + (SIDE_ORDER[index] as number)));
  }
  writeWindow(record, view, at + 44, side);
}

function writeWindow(record: FlowRecord, view: DataView, at: number, side: number): void {
  view.setUint16(at, record.get(side + SIDE_WINDOW));
  view.setUint8(at + 2, record.get(side + SIDE_FLAGS));
  view.setUint8(at + 3, record.get(side + SIDE_WINDOW_SHIFT));
}

function encodeWords(record: FlowRecord, view: DataView, at: number, subtype: number, words: number): number {
  for (let word = 0; word < words - 1; word += 1) {
    writeStateWord(view, at + 4 + word * 4, record.get(NET_WORDS + word));
  }
  return head(view, at, subtype, words);
}

/** A state that was carried as it is: head and all. */
function encodeRaw(record: FlowRecord, view: DataView, at: number): number {
  const from = record.get(RAW_NET_AT);
  const bytes = record.get(RAW_NET_BYTES);
  for (let index = 0; index < bytes; index += 1) view.setUint8(at + index, record.bytes[from + index] as number);
  return bytes >> 2;
}

function head(view: DataView, at: number, subtype: number, words: number): number {
  view.setUint8(at, PART_NETWORK);
  view.setUint8(at + 1, subtype);
  view.setUint8(at + 3, words);
  return words;
}
