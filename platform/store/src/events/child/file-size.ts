import { statSync } from 'node:fs';

/** @returns 0 for a file that is not there */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
