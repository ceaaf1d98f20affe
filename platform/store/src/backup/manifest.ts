/** What is in a backup, with a checksum for each file, so that a restore trusts nothing it has not verified. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { badRequest, UndercroftError } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';

export const MANIFEST_FILE = 'manifest.json';
/** Of the layout of a backup. A restore refuses a higher one. */
export const BACKUP_FORMAT = 1;
/** Read and hashed at once; a larger step would hold up the event loop for longer than a millisecond. */
const HASH_STEP_BYTES = 256 * 1024;

const BackupFile = Type.Object({
  /** Relative, with `/`. */
  path: Type.String(),
  sizeBytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export type BackupFile = Static<typeof BackupFile>;

const BackupManifest = Type.Object({
  product: Type.Literal('undercroft'),
  format: Type.Integer({ minimum: 1 }),
  version: Type.String(),
  createdAt: Type.String(),
  control: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')]),
  files: Type.Array(BackupFile),
  warnings: Type.Array(Type.String()),
});
export type BackupManifest = Static<typeof BackupManifest>;

/** @throws UndercroftError `restore.manifest`, `restore.format` */
export function parseManifest(text: string): BackupManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notABackup('its manifest.json is not JSON');
  }
  if (!Value.Check(BackupManifest, value)) throw notABackup('its manifest.json does not describe a backup');
  const manifest = value as BackupManifest;
  if (manifest.format > BACKUP_FORMAT)
    throw new UndercroftError(
      'restore.format',
      `The backup was made by version ${manifest.version} in a format (${manifest.format}) that this version does not know.`,
      { fix: `Restore it with version ${manifest.version} or newer.`, status: 400 },
    );
  for (const file of manifest.files)
    if (!isInside(file.path)) throw notABackup(`its manifest names the file ${JSON.stringify(file.path)}`);
  return manifest;
}

/** Hashes every file below a folder, the manifest left out. Sorted by path. */
export async function listFiles(folder: string): Promise<readonly BackupFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((path) => path !== MANIFEST_FILE)
    .sort();
  const files: BackupFile[] = [];
  for (const path of paths) {
    const { size } = await stat(join(folder, path));
    files.push({ path, sizeBytes: size, sha256: await sha256(join(folder, path)) });
  }
  return files;
}

/** What is wrong with the files below a folder by a manifest; nothing if all is as it was written. */
export async function differences(folder: string, manifest: BackupManifest): Promise<readonly string[]> {
  const found = new Map((await listFiles(folder)).map((file) => [file.path, file]));
  const wrong: string[] = [];
  for (const file of manifest.files) {
    const other = found.get(file.path);
    found.delete(file.path);
    if (other === undefined) wrong.push(`${file.path} is missing`);
    else if (other.sizeBytes !== file.sizeBytes)
      wrong.push(`${file.path} has ${other.sizeBytes} bytes instead of ${file.sizeBytes}`);
    else if (other.sha256 !== file.sha256) wrong.push(`${file.path} was changed (its checksum differs)`);
  }
  for (const path of found.keys()) wrong.push(`${path} is not in the manifest`);
  return wrong;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: HASH_STEP_BYTES })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function isInside(path: string): boolean {
  return (
    path !== '' && !path.includes('\\') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

export function notABackup(why: string): UndercroftError {
  return badRequest(
    'restore.manifest',
    `This is not a backup of Undercroft, or not a whole one: ${why}.`,
    'Name a folder or file that undercroft backup has written.',
  );
}
