/**
 * The metrics store: bytes a sample, nanoseconds a sample to encode and decode, milliseconds a question.
 *
 *     node bench/metrics-store.ts [series] [liveTicks]
 *
 * First an hour of made-up series (two in five stand still, the others are gauges, rare events and noisy rates with
 * two or three digits after the point); then what the collectors really read on this host, ten times a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chart } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { Value } from 'typebox/value';
import { ChartSet } from '../engines/metrics/src/collect/chart-set.ts';
import { COLLECTORS } from '../engines/metrics/src/collectors/index.ts';
import { MetricsConfig } from '../engines/metrics/src/config.ts';
import { correlate } from '../engines/metrics/src/query/correlate.ts';
import { query } from '../engines/metrics/src/query/query.ts';
import { ByteSink, ByteSource } from '../engines/metrics/src/store/bytes.ts';
import { ColumnCodec } from '../engines/metrics/src/store/codec.ts';
import { MetricsStore } from '../engines/metrics/src/store/store.ts';

const SECONDS = 2 * 3600;
const DIMENSIONS = 10;
const START = 1_700_000_000 - (1_700_000_000 % 86_400);
const seriesCount = Number(process.argv[2] ?? 1000);
const liveTicks = Number(process.argv[3] ?? 300);

const folder = mkdtempSync(join(tmpdir(), 'undercroft-bench-'));
try {
  console.log(JSON.stringify({ bench: 'metrics-store', ...(await storeFigures()), live: await liveFigures() }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Reproducible numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function generator(index: number): (second: number) => number {
  const next = random(index + 1);
  const kind = index % 10;
  let level = Math.round(next() * 1e6);
  if (kind < 4) return () => 0;
  if (kind < 6) {
    return () => {
      if (next() < 0.3) level += Math.round((next() - 0.5) * 200);
      return level / 1000;
    };
  }
  if (kind < 8) return () => (next() < 0.05 ? Math.round(next() * 10_000) / 10 : 0);
  return () => Math.round((20 + next() * next() * 80) * 100) / 100;
}

async function storeFigures(): Promise<Record<string, number>> {
  let nowS = START;
  const GIB = 1024 ** 3;
  const open = () =>
    MetricsStore.open({
      folder,
      log: silentLog,
      nowS: () => nowS,
      retention: [14, 90, 730].map((days) => ({ days, maxBytes: GIB })) as never,
    });
  let store = await open();
  const charts: Chart[] = Array.from({ length: seriesCount / DIMENSIONS }, (_, c) => ({
    id: `chart.${c}`,
    host: 'bench',
    title: `chart ${c}`,
    units: 'units',
    family: 'bench',
    context: 'bench',
    type: 'line',
    priority: c,
    updateEveryS: 1,
    dimensions: Array.from({ length: DIMENSIONS }, (_, d) => ({ id: `d${d}`, name: `d${d}` })),
  }));
  const generators = Array.from({ length: seriesCount }, (_, i) => generator(i));
  const values = new Float64Array(seriesCount);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  let makingMs = 0;
  for (let second = 0; second < SECONDS; second++) {
    nowS = START + second;
    const madeMs = performance.now();
    for (let i = 0; i < seriesCount; i++) values[i] = generators[i]!(second);
    makingMs += performance.now() - madeMs;
    const batch = { host: 'bench', timeUs: nowS * 1e6, layout: 1, values };
    await store.write(second === 0 ? { ...batch, charts } : batch);
    if (second % 10 === 0) await store.tend();
  }
  const wallMs = performance.now() - startMs - makingMs;
  const cpu = process.cpuUsage(cpuBefore);
  const samples = seriesCount * SECONDS;
  nowS += 700;
  for (let i = 0; i < 3; i++) await store.tend();
  const ramBytes = store.ramBytes;
  const [seconds, minutes] = store.tiers;
  const oneHour = { charts: ['chart.7'], fromS: START + 3600, toS: START + 7200, points: 0 };
  const hourMs = await median(() => query(store, oneHour, nowS));
  const twoHours = { charts: ['chart.7'], fromS: START, toS: START + 7200, points: 120 };
  const coarseMs = await median(() => query(store, twoHours, nowS));
  const correlateMs = await median(() => correlate(store, { fromS: START + 5000, toS: START + 5300, limit: 50 }), 5);
  await store.close();
  const openMs = performance.now();
  store = await open();
  const reopenMs = performance.now() - openMs;
  const coldMs = performance.now();
  await query(store, oneHour, nowS);
  const firstMs = performance.now() - coldMs;
  await store.close();
  return {
    series: seriesCount,
    samples,
    bytesPerSample: round(seconds!.diskBytes / samples, 3),
    minuteBytesPerSample: round(minutes!.diskBytes / samples, 3),
    ramMiB: round(ramBytes / 1_048_576, 1),
    takeNsPerSample: round((wallMs * 1e6) / samples, 1),
    takeCpuNsPerSample: round((((cpu.user + cpu.system) / 1000 - makingMs) * 1e6) / samples, 1),
    hourOf3600x10Ms: hourMs,
    twoHoursOf120x10Ms: coarseMs,
    hourFromDiskMs: round(firstMs, 2),
    correlateMs,
    reopenMs: round(reopenMs, 0),
    ...codecFigures(),
  };
}

function codecFigures(): Record<string, number> {
  const codec = new ColumnCodec();
  const columns = Array.from({ length: 200 }, (_, i) => {
    const next = generator(i);
    return Float64Array.from({ length: 300 }, (_, second) => next(second));
  });
  const out = new Float64Array(300);
  const sink = new ByteSink(1 << 20);
  let encodeMs = 0;
  let decodeMs = 0;
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    sink.clear();
    let at = process.cpuUsage();
    for (const column of columns) codec.encode(column, sink);
    encodeMs += cpuMs(at);
    const source = new ByteSource(sink.bytes);
    at = process.cpuUsage();
    for (let i = 0; i < columns.length; i++) codec.decode(source, out);
    decodeMs += cpuMs(at);
  }
  const samples = columns.length * 300 * rounds;
  return {
    encodeNsPerSample: round((encodeMs * 1e6) / samples, 1),
    decodeNsPerSample: round((decodeMs * 1e6) / samples, 1),
  };
}

/** What this host really shows, as 300-sample columns. */
async function liveFigures(): Promise<Record<string, number>> {
  const clock = new SystemClock();
  const charts = new ChartSet('bench', 1);
  const host = {
    charts,
    clock,
    log: silentLog,
    procRoot: '/proc',
    sysRoot: '/sys',
    options: Value.Create(MetricsConfig),
  };
  const collectors = Object.values(COLLECTORS).map((create) => create(host));
  const rows: Float64Array[] = [];
  for (let count = 0; count < liveTicks + 20; count++) {
    const monotonicMs = clock.monotonicMs();
    for (const collector of collectors) collector.collect({ count, monotonicMs });
    const row = charts.evaluate(monotonicMs, monotonicMs).slice();
    if (row.length !== rows[0]?.length) rows.length = 0;
    rows.push(row);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const collector of collectors) collector.close();
  const codec = new ColumnCodec();
  const sink = new ByteSink();
  for (let i = 0; i < rows[0]!.length; i++) {
    codec.encode(
      Float64Array.from(rows, (row) => row[i]!),
      sink,
    );
  }
  return {
    series: rows[0]!.length,
    ticks: rows.length,
    bytesPerSample: round(sink.length / rows.length / rows[0]!.length, 3),
  };
}

/** Processor time since then: on a shared machine the clock says more about the others. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

async function median(work: () => Promise<unknown>, runs = 25): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const atMs = performance.now();
    await work();
    times.push(performance.now() - atMs);
  }
  return round(times.sort((a, b) => a - b)[runs >> 1]!, 2);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
