import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backup, Events, Module, Running, Store } from '@undercroft/kernel';
import { SystemClock, type TestContext, testContext } from '@undercroft/kernel/testing';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restoreBackup } from './backup/restore.ts';
import { StoreConfig } from './module.ts';
import { start } from './server.ts';

const things: Module = {
  name: 'things',
  summary: 'Has a table, an event class and a folder.',
  roles: {},
  migrations: {
    'things-0001-table': {
      async up(db) {
        await db.schema.createTable('thing').addColumn('id', 'text').execute();
      },
    },
  },
  events: [{ name: 'thing_found', uid: 99_000_901, summary: 'A thing.', attributes: { colour: 'string' } }],
};

let scratch: string;
let dataDir: string;
const running: { readonly module: Running; readonly test: TestContext }[] = [];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'undercroft-server-'));
  dataDir = join(scratch, 'data');
});
afterEach(async () => {
  await stopAll();
  await rm(scratch, { recursive: true, force: true });
});

async function stopAll(): Promise<void> {
  for (const { module, test: context } of running.splice(0)) {
    await module.stop?.();
    context.stop();
  }
}

async function startStores(): Promise<{ store: Store; events: Events; backup: Backup }> {
  const context = testContext({
    module: 'store',
    config: Value.Default(StoreConfig, {}),
    clock: new SystemClock(),
    dataDir,
    modules: [things],
  });
  running.push({ module: await start(context.context), test: context });
  const get = <T>(name: string): T => context.provided.get(name as never) as T;
  expect([...context.provided.keys()].toSorted()).toEqual(['backup', 'events', 'events.query', 'store']);
  return { store: get('store'), events: get('events'), backup: get('backup') };
}

test('the stores start together, are backed up while they run, and come back as they were', async () => {
  const { store, events, backup } = await startStores();
  await store.control.write((tx) => tx.insertInto('thing').values({ id: 'kept' }).execute());
  await events.append({ class: 'thing_found', message: 'A red thing.', attributes: { colour: 'red' } });
  const folder = await store.folder('things');
  await writeFile(join(folder, 'file'), 'half');
  store.onBackup('things', (target) => writeFile(join(target, 'file'), 'whole'));
  const { warnings } = await backup.create(join(scratch, 'backup.tar.gz'));
  expect(warnings).toEqual([]);
  await store.control.write((tx) => tx.deleteFrom('thing').execute());
  await stopAll();

  await restoreBackup({
    backup: join(scratch, 'backup.tar.gz'),
    dataDir,
    moveAside: true,
    control: { kind: 'sqlite' },
    clock: new SystemClock(),
  });
  expect(await readdir(join(dataDir, 'things'))).toEqual(['file']);
  const again = await startStores();
  expect(await again.store.control.db().selectFrom('thing').selectAll().execute()).toEqual([{ id: 'kept' }]);
  const query = running[0]!.test.provided.get('events.query') as {
    query(q: object): Promise<{ events: { message: string }[] }>;
  };
  expect((await query.query({ classes: ['thing_found'] })).events.map((event) => event.message)).toEqual([
    'A red thing.',
  ]);
});

test('one process owns the state', async () => {
  await startStores();
  await expect(startStores()).rejects.toMatchObject({
    code: 'store.owned',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  running.splice(1);
});

test.each(['control', 'events', 'blobs', '../x', 'A', ''])('a module cannot have the folder %j', async (name) => {
  const { checkFolderName } = await import('./folders.ts');
  expect(() => checkFolderName(name)).toThrow(expect.objectContaining({ code: 'store.folder-name' }));
});
