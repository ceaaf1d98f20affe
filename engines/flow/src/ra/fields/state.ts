/** The columns of state and direction. */
import {
  CAUSE,
  CAUSE_DETAIL,
  CAUSE_ERROR,
  CAUSE_SHUTDOWN,
  CAUSE_START,
  CAUSE_STATUS,
  CAUSE_STOP,
  FLOW_ARP,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_RARP,
  FLOW_TYPE,
  HAS_FLOW,
  HAS_ICMP,
  HAS_METRIC,
  HAS_NETWORK,
  ICMP_CODE,
  ICMP_TYPE,
  KEY_ICMP_CODE,
  KEY_ICMP_TYPE,
  NET_KIND,
  NET_TCP,
  NET_TCP_FIRST,
  PROTOCOL,
  SIDE_FLAGS,
  TCP_DESTINATION,
  TCP_SOURCE,
  TCP_STATUS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { DESTINATION, isTcp, packets, SOURCE } from '../record/measures.ts';
import { type Cell, RIGHT_CLIP } from '../text/cell.ts';
import type { Field } from './field.ts';
import type { StateStyle } from './style.ts';
import { isManagement } from './times.ts';

const ICMP = 1;
const ICMP6 = 58;
const UNREACHABLE = 3;
const UNREACHABLE_6 = 1;
/** Bit of a cause that says the flow was forgotten. */
const TIMED_OUT = 0x40;
const STARTED = 0x10;

const SAW_SYN = 1;
const SAW_SYN_ACK = 2;
const ESTABLISHED = 4;
const FIN = 0x18;
const CLOSED = 0x20;
const RESET = 0x3000;

const MANAGEMENT_STATES = new Map([
  [CAUSE_START, 'STA'],
  [CAUSE_STATUS, 'CON'],
  [CAUSE_STOP, 'STP'],
  [CAUSE_SHUTDOWN, 'SHT'],
  [CAUSE_ERROR, 'ERR'],
]);
const ACCESS_DENIED = 1;
const TOO_MANY_CLIENTS = 2;

/** By ICMP type. */
const ICMP_NAMES: readonly string[] = [
  ...['ECR', '   ', '   ', 'UR', 'SRC', 'RED', 'AHA', '   ', 'ECO', 'RTA', 'RTS', 'TXD', 'PAR', 'TST', 'TSR', 'IRQ'],
  ...['IRR', 'MAS', 'MSR', 'SEC', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'ROB', 'TRC', 'DCE'],
  ...['MHR', 'WAY', 'IAH', 'MRQ', 'MRP', 'DNQ', 'DNP', 'SKP', 'PHO'],
];
/** What follows UR, by code. */
const UNREACHABLE_CODES = 'N H O P F S NU HU ISO NPRO HPRO NTOS HTOS FIL PRE CUT'.split(' ');
const UNREACHABLE_6_CODES = 'URNR URAD URBS URAR URP URSF URRR URES'.split(' ');
const ICMP6_NAMES = new Map([
  [2, 'PTB'],
  [128, 'ECO'],
  [129, 'ECR'],
  [130, 'MRQ'],
  [131, 'MHR'],
  [133, 'NRS'],
  [134, 'NRA'],
  [135, 'NNS'],
  [136, 'NNA'],
  [137, 'RED'],
  [143, 'MHR'],
]);
const TIME_EXCEEDED_6 = ['TXT', 'TXR'];
const PARAMETER_6 = ['PPH', 'PPNH', 'PPO'];

const FLAG_LETTERS = 'FSRPAUEC';

/** ra's word for what became of the flow. */
export function stateText(record: FlowRecord, style: StateStyle): string {
  if (isManagement(record)) return managementState(record);
  if (record.get(CAUSE) === CAUSE_ERROR) return 'ERR';
  if (!record.has(HAS_FLOW)) return '';
  const type = record.get(FLOW_TYPE);
  const protocol = record.get(PROTOCOL);
  if (type === FLOW_ARP || type === FLOW_RARP) return arpState(record, style);
  if (isTcp(record)) return tcpState(record, style);
  if (type === FLOW_IPV4 && protocol === ICMP) return icmpState(record);
  if (type === FLOW_IPV6 && protocol === ICMP6) return icmp6State(record);
  return record.has(HAS_METRIC) ? talkState(record, style) : '';
}

function managementState(record: FlowRecord): string {
  const cause = record.get(CAUSE);
  if (cause === CAUSE_ERROR && record.get(CAUSE_DETAIL) === ACCESS_DENIED) return 'ADN';
  if (cause === CAUSE_ERROR && record.get(CAUSE_DETAIL) === TOO_MANY_CLIENTS) return 'MAX';
  return MANAGEMENT_STATES.get(cause) ?? '';
}

/** A question is INT however often it was asked. */
function arpState(record: FlowRecord, style: StateStyle): string {
  const source = packets(record, SOURCE) > 0;
  if (source && packets(record, DESTINATION) > 0) return 'CON';
  return source || style.rmon || !record.has(HAS_METRIC) ? 'INT' : 'RSP';
}

/** Who spoke: both, or one and then whether for the first time. */
function talkState(record: FlowRecord, style: StateStyle): string {
  const source = packets(record, SOURCE) > 0;
  if (source && packets(record, DESTINATION) > 0) return 'CON';
  if (!source && !style.rmon) return 'RSP';
  return record.get(CAUSE) & STARTED ? 'INT' : 'REQ';
}

function tcpState(record: FlowRecord, style: StateStyle): string {
  const kind = record.get(NET_KIND);
  const hasState = record.has(HAS_NETWORK) && kind >= NET_TCP_FIRST && kind <= NET_TCP;
  const status = hasState ? record.get(TCP_STATUS) : 0;
  if (style.tcpStates) return seenStates(status);
  if (style.tcpFlags !== '') return tcpFlags(record, hasState, style.tcpFlags);
  if (status === 0) return packets(record, SOURCE) > 0 && packets(record, DESTINATION) > 0 ? 'CON' : 'INT';
  if (status & RESET) return 'RST';
  if (status & FIN) return 'FIN';
  if (status & CLOSED) return 'CLO';
  if (record.get(CAUSE) & TIMED_OUT) return 'TIM';
  if (status & ESTABLISHED) return 'CON';
  if (status & SAW_SYN_ACK) return 'ACC';
  return status & SAW_SYN ? 'REQ' : 'CON';
}

const SEEN_LETTERS = [
  [SAW_SYN, 's'],
  [SAW_SYN_ACK, 'S'],
  [ESTABLISHED, 'E'],
  [0x08, 'f'],
  [0x10, 'F'],
  [CLOSED, 'C'],
  [RESET, 'R'],
] as const;

function seenStates(status: number): string {
  let text = '';
  for (const [bits, letter] of SEEN_LETTERS) if (status & bits) text += letter;
  return text;
}

function tcpFlags(record: FlowRecord, hasState: boolean, sides: string): string {
  let source = hasState ? flagLetters(record.get(TCP_SOURCE + SIDE_FLAGS)) : '';
  let destination = hasState ? flagLetters(record.get(TCP_DESTINATION + SIDE_FLAGS)) : '';
  const isCrossed =
    (source !== '' && packets(record, SOURCE) === 0) || (destination !== '' && packets(record, DESTINATION) === 0);
  if (isCrossed) [source, destination] = [destination, source];
  if (sides === 's') return source;
  return sides === 'd' ? destination : `${source}_${destination}`;
}

function flagLetters(flags: number): string {
  let text = '';
  for (let bit = 0; bit < FLAG_LETTERS.length; bit += 1) if ((flags >> bit) & 1) text += FLAG_LETTERS[bit];
  return text;
}

function icmpState(record: FlowRecord): string {
  const isMapped = record.has(HAS_ICMP);
  const type = record.get(isMapped ? ICMP_TYPE : KEY_ICMP_TYPE);
  const code = record.get(isMapped ? ICMP_CODE : KEY_ICMP_CODE);
  const name = ICMP_NAMES[type] ?? 'UNK';
  return type === UNREACHABLE ? name + (UNREACHABLE_CODES[code] ?? '') : name;
}

function icmp6State(record: FlowRecord): string {
  const type = record.get(KEY_ICMP_TYPE);
  const code = record.get(KEY_ICMP_CODE);
  switch (type) {
    case UNREACHABLE_6:
      return UNREACHABLE_6_CODES[code] ?? 'UNK';
    case 3:
      return TIME_EXCEEDED_6[code] ?? 'UNK';
    case 4:
      return PARAMETER_6[code] ?? 'UNK';
  }
  return ICMP6_NAMES.get(type) ?? 'UNK';
}

/** An arrow from who began to whom it went; `?` where TCP's beginning was not seen. */
export function directionText(record: FlowRecord): string {
  if (isManagement(record) || !record.has(HAS_METRIC)) return '';
  const hasSource = packets(record, SOURCE) > 0;
  const hasDestination = packets(record, DESTINATION) > 0;
  if (record.has(HAS_FLOW)) {
    const type = record.get(FLOW_TYPE);
    if (type === FLOW_ARP || type === FLOW_RARP) return 'who';
    if (isTcp(record) && record.has(HAS_NETWORK)) {
      if (record.get(TCP_STATUS) & (SAW_SYN | SAW_SYN_ACK)) return hasSource || hasDestination ? ' ->' : '  >';
      return `${hasDestination ? '<' : ' '}?${hasSource ? '>' : ' '}`;
    }
  }
  return `${hasDestination ? '<' : ' '}${hasSource || hasDestination ? '-' : ' '}${hasSource ? '>' : ' '}`;
}

function writeDirection(cell: Cell, record: FlowRecord): void {
  cell.align = RIGHT_CLIP;
  cell.text(directionText(record));
}

export const STATE_FIELDS: readonly Field[] = [
  { name: 'dir', header: 'Dir', width: 5, write: writeDirection, kind: 'direction' },
  {
    name: 'state',
    header: 'State',
    width: 5,
    write: (cell, record, style) => cell.text(stateText(record, style)),
    kind: 'plain',
  },
];
