/** The agent's part: collects this host each second, sends it to the server, and answers questions about the host. */
import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { Context, HostInspect, MetricsWrite, Running, SampleBatch } from '@undercroft/kernel';
import { ChartSet } from './collect/chart-set.ts';
import type { CollectHost } from './collect/collector.ts';
import { Sampler } from './collect/sampler.ts';
import { type DiskspaceCollector, diskspaceCollector } from './collectors/diskspace/collect.ts';
import { COLLECTORS } from './collectors/index.ts';
import { type ProcessesCollector, processesCollector } from './collectors/processes/collect.ts';
import type { MetricsConfig } from './config.ts';
import { type FactSources, hostFacts } from './host/facts.ts';
import { Listeners } from './host/listeners.ts';
import { HostReporter } from './host/reporter.ts';
import { EAGER_RETRY_MS, Outbox } from './outbox.ts';

const LISTENERS_EVERY_MS = 5000;
const REPORT_EVERY_MS = 60_000;
const COVERAGE_EVERY_MS = 10_000;
/** Pids and processes a caller may ask for at once. */
const MAX_ROWS = 10_000;

const SYSTEM: FactSources = { procRoot: '/proc', sysRoot: '/sys', etcRoot: '/etc' };

export async function start(context: Context<MetricsConfig>): Promise<Running> {
  return startAgent(context, SYSTEM);
}

/** @param sources where /proc, /sys and /etc are: a test hands in recordings */
export async function startAgent(context: Context<MetricsConfig>, sources: FactSources): Promise<Running> {
  const { clock, config, log, scheduler } = context;
  const write = context.service('metrics.write');
  const coverage = context.service('coverage');
  const host: CollectHost = {
    charts: new ChartSet(hostname(), randomInt(1, 2 ** 31 - 1)),
    clock,
    log,
    procRoot: sources.procRoot,
    sysRoot: sources.sysRoot,
    options: config,
  };
  let processes: ProcessesCollector | undefined;
  let diskspace: DiskspaceCollector | undefined;
  const outbox = new Outbox(write as MetricsWrite, () => clock.monotonicMs());
  const sampler = new Sampler(
    host,
    {
      ...COLLECTORS,
      diskspace: (given) => {
        diskspace = diskspaceCollector(given);
        return diskspace;
      },
      processes: (given) => {
        processes = processesCollector(given);
        processes.listensOf = (pid) => listeners.portsOf(pid);
        return processes;
      },
    },
    (batch: SampleBatch) => outbox.push(batch),
  );
  const listeners = new Listeners(sources.procRoot, {
    pids: () => processes?.pids() ?? [],
    entry: (pid) => processes?.entry(pid),
    userName: (uid) => processes?.userName(uid) ?? String(uid),
  });
  const facts = () => hostFacts(sources);
  const reporter = new HostReporter({
    inventory: context.service('inventory'),
    facts,
    volumes: () => (diskspace?.filesystems() ?? []).filter(({ sizeBytes }) => sizeBytes > 0),
    listeners: () => listeners.rows,
    log,
  });
  const inspect: HostInspect = {
    facts: async () => facts(),
    processes: async (limit) => processes?.rows(Math.min(limit ?? MAX_ROWS, MAX_ROWS)) ?? { total: 0, processes: [] },
    listeners: async () => listeners.rows,
  };
  context.provide('host.inspect', inspect);

  sampler.tick();
  scheduler.every('metrics.collect', config.everyS * 1000, () => sampler.tick(), { aligned: true });
  const joining = scheduler.every('metrics.join', EAGER_RETRY_MS, async () => {
    await outbox.drain();
    if (outbox.stats.sent > 0) joining.cancel();
  });
  listeners.refresh();
  scheduler.every('metrics.listeners', LISTENERS_EVERY_MS, async () => {
    if (listeners.refresh()) await reporter.report();
  });
  // The first report waits for the first answers of the filesystems.
  scheduler.every('metrics.host', REPORT_EVERY_MS, () => reporter.report(), { firstMs: 1500 });
  reportCoverage();
  scheduler.every('metrics.coverage', COVERAGE_EVERY_MS, reportCoverage, { firstMs: 2000 });

  function reportCoverage(): void {
    for (const line of describeCoverage()) coverage.report(line);
  }

  function describeCoverage() {
    return coverageLines({
      charts: host.charts,
      sampler,
      outbox,
      everyS: config.everyS,
      hanging: diskspace?.hanging() ?? [],
      processes,
      unowned: listeners.unowned,
      root: process.getuid?.() === 0,
    });
  }

  return {
    async stop() {
      sampler.close();
      listeners.close();
      await outbox.drain();
    },
  };
}

interface AgentState {
  readonly charts: ChartSet;
  readonly sampler: Sampler;
  readonly outbox: Outbox;
  readonly everyS: number;
  readonly hanging: readonly string[];
  readonly processes: ProcessesCollector | undefined;
  readonly unowned: number;
  readonly root: boolean;
}

/** What the agent says of itself in Coverage. */
export function coverageLines(state: AgentState) {
  const off = state.sampler.collectors().filter(({ error }) => error !== undefined);
  const { waiting, lost, error } = state.outbox.stats;
  const notes: string[] = [];
  if (off.length > 0) notes.push(`off: ${off.map((one) => `${one.name} (${one.error})`).join(', ')}`);
  if (state.hanging.length > 0) notes.push(`no answer from ${state.hanging.join(', ')}`);
  if (waiting > 5 && error !== undefined) notes.push(`${waiting} s wait for the server (${error})`);
  if (lost > 0) notes.push(`${lost} s were lost while the server was away`);
  if (state.sampler.skippedS > 0) notes.push(`${state.sampler.skippedS} s were missed under load`);
  if (state.charts.refused > 0) notes.push(`${state.charts.refused} charts refused, the host has too many`);
  const every = state.everyS === 1 ? 'each second' : `every ${state.everyS} s`;
  const counts = `${state.charts.size} charts, ${state.charts.dimensions} dimensions ${every}`;
  const lines: { feature: string; state: 'ok' | 'warning'; text: string; fix?: string }[] = [
    {
      feature: 'Metrics',
      state: notes.length === 0 ? 'ok' : 'warning',
      text: [counts, ...notes].join('; '),
      ...(state.hanging.length > 0 ? { fix: `umount -l ${state.hanging[0]}` } : {}),
    },
  ];
  const scanS = (state.processes?.everyTicks ?? 1) * state.everyS;
  const total = state.processes?.rows(0).total ?? 0;
  const blind = state.processes?.ioDenied ?? 0;
  const limits: string[] = [];
  if (blind > 0) limits.push(`the disk traffic of ${blind} of them is hidden`);
  if (state.unowned > 0)
    limits.push(
      state.unowned === 1
        ? 'the process behind one listening port is hidden'
        : `the processes behind ${state.unowned} listening ports are hidden`,
    );
  // What even root is refused is a restriction of the kernel or of a sandbox: nothing to do about it.
  const mendable = limits.length > 0 && !state.root;
  lines.push({
    feature: 'Processes and ports',
    state: mendable ? 'warning' : 'ok',
    text: [`${total} processes, read every ${scanS === 1 ? 'second' : `${scanS} s`}`, ...limits].join('; '),
    ...(mendable ? { fix: 'run as root, or give the agent CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH' } : {}),
  });
  return lines;
}
