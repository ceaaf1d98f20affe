/**
 * From measured columns to drawn lines: at most five and "other", in and out mirrored, stacks accumulated, hidden and
 * isolated series left out. Values stay in the collector's unit; the scale multiplies them when they are drawn.
 */
import { gridValues, type UnitScale, unitScale } from './units.ts';

export const MAX_LINES = 5;

export type ChartKind = 'line' | 'area' | 'stacked';

export interface DrawnLine {
  readonly id: string;
  readonly name: string;
  /** 1 to 5 name a colour of the palette; 0 is the grey of "other". */
  readonly color: number;
  readonly mirrored: boolean;
  readonly hidden: boolean;
  /** Columns it is made of; more than one for "other". */
  readonly columns: readonly number[];
}

export interface Shape {
  readonly kind: ChartKind;
  readonly lines: readonly DrawnLine[];
  readonly mirror: boolean;
}

/** Dimensions that are drawn below the axis, beside the one above it. */
const MIRRORS: readonly (readonly [above: string, below: string])[] = [
  ['sent', 'received'],
  ['out', 'in'],
  ['reads', 'writes'],
  ['read', 'write'],
];

const DIRECTION = /^(sent|received|in|out|reads?|writes?|transmitted)$/i;

/** What the legend leaves visible: one isolated, or all but the hidden ones. */
export interface Visibility {
  readonly isolated: string | undefined;
  readonly hidden: ReadonlySet<string>;
}

export const ALL_VISIBLE: Visibility = { isolated: undefined, hidden: new Set() };

/** Time in which nothing was done is what the stack leaves free, not a part of it. */
const IDLE = 'idle';

/** Chooses the lines. The order stays that of the data, so that colours do not jump when values change. */
export function shapeOf(
  kind: ChartKind,
  ids: readonly string[],
  names: readonly string[],
  columns: readonly (readonly (number | null)[])[],
  visibility: Visibility = ALL_VISIBLE,
): Shape {
  const pair = MIRRORS.find(([above, below]) => ids.length === 2 && names.includes(above) && names.includes(below));
  const all = pair === undefined ? ids.map((_, i) => i) : [names.indexOf(pair[0]), names.indexOf(pair[1])];
  const order = kind === 'stacked' && all.length > 1 ? all.filter((i) => names[i] !== IDLE) : all;
  let kept = order;
  let rest: number[] = [];
  if (order.length > MAX_LINES) {
    const bySize = [...order].sort((a, b) => meanSize(columns[b]) - meanSize(columns[a]));
    const chosen = new Set(bySize.slice(0, MAX_LINES));
    if (visibility.isolated !== undefined) {
      const isolated = ids.indexOf(visibility.isolated);
      if (isolated >= 0) chosen.add(isolated);
    }
    kept = order.filter((i) => chosen.has(i)).slice(0, MAX_LINES);
    rest = order.filter((i) => !kept.includes(i));
  }
  const hidden = (id: string) =>
    visibility.isolated === undefined ? visibility.hidden.has(id) : visibility.isolated !== id;
  const lines: DrawnLine[] = kept.map((column, place) => ({
    id: ids[column]!,
    name: names[column]!,
    color: place + 1,
    mirrored: pair === undefined ? kind !== 'stacked' && isSigned(names[column]!, columns[column]) : place === 1,
    hidden: hidden(ids[column]!),
    columns: [column],
  }));
  if (rest.length > 0) {
    const name =
      rest.length === 1
        ? names[rest[0]!]!
        : kind === 'line'
          ? `highest of ${rest.length} others`
          : `${rest.length} others`;
    lines.push({ id: '', name, color: 0, mirrored: false, hidden: hidden(''), columns: rest });
  }
  return { kind, lines, mirror: pair !== undefined };
}

/** The value of a line at one step, in the collector's unit and without the mirror's sign. */
export function lineValue(
  shape: Shape,
  line: DrawnLine,
  columns: readonly (readonly (number | null)[])[],
  index: number,
): number | null {
  let result: number | null = null;
  for (const column of line.columns) {
    const value = columns[column]?.[index] ?? null;
    if (value === null) continue;
    const size = shape.mirror || line.mirrored ? Math.abs(value) : value;
    result = result === null ? size : shape.kind === 'line' ? Math.max(result, size) : result + size;
  }
  return result;
}

/** What is left of a whole: a stack with it adds up to the same at any time. */
const REST = /^(free|avail|available)$/;

/**
 * The one value that stands for a chart in its header: the sum of a stack, else the first line; of a stack that fills a
 * whole (memory used and free) the first line, by name.
 */
export function headValue(
  shape: Shape,
  columns: readonly (readonly (number | null)[])[],
  index: number,
): { readonly value: number | null; readonly name: string | undefined } {
  const first = shape.lines.find((line) => !line.hidden);
  if (first === undefined) return { value: null, name: undefined };
  const whole = shape.kind === 'stacked' && shape.lines.some(({ name }) => REST.test(name));
  if (shape.kind === 'stacked' && !whole) return { value: totalValue(shape, columns, index), name: undefined };
  return { value: lineValue(shape, first, columns, index), name: whole || shape.mirror ? first.name : undefined };
}

