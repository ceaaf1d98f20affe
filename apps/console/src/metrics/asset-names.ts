/** Names of the hosts that charts name by id. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Asset, Page } from '../api/types.ts';

export function useHosts(): readonly Asset[] {
  const { data } = useQuery({
    queryKey: ['assets', 'hosts'],
    queryFn: ({ signal }) => api.get<Page<Asset>>('/assets', { q: 'type:host', limit: 1000 }, { signal }),
    staleTime: 60_000,
  });
  return data?.items ?? NO_HOSTS;
}

/** By asset id and by each of its keys: metrics name hosts by one of them. */
export function useAssetNames(): ReadonlyMap<string, string> {
  const hosts = useHosts();
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const host of hosts) {
      for (const key of host.keys) names.set(key.value, host.name);
      names.set(host.id, host.name);
    }
    return names;
  }, [hosts]);
}

const NO_HOSTS: readonly Asset[] = [];
