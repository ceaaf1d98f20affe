/** What the overview asks, and what it derives from the answers. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type {
  Asset,
  CoverageLine,
  EventStoreStats,
  MetricsQueryResult,
  Page,
  Problem,
  ProcessRow,
} from '../api/types.ts';
import { now } from '../time/now.ts';

const MAX_HOSTS = 500;
const MAX_PORTS = 1000;
const LEFT_KEY = 'undercroft.left';
/** Away for less is not away. */
const AWAY_MS = 15 * 60_000;

export function useHosts() {
  return useQuery({
    queryKey: ['assets', 'hosts'],
    queryFn: ({ signal }) => api.get<Page<Asset>>('/assets', { q: 'type:host', limit: MAX_HOSTS }, { signal }),
    refetchInterval: 30_000,
  });
}

export function usePorts() {
  return useQuery({
    queryKey: ['assets', 'ports'],
    queryFn: ({ signal }) => api.get<Page<Asset>>('/assets', { q: 'type:port', limit: MAX_PORTS }, { signal }),
    refetchInterval: 30_000,
  });
}

export interface Facets {
  readonly types: readonly { readonly value: string; readonly count: number }[];
}

export function useFacets(enabled: boolean) {
  return useQuery({
    queryKey: ['assets', 'facets', ''],
    queryFn: ({ signal }) => api.get<Facets>('/assets/facets', undefined, { signal }),
    refetchInterval: 10_000,
    enabled,
  });
}

export function useEventStats() {
  return useQuery({
    queryKey: ['events', 'stats'],
    queryFn: ({ signal }) => api.get<EventStoreStats>('/events/stats', undefined, { signal }),
    staleTime: 60_000,
  });
}

/** The last problem that closed: since when all is well. */
export function useLastClosed(enabled: boolean) {
  return useQuery({
    queryKey: ['problems', 'closed', 'last'],
    queryFn: ({ signal }) => api.get<Page<Problem>>('/problems', { open: false, limit: 1 }, { signal }),
    enabled,
  });
}

export interface CoverageList {
  readonly items: readonly CoverageLine[];
}

/** Coverage lines, live. */
export function useCoverage() {
  const query = useQuery({
    queryKey: ['coverage'],
    queryFn: ({ signal }) => api.get<CoverageList>('/coverage', undefined, { signal }),
    refetchInterval: 60_000,
  });
  useLive('coverage', () => void query.refetch(), { everyMs: 2000 });
  return query;
}

export interface ProcessList {
  readonly total: number;
  readonly items: readonly ProcessRow[];
}

export function useProcesses(limit: number) {
  return useQuery({
    queryKey: ['metrics', 'processes', limit],
    queryFn: ({ signal }) => api.get<ProcessList>('/metrics/processes', { limit }, { signal }),
    refetchInterval: 5_000,
  });
}

/** The last hour of one host, coarse: for the row's sparkline and meters. */
export function useHostGlance(host: string, enabled: boolean) {
  return useQuery({
    queryKey: ['metrics', 'glance', host],
    queryFn: ({ signal }) =>
      api.post<MetricsQueryResult>(
        '/metrics/query',
        { host, charts: ['system.cpu', 'system.ram', 'system.net', 'disk_space./'], from: -3600, to: 0, points: 60 },
        { signal },
      ),
    refetchInterval: 30_000,
    enabled,
  });
}

/** When this browser last looked away for good; undefined on the first visit and when it was only a moment. */
export function useLeftAt(): number | undefined {
  const [left] = useState(readLeft);
  useEffect(() => {
    const write = () => {
      if (document.visibilityState !== 'visible') return;
      try {
        localStorage.setItem(LEFT_KEY, String(now()));
      } catch {
        // Without storage there is no last visit to speak of.
      }
    };
    write();
    const timer = setInterval(write, 30_000);
    return () => clearInterval(timer);
  }, []);
  return left;
}

let leftBefore: number | undefined | 'unread' = 'unread';

/** Read once a page load: going to another page of the console is not leaving. */
function readLeft(): number | undefined {
  if (leftBefore !== 'unread') return leftBefore;
  const text = localStorage.getItem(LEFT_KEY);
  const ms = Number(text);
  leftBefore = text !== null && ms > 0 && now() - ms > AWAY_MS ? ms : undefined;
  return leftBefore;
}

/** There, and heard of lately. */
export function isReporting(asset: Asset): boolean {
  return asset.present && asset.silent !== true;
}

/** Names of assets by id. */
export function useAssetNames(hosts: Page<Asset> | undefined): (id: string) => string | undefined {
  const names = useMemo(() => new Map(hosts?.items.map(({ id, name }) => [id, name])), [hosts]);
  return (id) => names.get(id);
}
