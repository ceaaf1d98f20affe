/** A consistent copy of a database in use, made off the event loop. */
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { makeFolder, syncFile, syncFolder } from '../../files/durable.ts';
import { sqliteError } from './error.ts';

/** Pages copied in one go on a thread of libuv's pool. */
const PAGES_A_STEP = 256;

/**
 * Copies a database through SQLite's backup API. The copy is of one moment: the source is held in a read transaction,
 * so that writers neither change it nor make the copy start over.
 *
 * @param target a file that does not exist
 */
export async function copyDatabase(path: string, target: string): Promise<void> {
  await makeFolder(dirname(target));
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(path, { readOnly: true });
    source.exec('BEGIN');
    source.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    await backup(source, target, { rate: PAGES_A_STEP });
  } catch (error) {
    throw sqliteError(error, target);
  } finally {
    source?.close();
  }
  await syncFile(target);
  await syncFolder(dirname(target));
}
