/**
 * Units of measured values: one prefix a chart, three significant digits. Memory counts in powers of 1024 (IEC), rates
 * in powers of 1000 (SI), links in bits.
 */
import { formatCount, NO_VALUE } from '../../time/format.ts';

/** How a chart's numbers are shown. `shown = raw * factor`. */
export interface UnitScale {
  readonly label: string;
  readonly factor: number;
  /** A sign that follows a number (`%`, `MB/s`), not a word. */
  readonly sign: boolean;
}

type Ladder = readonly (readonly [label: string, size: number])[];

const IEC: Ladder = [
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
  ['PiB', 1024 ** 5],
];
const SI_BYTES: Ladder = [
  ['B/s', 1],
  ['kB/s', 1e3],
  ['MB/s', 1e6],
  ['GB/s', 1e9],
];
const SI_BITS: Ladder = [
  ['b/s', 1],
  ['kb/s', 1e3],
  ['Mb/s', 1e6],
  ['Gb/s', 1e9],
];
const TIME: Ladder = [
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
];

/** Raw unit, as collectors name it, to the ladder it climbs and the size of one raw unit on it. */
const KNOWN: Readonly<Record<string, readonly [ladder: Ladder, size: number]>> = {
  B: [IEC, 1],
  bytes: [IEC, 1],
  KiB: [IEC, 1024],
  MiB: [IEC, 1024 ** 2],
  GiB: [IEC, 1024 ** 3],
  'B/s': [SI_BYTES, 1],
  'bytes/s': [SI_BYTES, 1],
  'kilobytes/s': [SI_BYTES, 1e3],
  'KiB/s': [SI_BYTES, 1024],
  'MiB/s': [SI_BYTES, 1024 ** 2],
  'bits/s': [SI_BITS, 1],
  'kilobits/s': [SI_BITS, 1e3],
  'megabits/s': [SI_BITS, 1e6],
  microseconds: [TIME, 1e-6],
  milliseconds: [TIME, 1e-3],
  ms: [TIME, 1e-3],
  seconds: [TIME, 1],
  s: [TIME, 1],
};

const PLAIN: Readonly<Record<string, string>> = {
  percentage: '%',
  percent: '%',
  'ms/operation': 'ms an operation',
  'milliseconds/operation': 'ms an operation',
  '% of time working': '% of time busy',
};

/**
 * The prefix that fits the largest value of a chart.
 *
 * @param units as the collector names them: `KiB/s`, `percentage`, `operations/s`
 * @param largest the largest absolute raw value in view; 0 keeps the raw prefix
 */
export function unitScale(units: string, largest: number): UnitScale {
  const known = KNOWN[units];
  if (known === undefined)
    return { label: PLAIN[units] ?? units.replace(/\/s$/, ' per second'), factor: 1, sign: PLAIN[units] === '%' };
  const [ladder, size] = known;
  const value = Math.abs(largest) * size;
  let step = ladder[0]!;
  if (value === 0 || !Number.isFinite(value)) {
    step = ladder.find(([, at]) => at === size) ?? step;
  } else {
    for (const candidate of ladder) if (value >= candidate[1] * 0.9995) step = candidate;
  }
  return { label: step[0], factor: size / step[1], sign: true };
}

/** Three significant digits: `0.041`, `3.7`, `53.7`, `1 204`; never an exponent below a million millions. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e12) return value.toExponential(2);
  if (size >= 999.5) return formatCount(value);
  if (size < 0.0005) return value < 0 ? '-0' : '<0.001';
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return trimZeros(value.toFixed(digits));
}

/** A value with its unit, on its own prefix: for readouts outside a chart. */
export function withUnit(value: number | null | undefined, units: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const scale = unitScale(units, value);
  return `${threeDigits(value * scale.factor)}\u00a0${scale.label}`;
}

/** Bytes as a person reads them: `64 GiB`. */
export function bytes(value: number): string {
  return withUnit(value, 'B');
}

const GRID_LINES = 4;
const STEPS = [1, 2, 2.5, 5, 10, 20];

/** Round numbers for 3 to 4 grid lines from `low` to `high`. */
export function gridValues(low: number, high: number): readonly number[] {
  if (!(high > low)) return [low];
  const power = 10 ** Math.floor(Math.log10((high - low) / GRID_LINES));
  let best: readonly number[] = [low];
  for (const step of [...STEPS].reverse()) {
    const values = multiples(step * power, low, high);
    if (Math.abs(values.length - GRID_LINES) < Math.abs(best.length - GRID_LINES)) best = values;
  }
  return best;
}

function multiples(step: number, low: number, high: number): readonly number[] {
  const values: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-6 && values.length < 12; at += step) {
    values.push(Math.abs(at) < step * 1e-9 ? 0 : Number(at.toPrecision(12)));
  }
  return values;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
