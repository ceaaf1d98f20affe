/**
 * The event store under load: how fast it takes events, and how fast it answers meanwhile.
 *
 *     node bench/store-events.ts --events 5000000 --rate 10000 --seconds 30
 *
 * First it stores `--events` as fast as it can, stamped as if they had come at `--rate`; then it takes `--rate` events a
 * second for `--seconds` while questions are asked one after another: the newest of one asset, that asset by severity,
 * and everything by severity in sixty buckets.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Clock, EventInput, EventQuery, Events, Log } from '../platform/kernel/src/index.ts';
import { SystemClock } from '../platform/kernel/src/testing/index.ts';
import { type EventStore, startEventStore } from '../platform/store/src/events/start.ts';
import { TEST_CONFIG } from '../platform/store/src/events/testing.ts';
import { TEST_EVENT_CLASSES } from '../platform/store/src/testing/event-classes.ts';

const ASSETS = 1_000;
const SEED_STEP = 8_000;
const TICK_MS = 10;
const PAUSE_BETWEEN_QUESTIONS_MS = 100;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000000' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '30' },
    'hot-rows': { type: 'string', default: '100000' },
    memory: { type: 'string', default: '128' },
  },
});
const events = Number(values.events);
const rate = Number(values.rate);
const seconds = Number(values.seconds);

/** The machine's clock, which can stand in the past while the past is written. */
class BenchClock extends SystemClock {
  pastUs: number | undefined;

  override nowMs(): number {
    return this.pastUs === undefined ? super.nowMs() : Math.floor(this.pastUs / 1000);
  }

  override nowUs(): number {
    return this.pastUs === undefined ? super.nowUs() : Math.floor(this.pastUs);
  }
}

const log: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
  fatal: (fields, message) => console.error(message, fields),
  child: () => log,
};

const dataDir = mkdtempSync(join(tmpdir(), 'undercroft-bench-events-'));
const clock = new BenchClock();
const store = await startEventStore({
  dataDir,
  clock: clock satisfies Clock,
  log,
  classes: TEST_EVENT_CLASSES,
  config: {
    ...TEST_CONFIG,
    hotRows: Number(values['hot-rows']),
    memoryMiB: Number(values.memory),
    threads: 2,
  },
  fail: (error) => {
    throw error;
  },
});
try {
  const into = store.events('bench');
  await seed(into);
  await report(store);
  await measure(store, into);
} finally {
  await store.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function seed(into: Events): Promise<void> {
  const startedMs = performance.now();
  const firstUs = Date.now() * 1000 - (events / rate) * 1e6;
  for (let stored = 0; stored < events; ) {
    const upTo = Math.min(events, stored + SEED_STEP);
    for (; stored < upTo - 1; stored++) {
      clock.pastUs = firstUs + (stored / rate) * 1e6;
      into.publish(sample(stored));
    }
    await into.append(sample(stored));
    stored += 1;
  }
  clock.pastUs = undefined;
  const tookS = (performance.now() - startedMs) / 1000;
  console.log(`stored ${events} events in ${tookS.toFixed(1)} s: ${Math.round(events / tookS)} events/s`);
}

async function report(of: EventStore): Promise<void> {
  const stats = await of.query.stats();
  console.log(
    `${stats.hotRows} hot, ${stats.events - stats.hotRows} in ${stats.files} files, ${(stats.sizeBytes / stats.events).toFixed(1)} bytes an event`,
  );
}

async function measure(of: EventStore, into: Events): Promise<void> {
  const questions: Record<string, () => EventQuery> = {
    'newest 100 of an asset': () => ({ filter: { op: 'eq', field: 'asset', value: asset() }, limit: 100 }),
    'an asset by severity': () => ({
      filter: { op: 'eq', field: 'asset', value: asset() },
      groupBy: ['severity'],
      aggregates: [{ fn: 'count' }],
    }),
    'all by time and severity': () => ({
      fromUs: Date.now() * 1000 - Math.round((events / rate) * 1e6),
      bucketUs: Math.max(1, Math.round(((events / rate) * 1e6) / 60)),
      groupBy: ['severity'],
      aggregates: [{ fn: 'count' }],
    }),
    'newest 100': () => ({ limit: 100 }),
  };
  const times = new Map<string, number[]>(Object.keys(questions).map((name) => [name, []]));
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  let published = 0;
  const ticker = setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * rate);
    for (; published < due; published++) into.publish(sample(events + published));
  }, TICK_MS);
  while (performance.now() - startedMs < seconds * 1000) {
    for (const [name, ask] of Object.entries(questions)) {
      const askedMs = performance.now();
      await of.query.query(ask());
      times.get(name)!.push(performance.now() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_BETWEEN_QUESTIONS_MS));
    }
  }
  clearInterval(ticker);
  const tookS = (performance.now() - startedMs) / 1000;
  const last = await into.append(sample(0));
  const stats = await of.query.stats();
  const cpu = process.cpuUsage(cpuBefore);
  console.log(
    `took ${Math.round(published / tookS)} events/s for ${tookS.toFixed(0)} s, ${stats.dropped} dropped; server process ${Math.round((cpu.user + cpu.system) / 1e4 / tookS)} % of a core`,
  );
  if (stats.events !== events + published + 1 - stats.dropped)
    throw new Error(`${stats.events} events are stored, not ${events + published + 1} (last ${last.id})`);
  for (const [name, list] of times) {
    list.sort((a, b) => a - b);
    const at = (share: number) => (list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0).toFixed(0);
    console.log(`${name.padEnd(26)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  max ${at(1)} ms  (${list.length})`);
  }
  await report(of);
  console.log(`memory: ${childMemory()}`);
}

function sample(n: number): EventInput {
  // Multiplied by primes, so that neighbours differ as real ones do.
  const user = (n * 7_919) % 5_000;
  const first = `01ASSET${String((n * 104_729) % ASSETS).padStart(19, '0')}`;
  return {
    class: 'authentication',
    activity: n % 2 === 0 ? 'logon' : 'logoff',
    severity: n % 97 === 0 ? 'high' : n % 13 === 0 ? 'medium' : 'informational',
    assets: n % 20 === 0 ? [first, `01ASSET${String((n * 31) % ASSETS).padStart(19, '0')}`] : [first],
    message: `User user${user} signed in from 10.0.${(n * 31) % 256}.${(n * 17) % 256}`,
    attributes: {
      'user.name': `user${user}`,
      'src_endpoint.ip': `10.0.${(n * 31) % 256}.${(n * 17) % 256}`,
      'src_endpoint.port': 1_024 + ((n * 13) % 60_000),
      status: n % 97 === 0 ? 'Failure' : 'Success',
      is_mfa: n % 3 === 0,
    },
  };
}

function asset(): string {
  return `01ASSET${String(Math.floor(Math.random() * ASSETS)).padStart(19, '0')}`;
}

function childMemory(): string {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return children
    .map((pid) => /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
    .map((kb) => `${Math.round(Number(kb) / 1024)} MB (child)`)
    .join(', ');
}
