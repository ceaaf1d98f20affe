/**
 * Reads what a person types for a range of time, and says what it understood. Pure: the clock is handed in.
 *
 * `2h` `15 min` `yesterday` `today` `last week` `mon 03:00-04:00` `03:00-04:00` `24 nov 10:00 - 12:30`
 * `2026-11-24` `2026-11-24T10:00Z/2026-11-24T12:00Z` `1764000000` `1764000000-1764003600`
 */

/** A range: the last so many milliseconds, moving with the clock, or between two moments. */
export type RangeSpec =
  | { readonly kind: 'last'; readonly spanMs: number }
  | { readonly kind: 'between'; readonly fromMs: number; readonly toMs: number };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Shortest and longest range the console shows. */
export const MIN_SPAN_MS = 10_000;
export const MAX_SPAN_MS = 5 * 366 * DAY_MS;

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: MINUTE_MS,
  min: MINUTE_MS,
  minute: MINUTE_MS,
  minutes: MINUTE_MS,
  h: HOUR_MS,
  hour: HOUR_MS,
  hours: HOUR_MS,
  d: DAY_MS,
  day: DAY_MS,
  days: DAY_MS,
  w: 7 * DAY_MS,
  week: 7 * DAY_MS,
  weeks: 7 * DAY_MS,
  month: 30 * DAY_MS,
  months: 30 * DAY_MS,
  y: 365 * DAY_MS,
  year: 365 * DAY_MS,
  years: 365 * DAY_MS,
};
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** @returns undefined when the words mean no range */
export function parseRange(words: string, nowMs: number): RangeSpec | undefined {
  const text = words.trim().toLowerCase().replaceAll('–', '-').replaceAll(/\s+/g, ' ');
  if (text === '' || text.length > 100) return undefined;
  return bounded(
    parseLast(text) ?? parseNamed(text, nowMs) ?? parsePair(text, nowMs) ?? parseDayWithHours(text, nowMs),
  );
}

/** `1h`, `90s`, `2d`: the shortest word of a span, as the address writes it. */
export function spanWord(spanMs: number): string {
  for (const [unit, unitMs] of [
    ['w', 7 * DAY_MS],
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
  ] as const) {
    if (spanMs % unitMs === 0) return `${spanMs / unitMs}${unit}`;
  }
  return `${Math.round(spanMs / 1000)}s`;
}

function parseLast(text: string): RangeSpec | undefined {
  const match = /^(?:last |past |-)?(?:(\d{1,9}(?:\.\d{1,3})?) ?)?([a-z]+)$/.exec(text);
  const unitMs = UNITS[match?.[2] ?? ''];
  if (match === null || unitMs === undefined) return undefined;
  if (match[1] === undefined && !text.startsWith('last ') && !text.startsWith('past ')) return undefined;
  return { kind: 'last', spanMs: Math.round(Number(match[1] ?? 1) * unitMs) };
}

function parseNamed(text: string, nowMs: number): RangeSpec | undefined {
  const today = startOfDay(nowMs);
  if (text === 'today') return { kind: 'between', fromMs: today, toMs: Math.max(nowMs, today + MINUTE_MS) };
  if (text === 'yesterday') return { kind: 'between', fromMs: addDays(today, -1), toMs: today };
  const day = parseDay(text, nowMs);
  return day === undefined ? undefined : { kind: 'between', fromMs: day, toMs: addDays(day, 1) };
}

function parsePair(text: string, nowMs: number): RangeSpec | undefined {
  for (const separator of [' - ', ' to ', '/', '..', '-']) {
    for (let at = text.indexOf(separator); at > 0; at = text.indexOf(separator, at + 1)) {
      const fromMs = parseMoment(text.slice(0, at), nowMs);
      if (fromMs === undefined) continue;
      const right = text.slice(at + separator.length);
      const toMs = right === 'now' ? nowMs : (clockOn(fromMs, right) ?? parseMoment(right, nowMs));
      if (toMs !== undefined && toMs > fromMs) return { kind: 'between', fromMs, toMs };
    }
  }
  const around = parseMoment(text, nowMs);
  if (around === undefined) return undefined;
  return { kind: 'between', fromMs: around - 30 * MINUTE_MS, toMs: around + 30 * MINUTE_MS };
}

