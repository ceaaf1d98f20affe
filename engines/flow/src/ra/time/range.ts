/** `-t`: which times are wanted. */

import {
  DESTINATION_END_S,
  DESTINATION_START_S,
  KIND,
  KIND_MANAGEMENT,
  MANAGEMENT,
  MAR_NOW_S,
  MAR_NOW_US,
  MAR_START_S,
  MAR_START_US,
  SOURCE_END_S,
  SOURCE_START_S,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { localToEpoch, type Zone, zoneOf } from '../text/zone.ts';

/** Fields of a local time, coarse to fine. */
const FIELDS = ['y', 'M', 'd', 'h', 'm', 's'] as const;
type FieldName = (typeof FIELDS)[number];
const FIELD_SECONDS: Readonly<Record<string, number>> = { d: 86400, h: 3600, m: 60, s: 1 };

export interface TimeRange {
  /** i intersects, c lies within, n spans. */
  readonly strategy: 'i' | 'c' | 'n';
  readonly negated: boolean;
  /** Seconds since 1970, with a fraction; of a time whose wild fields are at their least. */
  readonly from: number;
  readonly to: number;
  readonly wild: ReadonlySet<FieldName>;
  readonly zone: Zone;
}

interface LocalTime {
  readonly y: number;
  readonly M: number;
  readonly d: number;
  readonly h: number;
  readonly m: number;
  readonly s: number;
}

interface Moment {
  readonly time: LocalTime;
  readonly fraction: number;
  readonly finest: FieldName;
  readonly wild: ReadonlySet<FieldName>;
  /** The text was seconds since 1970. */
  readonly isEpoch: boolean;
}

export class TimeSyntaxError extends Error {
  override readonly name = 'TimeSyntaxError';
}

/**
 * @param text `[x][i|n|c]` and a time or a range: `2026/01/31.10:20:30`, `10:20`, `1581113120.5`, `-1h`, `10:00-11:00`,
 *   `2026/01/31+6h`, `**:20`; what a time leaves out is today's
 * @throws TimeSyntaxError
 */
export function parseTimeRange(text: string, timeZone: string | undefined, nowS = Date.now() / 1000): TimeRange {
  const zone = zoneOf(timeZone ?? process.env.TZ);
  const [, negation, letter, rest] = /^(x?)([incs]?)(.*)$/s.exec(text.trim()) as unknown as string[];
  const strategy = letter === 'c' ? 'c' : letter === 'n' || letter === 's' ? 'n' : 'i';
  const base = { strategy, negated: negation === 'x', zone } as const;
  const body = (rest as string).trim();
  const now = localTime(nowS, zone);
  const join = /^(-?[^-+]+)\s*([-+])\s*(.+)$/.exec(body);
  if (join === null) return { ...base, ...single(body, now, nowS, zone) };
  const [, first, sign, second] = join as unknown as string[];
  return { ...base, ...pair(first as string, sign as string, second as string, now, nowS, zone) };
}

type Span = Pick<TimeRange, 'from' | 'to' | 'wild'>;

function single(text: string, now: LocalTime, nowS: number, zone: Zone): Span {
  if (text.startsWith('-')) {
    const from = shifted(nowS, text.slice(1), -1, zone);
    return ordered(from, nowS, new Set(), text);
  }
  const moment = momentOf(text, now, zone);
  const from = epochOf(moment, zone);
  const to = text.endsWith('.') ? from : epochOf(next(moment), zone);
  return ordered(from, to, moment.wild, text);
}

function pair(first: string, sign: string, second: string, now: LocalTime, nowS: number, zone: Zone): Span {
  const from = first.startsWith('-') ? shifted(nowS, first.slice(1), -1, zone) : Number.NaN;
  const moment = Number.isNaN(from) ? momentOf(first, now, zone) : null;
  const start = moment === null ? from : epochOf(moment, zone);
  const wild = moment?.wild ?? new Set<FieldName>();
  if (/[yMdhms]$/.test(second)) {
    const end = shifted(start, second, sign === '-' ? -1 : 1, zone);
    return ordered(Math.min(start, end), Math.max(start, end), wild, `${first}${sign}${second}`);
  }
  const end = momentOf(second, moment?.time ?? now, zone);
  return ordered(start, epochOf(end, zone), new Set([...wild, ...end.wild]), `${first}${sign}${second}`);
}

function ordered(from: number, to: number, wild: ReadonlySet<FieldName>, text: string): Span {
  if (to < from) throw new TimeSyntaxError(`error: invalid time range ${text}`);
  return { from, to, wild };
}

/** `1d6h` and the like, from a time. */
function shifted(fromS: number, text: string, sign: 1 | -1, zone: Zone): number {
  if (!/^(?:\d+(?:\.\d+)?[yMdhms])+$/.test(text)) throw new TimeSyntaxError(`time syntax error ${text}`);
  let time = fromS;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([yMdhms])/g)) {
    const seconds = FIELD_SECONDS[unit as string];
    if (seconds !== undefined) {
      time += Number(amount) * seconds * sign;
      continue;
    }
    const months = Number(amount) * (unit === 'y' ? 12 : 1) * sign;
    const local = localTime(time, zone);
    time = epochOfLocal({ ...local, M: local.M + months }, zone) + (time - Math.floor(time));
  }
  return time;
}

