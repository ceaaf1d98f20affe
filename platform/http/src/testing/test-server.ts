/** A listener on a free port with fakes around it, for tests and benches of this package. */
import {
  type AuditEntry,
  type Clock,
  type CoverageLine,
  type EventListener,
  type EventQuery,
  type EventQueryResult,
  type Http,
  type HttpGuard,
  type PlatformEvent,
  type Principal,
  UndercroftError,
} from '@undercroft/kernel';
import { SystemClock, testContext } from '@undercroft/kernel/testing';
import { Default } from 'typebox/value';
import { type HttpConfig, HttpConfigSchema } from '../module.ts';
import { start } from '../server.ts';

export interface TestServerOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly dataDir?: string;
  /** Leaves the guard out, as it is before identity has started. */
  readonly unsecured?: boolean;
}

export interface TestServer {
  readonly http: Http;
  readonly url: string;
  readonly port: number;
  readonly audit: AuditEntry[];
  /** Tokens and who they stand for. */
  readonly principals: Map<string, Principal>;
  /** `accessor capability path` that is denied. */
  readonly denied: Set<string>;
  readonly queries: EventQuery[];
  readonly reloads: { count: number };
  status: 'starting' | 'ok';
  auditFails: boolean;
  answer: Partial<EventQueryResult>;
  guard: HttpGuard;
  publish(event: PlatformEvent): void;
  cover(line: CoverageLine): void;
  reconfigure(config: Readonly<Record<string, unknown>>): Promise<void>;
  /** A request with the owner's token; `path` is below `/platform/v1`. */
  get(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export const OWNER_TOKEN = 'token-of-the-owner-of-this-test';

export function principal(name: string, tenant = 'default'): Principal {
  return {
    entityId: `entity-${name}`,
    name,
    tenant,
    policies: [],
    accessor: `accessor-${name}`,
    kind: 'token',
    owner: name === 'owner',
  };
}

export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const audit: AuditEntry[] = [];
  const principals = new Map<string, Principal>([[OWNER_TOKEN, principal('owner')]]);
  const denied = new Set<string>();
  const queries: EventQuery[] = [];
  const eventListeners = new Set<EventListener>();
  const coverageListeners = new Set<(line: CoverageLine) => void>();
  const lines = new Map<string, CoverageLine>();
  const reloads = { count: 0 };
  const guard: HttpGuard = {
    async authenticate({ headers }) {
      const token =
        headers.authorization?.replace(/^Bearer /, '') ?? /undercroft_session=([^;]+)/.exec(headers.cookie ?? '')?.[1];
      return principals.get(token ?? '');
    },
    allows: (who, path, capability) => !denied.has(`${who.accessor} ${capability} ${path}`),
    async audit(entry) {
      if (server.auditFails) throw new UndercroftError('events.full', 'The disk is full.');
      audit.push(entry);
    },
  };
  const config = Default(HttpConfigSchema, {
    listen: '127.0.0.1:0',
    consoleDir: '/nonexistent',
    ...options.config,
  }) as HttpConfig;
  const test = testContext({
    module: 'http',
    config,
    clock: options.clock ?? new SystemClock(),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    services: {
      coverage: {
        report: (line) => void lines.set(line.feature, line),
        lines: () => [...lines.values()],
        subscribe: (listener) => {
          coverageListeners.add(listener);
          return () => void coverageListeners.delete(listener);
        },
      },
      events: {
        publish: () => {},
        append: async () => {
          throw new Error('Nothing is appended here.');
        },
        writeRows: async () => {},
        subscribe: (listener) => {
          eventListeners.add(listener);
          return () => void eventListeners.delete(listener);
        },
      },
      'events.query': {
        async query(query) {
          queries.push(query);
          return { events: [], rows: [], scanned: { files: 0, rows: 0 }, elapsedMs: 1, warnings: [], ...server.answer };
        },
        stats: async () => ({
          events: 3,
          hotRows: 3,
          files: 0,
          sizeBytes: 100,
          dropped: 0,
          skippedFiles: [],
          oldestUs: 1e15,
        }),
      },
      backup: { create: async (path) => ({ path, files: 1, sizeBytes: 1, elapsedMs: 1, warnings: [] }) },
      'platform.control': {
        health: () => ({
          status: server.status,
          version: '0.0.0-test',
          startedUs: 1e15,
          modules: [{ name: 'http', role: 'server', state: 'running' }],
        }),
        configItems: () => [
          {
            key: 'http.listen',
            value: config.listen,
            source: { kind: 'flag', where: '--listen' },
            default: '127.0.0.1:7600',
            summary: 'Address.',
            live: false,
          },
        ],
        reload: async () => {
          reloads.count += 1;
          return { changed: ['http.limits'], restart: [] };
        },
        roles: async () => [
          { role: 'server', pid: process.pid, state: 'running', rssBytes: 1, cpuPercent: 0.5, restarts: 0 },
        ],
      },
    },
  });
  let running: Awaited<ReturnType<typeof start>>;
  try {
    running = await start(test.context);
  } catch (error) {
    test.stop();
    throw error;
  }
  const http = test.provided.get('http') as Http;
  if (!options.unsecured) http.secure(guard);
  const { url, port } = http.address();
  const server: TestServer = {
    http,
    url,
    port,
    audit,
    principals,
    denied,
    queries,
    reloads,
    status: 'ok',
    auditFails: false,
    answer: {},
    guard,
    publish: (event) => {
      for (const listener of eventListeners) listener(event);
    },
    cover: (line) => {
      lines.set(line.feature, line);
      for (const listener of coverageListeners) listener(line);
    },
    get: (path, init = {}) =>
      fetch(`${url}/platform/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${OWNER_TOKEN}`, ...init.headers },
      }),
    async reconfigure(changes) {
      const next = Default(HttpConfigSchema, { listen: config.listen, ...changes });
      await running.reconfigure?.(next as never);
    },
    async stop() {
      await running.stop?.();
      test.stop();
    },
  };
  return server;
}
