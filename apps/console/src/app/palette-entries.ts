/** What the palette finds, and in which order. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Bell, Clock, LogOut, type LucideIcon, Monitor, Moon, Rows3, Sun } from 'lucide-react';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import { useAcknowledge, useOpenProblems } from '../api/problems.ts';
import { useMay } from '../api/rights.ts';
import { useSignOut } from '../api/session.ts';
import type { Asset, Page, Problem } from '../api/types.ts';
import { now } from '../time/now.ts';
import { describeRange, rangeParams } from '../time/range.ts';
import { parseRange } from '../time/words.ts';
import type { StatusState } from '../ui/status.tsx';
import { toast } from '../ui/toasts.tsx';
import { fuzzyMatch } from './fuzzy.ts';
import { ALL_PAGES } from './pages.ts';
import { preferences } from './preferences.ts';
import { keepTime, type SearchParams } from './search.ts';

export interface Entry {
  readonly id: string;
  readonly group: 'Go to' | 'Problems' | 'Assets' | 'Time' | 'Commands' | 'Actions';
  readonly label: string;
  readonly note?: string;
  readonly icon?: LucideIcon;
  readonly status?: StatusState;
  readonly keys?: string;
  /** More words that find it. */
  readonly words?: string;
  readonly actions?: readonly Entry[];
  run(): void;
}

export interface RankedEntry {
  readonly entry: Entry;
  readonly score: number;
  readonly at: readonly number[];
}

const MAX_SHOWN = 40;
const MAX_ASSETS = 1000;
const UNTYPED_PROBLEMS = 5;

/** Best first, kept together by group in the order of each group's best. */
export function rankEntries(entries: readonly Entry[], text: string): readonly RankedEntry[] {
  const query = text.trim();
  const found = entries.flatMap((entry): RankedEntry[] => {
    const label = fuzzyMatch(query, entry.label);
    if (label !== undefined) return [{ entry, score: label.score, at: label.at }];
    const others = entry.words === undefined ? undefined : fuzzyMatch(query, entry.words);
    return others === undefined ? [] : [{ entry, score: others.score * 0.6, at: [] }];
  });
  if (query === '') return found.slice(0, MAX_SHOWN);
  const best = new Map<string, number>();
  for (const { entry, score } of found) best.set(entry.group, Math.max(best.get(entry.group) ?? 0, score));
  return found
    .sort((a, b) => (best.get(b.entry.group) ?? 0) - (best.get(a.entry.group) ?? 0) || b.score - a.score)
    .slice(0, MAX_SHOWN);
}

