/** Opens DuckDB's file, mending what a power cut may leave, and never throwing away what it cannot read. */
import { copyFileSync, existsSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { syncFolder } from '../../files/durable.ts';
import type { Notes } from './notes.ts';

export const DATABASE_FILE = 'events.duckdb';
export const WAL_FILE = `${DATABASE_FILE}.wal`;

/** Smaller than its three headers: DuckDB died while making it, and nothing was in it. */
const LEAST_DATABASE_BYTES = 3 * 4096;
/** Each entry of the log begins with its length and its checksum. */
const WAL_ENTRY_HEADER_BYTES = 16;
const MAX_WAL_REPAIRS = 3;

export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** Where a damaged file was put, if one was. */
  readonly movedAside?: string;
}

/** @param folder the working directory too: paths are relative, so that no character of it can be a glob */
export async function openDatabase(
  options: { readonly memoryMiB: number; readonly threads: number },
  notes: Notes,
): Promise<OpenDatabase> {
  if (existsSync(DATABASE_FILE) && statSync(DATABASE_FILE).size < LEAST_DATABASE_BYTES && !existsSync(WAL_FILE))
    rmSync(DATABASE_FILE);
  let movedAside: string | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      const opened = await open(options);
      await syncFolder('.');
      return movedAside === undefined ? opened : { ...opened, movedAside };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (attempt > MAX_WAL_REPAIRS || !isDamage(reason)) throw error;
      if (await mendWal(reason, attempt, notes)) continue;
      movedAside = await moveAside(reason, notes);
    }
  }
}

async function open(options: { readonly memoryMiB: number; readonly threads: number }) {
  const instance = await DuckDBInstance.create(DATABASE_FILE, {
    memory_limit: `${options.memoryMiB}MiB`,
    threads: String(options.threads),
    temp_directory: 'tmp',
    max_temp_directory_size: '2GiB',
    // Nothing is fetched from anywhere: what the build carries is enough.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_persistent_secrets: 'false',
    allocator_flush_threshold: '16MiB',
    // The keeper does it, on a connection of its own: within a commit it would hold the next ones up.
    checkpoint_threshold: '1TiB',
  });
  try {
    const connection = await instance.connect();
    await connection.run('SET parquet_metadata_cache = true');
    return { instance, connection };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Only what says so: a lock, a full disk, a missing right or a wrong setting leaves the files alone. */
function isDamage(reason: string): boolean {
  return /not a valid DuckDB database|could not read enough bytes|checksum|corrupt|replaying WAL|serialization error|failed to deserialize|INTERNAL Error/i.test(
    reason,
  );
}

/**
 * DuckDB stops at a log entry that has its full length but not its content, as a power cut leaves it. Entries before
 * it are whole transactions; the rest was never acknowledged, because a commit is one fsync of all before it.
 */
async function mendWal(reason: string, attempt: number, notes: Notes): Promise<boolean> {
  const position = /entry at byte position (\d+)/.exec(reason)?.[1];
  if (position === undefined || !existsSync(WAL_FILE)) return false;
  const start = Number(position) - WAL_ENTRY_HEADER_BYTES;
  const size = statSync(WAL_FILE).size;
  if (start < 0 || start >= size) return false;
  const kept = `${WAL_FILE}.torn-${attempt}`;
  copyFileSync(WAL_FILE, kept);
  truncateSync(WAL_FILE, start);
  await syncFolder('.');
  notes.log(
    'error',
    { wal: WAL_FILE, keptBytes: start, cutBytes: size - start, copy: kept, reason },
    'The event log was torn and was cut where it tore',
  );
  return true;
}

async function moveAside(reason: string, notes: Notes): Promise<string> {
  let suffix = 1;
  while (existsSync(`${DATABASE_FILE}.damaged-${suffix}`)) suffix++;
  const aside = `${DATABASE_FILE}.damaged-${suffix}`;
  if (existsSync(DATABASE_FILE)) renameSync(DATABASE_FILE, aside);
  if (existsSync(WAL_FILE)) renameSync(WAL_FILE, `${WAL_FILE}.damaged-${suffix}`);
  await syncFolder('.');
  notes.log(
    'error',
    { movedTo: aside, reason },
    'The file of recent events is damaged and was put aside; events in Parquet files are still there',
  );
  return aside;
}
