/** The `undercroft` program: finds the command, runs it, and ends with its exit code. */
import type { CommandEntry } from '@undercroft/kernel';
import { dispatch } from './cli/dispatch.ts';
import { PLATFORM_COMMANDS } from './commands/index.ts';
import { VERSION } from './version.ts';

// --version answers without loading the modules; everything else needs their commands.
if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2] ?? '')) {
  process.stdout.write(`undercroft ${VERSION}\n`);
} else {
  const { MODULES } = await import('./modules.ts');
  const commands: readonly CommandEntry[] = [
    ...PLATFORM_COMMANDS,
    ...MODULES.flatMap((module) => module.commands ?? []),
  ];
  process.exitCode = await dispatch(commands, process.argv.slice(2), process);
}
