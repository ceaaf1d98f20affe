/** The column of flags: nine places, each for one kind of thing that was seen. */
import {
  DESTINATION_ENCAPSULATION,
  DESTINATION_IP_OPTIONS,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  FLOWFLAG_FRAGMENT,
  HAS,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_MAC,
  HAS_MPLS,
  HAS_NETWORK,
  HAS_VLAN,
  ICMP_MAPPED,
  ICMP_TYPE,
  IP_HAS,
  KIND,
  KIND_FLOW,
  KIND_IMPORTED,
  MAC_MULTIPLE,
  NET_ESP,
  NET_FRAGMENT,
  NET_KIND,
  NET_QUALIFIER,
  NET_RTP,
  NET_WORDS,
  PROTOCOL,
  SIDE_STATUS,
  SOURCE_ENCAPSULATION,
  SOURCE_IP_OPTIONS,
  TCP_SOURCE,
  TCP_STATUS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { DESTINATION, gap, hasTcpState, loss, SOURCE } from '../record/measures.ts';
import type { Cell } from '../text/cell.ts';
import type { Field } from './field.ts';

const PLACES = 9;
const SPACE = 32;
const UDP = 17;
const ESP = 50;

/** Letters of encapsulations by their bit; those without one count but show nothing. */
const ENCAPSULATION_LETTERS = 'mevlpiGaP6HCASFsRwza  T  JE ';

// Bits of a TCP or ESP status that come in pairs, source first.
const RETRANSMITTED = 0x100;
const WINDOW_SHUT = 0x400;
const CONGESTED = 0x4000;
const OUT_OF_ORDER = 0x10000;
const DROPPED = 0x10;

/** RTP frames of silence, whose mark ra shows for the destination only; bits of a state's qualifier. */
const DESTINATION_SILENT = 2;
/** Fragments that lie over each other: a bit of a state's qualifier. */
const OVERLAP = 2;
const FRAGMENTS_SEEN = 0x30;
const IP_OPTION_LETTERS = new Map([
  [0x01, 'R'],
  [0x02, 'T'],
  [0x04, '+'],
  [0x08, 'L'],
  [0x10, 'D'],
  [0x20, 'S'],
  [0x40, 'A'],
]);
const ICMP_LETTERS = new Map([
  [3, 'U'],
  [5, 'R'],
  [11, 'T'],
]);

/** Calls back for each encapsulation of a set, outermost bit last, with its letter or a space. */
export function eachEncapsulation(seen: number, visit: (letter: string) => void): void {
  for (let bit = 0; bit < ENCAPSULATION_LETTERS.length; bit += 1) {
    if ((seen >>> bit) & 1) visit(ENCAPSULATION_LETTERS[bit] as string);
  }
}

function put(cell: Cell, place: number, letter: string): void {
  cell.bytes[place] = letter.charCodeAt(0);
}

/** Puts one of three letters by which sides of a pair of status bits are set. */
function putPair(cell: Cell, place: number, status: number, source: number, letters: string): boolean {
  const sides = Math.floor(status / source) & 3;
  if (sides === 0) return false;
  put(cell, place, letters[sides - 1] as string);
  return true;
}

export function writeFlags(cell: Cell, record: FlowRecord): void {
  cell.bytes.fill(SPACE, 0, PLACES);
  cell.length = PLACES;
  const kind = record.get(KIND);
  if (kind !== KIND_FLOW && kind !== KIND_IMPORTED) return;
  if (kind === KIND_IMPORTED) put(cell, 0, 'N');
  putLink(cell, record);
  if (record.has(HAS_FLOW)) putProtocol(cell, record);
  if (record.has(HAS_ICMP) && (record.get(ICMP_MAPPED) & 7) !== 0) {
    put(cell, 2, ICMP_LETTERS.get(record.get(ICMP_TYPE)) ?? 'I');
  }
  if (record.has(HAS_NETWORK) && record.get(NET_KIND) === NET_FRAGMENT) {
    put(cell, 6, record.get(NET_QUALIFIER) & OVERLAP ? 'V' : 'f');
  }
  if (record.has(HAS_IP)) putIpOptions(cell, record);
}

function putLink(cell: Cell, record: FlowRecord): void {
  if (record.has(HAS_ENCAPSULATION)) {
    const seen = (record.get(SOURCE_ENCAPSULATION) | record.get(DESTINATION_ENCAPSULATION)) >>> 0;
    let count = 0;
    for (let bit = 0; bit < ENCAPSULATION_LETTERS.length; bit += 1) {
      if (((seen >>> bit) & 1) === 0) continue;
      count += 1;
      if (ENCAPSULATION_LETTERS[bit] !== ' ') put(cell, 1, ENCAPSULATION_LETTERS[bit] as string);
    }
    if (count > 1) put(cell, 1, '*');
  } else {
    const has = record.get(HAS);
    if (has & HAS_MPLS) put(cell, 1, 'm');
    if (has & HAS_MAC) put(cell, 1, 'e');
    if (has & HAS_VLAN) put(cell, 1, 'v');
  }
  if (record.has(HAS_MAC) && record.get(MAC_MULTIPLE) & 3) put(cell, 1, 'M');
}

function putProtocol(cell: Cell, record: FlowRecord): void {
  const type = record.get(FLOW_TYPE);
  if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return;
  const hasIpFragments = record.has(HAS_IP) && (record.get(IP_HAS) & FRAGMENTS_SEEN) !== 0;
  const isFragment = (record.get(FLOW_FLAGS) & FLOWFLAG_FRAGMENT) !== 0;
  if (hasIpFragments || (isFragment && (type === FLOW_IPV6 || record.has(HAS_IP)))) put(cell, 6, 'F');
  if (!record.has(HAS_NETWORK)) return;
  const kind = record.get(NET_KIND);
  const protocol = record.get(PROTOCOL);
  if (hasTcpState(record)) putTcp(cell, record, type === FLOW_IPV4);
  else if (protocol === UDP && kind === NET_RTP) putRtp(cell, record);
  else if (protocol === ESP && type === FLOW_IPV4 && kind === NET_ESP) putEsp(cell, record);
}

function putTcp(cell: Cell, record: FlowRecord, isV4: boolean): void {
  const status = record.get(TCP_STATUS);
  if (!isV4) {
    // Of IPv6 only what the source itself sent again shows.
    if (record.get(TCP_SOURCE + SIDE_STATUS) & (RETRANSMITTED * 3)) putPair(cell, 3, status, RETRANSMITTED, 'sd*');
    return;
  }
  if (!putPair(cell, 3, status, RETRANSMITTED, 'sd*')) {
    if (gap(record, SOURCE) > 0 || gap(record, DESTINATION) > 0) put(cell, 3, 'g');
    else putPair(cell, 3, status, OUT_OF_ORDER, 'ir&');
  }
  putPair(cell, 4, status, WINDOW_SHUT, 'SD@');
  putPair(cell, 5, status, CONGESTED, 'xtE');
}

function putRtp(cell: Cell, record: FlowRecord): void {
  if (record.get(NET_QUALIFIER) & DESTINATION_SILENT) put(cell, 4, 'd');
  const source = loss(record, SOURCE) > 0;
  const destination = loss(record, DESTINATION) > 0;
  if (source && destination) put(cell, 3, '*');
  else if (source) put(cell, 3, 's');
  else if (destination) put(cell, 3, 'd');
}

function putEsp(cell: Cell, record: FlowRecord): void {
  const status = record.get(NET_WORDS);
  if (record.get(NET_WORDS + 3) !== 0) putPair(cell, 3, status, DROPPED, 'sd*');
  putPair(cell, 3, status, OUT_OF_ORDER, 'ir&');
}

function putIpOptions(cell: Cell, record: FlowRecord): void {
  const seen = (record.get(SOURCE_IP_OPTIONS) | record.get(DESTINATION_IP_OPTIONS)) & 0xff;
  if (seen === 0) return;
  const letter = IP_OPTION_LETTERS.get(seen);
  put(cell, 7, letter ?? ((seen & (seen - 1)) === 0 ? 'U' : 'O'));
}

export const FLAG_FIELDS: readonly Field[] = [
  { name: 'flgs', header: 'Flgs', width: 9, write: writeFlags, kind: 'flags' },
];
