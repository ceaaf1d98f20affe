/** How often values fall into classes, and what else is said of many numbers. */

/** Values that medians are told of; those beyond are counted but not kept. */
const MAX_VALUES = 10_000_000;
const MAX_CLASSES = 100_000;
const UNITS: Readonly<Record<string, number>> = {
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  u: 1e-6,
  m: 1e-3,
  n: 1e-9,
  s: 1,
  '': 1,
};

export interface ClassRule {
  readonly classes: number;
  readonly isLogarithmic: boolean;
  /** undefined: from zero, or what is less, to a round number above the largest. */
  readonly range?: readonly [from: number, to: number];
}

/** `10`, `10:0-75u`, `20L:1-10K` @returns null when it is none of these */
export function classRule(text: string): ClassRule | null {
  const match = /^(\d+)(L?)(?::(-?[\d.]+(?:e-?\d+)?)([KMGTumns]?)-([\d.]+(?:e-?\d+)?)([KMGTumns]?))?$/.exec(text);
  if (match === null) return null;
  const [, count, log, from, fromUnit = '', to, toUnit = ''] = match;
  const classes = Number(count);
  if (classes < 1 || classes > MAX_CLASSES) return null;
  const rule = { classes, isLogarithmic: log === 'L' };
  if (from === undefined) return rule;
  const range = [Number(from) * (UNITS[fromUnit] as number), Number(to) * (UNITS[toUnit] as number)] as const;
  return range[1] > range[0] && (!rule.isLogarithmic || range[0] > 0) ? { ...rule, range } : null;
}

export interface HistogramClass {
  /** From 1; 0 what lies below, one more than there are what lies above. */
  readonly number: number;
  readonly from: number;
  readonly count: number;
}

export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
  readonly max: number;
  readonly min: number;
  readonly median: number;
  readonly percentile95: number;
  /** The value that comes most often; null where none comes twice. */
  readonly mode: number | null;
}

export class Histogram {
  #values = new Float64Array(1024);
  #count = 0;
  /** Values that there was no room for. */
  left = 0;

  add(value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.#count === MAX_VALUES) {
      this.left += 1;
      return;
    }
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(Math.min(MAX_VALUES, this.#count * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  /** @param withOutliers values outside the range count too */
  tell(
    rule: ClassRule,
    withOutliers: boolean,
  ): { readonly summary: Summary | null; readonly classes: readonly HistogramClass[] } {
    const all = this.#values.slice(0, this.#count).sort();
    const [from, to] = rule.range ?? wholeRange(all, rule.isLogarithmic);
    const inside = all.filter((value) => value >= from && value < to);
    const counts = new Float64Array(rule.classes);
    const place = placer(rule, from, to);
    for (const value of inside) {
      const at = Math.min(rule.classes - 1, place(value));
      counts[at] = (counts[at] as number) + 1;
    }
    const edge = edges(rule, from, to);
    const classes = Array.from(counts, (count, at) => ({ number: at + 1, from: edge(at), count }));
    if (withOutliers) {
      const below = all.filter((value) => value < from).length;
      classes.unshift({ number: 0, from: all[0] ?? from, count: below });
      classes.push({ number: rule.classes + 1, from: to, count: all.length - inside.length - below });
    }
    return { summary: summaryOf(withOutliers ? all : inside), classes };
  }
}

function wholeRange(sorted: Float64Array, isLogarithmic: boolean): readonly [number, number] {
  const max = sorted.at(-1) ?? 1;
  const power = 10 ** (Math.floor(Math.log10(Math.abs(max) || 1)) - 1);
  const to = (Math.floor(max / power) + 1) * power;
  const least = sorted[0] ?? 0;
  if (!isLogarithmic) return [Math.min(0, least), to];
  const positive = sorted.find((value) => value > 0) ?? to / 10;
  return [positive, to];
}

function placer({ classes, isLogarithmic }: ClassRule, from: number, to: number): (value: number) => number {
  if (!isLogarithmic) return (value) => Math.floor(((value - from) / (to - from)) * classes);
  const span = Math.log(to / from);
  return (value) => Math.floor((Math.log(value / from) / span) * classes);
}

function edges({ classes, isLogarithmic }: ClassRule, from: number, to: number): (at: number) => number {
  if (isLogarithmic) return (at) => from * (to / from) ** (at / classes);
  return (at) => from + ((to - from) * at) / classes;
}

function summaryOf(sorted: Float64Array): Summary | null {
  const count = sorted.length;
  if (count === 0) return null;
  const at = (index: number): number => sorted[Math.min(count - 1, index)] as number;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const square = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = count >> 1;
  return {
    count,
    mean,
    deviation: Math.sqrt(square / count),
    max: at(count - 1),
    min: at(0),
    median: count % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2,
    percentile95: at(Math.floor(count * 0.95)),
    mode: modeOf(sorted),
  };
}

function modeOf(sorted: Float64Array): number | null {
  let mode: number | null = null;
  let most = 1;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
    if (to - from > most) {
      most = to - from;
      mode = sorted[from] as number;
    }
    from = to;
  }
  return mode;
}
