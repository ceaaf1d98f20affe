import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Migrations } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenControlStore, openControlStore } from '../control-store.ts';
import { copyDatabase } from './copy.ts';
import { SqliteReader } from './reader.ts';
import { SqliteSession } from './session.ts';

interface Tables {
  thing: { id: number; payload: string };
}

const migrations: Migrations = {
  'things-0001-table': {
    async up(db) {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('payload', 'text')
        .execute();
    },
  },
};

let dataDir: string;
let path: string;
const opened: OpenControlStore[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'undercroft-sqlite-'));
  path = join(dataDir, 'control', 'control.db');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function openStore(checkpointPages = 1000): Promise<OpenControlStore> {
  const store = await openControlStore({
    dataDir,
    config: { kind: 'sqlite' },
    clock: new SystemClock(),
    log: silentLog,
    modules: [{ name: 'things', migrations }],
    fail: () => {},
    checkpointPages,
  });
  opened.push(store);
  return store;
}

async function closeAll(): Promise<void> {
  for (const store of opened.splice(0)) await store.close();
}

function insert(store: OpenControlStore, id: number, payload = 'x'): Promise<unknown> {
  return store.write<unknown, Tables>((tx) => tx.insertInto('thing').values({ id, payload }).execute());
}

describe('a damaged file', () => {
  test('that is no database is named, with what to do', async () => {
    await (await openStore()).close();
    opened.length = 0;
    await writeFile(path, 'This was a database once.'.repeat(400));
    await expect(openStore()).rejects.toMatchObject({
      code: 'store.corrupt',
      message: expect.stringContaining(path),
      fix: expect.stringContaining('undercroft restore'),
    });
  });

  test('with one overwritten page is found when it is opened', async () => {
    const store = await openStore();
    await Promise.all(Array.from({ length: 200 }, (_, id) => insert(store, id, 'y'.repeat(500))));
    await closeAll();
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, 4096 * 5);
    await file.close();
    await expect(openStore()).rejects.toMatchObject({ code: 'store.corrupt' });
  });
});

test('a program that holds the file makes writes fail clearly, and they work again once it lets go', async () => {
  const store = await openStore();
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  await expect(insert(store, 1)).rejects.toMatchObject({ code: 'store.locked', status: 503 });
  other.exec('ROLLBACK');
  other.close();
  await insert(store, 1);
});

test('a folder that cannot be written is named', async ({ skip }) => {
  const closed = mkdtempSync(join(tmpdir(), 'undercroft-closed-'));
  chmodSync(closed, 0o555);
  const script = `
    import { openControlStore } from ${JSON.stringify(fileURLToPath(new URL('../control-store.ts', import.meta.url)))};
    import { SystemClock, silentLog } from '@undercroft/kernel/testing';
    await openControlStore({ dataDir: ${JSON.stringify(join(closed, 'data'))}, config: { kind: 'sqlite' },
      clock: new SystemClock(), log: silentLog, modules: [], fail() {} })
      .then(() => console.log('{}'), (error) => console.log(JSON.stringify({ code: error.code, message: error.message })));`;
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
    ...nobody,
  });
  rmSync(closed, { recursive: true });
  if (child.error !== undefined || child.status !== 0) skip(`an ordinary user cannot run this: ${child.stderr}`);
  expect(JSON.parse(child.stdout)).toEqual({
    code: 'store.folder',
    message: expect.stringContaining(join(closed, 'data')),
  });
});

test('the write-ahead log stays short however much is written', async () => {
  const store = await openStore(50);
  for (let round = 0; round < 40; round++)
    await Promise.all(Array.from({ length: 50 }, (_, n) => insert(store, round * 50 + n, 'z'.repeat(300))));
  const { size } = await stat(`${path}-wal`);
  expect(size).toBeLessThan(200 * 4120);
  const { n } = await store
    .db<Tables>()
    .selectFrom('thing')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  expect(n).toBe(2000);
});

test('a copy made under load is of one moment', async () => {
  const store = await openStore(50);
  let stopped = false;
  let written = 0;
  const load = (async () => {
    while (!stopped)
      await store.write<void, Tables>(async (tx) => {
        // Two rows a unit: a copy that holds an odd number of rows is torn.
        await tx
          .insertInto('thing')
          .values({ id: written++, payload: 'a'.repeat(2000) })
          .execute();
        await tx
          .insertInto('thing')
          .values({ id: written++, payload: 'b'.repeat(2000) })
          .execute();
      });
  })();
  await expect.poll(() => written, { timeout: 15_000 }).toBeGreaterThan(400);
  const before = written;
  await store.copy(join(dataDir, 'copy.db'));
  stopped = true;
  await load;
  const copy = new DatabaseSync(join(dataDir, 'copy.db'), { readOnly: true });
  const { n } = copy.prepare('SELECT count(*) AS n FROM thing').get() as { n: number };
  const { integrity_check: integrity } = copy.prepare('PRAGMA integrity_check').get() as { integrity_check: string };
  copy.close();
  expect({ integrity, odd: n % 2, enough: n >= before - 2 }).toEqual({ integrity: 'ok', odd: 0, enough: true });
});

test('a copy into a place that cannot be written says so', async () => {
  await openStore();
  await writeFile(join(dataDir, 'file'), '');
  await expect(copyDatabase(path, join(dataDir, 'file', 'copy.db'))).rejects.toThrow(/file/);
});

test('readers see a commit only once it is flushed', async () => {
  await (await openStore()).close();
  opened.length = 0;
  const writer = new DatabaseSync(path);
  writer.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
  const reader = new SqliteReader(new DatabaseSync(path, { readOnly: true }), path);
  reader.advance();
  const walFile = await open(`${path}-wal`, 'r+');
  const databaseFile = await open(path, 'r+');
  const checkpointer = new DatabaseSync(path);
  const session = new SqliteSession({ path, writer, reader, checkpointer, walFile, databaseFile, log: silentLog });
  const count = async (): Promise<unknown> => {
    const query = { sql: 'SELECT count(*) AS n FROM thing', parameters: [] };
    const { rows } = await reader.executeQuery<{ n: number }>(query as never);
    return rows[0]?.n;
  };
  await session.begin();
  writer.exec("INSERT INTO thing (id, payload) VALUES (1, 'x')");
  await session.commit();
  expect(await count()).toBe(0);
  await session.flush();
  expect(await count()).toBe(1);
  await session.close();
});

test('an idle store leaves a database that any SQLite reads', async () => {
  const store = await openStore();
  await insert(store, 1, 'plain');
  await closeAll();
  const bytes = await readFile(path);
  expect(bytes.subarray(0, 15).toString()).toBe('SQLite format 3');
  await expect(stat(`${path}-wal`)).rejects.toMatchObject({ code: 'ENOENT' });
});
