/** Opens DuckDB's file, mending what a power cut may leave, and never throwing away what it cannot read. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { syncFile, syncFolder } from '../../files/durable.ts';
import { hasJournal, settleJournal } from './checkpoint-journal.ts';
import type { Notes } from './notes.ts';
import { inStore, TEMPORARY_FOLDER } from './paths.ts';

export const DATABASE_FILE = 'events.duckdb';
export const WAL_FILE = `${DATABASE_FILE}.wal`;
/** Commits made while a checkpoint runs go to a log of their own, which takes the place of the first after it. */
export const LOG_FILES = [WAL_FILE, `${WAL_FILE}.checkpoint`, `${WAL_FILE}.recovery`];

/** Each entry of the log begins with its length and its checksum. */
const WAL_ENTRY_HEADER_BYTES = 16;
const SECTOR_BYTES = 512;
const MAX_WAL_REPAIRS = 3;
const SIDE_MEMORY = '96MiB';
const MAX_LOCK_WAIT_MS = 2_000;
const LOCK_RETRY_MS = 50;

export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/** In the working directory, which is the store's folder. */
export async function openDatabase(
  options: { readonly memoryMiB: number; readonly threads: number },
  notes: Notes,
): Promise<OpenDatabase> {
  let movedAside = false;
  const lockDeadline = performance.now() + MAX_LOCK_WAIT_MS;
  let repairs = 0;
  for (;;) {
    try {
      if (!existsSync(DATABASE_FILE)) await createDatabase();
      const opened = await open(options);
      // Only now is it sure that no other process is at it.
      if (hasJournal()) {
        close(opened);
        await settleJournal(DATABASE_FILE, notes);
        continue;
      }
      await syncFolder('.');
      return opened;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // The child of a server that was killed may still be on its way out.
      if (/set lock/i.test(reason) && performance.now() < lockDeadline) {
        await sleep(LOCK_RETRY_MS);
        continue;
      }
      if (!isDamage(reason) || movedAside) throw error;
      if (hasJournal()) {
        await settleJournal(DATABASE_FILE, notes);
        continue;
      }
      repairs += 1;
      if (repairs <= MAX_WAL_REPAIRS && (await mendWal(reason, notes))) continue;
      await moveAside(reason, notes);
      movedAside = true;
    }
  }
}

/** Whole or not at all: a half-made file would look damaged. */
async function createDatabase(): Promise<void> {
  const temporary = inStore(join(TEMPORARY_FOLDER, DATABASE_FILE));
  rmSync(temporary, { force: true });
  const instance = await DuckDBInstance.create(temporary, { threads: '1' });
  instance.closeSync();
  await syncFile(temporary);
  for (const log of LOG_FILES) rmSync(inStore(log), { force: true });
  renameSync(temporary, inStore(DATABASE_FILE));
  await syncFolder('.');
}

/**
 * A database of nothing, for reading files into a file. Its one thread leaves the others to questions: within one
 * database they would wait in the same queue.
 */
export async function withSideDatabase<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: SIDE_MEMORY,
    threads: '1',
    ...settings(),
  });
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

function settings(): Record<string, string> {
  return {
    temp_directory: inStore(TEMPORARY_FOLDER),
    max_temp_directory_size: '2GiB',
    // Nothing is fetched from anywhere: what the build carries is enough.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_persistent_secrets: 'false',
    allocator_flush_threshold: '16MiB',
    // Kept in order, rows on their way to a file would all be in memory at once. Queries say their order.
    preserve_insertion_order: 'false',
  };
}

async function open(options: { readonly memoryMiB: number; readonly threads: number }) {
  const instance = await DuckDBInstance.create(inStore(DATABASE_FILE), {
    memory_limit: `${options.memoryMiB}MiB`,
    threads: String(options.threads),
    ...settings(),
    // The keeper does it, on a connection of its own: within a commit it would hold the next ones up.
    checkpoint_threshold: '1TiB',
  });
  try {
    const connection = await instance.connect();
    await connection.run('SET parquet_metadata_cache = true');
    // It would be one without a journal.
    await connection.run('PRAGMA disable_checkpoint_on_shutdown');
    return { instance, connection };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function close({ instance, connection }: OpenDatabase): void {
  connection.closeSync();
  instance.closeSync();
}

/** Only what says so: a lock, a full disk, a missing right or a wrong setting leaves the files alone. */
function isDamage(reason: string): boolean {
  return /not a valid DuckDB database|could not read enough bytes|checksum|corrupt|replaying (checkpoint )?WAL|serialization error|failed to deserialize|INTERNAL Error/i.test(
    reason,
  );
}

/**
 * DuckDB stops at a log entry that has its full length but not its content, as a power cut leaves it. Entries before
 * it are whole transactions; the rest was never acknowledged, because a commit is one fsync of all before it.
 */
async function mendWal(reason: string, notes: Notes): Promise<boolean> {
  if (await dropUnwrittenLogs(notes)) return true;
  const position = /entry at byte position (\d+)/.exec(reason)?.[1];
  const log = LOG_FILES.find((name) => reason.includes(`${name}"`));
  if (position === undefined || log === undefined || !existsSync(log)) return false;
  const start = Number(position) - WAL_ENTRY_HEADER_BYTES;
  const size = statSync(log).size;
  if (start < 0 || start >= size) return false;
  const copy = `${log}.torn`;
  copyFileSync(log, inStore(copy));
  truncateSync(inStore(log), start);
  await syncFile(inStore(log));
  await syncFolder('.');
  notes.log(
    'warn',
    { log, keptBytes: start, cutBytes: size - start, copy, reason },
    'The event log was torn and was cut where it tore',
  );
  return true;
}

/** A log whose beginning never reached the disk was never synced: nobody was told of anything in it. */
async function dropUnwrittenLogs(notes: Notes): Promise<boolean> {
  const unwritten = LOG_FILES.filter((log) => existsSync(log) && statSync(log).size > 0 && beginsWithNothing(log));
  if (unwritten.length === 0) return false;
  for (const log of unwritten) rmSync(inStore(log));
  await syncFolder('.');
  notes.log('warn', { logs: unwritten }, 'A new event log had not reached the disk and was removed');
  return true;
}

function beginsWithNothing(path: string): boolean {
  const sector = Buffer.alloc(SECTOR_BYTES);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, sector, 0, SECTOR_BYTES, 0);
    return sector.subarray(0, read).every((byte) => byte === 0);
  } finally {
    closeSync(file);
  }
}

async function moveAside(reason: string, notes: Notes): Promise<void> {
  let suffix = 1;
  while (existsSync(`${DATABASE_FILE}.damaged-${suffix}`)) suffix++;
  const aside = `${DATABASE_FILE}.damaged-${suffix}`;
  if (existsSync(DATABASE_FILE)) renameSync(inStore(DATABASE_FILE), inStore(aside));
  for (const log of LOG_FILES) {
    if (existsSync(log)) renameSync(inStore(log), inStore(`${log}.damaged-${suffix}`));
  }
  await syncFolder('.');
  notes.log(
    'error',
    { movedTo: aside, reason },
    'The file of recent events is damaged and was put aside; events in Parquet files are still there',
  );
}
