/** The times of a record, in each of the forms that Argus and its clients write. */
import {
  DESTINATION_END_NS,
  DESTINATION_END_S,
  DESTINATION_START_NS,
  DESTINATION_START_S,
  END_NS,
  END_S,
  HAS,
  HAS_TIME,
  SOURCE_END_NS,
  SOURCE_END_S,
  SOURCE_START_NS,
  SOURCE_START_S,
  START_NS,
  START_S,
  TIME_HAS,
  TIMEHAS_RANGE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { TIME_NANOSECONDS, TIME_RANGE, TIME_STAMP, TIME_START_AND_DELTA } from './format.ts';

/** Subtype bits of source start, source end, destination start, destination end, in this order from here. */
const SIDES_SHIFT = 3;
const SIDE_STARTS = 0x28;
const NS_PER_S = 1e9;
/** What ra shows of microseconds beyond a second. */
const LAST_US = 999999;

/** Seconds and nanoseconds of the four times, words in the order of the subtype's bits. */
const SIDE_SECONDS = [SOURCE_START_S, SOURCE_END_S, DESTINATION_START_S, DESTINATION_END_S] as const;
const SIDE_NANOSECONDS = [SOURCE_START_NS, SOURCE_END_NS, DESTINATION_START_NS, DESTINATION_END_NS] as const;

export function decodeTime(record: FlowRecord, view: DataView, at: number, words: number): boolean {
  const subtype = view.getUint8(at + 1);
  const nanoseconds = view.getUint8(at + 2) === TIME_NANOSECONDS;
  const done =
    subtype & SIDE_STARTS
      ? decodeSides(record, view, at, words, (subtype >> SIDES_SHIFT) & 15, nanoseconds)
      : decodeSpan(record, view, at, words, subtype & 7, nanoseconds);
  if (done) record.set(HAS, record.get(HAS) | HAS_TIME);
  return done;
}

function decodeSpan(
  record: FlowRecord,
  view: DataView,
  at: number,
  words: number,
  form: number,
  nanoseconds: boolean,
): boolean {
  if (form < TIME_STAMP || form > TIME_START_AND_DELTA || words < 3) return false;
  readTime(record, view, at + 4, nanoseconds, START_S, START_NS);
  if (form === TIME_RANGE && words >= 5) readTime(record, view, at + 12, nanoseconds, END_S, END_NS);
  else if (form === TIME_START_AND_DELTA && words >= 4) {
    addDelta(record, view.getUint32(at + 12), nanoseconds, START_S, START_NS, END_S, END_NS);
  }
  if (form !== TIME_STAMP) record.set(TIME_HAS, TIMEHAS_RANGE);
  if (record.get(END_S) === 0) copyTime(record, START_S, START_NS, END_S, END_NS);
  if (record.get(START_S) === 0) copyTime(record, END_S, END_NS, START_S, START_NS);
  return true;
}

/**
 * Up to four times, the later ones as whole times or as the distance from the first: the length tells. An end without
 * its start is not there.
 */
function decodeSides(
  record: FlowRecord,
  view: DataView,
  at: number,
  words: number,
  bits: number,
  nanoseconds: boolean,
): boolean {
  let sides = bits;
  if ((sides & 3) === 2) sides &= ~2;
  if ((sides & 12) === 8) sides &= ~8;
  const count = (sides & 1) + ((sides >> 1) & 1) + ((sides >> 2) & 1) + (sides >> 3);
  const relative = words === 2 + count && count > 1;
  if (!relative && words < 1 + 2 * count) return false;
  let from = at + 4;
  let first = -1;
  for (let side = 0; side < 4; side += 1) {
    if ((sides & (1 << side)) === 0) continue;
    const seconds = SIDE_SECONDS[side] as number;
    const nanos = SIDE_NANOSECONDS[side] as number;
    if (relative && first >= 0) {
      addDelta(
        record,
        view.getInt32(from),
        nanoseconds,
        SIDE_SECONDS[first] as number,
        SIDE_NANOSECONDS[first] as number,
        seconds,
        nanos,
      );
      from += 4;
    } else {
      readTime(record, view, from, nanoseconds, seconds, nanos);
      from += 8;
    }
    if (first < 0) first = side;
  }
  record.set(TIME_HAS, sides);
  spanSides(record, sides);
  return true;
}

/** START and END from the times of the sides. */
function spanSides(record: FlowRecord, sides: number): void {
  let any = false;
  for (let side = 0; side < 4; side += 1) {
    if ((sides & (1 << side)) === 0) continue;
    const seconds = SIDE_SECONDS[side] as number;
    const nanos = SIDE_NANOSECONDS[side] as number;
    if (!any || isBefore(record, seconds, nanos, START_S, START_NS)) {
      copyTime(record, seconds, nanos, START_S, START_NS);
    }
    if (!any || isBefore(record, END_S, END_NS, seconds, nanos)) copyTime(record, seconds, nanos, END_S, END_NS);
    any = true;
  }
}

function readTime(
  record: FlowRecord,
  view: DataView,
  at: number,
  nanoseconds: boolean,
  seconds: number,
  nanos: number,
): void {
  const fraction = view.getUint32(at + 4);
  record.set(seconds, view.getUint32(at));
  record.set(nanos, nanoseconds ? fraction : fraction > LAST_US + 1 ? LAST_US * 1000 : fraction * 1000);
}

function addDelta(
  record: FlowRecord,
  delta: number,
  nanoseconds: boolean,
  fromSeconds: number,
  fromNanos: number,
  seconds: number,
  nanos: number,
): void {
  const total = record.get(fromNanos) + (nanoseconds ? delta : delta * 1000);
  const carry = Math.floor(total / NS_PER_S);
  record.set(seconds, record.get(fromSeconds) + carry);
  record.set(nanos, total - carry * NS_PER_S);
}

function copyTime(record: FlowRecord, fromS: number, fromNs: number, toS: number, toNs: number): void {
  record.set(toS, record.get(fromS));
  record.set(toNs, record.get(fromNs));
}

function isBefore(record: FlowRecord, s: number, ns: number, otherS: number, otherNs: number): boolean {
  const a = record.get(s);
  const b = record.get(otherS);
  return a < b || (a === b && record.get(ns) < record.get(otherNs));
}
