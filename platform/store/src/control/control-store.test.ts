import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Migrations } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { type Generated, type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findPostgres, type PostgresServer, startPostgres } from '../testing/index.ts';
import type { ControlConfig } from './config.ts';
import { type OpenControlStore, openControlStore } from './control-store.ts';

interface Tables {
  thing: { id: string; size: number | null; ok: number; note: string | null };
  part: { id: Generated<number>; thing_id: string };
}

const MIGRATIONS: Migrations = {
  'things-0001-tables': {
    async up(db: Kysely<Tables>) {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('size', 'bigint')
        .addColumn('ok', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('note', 'text')
        .execute();
      await db.schema
        .createTable('part')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('thing_id', 'text', (column) => column.notNull().references('thing.id'))
        .execute();
    },
  },
};

const postgres = await findPostgres();
if ('absent' in postgres) process.stderr.write(`The suite runs without PostgreSQL: ${postgres.absent}.\n`);
const kinds = ['absent' in postgres ? [] : ['postgres' as const], ['sqlite' as const]].flat();

describe.each(kinds)('control store on %s', (kind) => {
  let server: PostgresServer | undefined;
  const opened: OpenControlStore[] = [];
  const folders: string[] = [];

  beforeAll(async () => {
    if (kind === 'postgres' && 'bin' in postgres) server = await startPostgres(postgres.bin);
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => server?.stop());

  async function place(): Promise<{ dataDir: string; config: ControlConfig }> {
    const dataDir = await mkdtemp(join(tmpdir(), 'undercroft-control-'));
    folders.push(dataDir);
    if (server === undefined) return { dataDir, config: { kind: 'sqlite' } };
    return { dataDir, config: { kind: 'postgres', url: await server.emptyDatabase(), password: server.password } };
  }

  async function open(
    at: { dataDir: string; config: ControlConfig },
    migrations: Migrations = MIGRATIONS,
  ): Promise<OpenControlStore> {
    const store = await openControlStore({
      ...at,
      clock: new SystemClock(),
      log: silentLog,
      modules: [{ name: 'things', migrations }],
      fail: () => {},
    });
    opened.push(store);
    return store;
  }

  const insert = (store: OpenControlStore, id: string): Promise<string> =>
    store.write<string, Tables>(async (tx) => {
      await tx.insertInto('thing').values({ id, size: null, ok: 1, note: null }).execute();
      return id;
    });
  const ids = async (store: OpenControlStore): Promise<string[]> =>
    (await store.db<Tables>().selectFrom('thing').select('id').orderBy('id').execute()).map((row) => row.id);

  // First, while the server has little to recover.
  test.runIf(kind === 'postgres')('writes fail clearly while the server is away and work again after', async () => {
    const store = await open(await place());
    await insert(store, 'before');
    await server!.crash();
    await expect(insert(store, 'lost')).rejects.toMatchObject({ code: 'store.unreachable', status: 503 });
    await expect(ids(store)).rejects.toMatchObject({ code: 'store.unreachable' });
    await server!.start();
    await insert(store, 'after');
    expect(await ids(store)).toEqual(['after', 'before']);
  });

  test('what a unit wrote is there for every reader once it resolved, and after opening again', async () => {
    const at = await place();
    const store = await open(at);
    await insert(store, 'a');
    expect(await ids(store)).toEqual(['a']);
    await store.close();
    opened.length = 0;
    expect(await ids(await open(at))).toEqual(['a']);
  });

  test('a unit that throws leaves nothing behind, and its neighbours in the batch stay', async () => {
    const store = await open(await place());
    const results = await Promise.allSettled([
      insert(store, 'a'),
      store.write<void, Tables>(async (tx) => {
        await tx.insertInto('thing').values({ id: 'b', size: 1, ok: 0, note: null }).execute();
        throw new Error('changed my mind');
      }),
      insert(store, 'c'),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'changed my mind' } });
    expect(await ids(store)).toEqual(['a', 'c']);
  });

  test('a failed statement dooms its unit even if the unit caught it', async () => {
    const store = await open(await place());
    await insert(store, 'a');
    const doomed = store.write<void, Tables>(async (tx) => {
      await tx.insertInto('thing').values({ id: 'b', size: null, ok: 0, note: null }).execute();
      await tx
        .insertInto('thing')
        .values({ id: 'a', size: null, ok: 0, note: null })
        .execute()
        .catch(() => {});
    });
    await expect(doomed).rejects.toMatchObject({ code: 'store.duplicate', status: 409 });
    expect(await ids(store)).toEqual(['a']);
  });

  test('a broken reference is refused', async () => {
    const store = await open(await place());
    const orphan = store.write<unknown, Tables>((tx) =>
      tx.insertInto('part').values({ id: 1, thing_id: 'nobody' }).execute(),
    );
    await expect(orphan).rejects.toMatchObject({ code: 'store.constraint', status: 409 });
  });

  test('a unit that awaits something else is rolled back, and the next ones go on', async () => {
    const store = await open(await place());
    const slow = store.write<void, Tables>(async (tx) => {
      await tx.insertInto('thing').values({ id: 'slow', size: null, ok: 0, note: null }).execute();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await tx.insertInto('thing').values({ id: 'late', size: null, ok: 0, note: null }).execute();
    });
    const next = insert(store, 'next');
    await expect(slow).rejects.toMatchObject({ code: 'store.unit-awaited' });
    await next;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(await ids(store)).toEqual(['next']);
  });

  test('a write inside a unit is refused instead of waiting for itself', async () => {
    const store = await open(await place());
    let inner: Promise<unknown> | undefined;
    const outer = store.write(async () => {
      inner = insert(store, 'inner');
      await inner;
    });
    await expect(outer).rejects.toMatchObject({ code: 'store.unit-awaited' });
    await inner;
    expect(await ids(store)).toEqual(['inner']);
  });

  test('a query after the end of its unit lands nowhere', async () => {
    const store = await open(await place());
    const kept = await store.write(async (tx) => ({ tx }));
    const late = kept.tx.insertInto('thing').values({ id: 'late', size: null, ok: 0, note: null }).execute();
    await expect(late).rejects.toMatchObject({ code: 'store.unit-ended' });
    expect(await ids(store)).toEqual([]);
  });

  test('units run one at a time: a read before a write is never overtaken', async () => {
    const store = await open(await place());
    await insert(store, 'counter');
    await store.write<unknown, Tables>((tx) => tx.updateTable('thing').set({ size: 0 }).execute());
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.write<unknown, Tables>(async (tx) => {
          const { size } = await tx.selectFrom('thing').select('size').executeTakeFirstOrThrow();
          await tx
            .updateTable('thing')
            .set({ size: (size ?? 0) + 1 })
            .execute();
        }),
      ),
    );
    expect(await store.db<Tables>().selectFrom('thing').select('size').executeTakeFirst()).toEqual({ size: 100 });
  });

  test('a reader sees no unit before it resolved', async () => {
    const store = await open(await place());
    let inside: string[] | undefined;
    await store.write<void, Tables>(async (tx) => {
      await tx.insertInto('thing').values({ id: 'a', size: null, ok: 0, note: null }).execute();
      void ids(store).then((seen) => {
        inside = seen;
      });
      while (inside === undefined) await tx.selectFrom('thing').select('id').execute();
    });
    expect(inside).toEqual([]);
    expect(await ids(store)).toEqual(['a']);
  });

  test('integers, counts, sums and comparisons come back as numbers', async () => {
    const store = await open(await place());
    const timeUs = 1_795_560_000_123_456;
    await store.write<unknown, Tables>((tx) =>
      tx
        .insertInto('thing')
        .values([
          { id: 'a', size: timeUs, ok: true as unknown as number, note: null },
          { id: 'b', size: Number.MIN_SAFE_INTEGER, ok: 0, note: 'über 100 €' },
        ])
        .execute(),
    );
    const db = store.db<Tables>();
    const rows = await db.selectFrom('thing').selectAll().orderBy('id').execute();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { id: 'a', size: timeUs, ok: 1, note: null },
      { id: 'b', size: Number.MIN_SAFE_INTEGER, ok: 0, note: 'über 100 €' },
    ]);
    const counted = await db
      .selectFrom('thing')
      .select(({ fn }) => [fn.countAll<number>().as('n'), fn.sum<number>('ok').as('oks')])
      .select(sql<number>`max(size) > 5`.as('large'))
      .executeTakeFirstOrThrow();
    expect({ ...counted }).toEqual({ n: 2, oks: 1, large: 1 });
  });

  test('a number past 2^53 is an error, not a wrong number', async () => {
    const store = await open(await place());
    await store.write((tx) => sql`INSERT INTO thing (id, size, ok) VALUES ('a', 9007199254740993, 0)`.execute(tx));
    await expect(store.db().selectFrom('thing').selectAll().execute()).rejects.toMatchObject({
      code: 'store.number-range',
    });
  });

  test.each([
    ['undefined', undefined],
    ['an object', { a: 1 }],
    ['a date', new Date(0)],
    ['not a number', Number.NaN],
  ])('a parameter that is %s is refused', async (_name, value) => {
    const store = await open(await place());
    const query = sql`SELECT id FROM thing WHERE note = ${value}`.execute(store.db());
    await expect(query).rejects.toMatchObject({ code: 'store.parameter' });
  });

  test('text with a NUL is refused as a bad request, when asked for and when written', async () => {
    const store = await open(await place());
    const refused = { code: 'store.text', status: 400 };
    const asked = store.db<Tables>().selectFrom('thing').select('id').where('id', '=', 'a\0b').execute();
    await expect(asked).rejects.toMatchObject(refused);
    await expect(insert(store, 'a\0b')).rejects.toMatchObject(refused);
  });

  test('LIKE tells capitals from small letters; an upsert reports what it changed', async () => {
    const store = await open(await place());
    await insert(store, 'Alpha');
    const like = (pattern: string): Promise<{ id: string }[]> =>
      store.db<Tables>().selectFrom('thing').select('id').where('id', 'like', pattern).execute();
    expect(await like('alp%')).toEqual([]);
    expect((await like('Alp%')).map((row) => row.id)).toEqual(['Alpha']);
    const upserted = await store.write<bigint | undefined, Tables>(async (tx) => {
      const result = await tx
        .insertInto('thing')
        .values({ id: 'Alpha', size: 7, ok: 1, note: null })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ size: 7 }))
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows;
    });
    expect(upserted).toBe(1n);
    const returned = await store.write<{ size: number | null }[], Tables>((tx) =>
      tx.updateTable('thing').set({ size: 8 }).returning('size').execute(),
    );
    expect(returned.map((row) => row.size)).toEqual([8]);
  });

  test('db() refuses to write and to begin a transaction', async () => {
    const store = await open(await place());
    const write = store.db<Tables>().deleteFrom('thing').execute();
    await expect(write).rejects.toMatchObject({ code: 'store.read-only' });
    const transaction = store
      .db()
      .transaction()
      .execute(async () => {});
    await expect(transaction).rejects.toMatchObject({ code: 'store.transaction' });
  });

  test('close answers what waits, then refuses', async () => {
    const at = await place();
    const store = await open(at);
    const waiting = [insert(store, 'a'), insert(store, 'b')];
    await store.close();
    opened.length = 0;
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
    await expect(insert(store, 'c')).rejects.toMatchObject({ code: 'store.closed', status: 503 });
    expect(await ids(await open(at))).toEqual(['a', 'b']);
  });

  test('a new migration runs once, after a copy of the database as it was', async () => {
    const at = await place();
    const first = await open(at);
    await insert(first, 'kept');
    await first.close();
    let runs = 0;
    const more: Migrations = {
      ...MIGRATIONS,
      'things-0002-colour': {
        async up(db) {
          runs++;
          await db.schema.alterTable('thing').addColumn('colour', 'text').execute();
          await db.updateTable('thing').set({ colour: 'red' }).execute();
        },
      },
    };
    const second = await open(at, more);
    await second.close();
    const third = await open(at, more);
    opened.splice(0, 2);
    expect(runs).toBe(1);
    expect(await third.db().selectFrom('thing').select(['id', 'colour']).execute()).toEqual([
      { id: 'kept', colour: 'red' },
    ]);
    const copies = await readdir(join(at.dataDir, 'control', 'copies'));
    expect(copies).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z-before-things-0002-colour$/)]);
  });

  test('a migration that fails leaves nothing behind and says which it was', async () => {
    const at = await place();
    const broken: Migrations = {
      ...MIGRATIONS,
      'things-0002-broken': {
        async up(db) {
          await db.schema.createTable('half').addColumn('id', 'text').execute();
          await sql`SELECT nothing FROM nowhere`.execute(db);
        },
      },
    };
    await expect(open(at, broken)).rejects.toMatchObject({
      code: 'store.migration-failed',
      message: expect.stringContaining('things-0002-broken'),
    });
    const store = await open(at);
    const tables = (await store.db().introspection.getTables()).map((table) => table.name);
    expect(tables.toSorted()).toEqual(['part', 'schema_migrations', 'thing']);
  });

  test('a database of a newer version is refused', async () => {
    const at = await place();
    const newer: Migrations = { ...MIGRATIONS, 'things-0009-future': { up: async () => {} } };
    await (await open(at, newer)).close();
    opened.length = 0;
    await expect(open(at)).rejects.toMatchObject({
      code: 'store.newer',
      message: expect.stringContaining('things-0009-future'),
    });
  });

  test('a migration named after another module is refused', async () => {
    const wrong: Migrations = { 'others-0001-tables': { up: async () => {} } };
    await expect(open(await place(), wrong)).rejects.toMatchObject({ code: 'store.migration-name' });
  });
});
