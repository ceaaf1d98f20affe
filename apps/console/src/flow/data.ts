/** Questions about flows over the page's range. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Params } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type { CoverageLine, Page, Problem } from '../api/types.ts';
import { rangeRequest } from '../events/data.ts';
import { useTimeRange } from '../time/range.ts';
import type { FlowParams } from './filter.ts';
import type { Bucket, Contact, FlowRecord, Lane, LiveSummary, Measure, Sensor, Setup, TopAnswer } from './types.ts';

const LIVE_TOP = 100;
const SENSORS_MS = 10_000;
const SETUP_MS = 60_000;
/** Pictures of a range that moves are drawn anew so often. */
const AGAIN_MS = 30_000;
const MAX_PROBLEMS = 200;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

export type FlowRequest = Params & { readonly from: string; readonly to?: string };

export function useFlowRequest(params: FlowParams): FlowRequest {
  const range = useTimeRange();
  const key = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same words are the same question
  return useMemo(() => ({ ...params, ...rangeRequest(range) }), [key, range]);
}

/** Width of a step, so that the range has at most `most` of them. */
export function stepOf(spanMs: number, most: number): number {
  return STEPS_S.find((step) => step * 1000 * most >= spanMs) ?? 86_400;
}

export function useLiveStart(wanted: boolean) {
  return useQuery({
    queryKey: ['flows', 'live'],
    queryFn: ({ signal }) => api.get<LiveSummary>('/flows/live', { limit: LIVE_TOP }, { signal }),
    enabled: wanted,
    staleTime: 0,
  });
}

export function useLiveWindows(wanted: boolean, onWindow: (summary: LiveSummary) => void): void {
  useLive<LiveSummary>(
    'flows',
    (summaries) => {
      for (const one of summaries) onWindow(one);
    },
    { enabled: wanted },
  );
}

export function useSensors() {
  return useQuery({
    queryKey: ['flows', 'sensors'],
    queryFn: async ({ signal }) => (await api.get<Page<Sensor>>('/flows/sensors', undefined, { signal })).items,
    refetchInterval: SENSORS_MS,
  });
}

export function useSetup() {
  return useQuery({
    queryKey: ['flows', 'setup'],
    queryFn: ({ signal }) => api.get<Setup>('/flows/setup', undefined, { signal }),
    staleTime: SETUP_MS,
  });
}

/** What Coverage says of listening on the wire. */
export function useFlowCoverage(): CoverageLine | undefined {
  const { data } = useQuery({
    queryKey: ['coverage'],
    queryFn: ({ signal }) => api.get<Page<CoverageLine>>('/coverage', undefined, { signal }),
  });
  return data?.items.find(({ feature }) => feature === 'Flows');
}

export function useTop(by: string, measure: Measure, request: FlowRequest, limit: number, wanted = true) {
  const range = useTimeRange();
  return useQuery({
    queryKey: ['flows', 'top', by, measure, request, limit],
    queryFn: ({ signal }) => api.get<TopAnswer>('/flows/top', { ...request, by, measure, limit }, { signal }),
    refetchInterval: range.live ? AGAIN_MS : false,
    enabled: wanted,
  });
}

export function useBuckets(request: FlowRequest, stepS: number, wanted = true) {
  const range = useTimeRange();
  return useQuery({
    queryKey: ['flows', 'timeline', request, stepS],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Bucket>>('/flows/timeline', { ...request, stepS }, { signal })).items,
    refetchInterval: range.live ? AGAIN_MS : false,
    enabled: wanted,
  });
}

export interface Sum {
  readonly records: number;
  readonly bytes: number;
}

/** All of the range together. */
export function useSum(request: FlowRequest, wanted = true): Sum | undefined {
  const range = useTimeRange();
  const { data } = useBuckets(request, stepOf(range.spanMs, 120), wanted);
  return useMemo(
    () =>
      data?.reduce(
        (sum, bucket) => ({
          records: sum.records + bucket.records,
          bytes: sum.bytes + bucket.bytesOut + bucket.bytesIn,
        }),
        { records: 0, bytes: 0 },
      ),
    [data],
  );
}

export function useContacts(address: string) {
  const request = useFlowRequest({ address });
  return useQuery({
    queryKey: ['flows', 'contacts', request],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Contact>>('/flows/contacts', { ...request, limit: 100 }, { signal })).items,
  });
}

export function useLanes(address: string, limit: number) {
  const range = useTimeRange();
  const request = useFlowRequest({ address });
  const stepS = stepOf(range.spanMs, 240);
  const query = useQuery({
    queryKey: ['flows', 'lanes', request, stepS, limit],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Lane>>('/flows/lanes', { ...request, stepS, limit }, { signal })).items,
    refetchInterval: range.live ? AGAIN_MS : false,
  });
  return { query, stepS };
}

/** Problems that the detectors of flows have raised about an address, open ones first. */
export function useHostProblems(address: string) {
  return useQuery({
    queryKey: ['problems', 'flow', address],
    queryFn: async ({ signal }) => {
      const answers = await Promise.all(
        [true, false].map((open) =>
          api.get<Page<Problem>>('/problems', { open, source: 'flow', q: address, limit: MAX_PROBLEMS }, { signal }),
        ),
      );
      return answers.flatMap(({ items }) => items).filter((problem) => isAbout(problem, address));
    },
  });
}

/** The subject is the address, or the address and what it did. */
function isAbout({ source, subject, attributes }: Problem, address: string): boolean {
  if (source !== 'flow') return false;
  return attributes['address'] === address || subject === address || subject.split(' ').includes(address);
}

/** The record whose panel is open: of the list, or asked for when a link names one that is not in it. */
export function useRecord(id: string | undefined, request: FlowRequest, rows: readonly FlowRecord[]) {
  const inRows = rows.find((row) => row.id === id);
  const { data } = useQuery({
    queryKey: ['flows', 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await api.post<{ readonly events: readonly FlowRecord[] }>(
        '/events/query',
        { classes: ['network_activity'], filter: { op: 'eq', field: 'id', value: id }, limit: 1, from: request.from },
        { signal },
      );
      return answer.events[0] ?? null;
    },
    enabled: id !== undefined && inRows === undefined && rows.length > 0,
    retry: false,
  });
  return inRows ?? (id === undefined ? undefined : (data ?? undefined));
}
