/** A backup as one file: tar, compressed by zlib on libuv's pool. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { create, extract } from 'tar';
import { syncFile } from '../files/durable.ts';
import { notABackup } from './manifest.ts';

/** Most of a backup is compressed already (Parquet, metrics): speed counts. */
const GZIP_LEVEL = 1;

export function isArchive(path: string): boolean {
  return /\.(tar\.gz|tgz)$/i.test(path);
}

/** Writes a folder's files into a new archive. */
export async function writeArchive(folder: string, file: string): Promise<void> {
  const pack = create({ cwd: folder, strict: true, follow: false }, ['.']);
  await pipeline(
    Readable.from(pack, { objectMode: false }),
    createGzip({ level: GZIP_LEVEL }),
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
  );
  await syncFile(file);
}

/**
 * Unpacks an archive's files and folders into a new folder; links and devices are refused.
 *
 * @throws UndercroftError `restore.manifest` if it is not an archive or a torn one
 */
export async function readArchive(file: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let refused: string | undefined;
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      chmod: true,
      filter: (path, entry) => {
        if (!('type' in entry) || entry.type === 'File' || entry.type === 'Directory') return true;
        refused ??= `${path} in it is a ${entry.type}`;
        return false;
      },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') || code?.startsWith('TAR_')) throw notABackup(`it cannot be unpacked (${code})`);
    throw error;
  }
  if (refused !== undefined) throw notABackup(refused);
}
