/** Times, numbers and units as the console writes them, with `Intl`. Three significant digits; one unit a value. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from './words.ts';

const LOCALE = 'en-GB';
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockSeconds = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayMonth = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'short' });
const exact = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' });
const zone = new Intl.DateTimeFormat(LOCALE, { timeZoneName: 'short' });
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0, useGrouping: true });
const digits = [0, 1, 2].map((maximumFractionDigits) => new Intl.NumberFormat(LOCALE, { maximumFractionDigits }));

export const NO_VALUE = '–';

/** `1204` → "1 204"; thin spaces between thousands. */
export function formatCount(value: number): string {
  return whole.format(value).replaceAll(',', '\u202f');
}

/** Three significant digits: 0.12, 4.31, 36.9, 512. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  if (size >= 1000) return formatCount(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return (digits[places] ?? whole).format(value);
}

/** `0.369` is not a percent here: takes 36.9, gives "36.9 %". */
export function formatPercent(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? NO_VALUE
    : `${(Math.abs(value) >= 10 ? (digits[0] ?? whole) : (digits[1] ?? whole)).format(value)}\u00a0%`;
}

/** IEC: "1.42 GiB". */
export function formatBytes(bytes: number | null | undefined): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

/** SI, a second: "14.2 MB/s". */
export function formatByteRate(bytesPerSecond: number | null | undefined): string {
  return scaled(bytesPerSecond, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']);
}

/** Bits a second, for links: "512 Mb/s". */
export function formatBitRate(bitsPerSecond: number | null | undefined): string {
  return scaled(bitsPerSecond, 1000, ['b/s', 'kb/s', 'Mb/s', 'Gb/s', 'Tb/s']);
}

function scaled(value: number | null | undefined, base: number, units: readonly string[]): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= base && unit < units.length - 1) {
    size /= base;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(size) : formatNumber(size)}\u00a0${units[unit]}`;
}

/** "340 ms", "4.2 s", "24 min", "3 h", "5 d": the largest unit that says it. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(ms)}\u00a0ms`;
  if (size < MINUTE_MS)
    return `${size < 10_000 && size % 1000 !== 0 ? formatNumber(ms / 1000) : Math.round(ms / 1000)}\u00a0s`;
  if (size < HOUR_MS) return `${Math.round(ms / MINUTE_MS)}\u00a0min`;
  if (size < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)}\u00a0h`;
  if (size < 730 * DAY_MS) return `${Math.round(ms / DAY_MS)}\u00a0d`;
  return `${Math.round(ms / (365 * DAY_MS))}\u00a0y`;
}

/** "hour", "5 min", "24 h": what follows "Last". */
export function spanText(ms: number): string {
  if (ms === HOUR_MS) return 'hour';
  if (ms === MINUTE_MS) return 'minute';
  if (ms === DAY_MS) return '24 h';
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} days`;
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  if (ms % MINUTE_MS === 0) return `${ms / MINUTE_MS} min`;
  return `${Math.round(ms / 1000)} s`;
}

/** "03:12". */
export function formatClock(ms: number): string {
  return clock.format(ms);
}

/** "03:12:00". */
export function formatClockSeconds(ms: number): string {
  return clockSeconds.format(ms);
}

/** As short as the distance to now allows: "03:12", "Mon 03:12", "12 Mar", "12 Mar 2025". */
export function formatTime(ms: number, nowMs: number): string {
  if (sameDay(ms, nowMs)) return clock.format(ms);
  if (nowMs - ms < 6 * DAY_MS && nowMs > ms) return `${weekday.format(ms)} ${clock.format(ms)}`;
  return new Date(ms).getFullYear() === new Date(nowMs).getFullYear() ? dayMonth.format(ms) : dayMonthYear.format(ms);
}

/** Relative below a day ("24 min ago", "in 3 h"), a date after. */
export function formatAgo(ms: number, nowMs: number): string {
  const age = nowMs - ms;
  if (Math.abs(age) < 5_000) return 'now';
  if (Math.abs(age) >= DAY_MS) return formatTime(ms, nowMs);
  return age > 0 ? `${formatDuration(age)} ago` : `in ${formatDuration(-age)}`;
}

/** The whole truth, for a title on hover: "Tuesday 24 November 2026 at 03:12:00 UTC". */
export function formatExact(ms: number): string {
  return exact.format(ms);
}

/** "02:31 – 03:31", with the day where it is not one day. */
export function formatRange(fromMs: number, toMs: number): string {
  const seconds = toMs - fromMs < 5 * MINUTE_MS;
  const time = seconds ? clockSeconds : clock;
  if (sameDay(fromMs, toMs)) return `${dayMonth.format(fromMs)}, ${time.format(fromMs)} – ${time.format(toMs)}`;
  if (isMidnight(fromMs) && isMidnight(toMs)) {
    const last = toMs - 1;
    return sameDay(fromMs, last) ? dayMonth.format(fromMs) : `${dayMonth.format(fromMs)} – ${dayMonth.format(last)}`;
  }
  return `${dayMonth.format(fromMs)}, ${time.format(fromMs)} – ${dayMonth.format(toMs)}, ${time.format(toMs)}`;
}

/** "UTC", "CET", "GMT+1". */
export function zoneName(ms: number): string {
  return zone.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}

/** ISO 8601 of the API to epoch milliseconds; NaN if there is none. */
export function msOf(at: string | undefined): number {
  return at === undefined ? Number.NaN : Date.parse(at);
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function isMidnight(ms: number): boolean {
  const date = new Date(ms);
  return date.getHours() === 0 && date.getMinutes() === 0;
}
