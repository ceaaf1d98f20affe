/**
 * Files by name. A blob is written beside, fsynced, renamed into place and its folder fsynced: it is there as a whole
 * or not at all, and what `put` acknowledged survives a power cut.
 */
import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { type BlobStore, type Log, notFound } from '@undercroft/kernel';
import { fileError, makeFolder, syncFolder } from '../files/durable.ts';
import { checkBlobName } from './name.ts';

export const BLOB_FOLDER = 'blobs';
/** Where blobs lie until they are whole. No blob can have this name. */
export const UNFINISHED_FOLDER = '.unfinished';

/** Opens the blobs below the state folder and sweeps what a crash left unfinished. */
export async function openBlobStore(dataDir: string, log: Log): Promise<BlobStore> {
  const root = join(dataDir, BLOB_FOLDER);
  const unfinished = join(root, UNFINISHED_FOLDER);
  await makeFolder(unfinished);
  const torn = await readdir(unfinished);
  for (const name of torn) await rm(join(unfinished, name), { force: true });
  if (torn.length > 0) log.info({ files: torn.length }, 'Blobs that a crash left unfinished were removed.');
  return {
    async put(name, data) {
      checkBlobName(name);
      const path = join(root, name);
      const temporary = join(unfinished, randomUUID());
      try {
        const written = await writeHashed(temporary, data);
        await makeFolder(dirname(path));
        await rename(temporary, path);
        await syncFolder(dirname(path));
        return written;
      } catch (error) {
        await rm(temporary, { force: true });
        throw fileError(error, path);
      }
    },
    async get(name) {
      checkBlobName(name);
      try {
        const handle = await open(join(root, name), 'r');
        return handle.createReadStream();
      } catch (error) {
        throw isMissing(error) ? notFound('blob', name) : fileError(error, join(root, name));
      }
    },
    async delete(name) {
      checkBlobName(name);
      const path = join(root, name);
      try {
        await rm(path);
        await syncFolder(dirname(path));
      } catch (error) {
        throw isMissing(error) ? notFound('blob', name) : fileError(error, path);
      }
    },
    async list(prefix) {
      const found: { name: string; sizeBytes: number; modifiedUs: number }[] = [];
      for (const name of await blobNames(root)) {
        if (!name.startsWith(prefix)) continue;
        const stats = await stat(join(root, name)).catch(missing);
        if (stats !== undefined)
          found.push({ name, sizeBytes: stats.size, modifiedUs: Math.round(stats.mtimeMs * 1000) });
      }
      return found;
    },
  };
}

/** Names of all blobs, sorted. */
export async function blobNames(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(missing);
  return (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((name) => !name.startsWith(`${UNFINISHED_FOLDER}/`))
    .sort();
}

async function writeHashed(path: string, data: Uint8Array | Readable): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of data instanceof Uint8Array ? [data] : data) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      hash.update(bytes);
      sizeBytes += bytes.byteLength;
      await handle.appendFile(bytes);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ERR_FS_EISDIR';
}

/** A file that went away between listing and reading is not there. */
function missing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
