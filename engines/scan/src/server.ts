/** The server's part: keeps runs, answers about them, and scans this machine again and again. */
import { type Context, DEFAULT_TENANT, type Running } from '@undercroft/kernel';
import { scanRoutes } from './api.ts';
import { Conductor } from './conduct.ts';
import { formatPorts } from './language/ports.ts';
import { DEFAULT_PORTS } from './language/services.ts';
import { Scope } from './language/targets.ts';
import type { ScanConfig } from './module.ts';
import { SCHEDULE, ScanRuns } from './state/runs.ts';

/** The sensor and the agent connect a moment after the server. */
const FIRST_SCAN_MS = 3_000;

export async function start(context: Context<ScanConfig>): Promise<Running> {
  const { config, clock, log, scheduler } = context;
  const http = context.service('http');
  const coverage = context.service('coverage');
  const scan = context.service('scan.run');
  const host = context.service('host.inspect');
  const runs = new ScanRuns(context.service('store').control);
  await runs.closeInterrupted(clock.nowUs());
  const conductor = new Conductor({
    runs,
    scan,
    inventory: context.service('inventory'),
    events: context.service('events'),
    host,
    live: http.live,
    clock,
    log,
    scope: new Scope(config.allowed, config.denied),
    keepRuns: config.keepRuns,
  });
  http.routes(scanRoutes({ runs, conductor, scan, version: context.version }));

  /** The well-known ports, and those that this host says it listens on: a scan then tells what speaks there. */
  const ports = async (): Promise<string> => {
    const listeners = await host.listeners().catch(() => []);
    const listening = listeners.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port);
    return formatPorts([...new Set([...DEFAULT_PORTS, ...listening])].sort((a, b) => a - b));
  };

  if (config.targets.length === 0)
    coverage.report({ feature: 'Scans', state: 'off', text: 'nothing is scanned by itself', fix: 'set scan.targets' });
  else {
    coverage.report({
      feature: 'Scans',
      state: 'ok',
      text: `${config.targets.join(', ')}, again every ${config.everyMinutes} min`,
    });
    scheduler.every(
      'scan own targets',
      config.everyMinutes * 60_000,
      async () => {
        const id = await conductor.begin(DEFAULT_TENANT, SCHEDULE, { targets: config.targets, ports: await ports() });
        await conductor.ended(id);
        const run = await runs.get(DEFAULT_TENANT, id);
        const open = run?.result?.hosts.reduce((sum, host) => sum + host.ports.length, 0) ?? 0;
        const text =
          run?.state === 'finished'
            ? `${config.targets.join(', ')}: ${open} open ports, again every ${config.everyMinutes} min`
            : `the last scan ${run?.state ?? 'did not run'}: ${run?.result?.error ?? ''}`;
        coverage.report({ feature: 'Scans', state: run?.state === 'finished' ? 'ok' : 'warning', text });
      },
      { firstMs: FIRST_SCAN_MS, jitter: 0 },
    );
  }
  return {};
}
