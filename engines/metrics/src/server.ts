/** The server's part: keeps what agents send, answers questions, raises problems. */
import type {
  Context,
  Coverage,
  MetricsQuery,
  MetricsWrite,
  ProblemReport,
  Running,
  SampleBatch,
} from '@undercroft/kernel';
import { metricsRoutes } from './api.ts';
import type { MetricsConfig } from './config.ts';
import { ClockWatch } from './health/clock.ts';
import { Health } from './health/evaluate.ts';
import { HostAssets } from './health/hosts.ts';
import { lookup } from './health/lookup.ts';
import { RULES } from './health/rules.ts';
import { Live } from './live.ts';
import { listCharts, query } from './query/query.ts';
import { MetricsStore } from './store/store.ts';

const FOLDER = 'metrics';
const TEND_EVERY_MS = 1000;
/** Problems of an earlier run that nothing raises any more are closed after this. */
const STALE_AFTER_MS = 60_000;
const COVERAGE_EVERY_MS = 10_000;
const MAX_WAITING_REPORTS = 1000;

export async function start(context: Context<MetricsConfig>): Promise<Running> {
  const { clock, config, log, scheduler } = context;
  const nowS = () => Math.floor(clock.nowMs() / 1000);
  const alerts = context.service('alerts');
  const http = context.service('http');
  const { second, minute, hour } = config.retention;
  const store = await MetricsStore.open({
    folder: await context.service('store').folder(FOLDER),
    log,
    nowS,
    retention: [second, minute, hour],
  });
  const live = new Live(http.live, (host, chart) => store.catalog.chart(host, chart));
  const hosts = new HostAssets(context.service('inventory'));
  const assetOf = (host: string) => hosts.assetOf(host, nowS());
  const health = new Health(config.thresholds ? RULES : [], (...asked) => lookup(store, ...asked), assetOf);
  const clocks = new ClockWatch();

  const write: MetricsWrite = {
    async write(batch: SampleBatch) {
      const secondS = Math.round(batch.timeUs / 1_000_000);
      await store.write(batch, (charts) => {
        live.send(batch.host, secondS, charts, batch.values);
        health.see(batch.host, secondS, charts, batch.values);
        clocks.see(batch.host, secondS, nowS(), clock.monotonicMs() / 1000);
      });
    },
  };
  const answers: MetricsQuery = {
    hosts: async () => store.catalog.hosts(),
    charts: async (host) => listCharts(store, nowS(), host),
    query: async (request) => query(store, request, nowS()),
    stats: async () => {
      const oldestS = store.oldestS;
      return {
        series: store.catalog.series,
        samples: store.samples,
        diskBytes: store.diskBytes,
        ramBytes: store.ramBytes,
        ...(oldestS === undefined ? {} : { oldestS }),
      };
    },
  };
  context.provide('metrics.write', write);
  context.provide('metrics.query', answers);
  http.routes(metricsRoutes({ store, answers, inspect: context.service('host.inspect'), nowS }));
  context.service('store').onBackup(FOLDER, (target) => store.backup(target));

  scheduler.every('metrics.tend', TEND_EVERY_MS, () => store.tend());
  /** What the alerts did not take (they may be restarting) is told again. */
  const waiting: ProblemReport[] = [];
  scheduler.every('metrics.health', 1000, async () => {
    const at = nowS();
    waiting.push(...(await health.evaluate(at)), ...clocks.reports(at, assetOf));
    if (waiting.length === 0) return;
    const reports = waiting.slice(-MAX_WAITING_REPORTS);
    await alerts.report(reports);
    waiting.length = 0;
  });
  scheduler.every('metrics.coverage', COVERAGE_EVERY_MS, () => reportStore(context.service('coverage'), store));
  const cancelStale = clock.after(STALE_AFTER_MS, () => {
    closeStale().catch((error: Error) => log.warn({ error: error.message }, 'stale metrics problems stay open'));
  });

  async function closeStale(): Promise<void> {
    const subjects = health.subjects();
    if (subjects.size === 0) return;
    const open = await alerts.list({ source: 'metrics', open: true, limit: 1000 });
    const stale = open.items.filter(
      ({ rule, subject }) => rule !== 'metrics.clock.jump' && !subjects.has(`${rule} ${subject}`),
    );
    if (stale.length === 0) return;
    await alerts.report(
      stale.map(({ rule, subject, title, assets }) => ({
        source: 'metrics',
        rule,
        subject,
        assets,
        title,
        state: 'ok',
        detail: 'What it was about is not there any more.',
      })),
    );
  }

  return {
    async stop() {
      cancelStale();
      live.close();
      await store.close();
    },
  };
}

/** Says what the store keeps, and what keeps it from the disk. */
function reportStore(coverage: Coverage, store: MetricsStore): void {
  const notes: string[] = [];
  const { error } = store;
  const damages = store.tiers.flatMap((tier) => tier.damages);
  const refused = store.catalog.refused;
  if (error !== undefined) notes.push(`cannot write: ${error.message}; samples are kept in memory`);
  if (damages.length > 0) notes.push(`${damages.length} damaged parts were skipped (${damages[0]!.reason})`);
  if (refused > 0) notes.push(`${refused} series were refused, there are too many`);
  if (store.refusedBatches > 0) notes.push(`${store.refusedBatches} batches came with an impossible time`);
  coverage.report({
    feature: 'Metrics store',
    state: error !== undefined ? 'failed' : notes.length > 0 ? 'warning' : 'ok',
    text: [`${store.catalog.series} series, ${formatBytes(store.diskBytes)} on disk`, ...notes].join('; '),
    ...(error === undefined
      ? {}
      : { fix: 'Free space on the filesystem of the data folder, or set metrics.retention.' }),
  });
}

function formatBytes(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
