/** Commands of the platform itself; engines bring their own. */
import type { CommandEntry } from '@undercroft/kernel';

export const PLATFORM_COMMANDS: readonly CommandEntry[] = [
  { name: 'up', summary: 'start everything on this machine', load: () => import('./up/command.ts') },
  { name: 'status', summary: 'is it running, and how well', load: () => import('./status.ts') },
  { name: 'events', summary: 'what happened: search, follow', load: () => import('./events.ts') },
  { name: 'config', summary: 'check, show and explain the configuration', load: () => import('./config.ts') },
  { name: 'backup', summary: 'write a consistent copy of everything while it runs', load: () => import('./backup.ts') },
  { name: 'restore', summary: 'bring a backup back', load: () => import('./restore.ts') },
  {
    name: 'completion',
    summary: 'print shell completions for bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
];
