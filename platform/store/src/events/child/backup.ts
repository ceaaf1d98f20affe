/** A copy of the hot hours and of every listed file, as they were at one moment, while events go on. */
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { conflict } from '@undercroft/kernel';
import { makeFolder, syncFile, syncFolder } from '../../files/durable.ts';
import { literal } from '../query/assemble.ts';
import { DATABASE_FILE } from './database.ts';
import { listFiles, PARQUET_FOLDER } from './file-list.ts';
import type { RetiredFiles } from './retired.ts';
import type { SkippedFiles } from './skipped.ts';

const COPY = 'backup_copy';

/**
 * @param target an absolute folder, made if absent
 * @returns files that were left out because they cannot be read
 */
export async function backupTo(
  connection: DuckDBConnection,
  target: string,
  retired: RetiredFiles,
  skipped: SkippedFiles,
): Promise<{ readonly files: number; readonly skippedFiles: number }> {
  const database = join(target, DATABASE_FILE);
  if (existsSync(database))
    throw conflict(
      'events.backup.exists',
      `${target} holds a copy of the event store already.`,
      'Name an empty folder.',
    );
  await makeFolder(target);
  const done = retired.reading();
  try {
    await connection.run(`ATTACH ${literal(database)} AS ${COPY}`);
    try {
      await connection.run(`COPY FROM DATABASE events TO ${COPY}`);
      const listed = await listFiles(connection, '', [], `${COPY}.files`);
      const whole = skipped.check(listed);
      for (const file of whole) {
        const path = join(target, file.path);
        mkdirSync(dirname(path), { recursive: true });
        copyFileSync(file.path, path, constants.COPYFILE_FICLONE);
        await syncFile(path);
      }
      await connection.run(`CHECKPOINT ${COPY}`);
      return { files: whole.length, skippedFiles: listed.length - whole.length };
    } finally {
      await connection.run(`DETACH ${COPY}`);
      await syncTree(target);
    }
  } finally {
    done();
  }
}

async function syncTree(target: string): Promise<void> {
  await syncFile(join(target, DATABASE_FILE));
  const folder = join(target, PARQUET_FOLDER);
  if (existsSync(folder)) {
    await syncFolder(folder);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  }
  await syncFolder(target);
}
