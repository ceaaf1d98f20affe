import { type Backup, type BackupResult, conflict, type Log } from '@undercroft/kernel';
import type { BackupSources } from './create.ts';

/** Backups of the running installation, one at a time. */
export function startBackups(sources: BackupSources & { readonly log: Log }): Backup {
  let running: Promise<BackupResult> | undefined;
  return {
    async create(target) {
      if (running !== undefined)
        throw conflict('backup.running', 'A backup is being made already.', 'Wait until it is done.');
      running = import('./create.ts').then(({ createBackup }) => createBackup(sources, target));
      try {
        const result = await running;
        sources.log.info(
          { backup: result.path, files: result.files, sizeBytes: result.sizeBytes },
          'A backup was made.',
        );
        return result;
      } finally {
        running = undefined;
      }
    },
  };
}
