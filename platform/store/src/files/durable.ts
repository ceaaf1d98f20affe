/**
 * Files that survive a power cut: a name is durable once its folder was fsynced, its content once the file was.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';

/** Makes the names in a folder durable: what was created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no fsync of a folder; NTFS journals names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and its missing parents, durably, for nobody else to read.
 *
 * @throws UndercroftError `store.folder` if it cannot be made, with what to do
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = folder; ; made = dirname(made)) {
      await syncFolder(dirname(made));
      if (made === first || made === dirname(made)) return;
    }
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** Replaces a small file as a whole: temporary file, fsync, rename, fsync of the folder. */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Makes one file's content durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Says what a file system error means and what mends it. Errors of the platform pass unchanged. */
export function fileError(error: unknown, path: string): UndercroftError {
  if (error instanceof UndercroftError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new UndercroftError('store.folder', `${path} cannot be written (${code}).`, {
      fix: 'Give the user that runs Undercroft write access to it, or name another folder with --data.',
      cause: error,
      status: 503,
    });
  return new UndercroftError('store.file', `${path}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

export function diskFull(path: string, cause: unknown): UndercroftError {
  return new UndercroftError('store.disk-full', `The disk that holds ${path} is full; this write was not kept.`, {
    fix: 'Free space on it. Writes work again as soon as there is some; nothing needs a restart.',
    cause,
    status: 507,
  });
}
