/** Control store, event store, blobs, backup: the module, and what works on the state while no server runs. */
import type { RestoreOptions, RestoreResult } from './backup/restore.ts';

export type { RestoreOptions, RestoreResult } from './backup/restore.ts';
export { storeModule } from './module.ts';

/** Puts a backup in place of an installation's state; see `backup/restore.ts`, loaded when called. */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const restore = await import('./backup/restore.ts');
  return restore.restoreBackup(options);
}
