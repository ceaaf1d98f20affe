import { isIP } from 'node:net';
import { type Context, DEFAULT_TENANT, type Running } from '@undercroft/kernel';
import { checksRoutes } from './api.ts';
import type { Check } from './engine/check.ts';
import { Runner } from './engine/runner.ts';
import type { ChecksConfig } from './module.ts';
import { CheckStore } from './state/checks.ts';

const DAY_US = 86_400e6;
const COVERAGE_EVERY_MS = 30_000;

export async function start(context: Context<ChecksConfig>): Promise<Running> {
  const { config, clock, log, scheduler } = context;
  const http = context.service('http');
  const inventory = context.service('inventory');
  const host = context.service('host.inspect');
  const coverage = context.service('coverage');
  const store = new CheckStore(context.service('store').control);

  const ownHost = async (): Promise<string | undefined> => {
    const facts = await host.facts().catch(() => undefined);
    if (facts === undefined) return undefined;
    return (await inventory.find('host', { type: 'machine-id', value: facts.machineId, strength: 'strong' }))?.id;
  };
  const assetOf = async (check: Check): Promise<string | undefined> => {
    if (check.asset !== undefined) return check.asset;
    const target = targetOf(check);
    if (target === undefined || /^(localhost|127\.|::1$)/.test(target)) return ownHost();
    const type = isIP(target) === 0 ? 'hostname' : 'ip';
    return (await inventory.find('host', { type, value: target, strength: 'weak' }, check.tenant))?.id;
  };
  const builtIn: Check[] = config.self ? [selfCheck(http.address().url)] : [];
  const runner = new Runner(
    {
      store,
      native: context.service('checks.run'),
      plugins: context.service('plugins.run'),
      alerts: context.service('alerts'),
      live: http.live,
      clock,
      log,
      maxConcurrent: config.maxConcurrent,
      assetOf,
    },
    [...builtIn, ...(await store.all())],
    await store.statuses(),
  );
  http.routes(checksRoutes(runner, store, clock));

  const report = (): void => {
    const late = runner.latenessMs;
    if (runner.size === 0)
      coverage.report({ feature: 'Checks', state: 'off', text: 'no check is defined', fix: 'undercroft checks add' });
    else if (late > 10_000)
      coverage.report({
        feature: 'Checks',
        state: 'warning',
        text: `${runner.size} checks, up to ${(late / 1000).toFixed(0)} s late`,
        fix: 'raise checks.maxConcurrent, or the intervals',
      });
    else
      coverage.report({
        feature: 'Checks',
        state: 'ok',
        text: runner.size === 1 ? '1 check, on time' : `${runner.size} checks, on time`,
      });
  };
  report();
  scheduler.every('coverage of checks', COVERAGE_EVERY_MS, report);
  scheduler.cron('forget old check history', '17 3 * * *', () =>
    store.forget(clock.nowUs() - config.historyDays * DAY_US),
  );
  return {
    async stop() {
      runner.stop();
    },
  };
}

function targetOf(check: Check): string | undefined {
  const { host, url, server } = check.options;
  if (typeof url === 'string') return new URL(url).hostname.replace(/^\[|\]$/g, '');
  const target = host ?? server;
  return typeof target === 'string' ? target : undefined;
}

function selfCheck(url: string): Check {
  return {
    tenant: DEFAULT_TENANT,
    id: 'undercroft',
    name: 'Undercroft answers',
    kind: 'http',
    options: { url: `${url}/platform/v1/health`, expect: '"version"', insecure: true, warnMs: 500, critMs: 3_000 },
    intervalS: 60,
    retryS: 10,
    maxAttempts: 3,
    timeoutMs: 10_000,
    enabled: true,
    origin: 'built-in',
  };
}
