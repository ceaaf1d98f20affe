/**
 * The times of a record as ra understands them: what each side's start and end are when the record tells only one
 * range, or a range that its packets cannot fill. Fractions are whole microseconds, as ra prints no more.
 */
import {
  DESTINATION_END_NS,
  DESTINATION_END_S,
  DESTINATION_PACKETS,
  DESTINATION_START_NS,
  DESTINATION_START_S,
  END_NS,
  END_S,
  HAS,
  HAS_ICMP,
  SOURCE_END_NS,
  SOURCE_END_S,
  SOURCE_PACKETS,
  SOURCE_START_NS,
  SOURCE_START_S,
  START_NS,
  START_S,
  TIME_HAS,
  TIMEHAS_DESTINATION_END,
  TIMEHAS_DESTINATION_START,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';

const SOURCE_TIMES = TIMEHAS_SOURCE_START | TIMEHAS_SOURCE_END;
const DESTINATION_TIMES = TIMEHAS_DESTINATION_START | TIMEHAS_DESTINATION_END;
const NS_PER_US = 1000;

/** Sets the four side times, which of them stand ({@link TIME_HAS}) and the whole range of one record. */
export function readTimes(record: FlowRecord): void {
  const { words } = record;
  const b = record.base;
  const sourcePackets = record.getWide(SOURCE_PACKETS);
  const destinationPackets = record.getWide(DESTINATION_PACKETS);
  for (const word of FRACTIONS) words[b + word] = Math.floor((words[b + word] as number) / NS_PER_US) * NS_PER_US;

  let has = firstTimes(words, b);
  if (sourcePackets > 0 && destinationPackets > 0) {
    if (sourcePackets === 1 && destinationPackets === 1) shareBetweenTwoPackets(words, b);
    else shareBetweenSides(words, b, sourcePackets, destinationPackets);
    has = SOURCE_TIMES | DESTINATION_TIMES;
  } else if (sourcePackets > 0 && isNone(words, b, SOURCE_START_S) && !isNone(words, b, DESTINATION_START_S)) {
    moveSide(words, b, DESTINATION_START_S, SOURCE_START_S);
    has = (has & ~DESTINATION_TIMES) | SOURCE_TIMES;
  } else if (sourcePackets === 0 && destinationPackets > 0) {
    if (isNone(words, b, DESTINATION_START_S) && !isNone(words, b, SOURCE_START_S)) {
      moveSide(words, b, SOURCE_START_S, DESTINATION_START_S);
      has = (has & ~SOURCE_TIMES) | DESTINATION_TIMES;
    }
  }
  if ((has & (TIMEHAS_SOURCE_START | TIMEHAS_DESTINATION_START)) === 0) has = presentTimes(words, b);
  if (isSame(words, b, SOURCE_START_S, SOURCE_END_S)) has &= ~TIMEHAS_SOURCE_END;
  if (isSame(words, b, DESTINATION_START_S, DESTINATION_END_S)) has &= ~TIMEHAS_DESTINATION_END;
  if (sourcePackets === 0) has &= ~SOURCE_TIMES;
  if (destinationPackets === 0) has &= ~DESTINATION_TIMES;
  closeSide(words, b, SOURCE_START_S);
  closeSide(words, b, DESTINATION_START_S);
  words[b + TIME_HAS] = putInOrder(record, has, sourcePackets, destinationPackets);
  if (sourcePackets + destinationPackets === 1) shortenToPacket(record, sourcePackets === 1);
  setRange(words, b);
}

const FRACTIONS = [START_NS, END_NS, SOURCE_START_NS, SOURCE_END_NS, DESTINATION_START_NS, DESTINATION_END_NS] as const;

/** A record that names no sides tells the source's. */
function firstTimes(words: Uint32Array, b: number): number {
  let has = (words[b + TIME_HAS] as number) & (SOURCE_TIMES | DESTINATION_TIMES);
  if (has === 0) {
    copyTime(words, b, words[b + START_S] === 0 ? END_S : START_S, SOURCE_START_S);
    copyTime(words, b, words[b + END_S] === 0 ? START_S : END_S, SOURCE_END_S);
    has = presentTimes(words, b);
  }
  closeSide(words, b, SOURCE_START_S);
  closeSide(words, b, DESTINATION_START_S);
  return has;
}

function presentTimes(words: Uint32Array, b: number): number {
  return (
    (words[b + SOURCE_START_S] === 0 ? 0 : TIMEHAS_SOURCE_START) |
    (words[b + SOURCE_END_S] === 0 ? 0 : TIMEHAS_SOURCE_END) |
    (words[b + DESTINATION_START_S] === 0 ? 0 : TIMEHAS_DESTINATION_START) |
    (words[b + DESTINATION_END_S] === 0 ? 0 : TIMEHAS_DESTINATION_END)
  );
}

/** One packet each way: the first began the range, the second ended it. */
function shareBetweenTwoPackets(words: Uint32Array, b: number): void {
  const hasSource = !isNone(words, b, SOURCE_START_S);
  if (hasSource === !isNone(words, b, DESTINATION_START_S)) return;
  const known = hasSource ? SOURCE_START_S : DESTINATION_START_S;
  const other = hasSource ? DESTINATION_START_S : SOURCE_START_S;
  copyTime(words, b, known + 2, other);
  copyTime(words, b, known + 2, other + 2);
  copyTime(words, b, known, known + 2);
}

function shareBetweenSides(words: Uint32Array, b: number, sourcePackets: number, destinationPackets: number): void {
  const hasSource = !isNone(words, b, SOURCE_START_S);
  const hasDestination = !isNone(words, b, DESTINATION_START_S);
  if (hasSource && !hasDestination) copySide(words, b, SOURCE_START_S, DESTINATION_START_S);
  if (hasDestination && !hasSource) copySide(words, b, DESTINATION_START_S, SOURCE_START_S);
  if (sourcePackets === 1) shortenAcrossSeconds(words, b, SOURCE_START_S);
  if (destinationPackets === 1) shortenAcrossSeconds(words, b, DESTINATION_START_S);
}

/** ra takes a single packet's side for a range as long as both ends lie in one second. */
function shortenAcrossSeconds(words: Uint32Array, b: number, start: number): void {
  if (words[b + start] === words[b + start + 2]) return;
  if (words[b + start] === 0) copyTime(words, b, start + 2, start);
  else copyTime(words, b, start, start + 2);
}

function closeSide(words: Uint32Array, b: number, start: number): void {
  if (words[b + start] !== 0 && words[b + start + 2] === 0) copyTime(words, b, start, start + 2);
}

/** A side that ends before it begins, or that has a range but no packets. */
function putInOrder(record: FlowRecord, has: number, sourcePackets: number, destinationPackets: number): number {
  const { words, base: b } = record;
  if (sideMicroseconds(words, b, SOURCE_START_S) < 0) swapTimes(words, b, SOURCE_START_S, SOURCE_END_S);
  if (sideMicroseconds(words, b, DESTINATION_START_S) < 0) {
    swapTimes(words, b, DESTINATION_START_S, DESTINATION_END_S);
  }
  const source = sideMicroseconds(words, b, SOURCE_START_S);
  const destination = sideMicroseconds(words, b, DESTINATION_START_S);
  if (source > 0 && sourcePackets === 0 && destination === 0 && destinationPackets > 0) {
    moveSide(words, b, SOURCE_START_S, DESTINATION_START_S);
    return has & ~SOURCE_TIMES;
  }
  if (destination > 0 && destinationPackets === 0 && source === 0 && sourcePackets > 0) {
    moveSide(words, b, DESTINATION_START_S, SOURCE_START_S);
    return has & ~DESTINATION_TIMES;
  }
  return has;
}

/** A single packet has one time, the last; an ICMP error about the flow may have stretched it and then the range stays. */
function shortenToPacket(record: FlowRecord, isSource: boolean): void {
  const { words, base: b } = record;
  const start = isSource ? SOURCE_START_S : DESTINATION_START_S;
  if (isSource && ((words[b + HAS] as number) & HAS_ICMP) !== 0) return;
  if (sideMicroseconds(words, b, start) !== 0) copyTime(words, b, start + 2, start);
}

/** The whole range of a record again, after the times of its sides changed. */
export function setRangeOf(record: FlowRecord): void {
  setRange(record.words, record.base);
}

/** First and last time, from those that stand. */
function setRange(words: Uint32Array, b: number): void {
  const has = words[b + TIME_HAS] as number;
  const starts = has & (TIMEHAS_SOURCE_START | TIMEHAS_DESTINATION_START);
  let start = SOURCE_START_S;
  if (starts === TIMEHAS_DESTINATION_START) start = DESTINATION_START_S;
  else if (starts !== TIMEHAS_SOURCE_START) start = earlier(words, b, SOURCE_START_S, DESTINATION_START_S);
  copyTime(words, b, start, START_S);

  const ends = has & (TIMEHAS_SOURCE_END | TIMEHAS_DESTINATION_END);
  let end = SOURCE_END_S;
  if (ends === TIMEHAS_DESTINATION_END) end = DESTINATION_END_S;
  else if (ends !== TIMEHAS_SOURCE_END) end = later(words, b, SOURCE_END_S, DESTINATION_END_S);
  copyTime(words, b, end, END_S);
}

function earlier(words: Uint32Array, b: number, one: number, other: number): number {
  if (words[b + one] === 0) return other;
  if (words[b + other] === 0) return one;
  return isBefore(words, b, other, one) ? other : one;
}

function later(words: Uint32Array, b: number, one: number, other: number): number {
  return isBefore(words, b, one, other) ? other : one;
}

function isBefore(words: Uint32Array, b: number, one: number, other: number): boolean {
  const first = words[b + one] as number;
  const second = words[b + other] as number;
  return first < second || (first === second && (words[b + one + 1] as number) < (words[b + other + 1] as number));
}

function isNone(words: Uint32Array, b: number, time: number): boolean {
  return words[b + time] === 0;
}

function isSame(words: Uint32Array, b: number, one: number, other: number): boolean {
  return words[b + one] === words[b + other] && words[b + one + 1] === words[b + other + 1];
}

function copyTime(words: Uint32Array, b: number, from: number, to: number): void {
  words[b + to] = words[b + from] as number;
  words[b + to + 1] = words[b + from + 1] as number;
}

function swapTimes(words: Uint32Array, b: number, one: number, other: number): void {
  const second = words[b + one] as number;
  const fraction = words[b + one + 1] as number;
  copyTime(words, b, other, one);
  words[b + other] = second;
  words[b + other + 1] = fraction;
}

function copySide(words: Uint32Array, b: number, from: number, to: number): void {
  copyTime(words, b, from, to);
  copyTime(words, b, from + 2, to + 2);
}

function moveSide(words: Uint32Array, b: number, from: number, to: number): void {
  copySide(words, b, from, to);
  words.fill(0, b + from, b + from + 4);
}

/** @param start SOURCE_START_S or DESTINATION_START_S; the end lies two words on */
export function sideMicroseconds(words: Uint32Array, b: number, start: number): number {
  return timeDifference(words, b, start, start + 2);
}

function timeDifference(words: Uint32Array, b: number, from: number, to: number): number {
  const seconds = (words[b + to] as number) - (words[b + from] as number);
  return seconds * 1e6 + ((words[b + to + 1] as number) - (words[b + from + 1] as number)) / NS_PER_US;
}

/** Seconds as single precision, which ra computes durations in. */
function floatSeconds(microseconds: number): number {
  const seconds = Math.trunc(microseconds / 1e6);
  return Math.fround(seconds + (microseconds - seconds * 1e6) / 1e6);
}

export function sourceDuration(record: FlowRecord): number {
  return floatSeconds(sideMicroseconds(record.words, record.base, SOURCE_START_S));
}

export function destinationDuration(record: FlowRecord): number {
  return floatSeconds(sideMicroseconds(record.words, record.base, DESTINATION_START_S));
}

/** Seconds from the first to the last packet. */
export function duration(record: FlowRecord): number {
  return floatSeconds(durationMicroseconds(record));
}

export function durationMicroseconds(record: FlowRecord): number {
  const { words, base: b } = record;
  const has = words[b + TIME_HAS] as number;
  const starts = has & (TIMEHAS_SOURCE_START | TIMEHAS_DESTINATION_START);
  const ends = has & (TIMEHAS_SOURCE_END | TIMEHAS_DESTINATION_END);
  if (has === 0) return sideMicroseconds(words, b, SOURCE_START_S);
  if (starts === 0) return 0;
  let from = starts === TIMEHAS_DESTINATION_START ? DESTINATION_START_S : SOURCE_START_S;
  if (starts === (TIMEHAS_SOURCE_START | TIMEHAS_DESTINATION_START)) {
    from = isBefore(words, b, DESTINATION_START_S, SOURCE_START_S) ? DESTINATION_START_S : SOURCE_START_S;
    let to = later(words, b, SOURCE_END_S, DESTINATION_END_S);
    if (ends === TIMEHAS_DESTINATION_END) to = later(words, b, SOURCE_START_S, DESTINATION_END_S);
    if (ends === 0) to = later(words, b, SOURCE_START_S, DESTINATION_START_S);
    return timeDifference(words, b, from, to);
  }
  if (ends === 0) return 0;
  return timeDifference(words, b, from, ends === TIMEHAS_DESTINATION_END ? DESTINATION_END_S : SOURCE_END_S);
}
