/** What scanning adds to the platform: the scan service of the sensor, runs and routes in the server, and `scan`. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { scanMigrations } from './state/migrations.ts';

export const ScanConfig = Type.Object(
  {
    targets: Type.Array(Type.String(), {
      default: ['127.0.0.1'],
      description: 'Scanned by itself, again and again. Beyond this machine nothing is scanned until somebody asks.',
    }),
    everyMinutes: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 10_080,
      description: 'Minutes between two scans of `targets`.',
    }),
    allowed: Type.Array(Type.String(), {
      default: [
        '127.0.0.0/8',
        '::1/128',
        '10.0.0.0/8',
        '172.16.0.0/12',
        '192.168.0.0/16',
        '169.254.0.0/16',
        'fc00::/7',
        'fe80::/10',
      ],
      description: 'Blocks that may be scanned at all. Add a public block only if it is yours.',
    }),
    denied: Type.Array(Type.String(), {
      default: [],
      description: 'Blocks that are never scanned, whatever `allowed` says.',
    }),
    keepRuns: Type.Integer({
      default: 500,
      minimum: 10,
      maximum: 100_000,
      description: 'Finished scans kept with their results.',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type ScanConfig = Static<typeof ScanConfig>;

export const scanModule = defineModule({
  name: 'scan',
  summary: 'Discovers hosts, open ports and the services behind them',
  config: ScanConfig,
  migrations: scanMigrations,
  events: [
    {
      name: 'scan_activity',
      uid: 6007,
      summary: 'A scan began or ended.',
      attributes: { 'scan.uid': 'string', num_hosts: 'int64', num_open_ports: 'int64' },
    },
  ],
  permissions: {
    scans: 'List scans, and start one.',
    'scans/+': 'Read one scan, its XML and what changed since the last.',
    'scans/+/cancel': 'Cancel a scan.',
  },
  commands: [
    {
      name: 'scan',
      summary: 'scan targets, list scans, print results as table, JSON or Nmap XML',
      load: () => import('./cli.ts'),
    },
  ],
  roles: {
    server: {
      requires: ['store', 'http', 'events', 'inventory', 'coverage', 'scan.run', 'host.inspect'],
      load: () => import('./server.ts'),
    },
    sensor: { provides: ['scan.run'], load: () => import('./sensor.ts') },
  },
});
