/** Checks as the API gives them, kept fresh by the live stream. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type { JsonObject, Page } from '../api/types.ts';
import type { StatusState } from '../ui/status.tsx';

export const CHECK_KINDS = ['plugin', 'tcp', 'http', 'dns', 'tls', 'ping'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];
export type CheckState = 'ok' | 'warning' | 'critical' | 'unknown' | 'pending';

export interface PerfDatum {
  readonly label: string;
  readonly value: number | null;
  readonly uom: string;
  readonly warn?: string;
  readonly crit?: string;
}

export interface CheckStatus {
  readonly state: Exclude<CheckState, 'pending'>;
  readonly hard: boolean;
  readonly attempt: number;
  readonly sinceAt: string;
  readonly lastAt: string;
  readonly durationMs: number;
  readonly output: string;
  readonly longOutput: string;
  readonly perfdata: readonly PerfDatum[];
}

export interface Check {
  readonly id: string;
  readonly name: string;
  readonly kind: CheckKind;
  readonly options: JsonObject;
  readonly intervalS: number;
  readonly retryS: number;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly enabled: boolean;
  /** The asset it is about, where one is named. */
  readonly asset?: string;
  /** `built-in` ones come with the product and cannot be changed here. */
  readonly origin: 'own' | 'built-in';
  readonly running: boolean;
  readonly nextAt?: string;
  readonly status?: CheckStatus;
}

/** A change of state. */
export interface CheckHistoryEntry {
  readonly timeAt: string;
  readonly state: CheckState;
  readonly hard?: boolean;
  readonly attempt?: number;
  readonly output?: string;
}

export const CHECKS_KEY = ['checks', 'list'] as const;

export function useChecks(options: { readonly enabled?: boolean } = {}) {
  return useQuery({
    queryKey: CHECKS_KEY,
    queryFn: async ({ signal }) => (await api.get<Page<Check>>('/checks', undefined, { signal })).items,
    enabled: options.enabled ?? true,
  });
}

export function useCheckHistory(id: string, fromMs: number | undefined, enabled = true) {
  return useQuery({
    queryKey: ['checks', 'history', id, fromMs],
    queryFn: async ({ signal }) => {
      const from = fromMs === undefined ? undefined : new Date(fromMs).toISOString();
      const answer = await api.get<Page<CheckHistoryEntry>>(
        `/checks/${encodeURIComponent(id)}/history`,
        { from },
        { signal },
      );
      return answer.items;
    },
    enabled,
    staleTime: 60_000,
  });
}

/** Results as they come, into the list. */
export function useLiveChecks(): void {
  const client = useQueryClient();
  useLive<Check>('checks', (news) => {
    const latest = new Map(news.map((one) => [one.id, one]));
    const turned: string[] = [];
    client.setQueryData<readonly Check[]>(CHECKS_KEY, (list) => {
      if (list === undefined) return list;
      const known = new Set(list.map(({ id }) => id));
      const changed = list.map((check) => {
        const next = latest.get(check.id);
        if (next === undefined) return check;
        if (next.status?.state !== check.status?.state) turned.push(check.id);
        return next;
      });
      return [...changed, ...news.filter(({ id }) => !known.has(id))];
    });
    for (const id of turned) void client.invalidateQueries({ queryKey: ['checks', 'history', id] });
  });
}

export function checkState(check: Check): CheckState {
  return check.status?.state ?? 'pending';
}

/** The machine it asks, as its options name it. */
export function checkTarget(check: Check): string | undefined {
  const { host, url, server, name } = check.options;
  if (typeof host === 'string') return host;
  if (typeof url === 'string') {
    try {
      return new URL(url).hostname;
    } catch {
      return undefined;
    }
  }
  return typeof server === 'string' ? server : typeof name === 'string' ? name : undefined;
}

export function checkStatus(state: CheckState): StatusState {
  return state === 'pending' ? 'silent' : state;
}
