/**
 * One process owns an installation's state. Ownership is a lock that the kernel of the machine drops when the
 * process ends, however it ends, so a stale one cannot remain: an exclusive transaction on an empty SQLite file
 * (`fcntl` locks; Node has no `flock`). The pid beside it is for the message only.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { conflict } from '@undercroft/kernel';
import { sqliteError } from '../control/sqlite/error.ts';
import { makeFolder, replaceFile } from '../files/durable.ts';

const LOCK_FILE = 'owner.lock';
const PID_FILE = 'owner.json';

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Takes the state folder for this process.
 *
 * @throws UndercroftError `store.owned` (409) if another process, or another platform in this one, has it
 */
export async function takeOwnership(dataDir: string): Promise<Ownership> {
  await makeFolder(dataDir);
  const lockPath = join(dataDir, LOCK_FILE);
  const pidPath = join(dataDir, PID_FILE);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockPath);
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const code = (error as { errcode?: number }).errcode ?? 0;
    if ((code & 0xff) !== 5) throw sqliteError(error, lockPath);
    const owner = await readOwner(pidPath);
    throw conflict(
      'store.owned',
      `${dataDir} is in use by ${owner === undefined ? 'another process' : `process ${owner}`}.`,
      `Stop that one first (undercroft status shows it${owner === undefined ? '' : `; kill ${owner}`}), or start this one with another folder: --data DIR.`,
    );
  }
  const held = lock;
  await replaceFile(pidPath, `${JSON.stringify({ pid: process.pid })}\n`);
  return {
    async release() {
      if (!held.isOpen) return;
      await rm(pidPath, { force: true });
      held.close();
    },
  };
}

/** @returns whether a process owns the folder now, and its pid where it is known */
export async function ownerOf(dataDir: string): Promise<{ readonly owned: boolean; readonly pid?: number }> {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(dataDir, LOCK_FILE), { readOnly: true });
    lock.exec('PRAGMA busy_timeout = 0');
    lock.prepare('SELECT 1 FROM sqlite_schema').all();
    return { owned: false };
  } catch (error) {
    if ((((error as { errcode?: number }).errcode ?? 0) & 0xff) !== 5) return { owned: false };
    const pid = await readOwner(join(dataDir, PID_FILE));
    return pid === undefined ? { owned: true } : { owned: true, pid };
  } finally {
    lock?.close();
  }
}

async function readOwner(path: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined; // The message then names no pid; the lock itself decides.
  }
}
