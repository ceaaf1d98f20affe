/**
 * Answers questions about stored samples: the steps are whole multiples since the epoch, each stretch is read from the
 * coarsest tier that has it.
 */
import type { Chart, MetricsQueryRequest, MetricsQueryResult, MetricsSeries } from '@undercroft/kernel';
import { badRequest, notFound } from '@undercroft/kernel';
import type { ChartEntry } from '../store/catalog.ts';
import { COUNT, MAX, MIN, SUM } from '../store/rollup.ts';
import { type MetricsStore, SHAPES } from '../store/store.ts';

/** Values that one answer may have. */
export const MAX_VALUES = 2_000_000;
/** Samples that one question may read. */
const MAX_READ = 200_000_000;
/** Dimensions that have had no sample for so long are not listed with their chart any more. */
const LISTED_S = 86_400;

type Group = NonNullable<MetricsQueryRequest['group']>;

/** Series that a question is about. */
export interface Wanted {
  readonly host: string;
  readonly chart: string;
  readonly dimension: string;
  readonly series: number;
}

/** Charts of a host (of all hosts), by priority and id. */
export function listCharts(store: MetricsStore, nowS: number, host?: string): Chart[] {
  const hosts = host === undefined ? store.catalog.hosts() : [host];
  return hosts
    .flatMap((name) => [...store.catalog.charts(name).values()])
    .filter(({ lastS, chart }) => lastS > nowS - LISTED_S || chart.updateEveryS > 60)
    .map(describe)
    .sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
}

function describe(entry: ChartEntry): Chart {
  return { ...entry.chart, dimensions: [...entry.dimensions.values()].map(({ id, name }) => ({ id, name })) };
}

export async function query(
  store: MetricsStore,
  request: MetricsQueryRequest,
  nowS: number,
): Promise<MetricsQueryResult> {
  const host = request.host ?? store.catalog.hosts()[0] ?? '';
  const entries = request.charts.map((id) => {
    const entry = store.catalog.chart(host, id);
    if (entry === undefined) throw notFound('chart', id);
    return entry;
  });
  const wanted = entries.flatMap((entry) => seriesOf(entry, host, request.dimensions));
  const everyS = entries.reduce((most, { chart }) => Math.max(most, chart.updateEveryS), 1);
  const { fromS, toS, stepS } = steps(store, request, everyS, nowS);
  const points = Math.ceil((toS - fromS) / stepS);
  if (points * Math.max(1, wanted.length) > MAX_VALUES) {
    throw badRequest(
      'metrics.query-size',
      `${wanted.length} series of ${points} points are more than ${MAX_VALUES} values.`,
      'Ask for fewer charts, a shorter time, or fewer points.',
    );
  }
  const group = request.group ?? 'average';
  const buckets = await collect(store, wanted, fromS, toS, stepS);
  const series: MetricsSeries[] = wanted.map(({ host, chart, dimension }, i) => ({
    host,
    chart,
    dimension,
    values: buckets[i]!.finish(group, stepS > 1),
  }));
  const gaps = store.gaps.between(host, fromS, toS).map(({ fromS, toS, reason }) => ({ fromS, toS, reason }));
  return { fromS, stepS, series, gaps };
}

function seriesOf(entry: ChartEntry, host: string, dimensions: readonly string[] | undefined): Wanted[] {
  const all = [...entry.dimensions.values()];
  const chosen =
    dimensions === undefined ? all : all.filter(({ id, name }) => dimensions.includes(id) || dimensions.includes(name));
  return chosen.map(({ id, series }) => ({ host, chart: entry.chart.id, dimension: id, series }));
}

interface Steps {
  readonly fromS: number;
  readonly toS: number;
  readonly stepS: number;
}

function steps(store: MetricsStore, request: MetricsQueryRequest, everyS: number, nowS: number): Steps {
  if (!(request.toS > request.fromS)) {
    throw badRequest('metrics.query-range', `The range from ${request.fromS} to ${request.toS} is empty.`);
  }
  const toS = Math.min(Math.ceil(request.toS), nowS + 3600);
  const fromS = Math.max(Math.floor(request.fromS), 0);
  const points = request.points === undefined || request.points <= 0 ? toS - fromS : request.points;
  let stepS = Math.max(everyS, Math.ceil((toS - fromS) / points));
  // What the seconds no longer reach back to has only minutes, then only hours.
  const oldest = store.tiers.map((tier) => tier.oldestS ?? nowS);
  for (const tier of [1, 2] as const) {
    const coarseS = SHAPES[tier]!.stepS;
    const lost =
      fromS < oldest[tier - 1]! - SHAPES[tier]!.stepS * SHAPES[tier]!.points && oldest[tier]! < oldest[tier - 1]!;
    if (stepS >= coarseS || lost) stepS = Math.ceil(stepS / coarseS) * coarseS;
  }
  const alignedFromS = Math.floor(fromS / stepS) * stepS;
  return { fromS: alignedFromS, toS: Math.max(Math.ceil(toS / stepS) * stepS, alignedFromS + stepS), stepS };
}

/** One series being gathered into steps. */
export class Buckets {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  readonly #last: Float64Array;
  readonly #fromS: number;
  readonly #stepS: number;

