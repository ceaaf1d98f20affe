/** Ranks all series by how differently they behaved in a window, against four times the window before it. */
import { badRequest } from '@undercroft/kernel';
import type { MetricsStore } from '../store/store.ts';
import { ks2Distance, ks2Probability } from './ks2.ts';
import { collect, type Wanted } from './query.ts';

/** The time before, as a multiple of the window. */
const BASELINE = 4;
/** The test says nothing with fewer points. */
const MIN_POINTS = 15;
const MAX_POINTS = 500;
/** Series between two breaths of the event loop. */
const BATCH = 64;

export interface Moved {
  readonly host: string;
  readonly chart: string;
  readonly dimension: string;
  /** 0 for no difference to 1 for none in common. */
  readonly score: number;
  /** Chance of such a difference by accident. */
  readonly probability: number;
  /** Averages of the time before and of the window. */
  readonly before: number;
  readonly during: number;
}

export interface CorrelateRequest {
  readonly fromS: number;
  readonly toS: number;
  readonly host?: string;
  readonly limit?: number;
}

/** @returns what moved most first; series that stood still all the time are left out */
export async function correlate(store: MetricsStore, request: CorrelateRequest): Promise<Moved[]> {
  const windowS = Math.floor(request.toS) - Math.floor(request.fromS);
  if (windowS < MIN_POINTS) {
    throw badRequest(
      'metrics.correlate-window',
      `A window of ${windowS} s is too short to compare.`,
      `Choose at least ${MIN_POINTS} s.`,
    );
  }
  const stepS = Math.max(1, Math.floor(windowS / MAX_POINTS));
  const alignedS = stepS >= 60 ? Math.floor(stepS / 60) * 60 : stepS;
  const fromS = Math.floor(request.fromS / alignedS) * alignedS;
  const points = Math.max(MIN_POINTS, Math.floor(windowS / alignedS));
  const startS = fromS - points * BASELINE * alignedS;
  const wanted = allSeries(store, request.host, fromS);
  const moved: Moved[] = [];
  for (let at = 0; at < wanted.length; at += BATCH) {
    const batch = wanted.slice(at, at + BATCH);
    const buckets = await collect(store, batch, startS, fromS + points * alignedS, alignedS);
    for (let i = 0; i < batch.length; i++) {
      const found = compare(buckets[i]!.finish('average', alignedS > 1), points * BASELINE);
      if (found !== undefined) moved.push({ ...name(batch[i]!), ...found });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return moved
    .sort((a, b) => b.score - a.score || a.probability - b.probability || change(b) - change(a))
    .slice(0, request.limit ?? 50);
}

function allSeries(store: MetricsStore, host: string | undefined, sinceS: number): Wanted[] {
  const hosts = host === undefined ? store.catalog.hosts() : [host];
  return hosts.flatMap((each) =>
    [...store.catalog.charts(each).values()]
      .filter(({ lastS }) => lastS >= sinceS)
      .flatMap((entry) =>
        [...entry.dimensions.values()].map(({ id, series }) => ({
          host: each,
          chart: entry.chart.id,
          dimension: id,
          series,
        })),
      ),
  );
}

function compare(
  values: readonly (number | null)[],
  split: number,
): Pick<Moved, 'score' | 'probability' | 'before' | 'during'> | undefined {
  const before = Float64Array.from(values.slice(0, split).filter((value) => value !== null));
  const during = Float64Array.from(values.slice(split).filter((value) => value !== null));
  if (before.length < MIN_POINTS || during.length < MIN_POINTS) return undefined;
  const averages = { before: average(before), during: average(during) };
  const score = ks2Distance(before, during);
  if (score === 0) return undefined;
  return {
    score: Math.round(score * 10_000) / 10_000,
    probability: ks2Probability(score, before.length, during.length),
    ...averages,
  };
}

function average(values: Float64Array): number {
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 1e4) / 1e4;
}

/** How far the average moved, against its size. */
function change({ before, during }: Moved): number {
  return Math.abs(during - before) / (Math.abs(before) + Math.abs(during) || 1);
}

function name({ host, chart, dimension }: Wanted) {
  return { host, chart, dimension };
}
