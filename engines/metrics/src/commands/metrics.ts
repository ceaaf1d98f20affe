/** `undercroft metrics`: charts, values and processes on the command line. */
import type { Command } from '@undercroft/kernel';

export const command: Command = {
  name: 'metrics',
  summary: 'Charts, values and processes of the hosts.',
  examples: [
    { line: 'undercroft metrics charts', does: 'lists what is measured' },
    { line: 'undercroft metrics query system.cpu --after -600 --points 10', does: 'shows the last ten minutes' },
    { line: 'undercroft metrics top', does: 'shows the busiest processes' },
  ],
  subcommands: [
    {
      name: 'charts',
      summary: 'Lists the charts.',
      load: async () => ({ command: (await import('./charts.ts')).command }),
    },
    {
      name: 'query',
      summary: 'Shows the values of a chart.',
      load: async () => ({ command: (await import('./query.ts')).command }),
    },
    {
      name: 'top',
      summary: 'Shows the busiest processes.',
      load: async () => ({ command: (await import('./top.ts')).command }),
    },
  ],
};
