/**
 * The boot key: 32 random bytes in `keys/boot.key` (mode 0600), made on first run. From it come the keys under which
 * console users, sessions and platform tokens lie in the control store; losing it means signing in anew.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Log, UndercroftError } from '@undercroft/kernel';

const KEY_BYTES = 32;

export function bootKeyPath(dataDir: string): string {
  return join(dataDir, 'keys', 'boot.key');
}

/** Reads the boot key, or makes it durably. @throws UndercroftError `identity.boot-key` */
export async function openBootKey(dataDir: string, log: Log): Promise<Buffer> {
  const path = bootKeyPath(dataDir);
  try {
    return await readKey(path, log);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw bootKeyError(path, error);
  }
  try {
    return await createKey(path);
  } catch (error) {
    throw bootKeyError(path, error);
  }
}

async function readKey(path: string, log: Log): Promise<Buffer> {
  const key = await readFile(path);
  if (key.length !== KEY_BYTES)
    throw new UndercroftError('identity.boot-key', `${path} holds ${key.length} bytes, not ${KEY_BYTES}.`, {
      fix: 'Restore it from a backup. Without it, remove it and set up the owner again.',
    });
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
    await chmod(path, 0o600);
    log.warn({ path }, 'the boot key was readable by others; its mode is 0600 again');
  }
  return key;
}

async function createKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  for (const each of [folder, dirname(folder)]) await syncFolder(each);
  return key;
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function bootKeyError(path: string, error: unknown): UndercroftError {
  if (error instanceof UndercroftError) return error;
  return new UndercroftError('identity.boot-key', `${path}: ${(error as Error).message}`, {
    fix: 'Give the user that runs Undercroft its own, writable data folder.',
    cause: error,
  });
}
