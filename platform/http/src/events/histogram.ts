/** Events over time by severity: what the time strip draws. */
import { badRequest, type EventQuery, type EventsQuery, isoFromUs, SEVERITIES } from '@undercroft/kernel';

export const MAX_BUCKETS = 1000;
const DEFAULT_RANGE_US = 3600e6;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

export interface Histogram {
  readonly stepS: number;
  readonly fromAt: string;
  readonly series: readonly { readonly severity: string; readonly counts: readonly number[] }[];
}

/**
 * @param buckets about so many; steps are round and begin at their multiples, so that a strip that moves on keeps its bars
 * @throws UndercroftError `http.range` (400)
 */
export async function histogramOf(
  events: EventsQuery,
  query: EventQuery,
  buckets: number,
  nowUs: number,
  timeoutMs: number,
): Promise<Histogram> {
  const toUs = query.toUs ?? nowUs;
  const fromUs = query.fromUs ?? toUs - DEFAULT_RANGE_US;
  if (fromUs > toUs) throw badRequest('http.range', '`from` must not lie after `to`.');
  const stepS = stepFor((toUs - fromUs) / 1e6, buckets);
  const stepUs = stepS * 1e6;
  const startUs = Math.floor(fromUs / stepUs) * stepUs;
  const count = Math.max(1, Math.ceil((toUs - startUs) / stepUs));
  const { rows } = await events.query(
    {
      ...query,
      fromUs,
      toUs,
      bucketUs: stepUs,
      groupBy: ['severity'],
      aggregates: [{ fn: 'count', as: 'count' }],
      limit: count * SEVERITIES.length,
    },
    { timeoutMs },
  );
  const counts = new Map<string, number[]>();
  for (const row of rows) {
    const severity = String(row['severity']);
    const series = counts.get(severity) ?? Array.from({ length: count }, () => 0);
    const index = Math.floor((Number(row['timeUs']) - startUs) / stepUs);
    if (index >= 0 && index < count) series[index] = Number(row['count']);
    counts.set(severity, series);
  }
  const series = SEVERITIES.filter((severity) => counts.has(severity)).map((severity) => ({
    severity,
    counts: counts.get(severity) ?? [],
  }));
  return { stepS, fromAt: isoFromUs(startUs), series };
}

function stepFor(rangeS: number, buckets: number): number {
  const wantS = rangeS / buckets;
  const days = Math.ceil(wantS / 86_400) * 86_400;
  return STEPS_S.find((stepS) => stepS >= wantS) ?? Math.max(days, 86_400);
}
