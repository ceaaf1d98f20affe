/** An earlier window to lay under the charts: the one asked for, or the nearest that is still kept. */
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import type { Chart } from '../api/types.ts';
import { useTimeRange } from '../time/range.ts';
import { DAY_MS, HOUR_MS } from '../time/words.ts';
import { SeriesBuffer } from '../ui/chart/series.ts';
import { queryWindow, seriesOf } from './series.ts';

export interface Earlier {
  /** In the address: `?compare=week`. */
  readonly key: 'week' | 'day' | 'hour';
  readonly label: string;
  readonly shiftMs: number;
}

export const EARLIER: readonly Earlier[] = [
  { key: 'week', label: 'last week', shiftMs: 7 * DAY_MS },
  { key: 'day', label: 'yesterday', shiftMs: DAY_MS },
  { key: 'hour', label: 'an hour earlier', shiftMs: HOUR_MS },
];

/**
 * What is kept of what is asked for.
 *
 * @param oldestMs of the first sample kept; unknown: all is taken to be kept
 * @param fromMs start of the range that is looked at
 * @returns undefined when nothing earlier is kept at all
 */
export function nearestKept(asked: string | undefined, oldestMs: number | undefined, fromMs: number) {
  const first = EARLIER.findIndex(({ key }) => key === asked);
  if (first < 0) return undefined;
  return EARLIER.slice(first).find(({ shiftMs }) => oldestMs === undefined || oldestMs <= fromMs - shiftMs);
}

const EarlierContext = createContext<Earlier | undefined>(undefined);
export const EarlierProvider = EarlierContext.Provider;

export interface EarlierSeries {
  readonly buffer: SeriesBuffer;
  readonly shiftS: number;
}

/** A moving range runs into what was "later" then: this much more is asked for at once. */
const AHEAD = 0.1;
const MIN_AHEAD_MS = 60_000;

/** The chart's samples of the earlier window that the page compares with, if it does. */
export function useEarlierSeries(chart: Chart, wanted: boolean, points: number): EarlierSeries | undefined {
  const earlier = useContext(EarlierContext);
  const range = useTimeRange();
  const aheadMs = range.live ? Math.max(MIN_AHEAD_MS, range.spanMs * AHEAD) : 0;
  const { data } = useQuery({
    queryKey: ['metrics', 'earlier', chart.host, chart.id, range.key, points, earlier?.key],
    queryFn: () => {
      const { fromMs, toMs } = range.resolve();
      const shiftMs = earlier?.shiftMs ?? 0;
      return queryWindow(chart, { fromMs: fromMs - shiftMs, toMs: toMs - shiftMs + aheadMs }, points, earlier?.key);
    },
    enabled: wanted && earlier !== undefined,
    staleTime: range.live ? aheadMs / 2 : Number.POSITIVE_INFINITY,
    refetchInterval: range.live ? aheadMs / 2 : false,
    structuralSharing: false,
    placeholderData: () => undefined,
  });
  return useMemo(
    () =>
      data === undefined || earlier === undefined
        ? undefined
        : { buffer: new SeriesBuffer(seriesOf(chart, data)), shiftS: earlier.shiftMs / 1000 },
    [data, earlier, chart],
  );
}
