/** One chart's samples over the range of the address, kept growing by the live stream. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTimeRange } from '../time/range.ts';
import { SeriesBuffer } from '../ui/chart/series.ts';
import { api } from './client.ts';
import { useLive } from './live.ts';
import type { Chart, MetricsQueryResult } from './types.ts';

/** One second of one chart on the stream: values in the order of the chart's dimensions. */
export interface LiveSample {
  readonly t: number;
  readonly v: readonly (number | null)[];
}

const CHART_EVERY_MS = 1000;

export function useCharts(host: string | undefined, enabled = true) {
  return useQuery({
    queryKey: ['metrics', 'charts', host],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: readonly Chart[] }>('/metrics/charts', { host }, { signal })).items,
    staleTime: 60_000,
    enabled,
  });
}

export interface ChartSamples {
  /** Undefined until the first answer. */
  readonly buffer: SeriesBuffer | undefined;
  readonly error: unknown;
  readonly pending: boolean;
  readonly retry: () => void;
}

/**
 * @param chart undefined asks nothing
 * @param wanted dimensions to keep, in this order; all if absent
 */
export function useChartSamples(chart: Chart | undefined, wanted?: readonly string[], points = 300): ChartSamples {
  const range = useTimeRange();
  const dimensions = useMemo(() => {
    const all = chart?.dimensions.map(({ id }) => id) ?? [];
    return wanted === undefined ? all : wanted.filter((id) => all.includes(id));
  }, [chart, wanted]);
  const query = useQuery({
    queryKey: ['metrics', 'samples', chart?.host, chart?.id, dimensions.join(','), range.key, points],
    enabled: chart !== undefined,
    staleTime: range.live ? 0 : 60_000,
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return api.post<MetricsQueryResult>(
        '/metrics/query',
        {
          host: chart?.host,
          charts: [chart?.id],
          dimensions,
          from: Math.floor(fromMs / 1000),
          to: Math.ceil(toMs / 1000),
          points,
        },
        { signal },
      );
    },
  });
  const buffer = useMemo(() => {
    if (query.data === undefined) return undefined;
    const { fromS, stepS, series, gaps } = query.data;
    const byId = new Map(series.map((one) => [one.dimension, one.values]));
    return new SeriesBuffer({
      fromS,
      stepS,
      gaps,
      series: dimensions.map((id) => ({
        id,
        name: chart?.dimensions.find((dimension) => dimension.id === id)?.name ?? id,
        values: byId.get(id) ?? [],
      })),
    });
  }, [query.data, dimensions, chart]);
  const places = useMemo(
    () => dimensions.map((id) => chart?.dimensions.findIndex((dimension) => dimension.id === id) ?? -1),
    [dimensions, chart],
  );
  useLive<LiveSample>(
    range.live && chart !== undefined ? `metrics:${chart.host}/${chart.id}` : undefined,
    (samples) => {
      for (const { t, v } of samples)
        buffer?.append(
          t,
          places.map((place) => v[place]),
        );
    },
    { everyMs: CHART_EVERY_MS },
  );
  return { buffer, error: query.error, pending: query.isPlaceholderData, retry: () => void query.refetch() };
}
