/**
 * Makes a backup while the installation runs. Every part is copied by its owner as of one moment: the control store
 * through SQLite's backup API or `pg_dump`, the event store by itself, a module's folder by the copy it registered.
 * What the control store refers to is copied after it, so that nothing it names is missing.
 */
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type BackupResult, badRequest, type Clock, conflict, isoFromUs } from '@undercroft/kernel';
import { BLOB_FOLDER, UNFINISHED_FOLDER } from '../blobs/blob-store.ts';
import { CONTROL_FOLDER, SQLITE_FILE } from '../control/control-store.ts';
import { fileError, makeFolder, replaceFile, syncFile, syncFolder } from '../files/durable.ts';
import { BACKUPS_FOLDER, EVENTS_FOLDER, RUN_FOLDER } from '../folders.ts';
import { isArchive, writeArchive } from './archive.ts';
import { BACKUP_FORMAT, type BackupManifest, listFiles, MANIFEST_FILE } from './manifest.ts';

export const POSTGRES_FILE = 'control.pgdump';
const CONFIG_FILE = 'undercroft.yaml';

export interface BackupSources {
  readonly dataDir: string;
  readonly control: { readonly dialect: 'sqlite' | 'postgres'; copy(target: string): Promise<void> };
  readonly events: { backup(target: string): Promise<void> };
  /** By folder name: what modules registered with `onBackup`. */
  readonly copies: ReadonlyMap<string, (target: string) => Promise<void>>;
  readonly clock: Clock;
  readonly version: string;
}

/** @see Backup.create */
export async function createBackup(sources: BackupSources, target: string): Promise<BackupResult> {
  const startedMs = sources.clock.monotonicMs();
  if (!isAbsolute(target))
    throw badRequest('backup.target', `${JSON.stringify(target)} is not an absolute path.`, 'Begin it with /.');
  const path = resolve(target);
  const unfinished = `${path}.unfinished`;
  try {
    await checkTarget(path, sources.dataDir);
    await rm(unfinished, { recursive: true, force: true });
    await makeFolder(dirname(path));
    await mkdir(unfinished, { mode: 0o700 });
  } catch (error) {
    throw targetError(error, path);
  }
  try {
    const warnings = await copyAll(sources, unfinished);
    const manifest = await writeManifest(sources, unfinished, warnings);
    if (isArchive(path)) {
      await rm(`${path}.tmp`, { force: true });
      await writeArchive(unfinished, `${path}.tmp`);
      await rename(`${path}.tmp`, path);
    } else {
      await syncTree(unfinished);
      await rename(unfinished, path);
    }
    await syncFolder(dirname(path));
    return {
      path,
      files: manifest.files.length,
      sizeBytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      elapsedMs: sources.clock.monotonicMs() - startedMs,
      warnings,
    };
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await rm(`${path}.tmp`, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Paths that no file system takes; what else goes wrong with files is not the caller's doing. */
function targetError(error: unknown, path: string): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!/^(ENAMETOOLONG|ENOENT|ENOTDIR|ELOOP|EINVAL|ERR_INVALID_ARG_VALUE)$/.test(code)) return fileError(error, path);
  return badRequest('backup.target', `${JSON.stringify(path)} cannot be made (${code}).`, 'Name another place.');
}

async function checkTarget(path: string, dataDir: string): Promise<void> {
  if (await exists(path))
    throw conflict('backup.target', `${path} exists already.`, 'Name a file or folder that does not exist yet.');
  const inside = relative(resolve(dataDir), path);
  if (inside.startsWith('..') || inside === path || inside.split(sep)[0] === BACKUPS_FOLDER) return;
  throw badRequest(
    'backup.target',
    `${path} lies inside the state that is to be backed up.`,
    `Name a place outside ${dataDir}, best on another disk, or below ${join(dataDir, BACKUPS_FOLDER)}.`,
  );
}

/** @returns warnings */
async function copyAll(sources: BackupSources, target: string): Promise<string[]> {
  const { dataDir, control, events, copies } = sources;
  const warnings: string[] = [];
  const file = control.dialect === 'sqlite' ? SQLITE_FILE : POSTGRES_FILE;
  await control.copy(join(target, CONTROL_FOLDER, file));
  await events.backup(join(target, EVENTS_FOLDER));
  for (const [name, copy] of copies) {
    await mkdir(join(target, name), { recursive: true });
    await copy(join(target, name));
  }
  await copyTree(join(dataDir, BLOB_FOLDER), join(target, BLOB_FOLDER), UNFINISHED_FOLDER);
  const done = new Set([CONTROL_FOLDER, EVENTS_FOLDER, BLOB_FOLDER, RUN_FOLDER, BACKUPS_FOLDER, ...copies.keys()]);
  for (const entry of await readdir(dataDir, { withFileTypes: true })) {
    if (entry.isFile() && entry.name === CONFIG_FILE)
      await copyFile(join(dataDir, entry.name), join(target, entry.name));
    if (!entry.isDirectory() || done.has(entry.name)) continue;
    await copyTree(join(dataDir, entry.name), join(target, entry.name));
    warnings.push(`The folder ${entry.name} was copied as it lay: its owner registered no consistent copy.`);
  }
  return warnings;
}

/** Files and folders; sockets and links are no state. A file that goes away meanwhile was deleted in time. */
async function copyTree(from: string, to: string, skip?: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of (await readdir(from, { withFileTypes: true }).catch(missing)) ?? []) {
    if (entry.name === skip) continue;
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, copy);
    else if (entry.isFile()) await copyFile(source, copy, constants.COPYFILE_FICLONE).catch(missing);
  }
}

async function writeManifest(
  sources: BackupSources,
  folder: string,
  warnings: readonly string[],
): Promise<BackupManifest> {
  const manifest: BackupManifest = {
    product: 'undercroft',
    format: BACKUP_FORMAT,
    version: sources.version,
    createdAt: isoFromUs(sources.clock.nowUs()),
    control: sources.control.dialect,
    files: [...(await listFiles(folder))],
    warnings: [...warnings],
  };
  await replaceFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return manifest;
}

/** Makes everything below a folder durable. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else await syncFile(path);
  }
  await syncFolder(folder);
}

export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(missing)) !== undefined;
}

function missing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
