/** The numbers beside the pages in the rail. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import { needsSomebody, useOpenProblems } from '../api/problems.ts';
import type { Asset, Page } from '../api/types.ts';

export interface NavCount {
  readonly value: number;
  /** Colour: somebody must act. */
  readonly hot: boolean;
  /** Read aloud after the number. */
  readonly meaning: string;
}

export function useNavCounts(): ReadonlyMap<string, NavCount> {
  const problems = useOpenProblems();
  const hosts = useQuery({
    queryKey: ['assets', 'host-count'],
    queryFn: ({ signal }) => api.get<Page<Asset>>('/assets', { q: 'type:host', limit: 1 }, { signal }),
    staleTime: 60_000,
  });
  return useMemo(() => {
    const counts = new Map<string, NavCount>();
    const waiting = problems.data?.items.filter(needsSomebody) ?? [];
    const critical = waiting.filter(({ state }) => state === 'critical').length;
    if (waiting.length > 0) {
      counts.set('/problems', {
        value: critical > 0 ? critical : waiting.length,
        hot: critical > 0,
        meaning: critical > 0 ? 'critical' : 'open',
      });
    }
    const total = hosts.data?.total;
    if (total !== undefined) counts.set('/assets', { value: total, hot: false, meaning: 'hosts' });
    return counts;
  }, [problems.data, hosts.data]);
}
