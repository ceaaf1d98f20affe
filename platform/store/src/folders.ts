/** Folders of the installation's state: who may have which. */
import { badRequest } from '@undercroft/kernel';
import { BLOB_FOLDER } from './blobs/blob-store.ts';
import { CONTROL_FOLDER } from './control/control-store.ts';

export const EVENTS_FOLDER = 'events';
/** Sockets and pids: of this run, no state. */
export const RUN_FOLDER = 'run';
/** Where backups may lie without ending up in the next one. */
export const BACKUPS_FOLDER = 'backups';
const TAKEN: ReadonlySet<string> = new Set([BLOB_FOLDER, CONTROL_FOLDER, EVENTS_FOLDER, RUN_FOLDER, BACKUPS_FOLDER]);

/** @throws UndercroftError `store.folder-name` */
export function checkFolderName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,40}$/.test(name) && !TAKEN.has(name)) return;
  throw badRequest(
    'store.folder-name',
    `A module cannot have a folder ${JSON.stringify(name)}.`,
    `Use lower case letters, digits and -; ${[...TAKEN].join(', ')} are taken.`,
  );
}
