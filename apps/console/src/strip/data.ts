/** What the strip shows, over the range of the address. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import { isOpen, useOpenProblems } from '../api/problems.ts';
import type { Page, PlatformEvent, Problem, Severity } from '../api/types.ts';
import { useTimeRange } from '../time/range.ts';

export const DETECTION_CLASSES = ['detection_finding'];
export const CHANGE_CLASSES = [
  'device_config_state_change',
  'device_inventory_info',
  'entity_management',
  'account_change',
  'application_lifecycle',
  'scan_activity',
];

export interface Histogram {
  readonly stepS: number;
  readonly fromAt: string;
  readonly series: readonly { readonly severity: Severity; readonly counts: readonly number[] }[];
}

const BUCKETS = 120;
const MAX_MARKS = 500;
const MAX_PROBLEMS = 200;
const MIN_REFRESH_MS = 5_000;

/** Problems that were open at some time of the range. */
export function useProblemsInRange() {
  const range = useTimeRange();
  const open = useOpenProblems();
  const past = useQuery({
    queryKey: ['problems', 'range', range.key],
    queryFn: ({ signal }) =>
      api.get<Page<Problem>>('/problems', { ...isoRange(range), limit: MAX_PROBLEMS }, { signal }),
    refetchInterval: range.live ? 60_000 : false,
  });
  const problems = useMemo(() => {
    const all = new Map((past.data?.items ?? []).map((problem) => [problem.id, problem]));
    for (const problem of open.data?.items ?? []) if (isOpen(problem)) all.set(problem.id, problem);
    return [...all.values()];
  }, [past.data, open.data]);
  return {
    problems,
    error: past.error ?? open.error,
    ready: past.data !== undefined || open.data !== undefined,
    retry: () => void past.refetch(),
  };
}

/**
 * Those of the classes that this installation declares; the API refuses others. Undefined until they are known.
 * When even the list of classes cannot be had, all are asked for, so that the failure shows where the events would.
 */
export function useKnownClasses(classes: readonly string[]): readonly string[] | undefined {
  const { data, error } = useQuery({
    queryKey: ['events', 'classes'],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: readonly { readonly name: string }[] }>('/events/classes', undefined, { signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === undefined) return error === null ? undefined : classes;
  return classes.filter((name) => data.some((declared) => declared.name === name));
}

/** Events of some classes in the range, newest first; new ones are added as they happen. */
export function useEventsInRange(name: string, classes: readonly string[], limit = MAX_MARKS) {
  const range = useTimeRange();
  const client = useQueryClient();
  const known = useKnownClasses(classes);
  const queryKey = ['events', 'range', name, range.key, limit];
  const query = useQuery({
    queryKey,
    enabled: known !== undefined,
    queryFn: ({ signal }) =>
      api.get<Page<PlatformEvent>>(
        '/events',
        { class: (known ?? classes).join(','), ...isoRange(range), limit },
        { signal },
      ),
  });
  useLive<PlatformEvent>(
    range.live ? 'events' : undefined,
    (events) => {
      const fresh = events.filter((event) => classes.includes(event.class)).reverse();
      if (fresh.length === 0) return;
      client.setQueryData<Page<PlatformEvent>>(queryKey, (page) => {
        if (page === undefined) return page;
        const known = new Set(page.items.map(({ id }) => id));
        const added = fresh.filter(({ id }) => !known.has(id));
        return added.length === 0 ? page : { ...page, items: [...added, ...page.items].slice(0, limit) };
      });
    },
    { everyMs: 1000 },
  );
  return query;
}

export function useHistogram() {
  const range = useTimeRange();
  return useQuery({
    queryKey: ['events', 'histogram', range.key],
    queryFn: ({ signal }) =>
      api.get<Histogram>('/events/histogram', { ...isoRange(range), buckets: BUCKETS }, { signal }),
    refetchInterval: range.live ? Math.max(MIN_REFRESH_MS, range.spanMs / BUCKETS) : false,
  });
}

export function isoRange(range: { resolve(): { readonly fromMs: number; readonly toMs: number } }) {
  const { fromMs, toMs } = range.resolve();
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