/** The moment one step of its finest field later. */
function next(moment: Moment): Moment {
  if (moment.isEpoch) return { ...moment, time: { ...moment.time, s: moment.time.s + 1 } };
  return { ...moment, time: { ...moment.time, [moment.finest]: moment.time[moment.finest] + 1 } };
}

function momentOf(text: string, now: LocalTime, zone: Zone): Moment {
  const units = [...text.matchAll(/(\d+|\*)([yMdhms])/g)];
  if (units.length > 0 && units.map(([whole]) => whole).join('') === text) return momentOfUnits(units, now);
  return momentOfCalendar(text, now, zone);
}

/** `12h30m`: these fields, finer ones at their least. */
function momentOfUnits(units: readonly RegExpMatchArray[], now: LocalTime): Moment {
  let time = { ...now };
  const wild = new Set<FieldName>();
  let finest: FieldName = 'y';
  for (const [, amount, unit] of units) {
    const field = unit as FieldName;
    if (amount === '*') wild.add(field);
    time = { ...time, [field]: amount === '*' ? leastOf(field) : Number(amount) };
    if (FIELDS.indexOf(field) > FIELDS.indexOf(finest)) finest = field;
  }
  return { time: atLeast(time, finest), fraction: 0, finest, wild, isEpoch: false };
}

const CALENDAR =
  /^(?:(?:(?:(\d{4}|\*)\/)?(\d{1,2}|\*{1,2})\/)?(\d{1,2}|\*{1,2})(?:\.|$))?(?:(\d+|\*{1,2})(?::(\d{1,2}|\*{1,2})(?::(\d{1,2}|\*{1,2}))?)?(?:\.(\d*))?)?$/;

function momentOfCalendar(text: string, now: LocalTime, zone: Zone): Moment {
  const year = /^(\d{4})(?:\/(\d{2}))?$/.exec(text);
  if (year !== null && Number(year[1]) > 1900 && Number(year[1]) <= now.y) {
    const time = { y: Number(year[1]), M: Number(year[2] ?? 1), d: 1, h: 0, m: 0, s: 0 };
    return { time, fraction: 0, finest: year[2] === undefined ? 'y' : 'M', wild: new Set(), isEpoch: false };
  }
  const parts = fieldsOf(text);
  const hour = parts[3];
  if (hour !== undefined && hour !== '*' && Number(hour) > 24) {
    const fraction = Number(`0.${parts[6] ?? '0'}`);
    return { time: localTime(Number(hour), zone), fraction, finest: 's', wild: new Set(), isEpoch: true };
  }
  let time = { ...now };
  const wild = new Set<FieldName>();
  let finest: FieldName | null = null;
  for (const [at, field] of FIELDS.entries()) {
    const part = parts[at];
    if (part === undefined) continue;
    const isWild = part.startsWith('*');
    if (isWild) wild.add(field);
    time = { ...time, [field]: isWild ? leastOf(field) : Number(part) };
    finest = field;
  }
  if (finest === null) throw new TimeSyntaxError(`time syntax error ${text}`);
  check(time, text);
  return { time: atLeast(time, finest), fraction: Number(`0.${parts[6] || '0'}`), finest, wild, isEpoch: false };
}

