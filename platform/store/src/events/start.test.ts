import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventClass, EventFilter, PlatformEvent } from '@undercroft/kernel';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import { afterEach, expect, test } from 'vitest';
import { TEST_EVENT_CLASSES } from '../testing/event-classes.ts';
import { startEventStore } from './start.ts';
import { openTestStore, TEST_CONFIG, type TestStore } from './testing.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let opened: TestStore | undefined;
afterEach(async () => {
  await opened?.end();
  opened = undefined;
});

function parquetFiles(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'events', 'parquet'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function messages(of: TestStore): Promise<string[]> {
  const { events } = await of.store.query.query({ limit: 10_000, orderBy: ['id'] });
  return events.map((event) => event.message);
}

/** Each so much after the one before that it goes to a file of its own. */
async function storeApart(
  of: TestStore,
  names: readonly string[],
  eventClass = 'scan_activity',
  apartMs = 7 * HOUR_MS,
): Promise<void> {
  for (const message of names) {
    await of.store.events('test').append({ class: eventClass, message });
    of.clock.jump(apartMs);
    await of.store.maintain();
  }
}

const ALL_TYPES: EventClass = {
  name: 'all_types',
  uid: 99_000_001,
  summary: 'One attribute of each type',
  attributes: {
    't.string': 'string',
    't.bool': 'bool',
    't.int32': 'int32',
    't.int64': 'int64',
    't.uint16': 'uint16',
    't.uint32': 'uint32',
    't.float64': 'float64',
    't.time': 'time',
    't.json': 'json',
  },
};

test('an event comes back as it went in, from the hot hours and from Parquet', async () => {
  opened = await openTestStore({}, { classes: [ALL_TYPES] });
  const seen: PlatformEvent[] = [];
  const events = opened.store.events('scan');
  events.subscribe((event) => seen.push(event));
  const attributes = {
    't.string': 'zero \u0000, é, 😀',
    't.bool': false,
    't.int32': -(2 ** 31),
    't.int64': Number.MAX_SAFE_INTEGER,
    't.uint16': 65_535,
    't.uint32': 2 ** 32 - 1,
    't.float64': 0.1,
    't.time': 1_795_562_839_359_854,
    't.json': [{ a: 'b' }, null, 1],
    'not.declared': { kept: ['as', 'it', 'is'] },
  };
  const given = await events.append({
    class: 'all_types',
    activity: 'open',
    severity: 'high',
    tenant: 'a/b *',
    assets: ['01A', '01B', '01C'],
    timeUs: 1_700_000_000_123_456,
    message: 'one\ntwo',
    attributes,
  });
  expect(given).toMatchObject({ source: 'scan', attributes, receivedUs: opened.clock.nowUs() });
  expect(seen).toEqual([given]);
  expect((await opened.store.query.query({})).events).toEqual([given]);
  opened.clock.jump(12 * HOUR_MS);
  await opened.store.maintain();
  expect(await opened.store.query.stats()).toMatchObject({ hotRows: 0, files: 1 });
  expect((await opened.store.query.query({ tenant: 'a/b *' })).events).toEqual([given]);
  expect((await opened.store.query.query({ tenant: 'default' })).events).toEqual([]);
  await opened.reopen();
  expect((await opened.store.query.query({})).events).toEqual([given]);
});

test('what does not fit its column is kept beside it', async () => {
  opened = await openTestStore({}, { classes: [ALL_TYPES] });
  const attributes = { 't.uint16': 70_000, 't.bool': 'yes', 't.int64': 1.5 };
  opened.store.events('test').publish({ class: 'all_types', message: 'odd', attributes });
  expect((await opened.store.query.query({})).events[0]?.attributes).toEqual(attributes);
});

test('publish takes whatever comes; append says what is wrong', async () => {
  opened = await openTestStore();
  const events = opened.store.events('test');
  events.subscribe(() => {
    throw new Error('a bad subscriber');
  });
  events.publish({ class: 'invented', message: 'kept' });
  events.publish({ class: 'invented', message: 'kept too' });
  events.publish(undefined as never);
  events.publish({ class: 'base_event', message: 5 } as never);
  events.publish({ class: 'base_event', message: 'x'.repeat(100_000) });
  await expect(events.append({ class: 'invented', message: '' })).rejects.toMatchObject({
    code: 'events.class.unknown',
  });
  await expect(events.append({ class: 'base_event', message: '', assets: ['a\nb'] })).rejects.toMatchObject({
    code: 'events.event.invalid',
  });
  expect((await opened.store.query.query({ classes: ['base_event'] })).events.map((one) => one.message).sort()).toEqual(
    ['kept', 'kept too'],
  );
  expect((await opened.store.query.stats()).dropped).toBe(3);
  expect(opened.logged.filter((line) => line.message.includes('no module declares'))).toHaveLength(1);
});

test('groups, buckets and aggregates', async () => {
  opened = await openTestStore();
  const events = opened.store.events('test');
  for (let n = 0; n < 10; n++)
    events.publish({
      class: 'scan_activity',
      severity: n % 2 === 0 ? 'high' : 'low',
      timeUs: n * 1_000_000,
      message: `scan ${n}`,
      attributes: { total: n, 'scan.uid': `s${n % 3}` },
    });
  const grouped = await opened.store.query.query({
    bucketUs: 5_000_000,
    groupBy: ['severity'],
    aggregates: [
      { fn: 'count' },
      { fn: 'sum', field: 'total' },
      { fn: 'avg', field: 'total' },
      { fn: 'min', field: 'total' },
      { fn: 'max', field: 'timeUs', as: 'last' },
      { fn: 'distinct', field: 'scan.uid' },
      { fn: 'p50', field: 'total' },
    ],
    orderBy: ['-timeUs', 'severity'],
  });
  const row = (timeUs: number, severity: string, totals: number[], distinct: number) => ({
    timeUs,
    severity,
    count: totals.length,
    sum_total: totals.reduce((a, b) => a + b, 0),
    avg_total: totals.reduce((a, b) => a + b, 0) / totals.length,
    min_total: totals[0],
    last: totals.at(-1)! * 1_000_000,
    'distinct_scan.uid': distinct,
    p50_total: totals.length === 2 ? (totals[0]! + totals[1]!) / 2 : totals[1],
  });
  expect(grouped.rows).toEqual([
    row(5_000_000, 'low', [5, 7, 9], 3),
    row(5_000_000, 'high', [6, 8], 2),
    row(0, 'low', [1, 3], 2),
    row(0, 'high', [0, 2, 4], 3),
  ]);
  const cut = await opened.store.query.query({ groupBy: ['scan.uid'], limit: 2 });
  expect(cut.rows).toHaveLength(2);
  expect(cut.warnings).toEqual(['Only the first 2 groups are shown.']);
  expect((await opened.store.query.query({ classes: ['authentication'], aggregates: [{ fn: 'count' }] })).rows).toEqual(
    [{ count: 0 }],
  );
});

test('a tail goes on where it stopped, across files and hot rows', async () => {
  opened = await openTestStore();
  const names = ['a', 'b', 'c', 'd', 'e'];
  await storeApart(opened, names);
  await opened.store.events('test').append({ class: 'scan_activity', message: 'hot' });
  const read: string[] = [];
  for (let afterId = ''; ; ) {
    const { events } = await opened.store.query.query({ afterId, limit: 2 });
    if (events.length === 0) break;
    read.push(...events.map((event) => event.message));
    afterId = events.at(-1)!.id;
  }
  expect(read).toEqual([...names, 'hot']);
  const newest = await opened.store.query.query({ limit: 2 });
  expect(newest.events.map((event) => event.message)).toEqual(['hot', 'e']);
  expect(newest.scanned.files).toBeLessThan(5);
});

test('small files of a day that is over become one', async () => {
  opened = await openTestStore();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  await storeApart(opened, names);
  opened.clock.jump(2 * DAY_MS);
  await opened.store.maintain();
  const stats = await opened.store.query.stats();
  expect(stats).toMatchObject({ events: 8, hotRows: 0, skippedFiles: [] });
  expect(stats.files).toBeLessThan(5);
  expect(parquetFiles(opened.dataDir)).toHaveLength(stats.files);
  expect(await messages(opened)).toEqual(names);
});

test('above the row limit all moves to Parquet', async () => {
  opened = await openTestStore({ hotRows: 1_000 });
  for (let n = 0; n < 1_500; n++) opened.store.events('test').publish({ class: 'base_event', message: String(n) });
  await opened.store.query.stats();
  const stats = await opened.store.query.stats();
  expect(stats.events).toBe(1_500);
  expect(stats).toMatchObject({ hotRows: 0, files: 1 });
  expect((await messages(opened)).length).toBe(1_500);
});

test('events leave when they are too old, audit later', async () => {
  opened = await openTestStore({ retentionDays: 30, auditDays: 365 });
  await storeApart(opened, ['scan'], 'scan_activity');
  await storeApart(opened, ['sign-in'], 'authentication');
  opened.clock.jump(31 * DAY_MS);
  await opened.store.maintain();
  expect(await messages(opened)).toEqual(['sign-in']);
  opened.clock.jump(365 * DAY_MS);
  await opened.store.maintain();
  expect(await messages(opened)).toEqual([]);
  expect(parquetFiles(opened.dataDir)).toEqual([]);
});

test('torn and missing files are left out and named', async () => {
  opened = await openTestStore();
  await storeApart(opened, ['a', 'b', 'c', 'd'], 'scan_activity', DAY_MS);
  const files = parquetFiles(opened.dataDir);
  truncateSync(files[0]!, statSync(files[0]!).size - 10);
  rmSync(files[1]!);
  // The right length, and nothing right in it: found only by reading.
  writeFileSync(files[2]!, Buffer.alloc(statSync(files[2]!).size, 7));
  const result = await opened.store.query.query({});
  expect(result.events).toHaveLength(1);
  expect(result.warnings).toHaveLength(3);
  const { skippedFiles, events } = await opened.store.query.stats();
  expect(skippedFiles.map((file) => join(opened!.dataDir, 'events', file.path)).sort()).toEqual(
    files.slice(0, 3).sort(),
  );
  expect(events).toBe(4);
  await opened.reopen();
  expect((await opened.store.query.query({})).warnings).toHaveLength(3);
});

test('a damaged database is put aside, loudly, and the files go on', async () => {
  opened = await openTestStore();
  await storeApart(opened, ['a', 'b']);
  await opened.store.events('test').append({ class: 'base_event', message: 'hot' });
  await opened.store.stop();
  const database = join(opened.dataDir, 'events', 'events.duckdb');
  writeFileSync(database, Buffer.alloc(statSync(database).size, 1));
  const store = await opened.reopen();
  expect(await messages(opened)).toEqual(['a', 'b']);
  expect(opened.logged.some((line) => line.level === 'error' && line.message.includes('damaged'))).toBe(true);
  expect((await store.query.stats()).skippedFiles.map((file) => file.path)).toEqual(['events.duckdb.damaged-1']);
  await store.events('test').append({ class: 'base_event', message: 'after' });
  expect(await messages(opened)).toEqual(['a', 'b', 'after']);
});

test('a log with a torn tail opens with all before it', async () => {
  opened = await openTestStore();
  for (const message of ['a', 'b']) await opened.store.events('test').append({ class: 'base_event', message });
  const wal = join(opened.dataDir, 'events', 'events.duckdb.wal');
  const saved = mkdtempSync(join(tmpdir(), 'undercroft-wal-'));
  cpSync(join(opened.dataDir, 'events'), saved, { recursive: true });
  await opened.store.stop();
  for (const damage of ['zeros', 'cut', 'garbage'] as const) {
    rmSync(join(opened.dataDir, 'events'), { recursive: true });
    cpSync(saved, join(opened.dataDir, 'events'), { recursive: true });
    if (damage === 'zeros') appendFileSync(wal, Buffer.alloc(4_096));
    if (damage === 'garbage') appendFileSync(wal, Buffer.alloc(100, 0xab));
    if (damage === 'cut') truncateSync(wal, statSync(wal).size - 5);
    const store = await opened.reopen();
    expect(await messages(opened)).toEqual(damage === 'cut' ? ['a'] : ['a', 'b']);
    await store.events('test').append({ class: 'base_event', message: 'after' });
    await store.stop();
  }
  rmSync(saved, { recursive: true });
});

test('a child that is killed loses nothing and stores nothing twice', async () => {
  opened = await openTestStore({ hotRows: 1_000 });
  const events = opened.store.events('test');
  await events.append({ class: 'base_event', message: 'first' });
  const appended: Promise<PlatformEvent>[] = [];
  for (let n = 0; n < 1_200; n++) {
    appended.push(events.append({ class: 'base_event', message: String(n) }));
    if (n === 600) process.kill(opened.store.childPid!, 'SIGKILL');
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(appended);
  const stored = await messages(opened);
  expect(stored).toEqual(['first', ...Array.from({ length: 1_200 }, (_, n) => String(n))]);
  expect(opened.failures).toEqual([]);
});

test('a child that keeps dying is given up, and said so', async () => {
  opened = await openTestStore();
  const folder = join(opened.dataDir, 'events');
  // A folder where the database file should be: DuckDB can never open it.
  mkdirSync(join(folder, 'events.duckdb'), { recursive: true });
  await expect(opened.store.events('test').append({ class: 'base_event', message: 'x' })).rejects.toMatchObject({
    code: 'events.failed',
  });
  opened.store.events('test').publish({ class: 'base_event', message: 'waits' });
  while (opened.failures.length === 0) {
    await opened.clock.advance(30_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(opened.failures).toHaveLength(1);
});

test('a second store on the same folder is refused, with what to do', async () => {
  opened = await openTestStore();
  await opened.store.events('test').append({ class: 'base_event', message: 'mine' });
  const second = await startEventStore({
    dataDir: opened.dataDir,
    clock: new ManualClock(),
    log: silentLog,
    classes: TEST_EVENT_CLASSES,
    config: TEST_CONFIG,
    fail: () => {},
  });
  await expect(second.query.query({})).rejects.toMatchObject({ code: 'events.locked' });
  await second.stop();
  expect(await messages(opened)).toEqual(['mine']);
});

test('a class that gains an attribute keeps its old events', async () => {
  const before: EventClass = { ...ALL_TYPES, attributes: { 't.string': 'string' } };
  opened = await openTestStore({}, { classes: [before] });
  await storeApart(opened, ['in a file'], 'all_types');
  await opened.store.events('test').append({ class: 'all_types', message: 'hot', attributes: { 't.string': 'x' } });
  const store = await opened.reopen({}, [ALL_TYPES]);
  await store.events('test').append({ class: 'all_types', message: 'new', attributes: { 't.uint32': 7 } });
  const found = await store.query.query({ filter: { op: 'not', of: { op: 'eq', field: 't.uint32', value: 7 } } });
  expect(found.events.map((event) => event.message)).toEqual(['hot', 'in a file']);
  expect((await store.query.query({ filter: { op: 'ge', field: 't.uint32', value: 7 } })).events).toHaveLength(1);
});

test('a copy taken while events come in opens elsewhere', async () => {
  opened = await openTestStore({ hotRows: 1_000 });
  await storeApart(opened, ['a', 'b']);
  const events = opened.store.events('test');
  await events.append({ class: 'base_event', message: 'before' });
  const target = mkdtempSync(join(tmpdir(), 'undercroft-events-copy-'));
  const copying = opened.store.backup(join(target, 'events'));
  for (let n = 0; n < 100; n++) events.publish({ class: 'base_event', message: `during ${n}` });
  await copying;
  await expect(opened.store.backup(join(target, 'events'))).rejects.toMatchObject({ code: 'events.backup.exists' });
  const copy = await startEventStore({
    dataDir: target,
    clock: opened.clock,
    log: silentLog,
    classes: TEST_EVENT_CLASSES,
    config: TEST_CONFIG,
    fail: () => {},
  });
  const { events: copied, warnings } = await copy.query.query({ orderBy: ['id'], limit: 1_000 });
  expect(copied.slice(0, 3).map((event) => event.message)).toEqual(['a', 'b', 'before']);
  expect(warnings).toEqual([]);
  await copy.stop();
  rmSync(target, { recursive: true });
});

test('a query beyond its time is stopped', async () => {
  opened = await openTestStore();
  for (let n = 0; n < 20_000; n++) opened.store.events('test').publish({ class: 'base_event', message: `m ${n}` });
  await opened.store.query.stats();
  const never: EventFilter[] = Array.from({ length: 400 }, (_, n) => ({
    op: 'contains',
    field: 'message',
    value: `x${n}`,
  }));
  await expect(
    opened.store.query.query({ filter: { op: 'or', of: never }, aggregates: [{ fn: 'count' }] }, { timeoutMs: 20 }),
  ).rejects.toMatchObject({ code: 'events.query.timeout', status: 504 });
  expect((await opened.store.query.query({ limit: 1 })).events).toHaveLength(1);
});

test('an unused store starts no process', async () => {
  opened = await openTestStore();
  expect(opened.store.childPid).toBeUndefined();
  expect(existsSync(join(opened.dataDir, 'events'))).toBe(false);
});

test('rows of a bulk class are stored whole, asked for by name only, and come back the same', async () => {
  const bulk: EventClass = { ...ALL_TYPES, name: 'all_rows', uid: 99_000_002, bulk: true };
  opened = await openTestStore({}, { classes: [ALL_TYPES, bulk] });
  const events = opened.store.events('flow');
  const rows = {
    class: 'all_rows',
    rows: 3,
    timeUs: Float64Array.of(1_700_000_000_000_001, 1_700_000_000_000_002, 1_700_000_000_000_003),
    asset: { values: ['01A', null, '01C'], codes: Uint32Array.of(0, 1, 2) },
    columns: {
      't.string': { values: [null, 'c', 'a'], codes: Uint32Array.of(2, 0, 1) },
      't.bool': [true, false, null],
      't.int32': Int32Array.of(-1, 0, 1),
      't.int64': { values: Float64Array.of(0, 2 ** 32 - 1, -7), present: Uint8Array.of(1, 1, 1) },
      't.uint16': Uint16Array.of(1, 2, 65_535),
      't.uint32': [1, -1, 2 ** 32 - 1],
      't.float64': Float64Array.of(0.5, -0.5, 1e300),
      't.time': Float64Array.of(1, 2, 3),
    },
  };
  await events.writeRows(rows);
  expect((await opened.store.query.query({})).events).toEqual([]);
  const check = async () => {
    const { events: found } = await opened!.store.query.query({ classes: ['all_rows'], orderBy: ['time'] });
    expect(found.map((one) => [one.source, one.assets, one.attributes])).toEqual([
      [
        'flow',
        ['01A'],
        {
          't.string': 'a',
          't.bool': true,
          't.int32': -1,
          't.int64': 0,
          't.uint16': 1,
          't.uint32': 1,
          't.float64': 0.5,
          't.time': 1,
        },
      ],
      [
        'flow',
        [],
        { 't.bool': false, 't.int32': 0, 't.int64': 2 ** 32 - 1, 't.uint16': 2, 't.float64': -0.5, 't.time': 2 },
      ],
      [
        'flow',
        ['01C'],
        {
          't.string': 'c',
          't.int32': 1,
          't.int64': -7,
          't.uint16': 65_535,
          't.uint32': 2 ** 32 - 1,
          't.float64': 1e300,
          't.time': 3,
        },
      ],
    ]);
  };
  await check();
  opened.clock.jump(12 * HOUR_MS);
  await opened.store.maintain();
  expect(await opened.store.query.stats()).toMatchObject({ hotRows: 0, files: 1 });
  await check();
  await expect(events.writeRows({ ...rows, class: 'all_types' })).rejects.toMatchObject({
    code: 'events.rows.invalid',
  });
  const torn = { values: Float64Array.of(1, 2, 3), present: Uint8Array.of(1) };
  await expect(events.writeRows({ ...rows, columns: { 't.int64': torn } })).rejects.toMatchObject({
    code: 'events.rows.invalid',
  });
  await expect(events.writeRows({ ...rows, rows: 2 })).rejects.toMatchObject({ code: 'events.rows.invalid' });
  await expect(events.writeRows({ ...rows, columns: { nope: [1, 2, 3] } })).rejects.toMatchObject({
    code: 'events.rows.invalid',
  });
});
