/** Opens the control store: the database of the configured kind, brought up to date, behind the modules' interface. */
import { join } from 'node:path';
import type { AnyTables, Clock, ControlStore, Log, Module, UndercroftError } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { type ControlConfig, postgresTarget } from './config.ts';
import { type AnyKysely, handle } from './handle.ts';
import { migrate } from './migrate.ts';
import type { OpenDialect } from './open-dialect.ts';
import { openSqlite } from './sqlite/open.ts';
import { UnitWriter } from './unit-writer.ts';

export interface ControlStoreOptions {
  readonly dataDir: string;
  readonly config: ControlConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Whose migrations are run. */
  readonly modules: readonly Pick<Module, 'name' | 'migrations'>[];
  /** Told when the disk failed to confirm a write: the store then refuses writes until it is opened again. */
  fail(error: UndercroftError): void;
  /** SQLite only: WAL pages between checkpoints; for tests and drills. */
  readonly checkpointPages?: number;
}

export interface OpenControlStore extends ControlStore {
  /** Writes a consistent copy into a new file: a database, or a dump of `pg_dump`. */
  copy(target: string): Promise<void>;
  /** Answers the units that wait, then closes. */
  close(): Promise<void>;
}

/** Where things lie below the state folder. */
export const CONTROL_FOLDER = 'control';
export const SQLITE_FILE = 'control.db';

/** @throws UndercroftError with what is wrong and what to do; then nothing stays open */
export async function openControlStore(options: ControlStoreOptions): Promise<OpenControlStore> {
  const { dataDir, clock, log } = options;
  const folder = join(dataDir, CONTROL_FOLDER);
  const opened = await openDialect(options, folder);
  const writer = new UnitWriter({ session: opened.session, clock, fail: options.fail });
  const write = <R>(unit: (tx: AnyKysely) => Promise<R>): Promise<R> =>
    writer.write((connection) => unit(handle(opened.dialect, (use) => use(connection))));
  const close = async (): Promise<void> => {
    await writer.close();
    await opened.close();
  };
  try {
    await migrate({
      modules: options.modules,
      db: opened.db,
      write,
      copy: (target) => opened.copy(target),
      copiesDir: join(folder, 'copies'),
      clock,
      log,
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    dialect: opened.name,
    db: <T = AnyTables>() => opened.db as Kysely<T>,
    write: <R, T = AnyTables>(unit: (tx: Kysely<T>) => Promise<R>) => write((tx) => unit(tx as Kysely<T>)),
    copy: (target) => opened.copy(target),
    close,
  };
}

async function openDialect(options: ControlStoreOptions, folder: string): Promise<OpenDialect> {
  const { config, log, checkpointPages } = options;
  if (config.kind === 'postgres') {
    const { openPostgres } = await import('./postgres/open.ts');
    return openPostgres({ target: postgresTarget(config), log });
  }
  const path = join(folder, SQLITE_FILE);
  return openSqlite(checkpointPages === undefined ? { path, log } : { path, log, checkpointPages });
}
