import { type Command, UndercroftError } from '@undercroft/kernel';
import { SystemClock } from '@undercroft/kernel/runtime';
import { type RestoreOptions, restoreBackup } from '@undercroft/store';
import { INSTALLATION_OPTIONS, installationOf } from '../installation.ts';

export const command: Command = {
  name: 'restore',
  summary: 'bring a backup back',
  description:
    'Undercroft must be stopped. The backup is unpacked and verified first; only then does it take the place of the state.',
  positionals: [{ name: 'backup', summary: 'what "undercroft backup" wrote' }],
  options: {
    ...INSTALLATION_OPTIONS,
    'move-aside': { type: 'boolean', summary: 'keep existing state in a folder beside it instead of refusing' },
  },
  async run(call) {
    const installation = installationOf(call);
    const backup = call.positionals[0];
    if (backup === undefined)
      throw new UndercroftError('cli.usage', 'BACKUP is missing', { fix: 'undercroft restore --help' });
    const control = (installation.load().values['store'] as { control: RestoreOptions['control'] }).control;
    const result = await restoreBackup({
      backup,
      dataDir: installation.dataDir,
      moveAside: call.options['move-aside'] === true,
      control,
      clock: new SystemClock(),
    });
    call.printOne({ restored: installation.dataDir, ...result });
    return 0;
  },
};
