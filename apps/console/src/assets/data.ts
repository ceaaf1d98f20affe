/** Questions about assets, kept fresh by the live stream. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import { isOpen, useOpenProblems } from '../api/problems.ts';
import type { Asset, AssetChange, Page, Problem } from '../api/types.ts';

/** As the API gives it. */
export type AssetItem = Asset & {
  /** There as far as is known, but not seen for longer than configured. */
  readonly silent?: boolean;
};

export interface AssetFacets {
  readonly types: readonly { readonly value: string; readonly count: number }[];
  readonly sources: readonly { readonly value: string; readonly count: number }[];
}

/** What the live stream says of an asset. */
export interface AssetNews {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly present: boolean;
  readonly lastSeenAt: string;
  readonly change?: string;
}

export interface RelatedAsset {
  readonly type: string;
  readonly direction: 'out' | 'in';
  readonly asset: Pick<Asset, 'id' | 'type' | 'name' | 'attributes' | 'present'>;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export const ASSETS_KEY = ['assets', 'list'] as const;

export function useAssetFacets(q: string) {
  return useQuery({
    queryKey: ['assets', 'facets', q],
    queryFn: ({ signal }) => api.get<AssetFacets>('/assets/facets', { q }, { signal }),
  });
}

export function useAsset(id: string, asOf?: string) {
  return useQuery({
    queryKey: ['assets', 'one', id, asOf ?? 'now'],
    queryFn: ({ signal }) => api.get<AssetItem>(`/assets/${encodeURIComponent(id)}`, { asOf }, { signal }),
  });
}

export function useAssetHistory(id: string, from?: string, to?: string) {
  return useQuery({
    queryKey: ['assets', 'history', id, from, to],
    queryFn: async ({ signal }) => {
      const answer = await api.get<Page<AssetChange>>(
        `/assets/${encodeURIComponent(id)}/history`,
        { from, to, limit: 500 },
        { signal },
      );
      return answer.items;
    },
  });
}

export function useAssetRelations(id: string) {
  return useQuery({
    queryKey: ['assets', 'relations', id],
    queryFn: async ({ signal }) => {
      const answer = await api.get<Page<RelatedAsset>>(`/assets/${encodeURIComponent(id)}/relations`, undefined, {
        signal,
      });
      return answer.items;
    },
  });
}

/** How many open problems each asset has, and the worst of them. */
export function useProblemsByAsset(): ReadonlyMap<string, readonly Problem[]> {
  const { data } = useOpenProblems();
  return problemsByAsset(data?.items ?? []);
}

const grouped = new WeakMap<readonly Problem[], ReadonlyMap<string, readonly Problem[]>>();

function problemsByAsset(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const known = grouped.get(problems);
  if (known !== undefined) return known;
  const map = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (!isOpen(problem)) continue;
    for (const asset of problem.assets) map.set(asset, [...(map.get(asset) ?? []), problem]);
  }
  grouped.set(problems, map);
  return map;
}

type Pages = { readonly pages: readonly Page<AssetItem>[]; readonly pageParams: readonly unknown[] };

/**
 * Puts what has changed into the lists that are shown. Assets that no list holds are counted, not put in, so that no
 * row moves under the pointer.
 *
 * @returns how many new ones wait, and what shows them
 */
export function useLiveAssets(): { readonly waiting: number; readonly show: () => void } {
  const client = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useLive<AssetNews>('assets', (news) => {
    const known = new Set<string>();
    const latest = new Map(news.map((one) => [one.id, one]));
    client.setQueriesData<Pages>({ queryKey: ASSETS_KEY }, (data) => {
      if (data === undefined) return data;
      return {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          items: page.items.map((asset) => {
            known.add(asset.id);
            const change = latest.get(asset.id);
            return change === undefined
              ? asset
              : { ...asset, name: change.name, present: change.present, lastSeenAt: change.lastSeenAt };
          }),
        })),
      };
    });
    const added = news.filter((one) => one.change === 'new').filter(({ id }) => !known.has(id));
    if (added.length > 0) setFresh((old) => new Set([...old, ...added.map(({ id }) => id)]));
    for (const { id, change } of news) {
      if (change !== undefined && change !== 'seen') void client.invalidateQueries({ queryKey: ['assets', 'one', id] });
    }
  });
  return {
    waiting: fresh.size,
    show: () => {
      setFresh(new Set());
      void client.invalidateQueries({ queryKey: ['assets'] });
    },
  };
}
