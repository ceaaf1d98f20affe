/** One Parquet file: written aside, fsynced, renamed, its folder fsynced. Only then may it be listed. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { makeFolder, syncFile, syncFolder } from '../../files/durable.ts';
import { literal } from '../query/assemble.ts';
import { describeFile, type ListedFile, MERGED_FROM, PARQUET_FOLDER } from './file-list.ts';
import { inStore, TEMPORARY_FOLDER } from './paths.ts';
import { runStatement } from './run.ts';

/** Rows that can be skipped as one when their bounds do not fit. */
const ROW_GROUP_ROWS = 61_440;
/** What a writing thread holds in memory: a tenth of the default limit, for two of them, queries and new rows. */
const ROW_GROUP_BYTES = 12 * 1024 * 1024;

export interface FilePlace {
  readonly tenant: string;
  readonly class: string;
  /** `YYYY-MM-DD` of receipt. */
  readonly day: string;
}

/**
 * @param select a SELECT with all columns of the class
 * @returns what to list; the file counts for nothing before
 */
export async function writeParquet(
  connection: DuckDBConnection,
  select: string,
  values: readonly (string | bigint)[],
  place: FilePlace,
  mergedFrom: readonly string[] = [],
): Promise<ListedFile> {
  const name = `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}.parquet`;
  const temporary = inStore(join(TEMPORARY_FOLDER, name));
  const folder = join(PARQUET_FOLDER, tenantFolder(place.tenant), place.class, place.day);
  const path = join(folder, name);
  const metadata =
    mergedFrom.length === 0 ? '' : `, KV_METADATA {${literal(MERGED_FROM)}: ${literal(JSON.stringify(mergedFrom))}}`;
  try {
    await runStatement(
      connection,
      `COPY (${select}) TO ${literal(temporary)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, ROW_GROUP_SIZE_BYTES ${ROW_GROUP_BYTES}${metadata})`,
      values,
    );
    await syncFile(temporary);
    await makeFolder(inStore(folder));
    renameSync(temporary, inStore(path));
    await syncFolder(folder);
    return await describeFile(connection, path, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    rmSync(inStore(path), { force: true });
    throw error;
  }
}

/** A tenant's name as one folder: no separators, no globs, never `.` or `..`. */
export function tenantFolder(tenant: string): string {
  return encodeURIComponent(tenant).replace(
    /[.*'()!~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
