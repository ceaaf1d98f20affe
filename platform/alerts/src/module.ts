/** What the alerts pipeline adds to the platform: tables, settings, events, routes, the `problems` command. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { alertsEvents } from './events.ts';
import { alertsMigrations } from './state/migrations.ts';

export const AlertsConfig = Type.Object(
  {
    flapping: Type.Object(
      {
        enabled: Type.Boolean({ default: true, description: 'Say once that something flaps instead of each change.' }),
        highPercent: Type.Number({ default: 30, minimum: 1, maximum: 100, description: 'Flapping begins at it.' }),
        lowPercent: Type.Number({ default: 20, minimum: 0, maximum: 100, description: 'Flapping ends at it.' }),
      },
      { additionalProperties: false, default: {} },
    ),
    reopenWithinS: Type.Integer({
      default: 600,
      minimum: 0,
      description: 'A problem that comes back within so many seconds is the same one.',
    }),
    afterParentS: Type.Integer({
      default: 60,
      minimum: 0,
      description: 'Seconds until a problem is told after the one in front of it has closed.',
    }),
    keepSentDays: Type.Integer({
      default: 90,
      minimum: 1,
      description: 'Days for which sent notifications are listed.',
    }),
    scripts: Type.Object(
      {
        allowed: Type.Array(Type.String({ pattern: '^/' }), {
          default: [],
          description:
            'Programs, or folders of programs, that contacts of the script channel may run. None: it is off.',
        }),
        user: Type.Optional(
          Type.String({
            pattern: '^\\d{1,10}(:\\d{1,10})?$',
            description: 'Run them as this user, `uid` or `uid:gid`; needs a server that may change users.',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false, default: {} },
);
export type AlertsConfig = Static<typeof AlertsConfig>;

export const alertsModule = defineModule({
  name: 'alerts',
  summary: 'Problems of every engine: acknowledgement, downtime, escalation, notification.',
  config: AlertsConfig,
  migrations: alertsMigrations,
  events: alertsEvents,
  permissions: {
    problems: 'List problems.',
    'problems/+': 'Read one problem with its history.',
    'problems/+/acknowledge': 'Acknowledge a problem, and take that back.',
    'problems/+/comment': 'Comment on a problem.',
    'problems/+/downtime': 'Put a problem into downtime.',
    'problems/bulk': 'Acknowledge many problems, or put them into downtime.',
    downtimes: 'List and plan downtimes.',
    'downtimes/+': 'Cancel a downtime.',
    'notifications/routes': 'List and add notification routes.',
    'notifications/routes/+': 'Change and delete a notification route.',
    'notifications/contacts': 'List and add contacts; their secrets are never shown.',
    'notifications/contacts/+': 'Change and delete a contact.',
    'notifications/contacts/+/test': 'Send a test to a contact.',
    'notifications/channels': 'List the channels and their settings.',
    'notifications/sent': 'List what was sent and what could not be.',
  },
  commands: [
    {
      name: 'problems',
      summary: 'List problems, acknowledge, comment, plan downtime.',
      load: () => import('./cli.ts'),
    },
  ],
  roles: {
    server: {
      requires: ['store', 'events', 'http', 'inventory', 'coverage'],
      provides: ['alerts'],
      load: () => import('./server.ts'),
    },
  },
});
