/** Where axes have their marks, and how numbers and times are written at them. */

const UNITS: readonly (readonly [number, string])[] = [
  [1e18, 'E'],
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'u'],
  [1e-9, 'n'],
];
const DAY_S = 86400;
const TIME_STEPS_S = [
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10800,
  21600,
  43200,
  DAY_S,
  2 * DAY_S,
  7 * DAY_S,
  14 * DAY_S,
  30 * DAY_S,
  90 * DAY_S,
  365 * DAY_S,
  1825 * DAY_S,
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MAX_TICKS = 200;

/** Steps of 1, 2 or 5 times a power of ten, about `wanted` of them. */
export function niceStep(span: number, wanted: number): number {
  const rough = span / Math.max(1, wanted);
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const part = rough / power;
  return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
}

export function ticksBetween(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.min(MAX_TICKS, Math.max(0, last - first + 1)) }, (_, at) => (first + at) * step);
}

/** 1.5 M for 1500000; never more than four figures. */
export function shortNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return '0';
  const size = Math.abs(value);
  const [unit, name] = UNITS.find(([least]) => size >= least * 0.99995) ?? [1e-9, 'n'];
  const part = size / unit;
  const digits = part >= 100 ? 0 : part >= 10 ? 1 : 2;
  const text = part.toFixed(digits).replace(/\.?0+$/, part >= 100 ? '$&' : '');
  return `${value < 0 ? '-' : ''}${text}${name === '' ? '' : ` ${name}`}`;
}

export interface TimeTick {
  /** Seconds since 1970. */
  readonly timeS: number;
  readonly label: string;
  /** A new day, of long spans a new year: told below the label. */
  readonly day: string;
}

/** Marks at round times of UTC. @param widest how many labels have room */
export function timeTicks(fromS: number, toS: number, widest: number): TimeTick[] {
  const span = toS - fromS;
  const step = TIME_STEPS_S.find((one) => span / one <= widest) ?? niceStep(span, widest);
  let day = '';
  return ticksBetween(fromS, toS, step).map((time) => {
    // Multiples of a step of a part of a second are not exact.
    const timeS = Math.round(time * 1000) / 1000;
    const date = new Date(timeS * 1000);
    const inYear = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    const year = String(date.getUTCFullYear());
    const below = step >= DAY_S ? year : `${inYear} ${year}`;
    const isNew = below !== day;
    day = below;
    return { timeS, label: step >= DAY_S ? inYear : clock(date, step), day: isNew ? below : '' };
  });
}

function clock(date: Date, step: number): string {
  const text = date.toISOString().slice(11, 23);
  if (step >= 60) return text.slice(0, 5);
  return step >= 1 ? text.slice(0, 8) : text;
}

/** `2026-11-25 04:10:18` */
export function dateText(timeS: number): string {
  const date = new Date(timeS * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
}
