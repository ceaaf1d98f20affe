/** The fields of our templates of NetFlow 9 and IPFIX, and how each is written. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { BACK, type Direction, endReason, endWord, icmpTypeCode, isIcmp, startWord, tcpFlags } from './one-way.ts';
import { REVERSE_ENTERPRISE } from './operations.ts';

export interface ExportField {
  readonly element: number;
  /** 0 for IANA's. */
  readonly enterprise: number;
  readonly bytes: number;
  readonly write: (view: DataView, at: number, record: FlowRecord, direction: Direction) => void;
}

/** Elements whose value is the message's uptime: the encoder writes them when the message is placed in time. */
export const START_UPTIME = 22;
export const END_UPTIME = 21;

type Times = 'uptime' | 'ms' | 'us' | 'ns';

const NTP_TO_UNIX_S = 2_208_988_800;
/** RFC 7011, 6.1.9. */
const MICRO_STEP = 2048;
const TIME_ELEMENTS = { uptime: [START_UPTIME, END_UPTIME], ms: [152, 153], us: [154, 155], ns: [156, 157] } as const;

/** @param version of the addresses */
export function exportFields(version: 4 | 6, times: Times, isBiflow: boolean, isIpfix: boolean): ExportField[] {
  const fields: ExportField[] = [
    // First what speaks of the answers: nfdump 1.7.1 keeps the last type of service and the last times that it reads.
    ...(isBiflow ? reverseFields(times) : []),
    ...addressFields(version),
    ...timeFields(times),
    counter(1, (direction) => direction.bytes),
    counter(2, (direction) => direction.packets),
    port(7, (direction) => direction.sourcePort),
    port(11, (direction) => direction.destinationPort),
    number(4, 1, (record) => record.get(L.PROTOCOL)),
    number(6, 1, tcpFlags),
    number(5, 1, (record, direction) => record.get(direction.tos)),
    number(52, 1, (record, direction) => record.get(direction.ttl)),
    number(version === 4 ? 32 : 139, 2, icmpTypeCode),
    number(10, 4, (record, direction) => record.get(direction.input)),
    number(14, 4, (record, direction) => record.get(direction.output)),
    number(16, 4, (record, direction) => record.get(direction.sourceAsn)),
    number(17, 4, (record, direction) => record.get(direction.destinationAsn)),
    number(58, 2, (record, direction) => record.get(direction.vlan) & 0xfff),
    bytesOf(56, 6, (direction) => direction.sourceMac),
    bytesOf(80, 6, (direction) => direction.destinationMac),
  ];
  if (isIpfix) fields.push(number(136, 1, endReason));
  if (isIpfix) fields.push(number(148, 8, (record) => record.get(L.SEQUENCE)));
  // The initiator, as the record has it.
  if (isBiflow) fields.push(number(239, 1, () => 1));
  return fields;
}

function reverseFields(times: Times): ExportField[] {
  const fields = [
    ...timeFields(times),
    counter(1, (direction) => direction.bytes),
    counter(2, (direction) => direction.packets),
    number(6, 1, tcpFlags),
    number(5, 1, (record, direction) => record.get(direction.tos)),
  ];
  return fields.map((field) => ({
    ...field,
    enterprise: REVERSE_ENTERPRISE,
    write: (view, at, record) => field.write(view, at, record, BACK),
  }));
}

function addressFields(version: 4 | 6): ExportField[] {
  const [source, destination, sourceMask, destinationMask] = version === 4 ? [8, 12, 9, 13] : [27, 28, 29, 30];
  const bytes = version === 4 ? 4 : 16;
  return [
    bytesOf(source as number, bytes, (direction) => direction.source),
    bytesOf(destination as number, bytes, (direction) => direction.destination),
    number(sourceMask as number, 1, (record, direction) => record.get(direction.sourceMask)),
    number(destinationMask as number, 1, (record, direction) => record.get(direction.destinationMask)),
  ];
}

function timeFields(times: Times): ExportField[] {
  const [start, end] = TIME_ELEMENTS[times];
  const bytes = times === 'uptime' ? 4 : 8;
  const at = (element: number, word: typeof startWord): ExportField => ({
    element,
    enterprise: 0,
    bytes,
    write: (view, position, record, direction) => {
      const seconds = word(record, direction);
      writeTime(view, position, times, record.get(seconds), record.get(seconds + 1));
    },
  });
  return [at(start, startWord), at(end, endWord)];
}

function writeTime(view: DataView, at: number, times: Times, seconds: number, nanoseconds: number): void {
  if (times === 'uptime') return;
  if (times === 'ms') {
    const ms = seconds * 1000 + Math.floor(nanoseconds / 1e6);
    view.setUint32(at, Math.floor(ms / 4_294_967_296));
    view.setUint32(at + 4, ms % 4_294_967_296);
    return;
  }
  view.setUint32(at, (seconds + NTP_TO_UNIX_S) % 4_294_967_296);
  // Readers of microseconds drop the low bits: rounded up, the stamp reads back as the same microsecond.
  const step = times === 'us' ? MICRO_STEP : 1;
  const fraction = Math.ceil(((nanoseconds / 1e9) * 4_294_967_296) / step) * step;
  view.setUint32(at + 4, Math.min(fraction, 4_294_967_296 - step));
}

function number(
  element: number,
  bytes: 1 | 2 | 4 | 8,
  value: (record: FlowRecord, direction: Direction) => number,
): ExportField {
  const write: ExportField['write'] = (view, at, record, direction) => {
    const told = value(record, direction);
    if (bytes === 1) view.setUint8(at, told);
    else if (bytes === 2) view.setUint16(at, told);
    else if (bytes === 4) view.setUint32(at, told);
    else {
      view.setUint32(at, 0);
      view.setUint32(at + 4, told);
    }
  };
  return { element, enterprise: 0, bytes, write };
}

function port(element: number, word: (direction: Direction) => number): ExportField {
  return number(element, 2, (record, direction) => (isIcmp(record) ? 0 : record.get(word(direction))));
}

function counter(element: number, word: (direction: Direction) => number): ExportField {
  const write: ExportField['write'] = (view, at, record, direction) => {
    view.setUint32(at, record.get(word(direction) + 1));
    view.setUint32(at + 4, record.get(word(direction)));
  };
  return { element, enterprise: 0, bytes: 8, write };
}

function bytesOf(element: number, bytes: number, word: (direction: Direction) => number): ExportField {
  const write: ExportField['write'] = (view, at, record, direction) => {
    const from = (record.base + word(direction)) * 4;
    for (let index = 0; index < bytes; index++) view.setUint8(at + index, record.bytes[from + index] as number);
  };
  return { element, enterprise: 0, bytes, write };
}
