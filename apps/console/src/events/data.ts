/** Questions about events over the page's line and range. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Params } from '../api/client.ts';
import type { EventQueryResult, Page, PlatformEvent } from '../api/types.ts';
import type { TimeRange } from '../time/range.ts';

export interface EventHistogram {
  readonly stepS: number;
  readonly fromAt: string;
  readonly series: readonly { readonly severity: string; readonly counts: readonly number[] }[];
}

export interface EventClassInfo {
  readonly name: string;
  readonly uid: number;
  readonly summary: string;
  readonly module: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** As the API takes it: relative while the range moves with the clock. */
export function rangeRequest(range: TimeRange): { readonly from: string; readonly to?: string } {
  if (range.live) return { from: `-${Math.ceil(range.spanMs / 1000)}` };
  const { fromMs, toMs } = range.resolve();
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

export function useEventRequest(
  line: string,
  range: TimeRange,
): Params & { readonly from: string; readonly to?: string } {
  return useMemo(() => ({ ...(line === '' ? {} : { q: line }), ...rangeRequest(range) }), [line, range]);
}

export function useHistogram(request: Params, buckets: number, live: boolean) {
  return useQuery({
    queryKey: ['events', 'histogram', request, buckets],
    queryFn: ({ signal }) => api.get<EventHistogram>('/events/histogram', { ...request, buckets }, { signal }),
    refetchInterval: live ? 10_000 : false,
  });
}

export interface FieldValue {
  readonly value: string;
  readonly count: number;
}

export interface TopValues {
  readonly values: readonly FieldValue[];
  readonly warnings: readonly string[];
  readonly scanned: EventQueryResult['scanned'];
}

const TOP = 8;

export function useTopValues(field: string, request: Params) {
  return useQuery({
    queryKey: ['events', 'top', field, request],
    queryFn: async ({ signal }): Promise<TopValues> => {
      const result = await api.post<EventQueryResult>(
        '/events/query',
        { ...request, groupBy: [field], aggregates: [{ fn: 'count', as: 'count' }], orderBy: ['-count'], limit: TOP },
        { signal },
      );
      return {
        values: result.rows.flatMap((row) => {
          const value = row[field];
          return value === null || value === undefined || value === ''
            ? []
            : [
                {
                  value: typeof value === 'object' ? JSON.stringify(value) : String(value),
                  count: Number(row['count']),
                },
              ];
        }),
        warnings: result.warnings,
        scanned: result.scanned,
      };
    },
    staleTime: 30_000,
  });
}

export function useEventClasses() {
  return useQuery({
    queryKey: ['events', 'classes'],
    queryFn: async ({ signal }) =>
      (await api.get<Page<EventClassInfo>>('/events/classes', undefined, { signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useEvent(id: string | undefined) {
  return useQuery({
    queryKey: ['events', 'one', id],
    queryFn: async ({ signal }) => {
      const result = await api.post<EventQueryResult>(
        '/events/query',
        { filter: { op: 'eq', field: 'id', value: id }, limit: 1 },
        { signal },
      );
      return result.events[0] ?? null;
    },
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface NearestMatch {
  readonly event: PlatformEvent;
  readonly side: 'before' | 'after';
}

/** The event that fits the line and lies nearest outside the range. */
export function useNearest(line: string, range: TimeRange, wanted: boolean) {
  return useQuery({
    queryKey: ['events', 'nearest', line, range.key],
    queryFn: async ({ signal }): Promise<NearestMatch | null> => {
      const { fromMs, toMs } = range.resolve();
      const q = line === '' ? {} : { q: line };
      const ask = (body: object) =>
        api.post<EventQueryResult>('/events/query', { ...q, limit: 1, ...body }, { signal });
      const [before, after] = await Promise.all([
        ask({ to: new Date(fromMs).toISOString() }),
        range.live ? undefined : ask({ from: new Date(toMs).toISOString(), orderBy: ['timeUs'] }),
      ]);
      const earlier = before.events[0];
      const later = after?.events[0];
      if (earlier === undefined) return later === undefined ? null : { event: later, side: 'after' };
      if (later === undefined) return { event: earlier, side: 'before' };
      return fromMs - Date.parse(earlier.timeAt) <= Date.parse(later.timeAt) - toMs
        ? { event: earlier, side: 'before' }
        : { event: later, side: 'after' };
    },
    enabled: wanted,
    retry: false,
  });
}