/** All lines together, where a sum has a meaning: stacks. */
export function totalValue(
  shape: Shape,
  columns: readonly (readonly (number | null)[])[],
  index: number,
): number | null {
  let total: number | null = null;
  for (const line of shape.lines) {
    if (line.hidden) continue;
    const value = lineValue(shape, line, columns, index);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
}

export interface Drawing {
  /** As uPlot takes them: times, then one column a line. */
  readonly data: (number | null)[][];
  readonly scale: UnitScale;
  /** Shown values, from the bottom to the top of the axis. */
  readonly low: number;
  readonly high: number;
  readonly grid: readonly number[];
  /** The earlier window, moved onto this one's time: the top of a stack, else each line. */
  readonly earlier?: { readonly times: readonly number[]; readonly lines: readonly (readonly (number | null)[])[] };
}

/** Samples of the same series from before, and how many seconds earlier they were taken. */
export interface EarlierSamples {
  readonly buffer: { readonly times: readonly number[]; readonly columns: readonly (readonly (number | null)[])[] };
  readonly shiftS: number;
}

/**
 * Columns ready to draw and the axis that holds them.
 *
 * @param limits raw values that must be in view
 */
export function drawingOf(
  shape: Shape,
  units: string,
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  limits: readonly number[] = [],
  earlier?: EarlierSamples,
): Drawing {
  const { raw, ...bounds } = linesOf(shape, times, columns);
  let { low, high } = bounds;
  for (const limit of limits) high = Math.max(high, limit);
  const past = earlier === undefined ? undefined : linesOf(shape, earlier.buffer.times, earlier.buffer.columns);
  if (past !== undefined) {
    low = Math.min(low, past.low);
    high = Math.max(high, past.high);
  }
  const scale = unitScale(units, Math.max(high, -low));
  const scaled = (columns: readonly (number | null)[][]) =>
    scale.factor === 1
      ? [...columns]
      : columns.map((column) => column.map((v) => (v === null ? null : v * scale.factor)));
  const shown = scaled(raw);
  const ends = scale.label.startsWith('%') ? percentUp : roundUp;
  const top = ends(high * scale.factor);
  const bottom = shape.mirror ? -Math.max(top, ends(-low * scale.factor)) : low < 0 ? -ends(-low * scale.factor) : 0;
  const ceiling = shape.mirror ? -bottom : top;
  if (ceiling === 0 && bottom === 0)
    return { data: [times as number[], ...shown], scale, ...EMPTY_AXIS, ...(shape.mirror ? MIRRORED_AXIS : {}) };
  return {
    data: [times as number[], ...shown],
    scale,
    low: bottom,
    high: ceiling,
    grid: shape.mirror ? [bottom, 0, ceiling] : gridValues(bottom, ceiling),
    ...(past === undefined || earlier === undefined
      ? {}
      : {
          earlier: {
            times: earlier.buffer.times.map((timeS) => timeS + earlier.shiftS),
            lines: scaled(shape.kind === 'stacked' ? past.raw.slice(-1) : past.raw),
          },
        }),
  };
}

interface RawLines {
  readonly raw: (number | null)[][];
  readonly low: number;
  readonly high: number;
}

/** Each line's values in the collector's unit: accumulated in a stack, below zero where mirrored. */
function linesOf(shape: Shape, times: readonly number[], columns: readonly (readonly (number | null)[])[]): RawLines {
  const raw: (number | null)[][] = [];
  const sums = shape.kind === 'stacked' ? new Float64Array(times.length) : undefined;
  let low = 0;
  let high = 0;
  for (const line of shape.lines) {
    const out: (number | null)[] = new Array(times.length);
    for (let i = 0; i < times.length; i++) {
      let value = line.hidden ? null : lineValue(shape, line, columns, i);
      if (value !== null && sums !== undefined) {
        sums[i]! += value;
        value = sums[i]!;
      }
      if (value !== null && line.mirrored) value = -value;
      out[i] = value;
      if (value !== null) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    raw.push(out);
  }
  return { raw, low, high };
}

/** Nothing but zeros: the axis still stands. */
const EMPTY_AXIS = { low: 0, high: 1, grid: [0, 1] };
const MIRRORED_AXIS = { low: -1, high: 1, grid: [-1, 0, 1] };

const TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next round number that leaves the line a little room. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = TOPS.find((n) => n * power >= value * 1.02) ?? 20;
  return Number((step * power).toPrecision(6));
}

/** A second is never measured to the tick, so that the parts of a whole add up to a little more than it. */
const OVERSHOOT_PERCENT = 110;

/** A share of a whole ends at 100, however full it is; beyond, it is percent of one of several and ends on hundreds. */
export function percentUp(value: number): number {
  const top = roundUp(value);
  if (top <= 100) return top;
  return value <= OVERSHOOT_PERCENT ? 100 : Math.max(100, Math.ceil(top / 100) * 100);
}

/** Collectors give one of two directions a negative sign, so that it is drawn below. */
function isSigned(name: string, column: readonly (number | null)[] | undefined): boolean {
  if (!DIRECTION.test(name) || column === undefined) return false;
  return column.some((value) => value !== null && value < 0) && !column.some((value) => value !== null && value > 0);
}

function meanSize(column: readonly (number | null)[] | undefined): number {
  let sum = 0;
  for (const value of column ?? []) if (value !== null) sum += Math.abs(value);
  return sum;
}
