/**
 * The list of Parquet files that count. A file that is not on it does not exist for queries: it is either not
 * finished or already replaced, and is swept at the next start.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { syncFolder } from '../../files/durable.ts';
import { literal } from '../query/assemble.ts';
import type { Notes } from './notes.ts';
import { inStore } from './paths.ts';
import { readRows, runStatement } from './run.ts';
import { attributeTypes, type HotColumn } from './schema.ts';

/** Parquet files by tenant, class and day. The day is that of receipt: a sender's clock cannot scatter them. */
export const PARQUET_FOLDER = 'parquet';
/** Key of a file's metadata: the files it was merged from. */
export const MERGED_FROM = 'undercroft.merged_from';

export interface ListedFile {
  /** Relative to the store's folder. */
  readonly path: string;
  readonly tenant: string;
  readonly class: string;
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly maxReceived: bigint;
  readonly minId: string;
  readonly maxId: string;
  /** SQL types of its attribute columns, as JSON: files with the same text are read together. */
  readonly columns: string;
}

const CREATE_LIST = `CREATE TABLE files (
  path VARCHAR NOT NULL, tenant VARCHAR NOT NULL, class VARCHAR NOT NULL, day VARCHAR NOT NULL,
  rows BIGINT NOT NULL, bytes BIGINT NOT NULL, min_time BIGINT NOT NULL, max_time BIGINT NOT NULL,
  max_received BIGINT NOT NULL, min_id VARCHAR NOT NULL, max_id VARCHAR NOT NULL, columns VARCHAR NOT NULL)`;
const COLUMNS = 'path, tenant, class, day, rows, bytes, min_time, max_time, max_received, min_id, max_id, columns';

export async function listFiles(
  connection: DuckDBConnection,
  where = '',
  values: (string | bigint)[] = [],
  table = 'files',
): Promise<ListedFile[]> {
  const result = await readRows(connection, `SELECT ${COLUMNS} FROM ${table} ${where}`, values);
  return result.map((row) => ({
    path: String(row[0]),
    tenant: String(row[1]),
    class: String(row[2]),
    day: String(row[3]),
    rows: Number(row[4]),
    bytes: Number(row[5]),
    minTime: row[6] as bigint,
    maxTime: row[7] as bigint,
    maxReceived: row[8] as bigint,
    minId: String(row[9]),
    maxId: String(row[10]),
    columns: String(row[11]),
  }));
}

/** Inside the transaction that takes the rows from where they were. */
export async function addToList(connection: DuckDBConnection, file: ListedFile): Promise<void> {
  await runStatement(connection, `INSERT INTO files (${COLUMNS}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`, [
    file.path,
    file.tenant,
    file.class,
    file.day,
    BigInt(file.rows),
    BigInt(file.bytes),
    file.minTime,
    file.maxTime,
    file.maxReceived,
    file.minId,
    file.maxId,
    file.columns,
  ]);
}

export async function dropFromList(connection: DuckDBConnection, paths: readonly string[]): Promise<void> {
  for (const path of paths) await runStatement(connection, 'DELETE FROM files WHERE path = $1', [path]);
}

export function columnSignature(columns: readonly HotColumn[]): string {
  return JSON.stringify([...attributeTypes(columns)]);
}

export function signatureColumns(signature: string): Map<string, string> {
  return new Map(JSON.parse(signature) as [string, string][]);
}

/** Bounds of a file as it is on disk. */
export async function describeFile(
  connection: DuckDBConnection,
  path: string,
  place: { readonly tenant: string; readonly class: string; readonly day: string },
): Promise<ListedFile> {
  const source = `read_parquet([${literal(path)}], hive_partitioning = false)`;
  const bounds = await readRows(
    connection,
    `SELECT count(*), min(time_ns), max(time_ns), max(received_ns), min(id), max(id) FROM ${source}`,
  );
  const [rows, minTime, maxTime, maxReceived, minId, maxId] = bounds[0]!;
  const described = await readRows(connection, `DESCRIBE SELECT * FROM ${source}`);
  const columns = described.map(([name, type]) => ({ name: String(name), sqlType: String(type) }));
  return {
    path,
    ...place,
    rows: Number(rows),
    bytes: statSync(path).size,
    minTime: minTime as bigint,
    maxTime: maxTime as bigint,
    maxReceived: maxReceived as bigint,
    minId: String(minId),
    maxId: String(maxId),
    columns: columnSignature(columns),
  };
}

/** Every Parquet file below the store, listed or not. */
export function filesOnDisk(): string[] {
  return readdirSync(PARQUET_FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Removes what is not listed: files of a run that ended before they counted, and files that were replaced. */
export function sweepUnlisted(listed: ReadonlySet<string>, notes: Notes): void {
  const unlisted = filesOnDisk().filter((path) => !listed.has(path));
  for (const path of unlisted) rmSync(inStore(path), { force: true });
  if (unlisted.length > 0)
    notes.log('info', { files: unlisted.length }, 'Swept event files that were never finished or were replaced');
}

/**
 * Makes the list if there is none: in a new store, and when it was lost with a damaged database. Then the files that
 * are there are listed, in the same transaction. A file made by merging others counts in their place.
 */
export async function openFileList(connection: DuckDBConnection, notes: Notes): Promise<void> {
  const tables = await readRows(
    connection,
    "SELECT 1 FROM duckdb_tables() WHERE NOT internal AND table_name = 'files'",
  );
  if (tables.length > 0) return;
  const found = await findFiles(connection, notes);
  await connection.run('BEGIN TRANSACTION');
  await connection.run(CREATE_LIST);
  for (const file of found) await addToList(connection, file);
  await connection.run('COMMIT');
  await syncFolder('.');
  if (found.length > 0) notes.log('warn', { files: found.length }, 'Listed the event files that were found');
}

async function findFiles(connection: DuckDBConnection, notes: Notes): Promise<ListedFile[]> {
  const found: ListedFile[] = [];
  const replaced = new Set<string>();
  for (const path of filesOnDisk()) {
    const [tenant, className, day] = path.split('/').slice(1, 4);
    if (!path.endsWith('.parquet') || tenant === undefined || className === undefined || day === undefined) continue;
    try {
      const place = { tenant: decodeURIComponent(tenant), class: className, day };
      found.push(await describeFile(connection, path, place));
      for (const input of await mergedFrom(connection, path)) replaced.add(input);
    } catch (error) {
      notes.log('error', { path, reason: String(error) }, 'An event file cannot be read and is left out');
    }
  }
  return found.filter((file) => !replaced.has(file.path));
}

async function mergedFrom(connection: DuckDBConnection, path: string): Promise<string[]> {
  const result = await readRows(
    connection,
    `SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = $1`,
    [MERGED_FROM],
  );
  const text = result[0]?.[0];
  return typeof text === 'string' ? (JSON.parse(text) as string[]) : [];
}
