import { statfsSync, statSync } from 'node:fs';

/** @returns 0 for a file that is not there */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What an ordinary user may still write to the disk of the working directory. */
export function freeBytes(): number {
  const { bavail, bsize } = statfsSync('.');
  return bavail * bsize;
}
