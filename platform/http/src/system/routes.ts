/** The platform about itself: health, what is watched, configuration, processes, this document. */
import { hostname } from 'node:os';
import { type Backup, type Coverage, type PlatformControl, type Route, route, toEdge } from '@undercroft/kernel';
import Type from 'typebox';
import type { EndpointCounters } from '../api/endpoint.ts';
import { Iso8601 } from '../lists/time.ts';
import type { LiveStats } from '../live/hub.ts';

/** What the listener counts: by route, and on the live streams. */
export interface HttpCounters {
  readonly routes: Readonly<Record<string, Readonly<EndpointCounters>>>;
  readonly rateLimited: number;
  readonly connections: number;
  readonly live: LiveStats;
}

/** State of years takes its time to copy. */
const BACKUP_TIMEOUT_MS = 6 * 3_600_000;

const Count = Type.Integer({ minimum: 0 });

const Health = Type.Object({
  status: Type.Enum(['starting', 'ok', 'degraded']),
  version: Type.String(),
  startedAt: Iso8601,
  modules: Type.Array(
    Type.Object({
      name: Type.String(),
      role: Type.String(),
      state: Type.String(),
      error: Type.Optional(Type.String()),
    }),
  ),
});

const CoverageLines = Type.Object({
  items: Type.Array(
    Type.Object({
      feature: Type.String(),
      state: Type.Enum(['ok', 'warning', 'off', 'failed']),
      text: Type.String(),
      fix: Type.Optional(Type.String({ description: 'The command or setting that changes it.' })),
    }),
  ),
});

const ConfigItems = Type.Object({
  items: Type.Array(
    Type.Object({
      key: Type.String(),
      value: Type.Unknown({ description: 'Secrets are not shown.' }),
      source: Type.Object({
        kind: Type.Enum(['default', 'file', 'env', 'flag']),
        where: Type.Optional(Type.String()),
      }),
      default: Type.Optional(Type.Unknown()),
      summary: Type.String(),
      live: Type.Boolean({ description: 'A reload takes a change of it without a restart.' }),
    }),
  ),
});

const System = Type.Object({
  host: Type.String(),
  version: Type.String(),
  dataDir: Type.String(),
  roles: Type.Array(
    Type.Object({
      role: Type.String(),
      pid: Type.Optional(Type.Integer()),
      state: Type.String(),
      rssBytes: Type.Optional(Type.Integer()),
      cpuPercent: Type.Optional(Type.Number()),
      restarts: Count,
    }),
  ),
  http: Type.Object({
    routes: Type.Record(
      Type.String(),
      Type.Object({ requests: Count, clientErrors: Count, serverErrors: Count, totalMs: Type.Number() }),
    ),
    rateLimited: Count,
    connections: Count,
    live: Type.Object({ listeners: Count, topics: Count, sent: Count, resets: Count }),
  }),
});

export function systemRoutes(options: {
  readonly control: PlatformControl;
  readonly coverage: Coverage;
  readonly backup: Backup;
  readonly dataDir: string;
  readonly version: string;
  readonly counters: () => HttpCounters;
  readonly document: () => string;
}): readonly Route[] {
  const { control, coverage } = options;
  return [
    route({
      method: 'GET',
      path: '/health',
      summary: 'Is it running',
      tag: 'system',
      access: 'public',
      response: Health,
      async handler() {
        return toEdge(control.health()) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This document',
      tag: 'system',
      access: 'public',
      contentType: 'application/json; charset=utf-8',
      response: Type.Record(Type.String(), Type.Unknown()),
      async handler() {
        return options.document() as never;
      },
    }),
    route({
      method: 'GET',
      path: '/coverage',
      summary: 'What is watched, what is not, and why',
      tag: 'system',
      response: CoverageLines,
      async handler() {
        return { items: [...coverage.lines()] };
      },
    }),
    route({
      method: 'GET',
      path: '/config',
      summary: 'The configuration in force and where it comes from',
      tag: 'system',
      response: ConfigItems,
      async handler() {
        return { items: control.configItems() as never };
      },
    }),
    route({
      method: 'POST',
      path: '/config/reload',
      summary: 'Read the configuration again',
      tag: 'system',
      access: { capability: 'update' },
      response: Type.Object({
        changed: Type.Array(Type.String()),
        restart: Type.Array(Type.String(), { description: 'Changed keys that wait for a restart.' }),
      }),
      async handler() {
        const { changed, restart } = await control.reload();
        return { changed: [...changed], restart: [...restart] };
      },
    }),
    route({
      method: 'POST',
      path: '/backups',
      summary: 'Write a consistent copy of all state on the machine of the server',
      tag: 'system',
      access: { capability: 'sudo' },
      body: Type.Object(
        {
          target: Type.String({
            minLength: 1,
            maxLength: 4096,
            pattern: '^/',
            description: 'A new folder, or a new file whose name ends in .tar.gz.',
          }),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({
        path: Type.String(),
        files: Count,
        sizeBytes: Count,
        elapsedMs: Type.Number(),
        warnings: Type.Array(Type.String()),
      }),
      timeoutMs: BACKUP_TIMEOUT_MS,
      async handler({ body, auditDetail }) {
        auditDetail(`backup to ${body.target}`);
        return (await options.backup.create(body.target)) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/system',
      summary: 'The processes of the platform and what they use',
      tag: 'system',
      response: System,
      async handler() {
        const { dataDir, version } = options;
        const roles = await control.roles();
        return { host: hostname(), version, dataDir, roles: roles as never, http: options.counters() as never };
      },
    }),
  ];
}
