/** What the engines know of one asset: its charts, its checks and what they said over the range. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Chart, Page as ListPage } from '../api/types.ts';
import {
  type Check,
  type CheckHistoryEntry,
  checkState,
  checkTarget,
  useChecks,
  useLiveChecks,
} from '../checks/data.ts';
import { historyBars } from '../checks/history-bars.ts';
import { useTimeRange } from '../time/range.ts';
import type { AssetItem, RelatedAsset } from './data.ts';
import type { CheckLane } from './timeline/timeline.tsx';
import { addressOf } from './words.ts';

const LOOPBACK = ['127.0.0.1', '::1', '[::1]', 'localhost'];

/** Charts that are kept under the asset's id, its name or one of its keys. */
export function useChartsOf(asset: AssetItem): { readonly charts: readonly Chart[]; readonly waiting: boolean } {
  const { data, error } = useQuery({
    queryKey: ['metrics', 'charts'],
    queryFn: async ({ signal }) => (await api.get<ListPage<Chart>>('/metrics/charts', undefined, { signal })).items,
    staleTime: 60_000,
    enabled: asset.type === 'host',
  });
  const charts = useMemo(() => {
    const names = new Set([asset.id, asset.name, ...asset.keys.map(({ value }) => value)]);
    return (data ?? []).filter(({ host }) => names.has(host));
  }, [data, asset]);
  return { charts, waiting: asset.type === 'host' && data === undefined && error === null };
}

/** @param local it is the machine that the checks run on: what they ask of loopback is about it */
export function useChecksOf(
  asset: AssetItem,
  relations: readonly RelatedAsset[] | undefined,
  local: boolean,
): { readonly checks: readonly Check[]; readonly waiting: boolean } {
  useLiveChecks();
  const { data, error } = useChecks();
  const checks = useMemo(() => {
    const parts = (relations ?? []).filter(({ type, direction }) => PART_OF.has(`${type} ${direction}`));
    const ids = new Set([asset.id, ...parts.map((one) => one.asset.id)]);
    const names = new Set([asset.name, ...(addressOf(asset)?.split(', ') ?? []), ...(local ? LOOPBACK : [])]);
    return (data ?? []).filter((check) =>
      check.asset !== undefined ? ids.has(check.asset) : names.has(checkTarget(check) ?? ''),
    );
  }, [data, asset, relations, local]);
  return { checks, waiting: data === undefined && error === null };
}

/** What the checks said over the range: asked for those that are not well; the others are drawn as passing. */
export function useCheckLanes(checks: readonly Check[]): readonly CheckLane[] {
  const range = useTimeRange();
  const { data } = useQuery({
    queryKey: ['checks', 'lanes', checks.map(({ id, status }) => `${id}${status?.sinceAt}`), range.key],
    queryFn: async ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return Promise.all(
        checks.slice(0, MAX_CHECK_LANES).map(async (check) => {
          const answer = await api.get<ListPage<CheckHistoryEntry>>(
            `/checks/${encodeURIComponent(check.id)}/history`,
            { from: iso(fromMs) },
            { signal },
          );
          return { id: check.id, name: check.name, bars: historyBars(answer.items, checkState(check), fromMs, toMs) };
        }),
      );
    },
    enabled: checks.length > 0,
    refetchInterval: range.live ? 30_000 : false,
  });
  // Until the histories are there, what the last result says.
  return useMemo(() => {
    if (data !== undefined) return data;
    const { fromMs, toMs } = range.resolve();
    return checks.slice(0, MAX_CHECK_LANES).map((check) => {
      const since =
        check.status === undefined
          ? []
          : [{ timeAt: check.status.sinceAt, state: check.status.state, output: check.status.output }];
      return { id: check.id, name: check.name, bars: historyBars(since, checkState(check), fromMs, toMs) };
    });
  }, [data, checks, range]);
}

/** Relations that make the other asset a part of this one. */
const PART_OF: ReadonlySet<string> = new Set(['exposes out', 'attached-to in', 'runs-on in']);
const MAX_CHECK_LANES = 12;
const iso = (ms: number) => new Date(ms).toISOString();
