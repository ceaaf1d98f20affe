/** Processes one by one for the table, and by group for the `apps.*` charts. */
import type { ProcessRow } from '@undercroft/kernel';
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector, Tick } from '../../collect/collector.ts';
import { type SystemUnits, systemUnits } from '../../host/auxv.ts';
import { DEFAULT_GROUPS, MAX_GROUPS, parseGroups } from './groups.ts';
import { type ProcessEntry, ProcessTable, UserNames } from './table.ts';

/** A scan may take this much of each second; where it takes longer, it is made less often. */
const BUDGET_MS = 4;
const MAX_EVERY_TICKS = 10;
/** A group gets its dimension when a process of it is this old, so that short commands make no dimensions. */
const MIN_AGE_MS = 10_000;
/** A group without processes keeps its dimension this long. */
const KEEP_MS = 600_000;
const OTHER = 'other';
const KERNEL = 'kernel';

type Measure = 'cpu' | 'mem' | 'threads' | 'processes' | 'preads' | 'pwrites';
const CHARTS: Readonly<Record<Measure, Omit<ChartDefinition, 'id' | 'dimensions' | 'context'>>> = {
  cpu: {
    title: 'Apps CPU Time (100% = 1 core)',
    units: 'percentage',
    family: 'cpu',
    type: 'stacked',
    priority: 20_001,
    decimals: 2,
  },
  mem: {
    title: 'Apps Real Memory (w/o shared)',
    units: 'MiB',
    family: 'mem',
    type: 'stacked',
    priority: 20_003,
    decimals: 2,
  },
  threads: { title: 'Apps Threads', units: 'threads', family: 'processes', type: 'stacked', priority: 20_006 },
  processes: { title: 'Apps Processes', units: 'processes', family: 'processes', type: 'stacked', priority: 20_007 },
  preads: {
    title: 'Apps Disk Reads',
    units: 'KiB/s',
    family: 'disk',
    type: 'stacked',
    priority: 20_002,
    decimals: 1,
  },
  pwrites: {
    title: 'Apps Disk Writes',
    units: 'KiB/s',
    family: 'disk',
    type: 'stacked',
    priority: 20_002,
    decimals: 1,
  },
};
const MEASURES = Object.keys(CHARTS) as readonly Measure[];

interface Group {
  readonly sums: Record<Measure, number>;
  /** Index of its dimension, -1 for none. */
  dimension: number;
  lastSeenMs: number;
  oldestMs: number;
}

export interface ProcessesCollector extends Collector {
  rows(limit?: number): { readonly total: number; readonly processes: readonly ProcessRow[] };
  entry(pid: number): ProcessEntry | undefined;
  pids(): Iterable<number>;
  userName(uid: number): string;
  /** How often it scans, in ticks. */
  readonly everyTicks: number;
  readonly ioDenied: number;
  /** Ports a process listens on; the owner of the listeners sets it. */
  listensOf: (pid: number) => readonly number[];
}

