import { join } from 'node:path';

/** What is not finished. Emptied at each start. */
export const TEMPORARY_FOLDER = 'tmp';

/** A path of the store as an absolute one: what changes files names them whole, so that a trace of it can be read. */
export function inStore(path: string): string {
  return join(process.cwd(), path);
}
