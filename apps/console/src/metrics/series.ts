/**
 * Samples of charts. Charts that come near the screen together are asked for together; live ones then grow by the
 * stream, so that an hour's view is fetched once.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type { Chart, MetricsQueryResult } from '../api/types.ts';
import { now } from '../time/now.ts';
import { type TimeRange, useTimeRange } from '../time/range.ts';
import type { Span } from '../ui/chart/axis.tsx';
import { SeriesBuffer, type SeriesData } from '../ui/chart/series.ts';

const GATHER_MS = 12;
const MAX_CHARTS_A_REQUEST = 24;
export const DEFAULT_POINTS = 480;
/** A chart that was away longer than this is fetched again when it comes back. */
const FRESH_MS = 4_000;
/** Holes are asked for at most this often. */
const FILL_MS = 15_000;

export interface LiveSample {
  /** Epoch seconds. */
  readonly t: number;
  /** By the chart's dimensions. */
  readonly v: readonly (number | null)[];
}

export interface SeriesState {
  readonly buffer: SeriesBuffer | undefined;
  readonly pending: boolean;
  readonly error: unknown;
  readonly retry: () => void;
  readonly range: () => Span;
  readonly live: boolean;
}

type ChartLike = Pick<Chart, 'id' | 'host' | 'dimensions'>;

/** @param wanted false fetches and follows nothing: the chart is far from the screen */
export function useSeries(chart: ChartLike, wanted: boolean, points = DEFAULT_POINTS): SeriesState {
  const range = useTimeRange();
  const query = useQuery({
    queryKey: ['metrics', 'series', chart.host, chart.id, range.key, points],
    queryFn: () => loadSeries(chart, range, points),
    enabled: wanted,
    staleTime: range.live ? FRESH_MS : 60_000,
    structuralSharing: false,
  });
  const { data, error, refetch } = query;
  const filledMs = useRef(0);
  const kept = useRef<{ readonly key: string; readonly buffer: SeriesBuffer } | undefined>(undefined);
  const key = `${chart.host}/${chart.id}/${range.key}`;
  const buffer = useMemo(() => {
    if (data === undefined) return undefined;
    const answer = seriesOf(chart, data);
    // The same question asked again goes into the same buffer: its chart is not made anew.
    if (kept.current?.key === key && kept.current.buffer.replace(answer)) return kept.current.buffer;
    kept.current = { key, buffer: new SeriesBuffer(answer) };
    return kept.current.buffer;
  }, [data, chart, key]);
  useLive<LiveSample>(
    `metrics:${chart.host}/${chart.id}`,
    (samples) => {
      let empty = 0;
      for (const { t, v } of samples) empty += buffer?.append(t, v) ?? 0;
      // What was measured between the answer and the first live sample is only on the server.
      if (empty === 0 || now() - filledMs.current < FILL_MS) return;
      filledMs.current = now();
      void refetch();
    },
    { everyMs: 1000, enabled: wanted && range.live && buffer !== undefined },
  );
  const spanOf = useMemo(() => spanReader(range), [range]);
  return {
    buffer,
    pending: query.isPlaceholderData,
    error: data === undefined ? error : null,
    retry: () => void refetch(),
    range: spanOf,
    live: range.live,
  };
}

/** Bounds in seconds at the moment of drawing. */
export function spanReader(range: TimeRange): () => Span {
  if (!range.live) {
    const { fromMs, toMs } = range.resolve();
    const span = { fromS: fromMs / 1000, toS: toMs / 1000 };
    return () => span;
  }
  return () => {
    const toS = Math.floor(now() / 1000);
    return { fromS: toS - range.spanMs / 1000, toS };
  };
}

/** Columns in the order of the chart's dimensions; what the server did not give is empty. */
export function seriesOf(chart: ChartLike, result: MetricsQueryResult): SeriesData {
  const mine = result.series.filter((one) => one.chart === chart.id);
  return {
    fromS: result.fromS,
    stepS: result.stepS,
    gaps: result.gaps,
    series: chart.dimensions.map(({ id, name }) => ({
      id,
      name,
      values: mine.find(({ dimension }) => dimension === id || dimension === name)?.values ?? [],
    })),
  };
}

interface Batch {
  readonly charts: Set<string>;
  readonly answer: Promise<MetricsQueryResult>;
}

const batches = new Map<string, Batch>();

function loadSeries(chart: ChartLike, range: TimeRange, points: number): Promise<MetricsQueryResult> {
  return gather(chart, `${range.key}\n${points}`, (charts) => querySeries(chart.host, charts, range, points));
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * One window of a chart, asked for together with those that come near the screen with it.
 *
 * @param name tells windows apart that are not to be asked for together
 */
export function queryWindow(chart: ChartLike, window: Window, points: number, name = ''): Promise<MetricsQueryResult> {
  return gather(chart, `${name}\n${points}\n${window.toMs - window.fromMs}`, (charts) =>
    post(chart.host, charts, window, points),
  );
}

function gather(
  chart: ChartLike,
  name: string,
  load: (charts: readonly string[]) => Promise<MetricsQueryResult>,
): Promise<MetricsQueryResult> {
  const key = `${chart.host}\n${name}`;
  const open = batches.get(key);
  if (open !== undefined && open.charts.size < MAX_CHARTS_A_REQUEST) {
    open.charts.add(chart.id);
    return open.answer;
  }
  const charts = new Set([chart.id]);
  const answer = new Promise((resolve) => setTimeout(resolve, GATHER_MS)).then(() => {
    if (batches.get(key)?.charts === charts) batches.delete(key);
    return load([...charts]);
  });
  batches.set(key, { charts, answer });
  return answer;
}

export function querySeries(
  host: string | undefined,
  charts: readonly string[],
  range: TimeRange,
  points: number,
): Promise<MetricsQueryResult> {
  return post(host, charts, range.resolve(), points);
}

function post(
  host: string | undefined,
  charts: readonly string[],
  { fromMs, toMs }: Window,
  points: number,
): Promise<MetricsQueryResult> {
  return api.post<MetricsQueryResult>('/metrics/query', {
    ...(host === undefined ? {} : { host }),
    charts,
    from: Math.floor(fromMs / 1000),
    to: Math.ceil(toMs / 1000),
    points,
  });
}