export function processesCollector(host: CollectHost, units: SystemUnits = systemUnits()): ProcessesCollector {
  const groupOf = parseGroups(DEFAULT_GROUPS);
  const users = new UserNames();
  const groups = new Map<string, Group>();
  const table = new ProcessTable(host.procRoot, units, (entry) => {
    entry.group = entry.kernelThread ? KERNEL : (groupOf(entry.name, entry.command) ?? entry.name);
  });
  let handles: Partial<Record<Measure, ChartHandle | undefined>> = {};
  let dimensions: readonly string[] = [];
  let everyTicks = 1;

  function group(name: string): Group {
    let found = groups.get(name);
    if (found === undefined) {
      found = { sums: zeros(), dimension: -1, lastSeenMs: 0, oldestMs: 0 };
      groups.set(name, found);
    }
    return found;
  }

  function sum(nowMs: number, wallMs: number): void {
    for (const entry of groups.values()) Object.assign(entry.sums, ZERO);
    for (const entry of table.entries.values()) {
      const target = group(entry.group);
      if (target.lastSeenMs !== nowMs) target.oldestMs = 0;
      target.lastSeenMs = nowMs;
      target.oldestMs = Math.max(target.oldestMs, wallMs - entry.startedMs);
      const { sums } = target;
      sums.cpu += entry.cpuPercent;
      sums.mem += entry.privateBytes / 1_048_576;
      sums.threads += entry.threads;
      sums.processes += 1;
      sums.preads += entry.readBps / 1024;
      sums.pwrites += entry.writeBps / 1024;
    }
  }

  /** Gives groups their dimensions, and takes them from groups that have been gone for long. */
  function arrange(nowMs: number): void {
    const wanted: string[] = [];
    for (const [name, entry] of groups) {
      if (nowMs - entry.lastSeenMs > KEEP_MS) groups.delete(name);
      else if (entry.dimension >= 0 || entry.oldestMs >= MIN_AGE_MS) wanted.push(name);
      else if (entry.lastSeenMs !== nowMs) groups.delete(name);
    }
    const kept = dimensions.filter((name) => name !== OTHER && groups.has(name));
    const fresh = wanted.filter((name) => name !== OTHER && !kept.includes(name)).sort();
    const next = [...kept, ...fresh].slice(0, MAX_GROUPS);
    next.push(OTHER);
    if (next.length === dimensions.length && next.every((name, i) => name === dimensions[i])) return;
    dimensions = next;
    for (const [name, entry] of groups) entry.dimension = dimensions.indexOf(name);
    handles = {};
    for (const measure of MEASURES) {
      handles[measure] = host.charts.add({
        ...CHARTS[measure],
        id: `apps.${measure}`,
        context: `apps.${measure}`,
        everyS: MAX_EVERY_TICKS,
        dimensions: dimensions.map((id) => ({ id })),
      });
    }
  }

  function fill(): void {
    const other = dimensions.indexOf(OTHER);
    for (const measure of MEASURES) {
      const handle = handles[measure];
      if (handle === undefined) continue;
      handle.raw.fill(0);
      for (const { sums, dimension } of groups.values()) {
        const at = dimension < 0 ? other : dimension;
        handle.raw[at] = handle.raw[at]! + sums[measure];
      }
      handle.done();
    }
  }

  const collector: ProcessesCollector = {
    name: 'processes',
    collect(tick: Tick) {
      if (tick.count % everyTicks !== 0) return;
      const startMs = host.clock.monotonicMs();
      table.scan(tick.monotonicMs);
      sum(tick.monotonicMs, host.clock.nowMs());
      arrange(tick.monotonicMs);
      fill();
      const tookMs = host.clock.monotonicMs() - startMs;
      // The first scans read everything for the first time.
      if (table.scans > 3) everyTicks = nextInterval(everyTicks, tookMs);
    },
    rows(limit = 1000) {
      const nowMs = host.clock.monotonicMs();
      const entries = [...table.entries.values()]
        .sort((a, b) => b.cpuPercent - a.cpuPercent || b.rssBytes - a.rssBytes || a.pid - b.pid)
        .slice(0, limit);
      return {
        total: table.entries.size,
        processes: entries.map((entry) => row(entry, users.name(entry.uid, nowMs), collector.listensOf(entry.pid))),
      };
    },
    entry: (pid) => table.entries.get(pid),
    pids: () => table.entries.keys(),
    userName: (uid) => users.name(uid, host.clock.monotonicMs()),
    get everyTicks() {
      return everyTicks;
    },
    get ioDenied() {
      return table.ioDenied;
    },
    listensOf: () => [],
    close() {
      table.close();
      for (const handle of Object.values(handles)) if (handle !== undefined) host.charts.remove(handle);
    },
  };
  return collector;
}

/** Slower at once when a scan takes too long, faster again by one when it takes well under the budget. */
export function nextInterval(everyTicks: number, tookMs: number): number {
  const fitting = Math.min(MAX_EVERY_TICKS, Math.max(1, Math.ceil(tookMs / BUDGET_MS)));
  if (fitting > everyTicks) return Math.min(everyTicks + 1, fitting);
  return tookMs < BUDGET_MS * (everyTicks - 1) * 0.7 ? everyTicks - 1 : everyTicks;
}

const ZERO: Readonly<Record<Measure, number>> = Object.freeze(zeros());

function zeros(): Record<Measure, number> {
  return { cpu: 0, mem: 0, threads: 0, processes: 0, preads: 0, pwrites: 0 };
}

function row(entry: ProcessEntry, user: string, listens: readonly number[]): ProcessRow {
  return {
    pid: entry.pid,
    ppid: entry.ppid,
    name: entry.name,
    command: entry.command === '' ? `[${entry.name}]` : entry.command,
    user: entry.kernelThread ? 'root' : user,
    cpuPercent: Math.round(entry.cpuPercent * 100) / 100,
    rssBytes: entry.rssBytes,
    readBps: Math.round(entry.readBps),
    writeBps: Math.round(entry.writeBps),
    threads: entry.threads,
    listens,
    startedUs: Math.round(entry.startedMs * 1000),
    ...(entry.container === undefined ? {} : { container: entry.container }),
  };
}