/** `03:00-04:00` and `mon 03:00-04:00`; hours past midnight go on into the next day. */
function parseDayWithHours(text: string, nowMs: number): RangeSpec | undefined {
  const match = /^(?:(.+) )?(\d{1,2}:\d{2}(?::\d{2})?) ?- ?(\d{1,2}:\d{2}(?::\d{2})?)$/.exec(text);
  if (match === null) return undefined;
  const day = match[1] === undefined ? startOfDay(nowMs) : parseDay(match[1], nowMs);
  if (day === undefined) return undefined;
  const fromMs = clockOn(day, match[2] ?? '');
  const toMs = clockOn(day, match[3] ?? '');
  if (fromMs === undefined || toMs === undefined) return undefined;
  return { kind: 'between', fromMs, toMs: toMs > fromMs ? toMs : addDays(toMs, 1) };
}

/** A moment: ISO 8601, epoch seconds or milliseconds, `03:00`, `yesterday 14:00`, `24 nov 10:00`. */
export function parseMoment(words: string, nowMs: number): number | undefined {
  const text = words.trim().toLowerCase();
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (/^\d{12,13}$/.test(text)) return Number(text);
  if (/^\d{4}-\d{2}-\d{2}([t ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(z|[+-]\d{2}:?\d{2})?)?$/.test(text)) {
    const ms = Date.parse(text.length === 10 ? `${text}T00:00` : text.toUpperCase().replace(' ', 'T'));
    return Number.isNaN(ms) ? undefined : ms;
  }
  const clock = clockOn(startOfDay(nowMs), text);
  if (clock !== undefined) return clock;
  const match = /^(.+) (\d{1,2}:\d{2}(?::\d{2})?)$/.exec(text);
  const day = match === null ? undefined : parseDay(match[1] ?? '', nowMs);
  return day === undefined ? undefined : clockOn(day, match?.[2] ?? '');
}

/** Start of the day that the words name, the latest such day that is not in the future. */
function parseDay(text: string, nowMs: number): number | undefined {
  const today = startOfDay(nowMs);
  if (text === 'today') return today;
  if (text === 'yesterday') return addDays(today, -1);
  const weekday = text.length >= 3 ? WEEKDAYS.findIndex((day) => isWeekday(text, day)) : -1;
  if (weekday >= 0) return addDays(today, -((new Date(today).getDay() - weekday + 7) % 7));
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const ms = Date.parse(`${text}T00:00`);
    return Number.isNaN(ms) ? undefined : ms;
  }
  const date = /^(\d{1,2})\.? ([a-z]{3,9})(?: (\d{4}))?$/.exec(text);
  if (date === null) return undefined;
  const month = MONTHS.indexOf((date[2] ?? '').slice(0, 3));
  const dayOfMonth = Number(date[1]);
  if (month < 0 || dayOfMonth < 1 || dayOfMonth > 31) return undefined;
  const year = new Date(nowMs).getFullYear();
  const ms = new Date(date[3] === undefined ? year : Number(date[3]), month, dayOfMonth).getTime();
  return date[3] === undefined && ms > nowMs ? new Date(year - 1, month, dayOfMonth).getTime() : ms;
}

function isWeekday(text: string, short: string): boolean {
  const names: Readonly<Record<string, string>> = {
    sun: 'sunday',
    mon: 'monday',
    tue: 'tuesday',
    wed: 'wednesday',
    thu: 'thursday',
    fri: 'friday',
    sat: 'saturday',
  };
  return (names[short] ?? '').startsWith(text);
}

function clockOn(momentMs: number, text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 24 || minutes > 59 || seconds > 59 || (hours === 24 && minutes + seconds > 0)) return undefined;
  const date = new Date(momentMs);
  date.setHours(hours, minutes, seconds, 0);
  return date.getTime();
}

function startOfDay(ms: number): number {
  const date = new Date(ms);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

function addDays(ms: number, days: number): number {
  const date = new Date(ms);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

function bounded(spec: RangeSpec | undefined): RangeSpec | undefined {
  if (spec === undefined) return undefined;
  const span = spec.kind === 'last' ? spec.spanMs : spec.toMs - spec.fromMs;
  return span >= MIN_SPAN_MS && span <= MAX_SPAN_MS ? spec : undefined;
}
