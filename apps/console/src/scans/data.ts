/** Scans as the API gives them, kept fresh by the live stream. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type { Page, ScanProgress, ScanResult } from '../api/types.ts';
import type { StatusState } from '../ui/status.tsx';

export type ScanState = 'running' | 'finished' | 'cancelled' | 'failed' | 'interrupted';
export type ScannedHost = ScanResult['hosts'][number];
export type ScannedPort = ScannedHost['ports'][number];
export type ScanRequest = ScanResult['request'];
export type Progress = Omit<ScanProgress, 'id'>;

export interface ScanRun {
  readonly id: string;
  readonly requestedBy: string;
  readonly state: ScanState;
  readonly startAt: string;
  readonly endAt?: string;
  readonly request: ScanRequest;
  /** The command line of Nmap that asks for the same. */
  readonly nmap: string;
  readonly progress?: Progress;
}

export interface ScanDetail extends ScanRun {
  readonly hosts?: readonly ScannedHost[];
  readonly error?: string;
}

export interface ScanDiff {
  readonly previous?: string;
  readonly hostsAppeared: readonly string[];
  readonly hostsGone: readonly string[];
  readonly ports: readonly {
    readonly address: string;
    readonly port: number;
    readonly kind: string;
    readonly before?: ScannedPort;
    readonly after?: ScannedPort;
  }[];
}

type ScanNews = { readonly id: string; readonly state: ScanState; readonly endAt?: string } & Partial<Progress>;
type Pages = { readonly pages: readonly Page<ScanRun>[]; readonly pageParams: readonly unknown[] };

export const SCANS_KEY = ['scans', 'list'] as const;

export function useScan(id: string) {
  return useQuery({
    queryKey: ['scans', 'one', id],
    queryFn: ({ signal }) => api.get<ScanDetail>(`/scans/${encodeURIComponent(id)}`, undefined, { signal }),
    enabled: id !== '',
  });
}

export function useScanDiff(id: string, wanted: boolean) {
  return useQuery({
    queryKey: ['scans', 'diff', id],
    queryFn: ({ signal }) => api.get<ScanDiff>(`/scans/${encodeURIComponent(id)}/diff`, undefined, { signal }),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Progress into what is shown; a scan that is new or has ended is asked for again. */
export function useLiveScans(): void {
  const client = useQueryClient();
  useLive<ScanNews>('scans', (news) => {
    const latest = new Map(news.map((one) => [one.id, one]));
    const known = new Set<string>();
    client.setQueriesData<Pages>({ queryKey: SCANS_KEY }, (data) => {
      if (data === undefined) return data;
      return {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          items: page.items.map((run) => {
            known.add(run.id);
            const change = latest.get(run.id);
            return change === undefined ? run : withNews(run, change);
          }),
        })),
      };
    });
    for (const one of latest.values()) {
      if (one.state === 'running' && known.has(one.id)) {
        client.setQueryData<ScanDetail>(['scans', 'one', one.id], (run) => run && withNews(run, one));
      } else {
        refresh(client, one.id);
      }
    }
  });
}

function refresh(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: SCANS_KEY });
  void client.invalidateQueries({ queryKey: ['scans', 'one', id] });
}

function withNews<R extends ScanRun>(run: R, news: ScanNews): R {
  const { id: _id, state, endAt, probesDone, probesTotal, hostsDone, hostsTotal } = news;
  return {
    ...run,
    state,
    ...(endAt === undefined ? {} : { endAt }),
    ...(probesTotal === undefined
      ? {}
      : {
          progress: {
            probesDone: probesDone ?? 0,
            probesTotal,
            hostsDone: hostsDone ?? 0,
            hostsTotal: hostsTotal ?? 0,
          },
        }),
  };
}

/** The same address as Nmap would be asked. The server says it of scans that exist. */
export function nmapLine(request: ScanRequest): string {
  return [
    'nmap -sT',
    ...(request.serviceDetection === false ? [] : ['-sV']),
    ...(request.ports === undefined ? [] : [`-p ${request.ports}`]),
    ...(request.maxRate === undefined ? [] : [`--max-rate ${request.maxRate}`]),
    ...request.targets,
  ].join(' ');
}

const STATES: Readonly<Record<ScanState, readonly [StatusState, string]>> = {
  running: ['notice', 'Running'],
  finished: ['ok', 'Finished'],
  cancelled: ['silent', 'Cancelled'],
  failed: ['critical', 'Failed'],
  interrupted: ['warning', 'Cut off by a restart'],
};

export function scanStatus(state: ScanState): StatusState {
  return STATES[state][0];
}

export function scanWord(state: ScanState): string {
  return STATES[state][1];
}

export function percentDone(progress: Progress | undefined): number {
  if (progress === undefined || progress.probesTotal === 0) return 0;
  return Math.min(100, (100 * progress.probesDone) / progress.probesTotal);
}
