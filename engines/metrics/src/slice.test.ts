/** Agent and server together on this very machine: /proc in, problems, live values and answers out. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostInspect, MetricsWrite, Running, SampleBatch } from '@undercroft/kernel';
import { SystemClock, testContext } from '@undercroft/kernel/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start as startAgent } from './agent.ts';
import { MetricsConfig } from './config.ts';
import { start as startServer } from './server.ts';
import { FakeAlerts, FakeHttp, FakeInventory, fakeStore } from './testing.ts';

const LINUX = process.platform === 'linux';

describe.skipIf(!LINUX)('agent and server on this host', () => {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-slice-'));
  const alerts = new FakeAlerts();
  const inventory = new FakeInventory();
  const http = new FakeHttp();
  const stops: (() => unknown)[] = [];
  const running: Running[] = [];
  let firstBatch: SampleBatch | undefined;
  let inspect: HostInspect;

  beforeAll(async () => {
    const clock = new SystemClock();
    const config = Value.Create(MetricsConfig);
    const server = testContext({
      module: 'metrics',
      config,
      clock,
      services: {
        store: fakeStore(folder),
        http: http.service(),
        inventory: inventory.service(),
        alerts: alerts.service(),
        'host.inspect': {
          facts: () => inspect.facts(),
          listeners: () => inspect.listeners(),
          processes: (limit) => inspect.processes(limit),
        },
      },
    });
    running.push(await startServer(server.context));
    const write = server.provided.get('metrics.write') as MetricsWrite;
    const agent = testContext({
      module: 'metrics',
      role: 'agent',
      config,
      clock,
      services: {
        'metrics.write': {
          write: (batch) => {
            firstBatch ??= batch;
            return write.write(batch);
          },
        },
        inventory: inventory.service(),
      },
    });
    running.push(await startAgent(agent.context));
    inspect = agent.provided.get('host.inspect') as HostInspect;
    stops.push(server.stop, agent.stop);
  });

  afterAll(async () => {
    for (const one of running.reverse()) await one.stop?.();
    for (const stop of stops) stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows this host within seconds', { timeout: 30_000 }, async () => {
    expect(firstBatch?.charts?.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['system.cpu', 'system.ram', 'system.load', 'system.uptime']),
    );
    http.followed.add('metrics:nobody/system.cpu');
    await new Promise((resolve) => setTimeout(resolve, 3300));
    const charts = (await http.call('GET', '/metrics/charts')) as { items: { id: string; host: string }[] };
    expect(charts.items[0]).toMatchObject({ id: 'system.cpu', priority: 100, units: 'percentage' });
    const answer = (await http.call('POST', '/metrics/query', {
      body: { charts: ['system.cpu'], from: -2, to: 0 },
    })) as { series: { dimension: string; values: (number | null)[] }[] };
    const total = answer.series.reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
    expect(total).toBeGreaterThan(99);
    expect(total).toBeLessThan(101);
    const { items } = (await http.call('GET', '/metrics/processes', { query: { limit: 1000 } })) as {
      items: { pid: number; startedAt: string }[];
    };
    expect(items.map(({ pid }) => pid)).toContain(process.pid);
    expect(inventory.observed.map(({ type }) => type)).toEqual(expect.arrayContaining(['host', 'volume']));
    const stats = (await http.call('GET', '/metrics/stats')) as { series: number };
    expect(stats.series).toBeGreaterThan(100);
  });

  it('raises a problem when a tmpfs fills, and closes it when space returns', { timeout: 40_000 }, async (test) => {
    const point = mkdtempSync(join(tmpdir(), 'undercroft-tmpfs-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', point], { stdio: 'ignore' });
    } catch {
      rmSync(point, { recursive: true });
      test.skip('mounting a tmpfs needs root');
    }
    const states = () =>
      alerts.reports.filter(({ title }) => title.startsWith(point)).map(({ state, title }) => `${state}: ${title}`);
    const until = async (state: string) => {
      const startMs = performance.now();
      while (!states().some((line) => line.startsWith(state))) {
        if (performance.now() - startMs > 15_000) throw new Error(`no ${state} in ${JSON.stringify(states())}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    try {
      await until('ok');
      alerts.reports.length = 0;
      writeFileSync(join(point, 'fill'), Buffer.alloc(7.6 * 1024 * 1024));
      await until('critical');
      expect(states()[0]).toBe(`critical: ${point} is 95 % full on ${hostname()}`);
      alerts.reports.length = 0;
      rmSync(join(point, 'fill'));
      await until('ok');
    } finally {
      execFileSync('umount', [point]);
      rmSync(point, { recursive: true });
    }
  });
});