/** Year, month, day, hour, minute, second, fraction. */
function fieldsOf(text: string): (string | undefined)[] {
  const plainDate = /^(?:(\d{4}|\*)\/)?(\d{1,2}|\*{1,2})\/(\d{1,2}|\*{1,2})\.?$/.exec(text);
  if (plainDate !== null) return plainDate.slice(1, 4);
  const plainTime = /^(\d+|\*{1,2})(?::(\d{1,2}|\*{1,2})(?::(\d{1,2}|\*{1,2}))?)?(?:\.(\d*))?$/.exec(text);
  if (plainTime !== null && (text.includes(':') || !/^\d{1,2}\.\d{1,2}$/.test(text))) {
    return [undefined, undefined, undefined, ...plainTime.slice(1)];
  }
  const match = CALENDAR.exec(text);
  if (match === null) throw new TimeSyntaxError(`time syntax error ${text}`);
  return match.slice(1);
}

function check({ y, M, d, h, m, s }: LocalTime, text: string): void {
  const isRight = y >= 1900 && M >= 1 && M <= 12 && d >= 1 && d <= 31 && h <= 24 && m <= 60 && s <= 60;
  if (!isRight) throw new TimeSyntaxError(`time syntax error ${text}`);
}

function leastOf(field: FieldName): number {
  return field === 'y' ? 1970 : field === 'M' || field === 'd' ? 1 : 0;
}

function atLeast(time: LocalTime, finest: FieldName): LocalTime {
  const least = { ...time };
  for (const field of FIELDS.slice(FIELDS.indexOf(finest) + 1)) least[field] = leastOf(field);
  return least;
}

function localTime(epochS: number, zone: Zone): LocalTime {
  const date = new Date((Math.floor(epochS) + zone.offsetS(epochS)) * 1000);
  return {
    y: date.getUTCFullYear(),
    M: date.getUTCMonth() + 1,
    d: date.getUTCDate(),
    h: date.getUTCHours(),
    m: date.getUTCMinutes(),
    s: date.getUTCSeconds(),
  };
}

function epochOf(moment: Moment, zone: Zone): number {
  return epochOfLocal(moment.time, zone) + moment.fraction;
}

function epochOfLocal({ y, M, d, h, m, s }: LocalTime, zone: Zone): number {
  return localToEpoch(zone, Date.UTC(y, M - 1, d, h, m, s) / 1000);
}

/** Whether a record's time is wanted. */
export function isInRange(range: TimeRange, record: FlowRecord): boolean {
  const [start, end] = timesOf(record);
  const isWanted = isWithin(range, wildTime(range, start), wildTime(range, end), record);
  return range.negated ? !isWanted : isWanted;
}

function isWithin(range: TimeRange, start: number, end: number, record: FlowRecord): boolean {
  const { from, to, strategy } = range;
  if (record.get(KIND) === KIND_MANAGEMENT)
    return Math.floor(end) >= Math.floor(from) && Math.floor(end) <= Math.floor(to);
  if (strategy === 'c') return from <= start && to >= end;
  if (strategy === 'n') return start <= from && end >= to;
  return (from <= start && to >= start) || (from < end && to >= end);
}

function timesOf(record: FlowRecord): [number, number] {
  if (record.get(KIND) === KIND_MANAGEMENT) {
    const start = record.get(MANAGEMENT + MAR_START_S) + record.get(MANAGEMENT + MAR_START_US) / 1e6;
    return [start, record.get(MANAGEMENT + MAR_NOW_S) + record.get(MANAGEMENT + MAR_NOW_US) / 1e6];
  }
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const word of [SOURCE_START_S, SOURCE_END_S, DESTINATION_START_S, DESTINATION_END_S]) {
    if (record.get(word) === 0) continue;
    const time = record.get(word) + Math.floor(record.get(word + 1) / 1000) / 1e6;
    start = Math.min(start, time);
    end = Math.max(end, time);
  }
  return [start, end];
}

/** A time with its wild fields at their least, to be compared with the range's. */
function wildTime(range: TimeRange, epochS: number): number {
  if (range.wild.size === 0) return epochS;
  const local = { ...localTime(epochS, range.zone) };
  for (const field of range.wild) local[field] = leastOf(field);
  return epochOfLocal(local, range.zone) + (epochS - Math.floor(epochS));
}
