import { resolve } from 'node:path';
import type { Command } from '@undercroft/kernel';

interface BackupView {
  readonly path: string;
  readonly files: number;
  readonly sizeBytes: number;
}

export const command: Command = {
  name: 'backup',
  summary: 'write a consistent copy of everything while it runs',
  description:
    'The server writes it, so the path is one of its machine. A name ending in .tar.gz gives one file, any other a folder.',
  positionals: [{ name: 'target', summary: 'new file or folder' }],
  examples: [
    { line: 'undercroft backup /srv/backups/undercroft-monday.tar.gz', does: 'one file' },
    {
      line: 'undercroft restore /srv/backups/undercroft-monday.tar.gz',
      does: 'brings it back, with Undercroft stopped',
    },
  ],
  async run(call) {
    const target = resolve(call.positionals[0] ?? '');
    call.printOne({ ...(await call.client.request<BackupView>('POST', '/backups', { target })) });
    return 0;
  },
};
