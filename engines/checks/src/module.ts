/** What checking adds to the platform: scheduled checks, native ones and plugins, their states and the `checks` command. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { checksMigrations } from './state/migrations.ts';

export const ChecksConfig = Type.Object(
  {
    self: Type.Boolean({ default: true, description: 'Check that this Undercroft itself answers.' }),
    maxConcurrent: Type.Integer({
      default: 64,
      minimum: 1,
      maximum: 1_024,
      description: 'Checks under way at once; the rest wait, and their lateness is shown.',
    }),
    historyDays: Type.Integer({
      default: 90,
      minimum: 1,
      maximum: 3_650,
      description: 'Days for which changes of state are kept.',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type ChecksConfig = Static<typeof ChecksConfig>;

export const checksModule = defineModule({
  name: 'checks',
  summary: 'Runs monitoring plugins and native checks, and says what does not work',
  config: ChecksConfig,
  migrations: checksMigrations,
  permissions: {
    checks: 'List checks, and add one.',
    'checks/+': 'Read, change or delete one check.',
    'checks/+/run': 'Run one check now.',
    'checks/+/history': 'Read when its state changed.',
  },
  commands: [
    {
      name: 'checks',
      summary: 'what is checked and how it is; add, run, delete checks',
      load: () => import('./cli.ts'),
    },
  ],
  roles: {
    server: {
      requires: [
        'store',
        'http',
        'events',
        'inventory',
        'alerts',
        'coverage',
        'checks.run',
        'plugins.run',
        'host.inspect',
      ],
      load: () => import('./server.ts'),
    },
    sensor: { provides: ['checks.run'], load: () => import('./sensor.ts') },
    agent: { provides: ['plugins.run'], load: () => import('./agent.ts') },
  },
});