export function useEntries(text: string, close: () => void): readonly Entry[] {
  const navigate = useNavigate();
  const acknowledge = useAcknowledge();
  const signOut = useSignOut();
  const may = useMay();
  const problems = useOpenProblems().data?.items;
  const assets = useQuery({
    queryKey: ['assets', 'palette'],
    queryFn: ({ signal }) => api.get<Page<Asset>>('/assets', { limit: MAX_ASSETS, sort: '-lastSeenAt' }, { signal }),
    staleTime: 60_000,
  }).data?.items;

  const fixed = useMemo(() => {
    const go = (to: string, search: SearchParams = {}) => {
      close();
      void navigate({ to, search: (before: SearchParams) => ({ ...keepTime(before), ...search }) } as never);
    };
    const pages = ALL_PAGES.filter(({ needs }) => needs === undefined || may(needs)).map(
      (page): Entry => ({
        id: `page:${page.path}`,
        group: 'Go to',
        label: page.label,
        note: page.off ? 'not in this version yet' : page.answers,
        icon: page.icon,
        words: page.answers,
        ...(page.key === undefined ? {} : { keys: `g ${page.key}` }),
        run: () => go(page.path),
      }),
    );
    const command = (label: string, icon: LucideIcon, run: () => void, words?: string): Entry => ({
      id: `command:${label}`,
      group: 'Commands',
      label,
      icon,
      ...(words === undefined ? {} : { words }),
      run: () => {
        close();
        run();
      },
    });
    const commands = [
      command('Dark theme', Moon, () => preferences.set({ theme: 'dark' }), 'night colours'),
      command('Light theme', Sun, () => preferences.set({ theme: 'light' }), 'day colours'),
      command('Theme of the system', Monitor, () => preferences.set({ theme: 'system' }), 'colours auto'),
      command('Compact rows', Rows3, () => preferences.set({ density: 'compact' }), 'density'),
      command('Normal rows', Rows3, () => preferences.set({ density: 'normal' }), 'density'),
      command('Rows for touch', Rows3, () => preferences.set({ density: 'touch' }), 'density'),
      ...(may('add contacts')
        ? [command('Add a contact for notifications', Bell, () => go('/settings/notifications'), 'email webhook alert')]
        : []),
      command('Sign out', LogOut, () => void signOut(), 'log out leave'),
    ];
    return { go, pages, commands };
  }, [navigate, close, signOut, may]);

  return useMemo(() => {
    const { go, pages, commands } = fixed;
    const problemEntries = (problems ?? []).map((problem) =>
      problemEntry(problem, go, close, may('acknowledge problems') ? acknowledge : undefined),
    );
    const assetEntries = (assets ?? []).map((asset) => assetEntry(asset, go));
    const spec = parseRange(text, now());
    const time: Entry[] =
      spec === undefined
        ? []
        : [
            {
              id: 'time',
              group: 'Time',
              label: text.trim(),
              note: describeRange(spec).label,
              icon: Clock,
              run: () => {
                close();
                void navigate({
                  to: '.',
                  search: (before: SearchParams) => ({ ...before, ...rangeParams(spec) }),
                } as never);
              },
            },
          ];
    if (text.trim() === '') return [...problemEntries.slice(0, UNTYPED_PROBLEMS), ...pages, ...commands];
    return [...time, ...problemEntries, ...assetEntries, ...pages, ...commands];
  }, [fixed, problems, assets, text, close, acknowledge, navigate, may]);
}

type Go = (to: string, search?: SearchParams) => void;

function problemEntry(
  problem: Problem,
  go: Go,
  close: () => void,
  acknowledge: ReturnType<typeof useAcknowledge> | undefined,
): Entry {
  const open = () => go(`/problems/${problem.id}`);
  const asset = problem.assets[0];
  return {
    id: `problem:${problem.id}`,
    group: 'Problems',
    label: problem.title,
    note: problem.source,
    status:
      problem.state === 'critical' || problem.state === 'warning' || problem.state === 'notice'
        ? problem.state
        : 'unknown',
    words: `${problem.rule} ${problem.source}`,
    run: open,
    actions: [
      { id: 'open', group: 'Actions', label: 'Open', run: open },
      ...(acknowledge === undefined
        ? []
        : [
            {
              id: 'acknowledge',
              group: 'Actions' as const,
              label: 'Acknowledge',
              run: () => {
                close();
                acknowledge([problem]).catch(() => toast({ text: 'Could not acknowledge. The problem is as it was.' }));
              },
            },
          ]),
      ...(asset === undefined
        ? []
        : [{ id: 'asset', group: 'Actions' as const, label: 'Go to its asset', run: () => go(`/assets/${asset}`) }]),
    ],
  };
}

function assetEntry(asset: Asset, go: Go): Entry {
  const open = () => go(`/assets/${asset.id}`);
  return {
    id: `asset:${asset.id}`,
    group: 'Assets',
    label: asset.name,
    note: asset.type,
    status: asset.present && asset.silent !== true ? 'ok' : 'silent',
    words: asset.keys.map(({ value }) => value).join(' '),
    run: open,
    actions: [
      { id: 'open', group: 'Actions', label: 'Open', run: open },
      { id: 'problems', group: 'Actions', label: 'Its problems', run: () => go('/problems', { asset: asset.id }) },
      { id: 'events', group: 'Actions', label: 'Its events', run: () => go('/events', { asset: asset.id }) },
      ...(asset.type === 'host'
        ? [
            {
              id: 'metrics',
              group: 'Actions' as const,
              label: 'Its metrics',
              run: () => go('/metrics', { host: asset.name }),
            },
            ...asset.keys
              .filter(({ type }) => type === 'ip')
              .slice(0, 1)
              .map(({ value }) => ({
                id: 'flows',
                group: 'Actions' as const,
                label: 'Its conversations',
                run: () => go(`/flows/host/${encodeURIComponent(value)}`),
              })),
          ]
        : []),
    ],
  };
}
