/**
 * Puts a backup in place of an installation's state, while no server runs. Everything is unpacked beside the state
 * folder and verified there; only then is the old state moved aside and the new one renamed into its place.
 */
import { cp, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Clock, conflict, isoFromUs, notFound, UndercroftError } from '@undercroft/kernel';
import { type ControlConfig, postgresTarget } from '../control/config.ts';
import { CONTROL_FOLDER } from '../control/control-store.ts';
import { fileError, makeFolder, syncFolder } from '../files/durable.ts';
import { ownerOf } from '../owner/owner.ts';
import { readArchive } from './archive.ts';
import { exists, POSTGRES_FILE, syncTree } from './create.ts';
import { type BackupManifest, differences, MANIFEST_FILE, notABackup, parseManifest } from './manifest.ts';

/** Differences named in a message; the rest is counted. */
const MAX_NAMED = 5;

export interface RestoreOptions {
  /** A folder or file that `undercroft backup` wrote. */
  readonly backup: string;
  readonly dataDir: string;
  /** Moves existing state to a folder beside it; without this, it is refused. */
  readonly moveAside?: boolean;
  /** Configuration of the control store, `store.control`. */
  readonly control: ControlConfig;
  readonly clock: Clock;
}

export interface RestoreResult {
  readonly version: string;
  readonly createdAt: string;
  readonly files: number;
  /** Where the state lies that was there before. */
  readonly movedTo?: string;
}

/**
 * @throws UndercroftError `restore.running`, `restore.not-empty`, `restore.manifest`, `restore.format`,
 * `restore.damaged`, `restore.dialect`, `store.pg-tool`; the state is then as it was
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const dataDir = resolve(options.dataDir);
  const backup = resolve(options.backup);
  if (!(await exists(backup))) throw notFound('backup', backup);
  const occupied = await checkStateFolder(dataDir, options.moveAside === true);
  const staging = join(dirname(dataDir), `.${basename(dataDir)}.restoring`);
  try {
    await makeFolder(dirname(dataDir));
    await rm(staging, { recursive: true, force: true });
    if ((await stat(backup)).isDirectory()) await cp(backup, staging, { recursive: true, errorOnExist: true });
    else await readArchive(backup, staging);
    const manifest = await verify(staging, options.control);
    await rm(join(staging, MANIFEST_FILE));
    await syncTree(staging);
    if (manifest.control === 'postgres') await restorePostgres(options.control, staging);
    const movedTo = await replaceState(dataDir, staging, occupied, options.clock);
    return {
      version: manifest.version,
      createdAt: manifest.createdAt,
      files: manifest.files.length,
      ...(movedTo === undefined ? {} : { movedTo }),
    };
  } catch (error) {
    throw fileError(error, dataDir);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** @returns whether there is state to move aside */
async function checkStateFolder(dataDir: string, moveAside: boolean): Promise<boolean> {
  if (!(await exists(dataDir))) return false;
  const { owned, pid } = await ownerOf(dataDir);
  if (owned)
    throw conflict(
      'restore.running',
      `${dataDir} is in use by ${pid === undefined ? 'a running server' : `process ${pid}`}.`,
      'Stop it first, then restore.',
    );
  const occupied = (await readdir(dataDir)).length > 0;
  if (occupied && !moveAside)
    throw conflict(
      'restore.not-empty',
      `${dataDir} holds state already.`,
      'Add --move-aside to keep it in a folder beside, or name an empty folder with --data.',
    );
  return occupied;
}

async function verify(folder: string, control: ControlConfig): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => {
    throw notABackup('it has no manifest.json');
  });
  const manifest = parseManifest(text);
  const wrong = await differences(folder, manifest);
  if (wrong.length > 0) {
    const more = wrong.length > MAX_NAMED ? `; and ${wrong.length - MAX_NAMED} more` : '';
    throw new UndercroftError(
      'restore.damaged',
      `The backup is damaged: ${wrong.slice(0, MAX_NAMED).join('; ')}${more}.`,
      {
        fix: 'Use another backup, or copy this one again from where it came. Nothing was changed here.',
        status: 400,
      },
    );
  }
  if (manifest.control !== control.kind)
    throw conflict(
      'restore.dialect',
      `The backup holds a ${manifest.control} control store, but store.control.kind is ${control.kind}.`,
      `Set store.control.kind to ${manifest.control} for this installation.`,
    );
  return manifest;
}

async function restorePostgres(control: ControlConfig, staging: string): Promise<void> {
  const { restoreDatabase } = await import('../control/postgres/dump.ts');
  const file = join(staging, CONTROL_FOLDER, POSTGRES_FILE);
  await restoreDatabase(postgresTarget(control), file);
  await rm(file);
}

/** @returns where the old state went */
async function replaceState(
  dataDir: string,
  staging: string,
  occupied: boolean,
  clock: Clock,
): Promise<string | undefined> {
  let movedTo: string | undefined;
  if (occupied) {
    movedTo = `${dataDir}.before-restore-${isoFromUs(clock.nowUs()).replace(/[-:]|\.\d+/g, '')}`;
    await rename(dataDir, movedTo);
  } else if (await exists(dataDir)) await rmdir(dataDir);
  await rename(staging, dataDir);
  await syncFolder(dirname(dataDir));
  return movedTo;
}
