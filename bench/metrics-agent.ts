/**
 * The agent alone: processor time, memory and samples a second while it collects this host each second.
 *
 *     node bench/metrics-agent.ts [seconds]
 *
 * The agent runs in a process of its own, without a server: batches go to a service that counts them.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SystemClock, testContext } from '@undercroft/kernel/testing';
import { Value } from 'typebox/value';
import { start } from '../engines/metrics/src/agent.ts';
import { MetricsConfig } from '../engines/metrics/src/config.ts';

/** Time until the first scans, which read every process for the first time, are over. */
const WARM_UP_MS = 5000;

if (process.send === undefined) await measure(Number(process.argv[2] ?? 60));
else await runAgent();

async function runAgent(): Promise<void> {
  let samples = 0;
  let charts = 0;
  const { context } = testContext({
    module: 'metrics',
    role: 'agent',
    config: Value.Create(MetricsConfig),
    clock: new SystemClock(),
    services: {
      'metrics.write': {
        write: async (batch) => {
          samples += batch.values.length;
          if (batch.charts !== undefined) charts = batch.charts.length;
        },
      },
      inventory: { observe: async (_: string, list: readonly unknown[]) => list.map((_, i) => String(i)) } as never,
    },
  });
  const startedMs = performance.now();
  await start(context);
  const firstMs = performance.now() - startedMs;
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ samples, charts, firstMs, cpuMs: (user + system) / 1000, atMs: performance.now() });
  });
  process.send?.('ready');
}

interface Report {
  readonly samples: number;
  readonly charts: number;
  readonly firstMs: number;
  readonly cpuMs: number;
  readonly atMs: number;
}

async function measure(seconds: number): Promise<void> {
  const child = fork(new URL(import.meta.url), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const next = <T>() => new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)));
  const ask = () => {
    const answer = next<Report>();
    child.send('report');
    return answer;
  };
  await next();
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const before = await ask();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await ask();
  const pss = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8'))?.[1];
  const elapsedMs = after.atMs - before.atMs;
  console.log(
    JSON.stringify({
      bench: 'metrics-agent',
      seconds,
      charts: after.charts,
      samplesPerS: Math.round((after.samples - before.samples) / (elapsedMs / 1000)),
      cpuPercentOfCore: Number((((after.cpuMs - before.cpuMs) / elapsedMs) * 100).toFixed(2)),
      pssMiB: Math.round(Number(pss) / 1024),
      firstSampleMs: Math.round(after.firstMs),
    }),
  );
  child.kill();
}
