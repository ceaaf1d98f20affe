/**
 * A live tail at 200 events a second must not grow: follows one for a while, and compares the heap after collections.
 *
 *     node apps/console/test/live-heap.ts [seconds]        90 by default
 *
 * The first third warms up: the tail fills to the rows that it keeps. After it the heap may grow by a little for what
 * the engine itself keeps of code. Ends with 1 when it grew more.
 */
import type { CDPSession, Page } from 'playwright-core';
import { startConsoleBrowser } from './browser.ts';

const PER_SECOND = 200;
const DEFAULT_S = 90;
const SAMPLE_MS = 5_000;
const MAX_GROWTH = 1.15;
const MAX_GROWTH_BYTES = 6e6;

interface Sample {
  readonly atS: number;
  readonly heapBytes: number;
  readonly nodes: number;
  readonly rows: number;
}

const seconds = Number(process.argv[2] ?? DEFAULT_S);
const browser = await startConsoleBrowser();
try {
  await browser.open('/events?tail=1&range=5m');
  const client = await browser.context.newCDPSession(browser.page);
  await client.send('HeapProfiler.enable');
  await client.send('Performance.enable');
  browser.server.flood(PER_SECOND);
  const samples: Sample[] = [];
  const startMs = performance.now();
  while (performance.now() - startMs < seconds * 1000) {
    await browser.page.waitForTimeout(SAMPLE_MS);
    const sample = await measure(client, browser.page, (performance.now() - startMs) / 1000);
    samples.push(sample);
    process.stdout.write(
      `${sample.atS.toFixed(0).padStart(4)} s  heap ${(sample.heapBytes / 1e6).toFixed(1)} MB  ${sample.nodes} nodes  ${sample.rows} rows\n`,
    );
  }
  const settled = samples.slice(Math.floor(samples.length / 3));
  const half = Math.floor(settled.length / 2);
  const early = median(settled.slice(0, half));
  const late = median(settled.slice(half));
  const grew = late > early * MAX_GROWTH && late - early > MAX_GROWTH_BYTES;
  process.stdout.write(
    `${PER_SECOND} events a second for ${seconds} s: ${(early / 1e6).toFixed(1)} MB, later ${(late / 1e6).toFixed(1)} MB${grew ? ': it grows' : ''}\n`,
  );
  process.exitCode = grew ? 1 : 0;
} finally {
  await browser.close();
}

async function measure(client: CDPSession, page: Page, atS: number): Promise<Sample> {
  await client.send('HeapProfiler.collectGarbage');
  const { metrics } = await client.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  const rows = Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
  return { atS, heapBytes: of('JSHeapUsedSize'), nodes: of('Nodes'), rows };
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ heapBytes }) => heapBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
