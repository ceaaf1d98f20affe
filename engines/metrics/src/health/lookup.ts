/** Lookups of alert rules, answered by the store. */
import { collect, type Wanted } from '../query/query.ts';
import type { MetricsStore } from '../store/store.ts';
import type { Lookup } from './rules.ts';

/** So much of the window must have been measured. */
const MIN_SHARE = 0.5;

/** @returns the dimensions' values added up, second by second, and these taken together; NaN if too few are there */
export async function lookup(
  store: MetricsStore,
  host: string,
  chart: string,
  asked: Lookup,
  nowS: number,
): Promise<number> {
  const entry = store.catalog.chart(host, chart);
  if (entry === undefined) return Number.NaN;
  const wanted: Wanted[] = [...entry.dimensions.values()]
    .filter(
      ({ id, name }) => asked.dimensions === undefined || asked.dimensions.some((one) => one === id || one === name),
    )
    .map(({ id, series }) => ({ host, chart, dimension: id, series }));
  const buckets = await collect(store, wanted, nowS - asked.afterS, nowS, 1);
  const columns = buckets.map((bucket) => bucket.finish('average', false));
  let total = 0;
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < asked.afterS; i++) {
    let sum = 0;
    let any = false;
    for (const column of columns) {
      const value = column[i];
      if (value === null || value === undefined) continue;
      sum += asked.absolute === true ? Math.abs(value) : value;
      any = true;
    }
    if (!any) continue;
    total += sum;
    count++;
    if (sum < least) least = sum;
    if (sum > most) most = sum;
  }
  // A sum says something as soon as it is reached; an average only of most of the window.
  if (count === 0) return Number.NaN;
  if (asked.method === 'sum') return total;
  if (count < asked.afterS * MIN_SHARE) return Number.NaN;
  return asked.method === 'average' ? total / count : asked.method === 'min' ? least : most;
}
