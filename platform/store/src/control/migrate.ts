/**
 * Migrations: forward only, each in a transaction of its own, in the order of their names, after a copy of the
 * database as it was.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isoFromUs, type Log, type Migrations, type Module, UndercroftError } from '@undercroft/kernel';
import { sql } from 'kysely';
import type { AnyKysely } from './handle.ts';

/** Copies from before migrations that are kept. */
const MAX_COPIES = 3;
const NAME = /^([a-z][a-z0-9-]*)-\d{4}-[a-z0-9-]+$/;

export interface MigrateOptions {
  readonly modules: readonly Pick<Module, 'name' | 'migrations'>[];
  readonly db: AnyKysely;
  write<R>(unit: (tx: AnyKysely) => Promise<R>): Promise<R>;
  /** Copies the database into a new file. */
  copy(target: string): Promise<void>;
  /** Where copies go. */
  readonly copiesDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the database up to what the modules of this version need.
 *
 * @returns the names that ran
 * @throws UndercroftError `store.migration-name`, `store.newer` (a newer version wrote this database),
 * `store.migration-failed` (that migration left nothing behind)
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const { db, write, clock, log } = options;
  const known = allMigrations(options.modules);
  await write(async (tx) => {
    await sql`CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_us bigint NOT NULL)`.execute(
      tx,
    );
  });
  const applied = await appliedNames(db);
  const unknown = applied.filter((name) => known[name] === undefined);
  if (unknown.length > 0) throw newerDatabase(unknown);
  const done = new Set(applied);
  const pending = Object.keys(known)
    .filter((name) => !done.has(name))
    .sort();
  if (pending.length === 0) return [];
  if (applied.length > 0) await copyFirst(options, pending[0]!);
  for (const name of pending) {
    await write(async (tx) => {
      // Another server of the same PostgreSQL may have been faster.
      if ((await appliedNames(tx)).includes(name)) return;
      await known[name]!.up(tx);
      await tx.insertInto('schema_migrations').values({ name, applied_us: clock.nowUs() }).execute();
    }).catch((error: unknown) => {
      throw new UndercroftError(
        'store.migration-failed',
        `The migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
        { fix: 'Nothing of it was kept. Run the version you had before, and report this.', cause: error },
      );
    });
  }
  log.info({ migrations: pending.length }, 'The control store was brought up to date.');
  return pending;
}

function allMigrations(modules: MigrateOptions['modules']): Migrations {
  const all: Record<string, Migrations[string]> = {};
  for (const module of modules) {
    for (const [name, migration] of Object.entries(module.migrations ?? {})) {
      if (NAME.exec(name)?.[1] !== module.name)
        throw new UndercroftError('store.migration-name', `The module ${module.name} has a migration ${name}.`, {
          fix: `Name it ${module.name}-0001-what-it-does.`,
        });
      all[name] = migration;
    }
  }
  return all;
}

async function appliedNames(db: AnyKysely): Promise<string[]> {
  const rows = (await db.selectFrom('schema_migrations').select('name').orderBy('name').execute()) as {
    name: string;
  }[];
  return rows.map((row) => row.name);
}

async function copyFirst(options: MigrateOptions, first: string): Promise<void> {
  const { copiesDir, clock, log } = options;
  const stamp = isoFromUs(clock.nowUs()).replace(/[-:]|\.\d+/g, '');
  const target = join(copiesDir, `${stamp}-before-${first}`);
  await options.copy(target);
  log.info({ copy: target }, 'The control store was copied before its migration.');
  const copies = (await readdir(copiesDir)).filter((name) => name.includes('-before-')).sort();
  for (const name of copies.slice(0, -MAX_COPIES)) await rm(join(copiesDir, name), { recursive: true, force: true });
}

function newerDatabase(unknown: readonly string[]): UndercroftError {
  return new UndercroftError(
    'store.newer',
    `This database was used by a newer version of Undercroft, or with a module that is missing here: it has ${unknown.join(', ')}.`,
    { fix: 'Run that version again, or restore a backup from before.' },
  );
}
