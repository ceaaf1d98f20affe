/** Opens the SQLite control store: checks the file, sets it up, and puts writer, readers and checkpoints together. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Log, UndercroftError } from '@undercroft/kernel';
import { makeFolder, syncFolder } from '../../files/durable.ts';
import { handle, sqliteDialect } from '../handle.ts';
import type { OpenDialect } from '../open-dialect.ts';
import { copyDatabase } from './copy.ts';
import { corruptDatabase, sqliteError } from './error.ts';
import { SqliteReader } from './reader.ts';
import { SqliteSession } from './session.ts';

/** Databases up to this size are checked page by page when they are opened (100 MB take about 0.1 s from cache). */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;
/** What a short read by another program (a shell) may cost before a write is refused. */
const BUSY_TIMEOUT_MS = 250;
/** The WAL file is cut back to this when it is begun anew after a burst. */
const WAL_FILE_LIMIT_BYTES = 64 * 1024 * 1024;

export interface OpenSqliteOptions {
  readonly path: string;
  readonly log: Log;
  readonly checkpointPages?: number;
}

/** @throws UndercroftError `store.corrupt`, `store.folder`, `store.disk-full`, `store.locked` */
export async function openSqlite(options: OpenSqliteOptions): Promise<OpenDialect> {
  const { path, log } = options;
  const opened: DatabaseSync[] = [];
  const files: FileHandle[] = [];
  const connect = (settings: { readOnly?: boolean }, pragmas: string): DatabaseSync => {
    const database = new DatabaseSync(path, { ...settings, timeout: BUSY_TIMEOUT_MS });
    opened.push(database);
    database.exec(pragmas);
    return database;
  };
  await makeFolder(dirname(path));
  try {
    const writer = connect({}, WRITER_PRAGMAS);
    useWal(writer, path);
    await checkPages(writer, path);
    const checkpointer = connect({}, 'PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0');
    const reader = new SqliteReader(connect({ readOnly: true }, READER_PRAGMAS), path);
    reader.advance();
    const databaseFile = await open(path, 'r+');
    files.push(databaseFile);
    const walFile = await open(`${path}-wal`, 'r+');
    files.push(walFile);
    await syncFolder(dirname(path));
    const session = new SqliteSession({ ...options, writer, checkpointer, reader, walFile, databaseFile });
    const db = handle(sqliteDialect, (use) => use(reader));
    return {
      name: 'sqlite',
      dialect: sqliteDialect,
      session,
      db,
      copy: (target) => copyDatabase(path, target),
      close: () => session.close(),
    };
  } catch (error) {
    for (const database of opened.reverse()) database.close();
    for (const file of files) await file.close();
    const translated = sqliteError(error, path);
    log.error({ err: translated }, 'The control store cannot be opened.');
    throw translated;
  }
}

/** LIKE tells capitals from small letters, as it does in PostgreSQL. */
const COMMON_PRAGMAS = 'PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA case_sensitive_like = ON';
const WRITER_PRAGMAS = `PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${WAL_FILE_LIMIT_BYTES}; ${COMMON_PRAGMAS}`;
const READER_PRAGMAS = COMMON_PRAGMAS;

function useWal(database: DatabaseSync, path: string): void {
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string };
  if (mode !== 'wal')
    throw new UndercroftError('store.no-wal', `The file system of ${path} does not allow a write-ahead log.`, {
      fix: 'Put the state folder on a local file system (--data DIR); network file systems do not do.',
    });
}

/** A damaged file is found now, not in the middle of a night. */
async function checkPages(database: DatabaseSync, path: string): Promise<void> {
  const { size } = await stat(path);
  if (size > MAX_CHECKED_BYTES) {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return;
  }
  const [first] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  if (first !== undefined && first.quick_check !== 'ok') throw corruptDatabase(path, first.quick_check);
}