  constructor(fromS: number, stepS: number, points: number) {
    this.#fromS = fromS;
    this.#stepS = stepS;
    this.#sums = new Float64Array(points);
    this.#counts = new Float64Array(points);
    this.#last = new Float64Array(points);
    // With one sample a step these three are all the same.
    this.#least = stepS === 1 ? this.#sums : new Float64Array(points).fill(Number.POSITIVE_INFINITY);
    this.#most = stepS === 1 ? this.#sums : new Float64Array(points).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes samples of one second each, from `startS` on; those outside `[fromS, toS)` are left out. */
  samples(values: Float64Array, startS: number, fromS: number, toS: number): void {
    const first = Math.max(0, fromS - startS);
    const last = Math.min(values.length, toS - startS);
    const offset = startS - this.#fromS;
    if (this.#stepS === 1) {
      for (let i = first; i < last; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        this.#sums[offset + i] = value;
        this.#counts[offset + i] = 1;
        this.#last[offset + i] = value;
      }
      return;
    }
    for (let i = first; i < last; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      const at = Math.floor((offset + i) / this.#stepS);
      this.#add(at, value, value, value, 1);
      this.#last[at] = value;
    }
  }

  /** Takes rolled points of `pointS` seconds each. */
  points(columns: readonly Float64Array[], startS: number, pointS: number, fromS: number, toS: number): void {
    const counts = columns[COUNT]!;
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!;
      const atS = startS + i * pointS;
      if (Number.isNaN(count) || atS < fromS || atS >= toS) continue;
      const at = Math.floor((atS - this.#fromS) / this.#stepS);
      const sum = columns[SUM]![i]!;
      this.#add(at, columns[MIN]![i]!, columns[MAX]![i]!, sum, count);
      this.#last[at] = sum / count;
    }
  }

  /** @param rounded averages are rounded to what a chart can show */
  finish(group: Group, rounded: boolean): (number | null)[] {
    const out = new Array<number | null>(this.#sums.length);
    for (let i = 0; i < out.length; i++) {
      const count = this.#counts[i]!;
      if (count === 0) out[i] = null;
      else if (!rounded) out[i] = this.#sums[i]!;
      else out[i] = roundShown(this.#value(group, i, count));
    }
    return out;
  }

  #value(group: Group, i: number, count: number): number {
    switch (group) {
      case 'min':
        return this.#least[i]!;
      case 'max':
        return this.#most[i]!;
      case 'sum':
        return this.#sums[i]!;
      case 'last':
        return this.#last[i]!;
      case 'average':
        return this.#sums[i]! / count;
    }
  }

  #add(at: number, least: number, most: number, sum: number, count: number): void {
    this.#sums[at]! += sum;
    this.#counts[at]! += count;
    if (least < this.#least[at]!) this.#least[at] = least;
    if (most > this.#most[at]!) this.#most[at] = most;
  }
}

/** Four digits after the point from 1 on, seven significant ones below. */
function roundShown(value: number): number {
  const size = Math.abs(value);
  if (size >= 1e11 || size < 1e-3) return value;
  const scale = size >= 1 ? 1e4 : 1e7;
  return Math.round(value * scale) / scale;
}

/** Reads the series group by group. */
export async function collect(
  store: MetricsStore,
  wanted: readonly Wanted[],
  fromS: number,
  toS: number,
  stepS: number,
): Promise<Buckets[]> {
  const points = Math.ceil((toS - fromS) / stepS);
  const buckets = wanted.map(() => new Buckets(fromS, stepS, points));
  let at = fromS;
  for (const { tier, endS } of stretches(store, fromS, toS, stepS)) {
    if (endS <= at) continue;
    await collectTier(store, tier, wanted, buckets, at, endS);
    at = endS;
  }
  return buckets;
}

/** The coarsest tiers first, each up to where it is complete, then the finer ones for the rest. */
function stretches(store: MetricsStore, fromS: number, toS: number, stepS: number): { tier: number; endS: number }[] {
  const found: { tier: number; endS: number }[] = [];
  if (stepS % SHAPES[2]!.stepS === 0) {
    const last = store.tiers[1]!.starts.at(-1);
    if (last !== undefined) found.push({ tier: 2, endS: Math.min(toS, last + SHAPES[1]!.stepS * SHAPES[1]!.points) });
  }
  if (stepS % SHAPES[1]!.stepS === 0) found.push({ tier: 1, endS: Math.min(toS, store.rolledToS) });
  else {
    // Seconds that are gone may still have their minutes.
    const oldest = store.tiers[0]!.oldestS;
    if (oldest !== undefined && oldest > fromS && stepS > 1) found.push({ tier: 1, endS: Math.min(toS, oldest) });
  }
  found.push({ tier: 0, endS: toS });
  return found;
}

async function collectTier(
  store: MetricsStore,
  tier: number,
  wanted: readonly Wanted[],
  buckets: readonly Buckets[],
  fromS: number,
  toS: number,
): Promise<void> {
  const shape = SHAPES[tier]!;
  const columns = Array.from({ length: shape.columns }, () => new Float64Array(shape.points));
  const starts = store.starts(tier, fromS, toS);
  if (starts.length * shape.points * wanted.length > MAX_READ) {
    throw badRequest(
      'metrics.query-size',
      'The question would read too many samples.',
      'Ask for fewer points, so that minutes or hours are read.',
    );
  }
  for (const startS of starts) {
    for (let i = 0; i < wanted.length; i++) {
      const id = wanted[i]!.series;
      const read = store.readGroup(tier, startS, id, columns);
      const stored = read instanceof Promise ? await read : read;
      if (!stored) for (const column of columns) column.fill(Number.NaN);
      const live = store.overlay(tier, startS, id, columns);
      if (!stored && !live) continue;
      if (tier === 0) buckets[i]!.samples(columns[0]!, startS, fromS, toS);
      else buckets[i]!.points(columns, startS, shape.stepS, fromS, toS);
    }
  }
}
