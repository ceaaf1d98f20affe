/** For tests: the whole pipeline over a real store and inventory fakes, with a channel that keeps what it is sent. */
import type {
  Asset,
  CoverageLine,
  EventInput,
  Events,
  Http,
  Inventory,
  Principal,
  Problem,
  Route,
} from '@undercroft/kernel';
import { ManualClock, testContext } from '@undercroft/kernel/testing';
import { openTestStore, type TestStore } from '@undercroft/store/testing';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { type Channel, ChannelError } from '../channels/channel.ts';
import type { Message } from '../engine/message.ts';
import { AlertsConfig, alertsModule } from '../module.ts';
import { start } from '../server.ts';
import type { AlertsService } from '../service.ts';

export const OWNER: Principal = {
  entityId: 'e1',
  name: 'ana',
  tenant: 'default',
  policies: [],
  accessor: 'a1',
  kind: 'session',
  owner: true,
};

export interface TestAlertsOptions {
  readonly clock?: ManualClock;
  readonly config?: object;
  readonly store?: TestStore;
  readonly dataDir?: string;
  /** How often the pipeline looks at what is due; 5 s if absent, as on the platform. */
  readonly tickMs?: number;
  /** Assets that exist, with the search lines that find them. */
  readonly assets?: Readonly<Record<string, readonly string[]>>;
}

export interface TestAlerts {
  readonly clock: ManualClock;
  readonly alerts: AlertsService;
  readonly store: TestStore;
  readonly events: EventInput[];
  readonly live: Problem[];
  readonly coverage: ReadonlyMap<string, CoverageLine>;
  /** Everything that the channel `test` was handed. */
  readonly sent: { readonly to: string; readonly message: Message }[];
  /** What the channel does instead of taking it. */
  refuse: ChannelError | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was answered
  call(method: string, path: string, request?: object, principal?: Principal): Promise<any>;
  /** Adds a contact of the test channel. @returns its id */
  contact(name: string, more?: object): Promise<string>;
  /** Adds a route. @returns its id */
  route(name: string, contacts: readonly string[], more?: object): Promise<string>;
  /** Lets time pass as the platform would see it: every few seconds what is due is done. */
  pass(ms: number): Promise<void>;
  /** Stops without any of what an orderly stop does. */
  kill(): void;
  stop(): Promise<void>;
}

export async function startAlerts(options: TestAlertsOptions = {}): Promise<TestAlerts> {
  const clock = options.clock ?? new ManualClock();
  const tickMs = options.tickMs ?? 5_000;
  const store = options.store ?? (await openTestStore({ modules: [alertsModule], clock }));
  const events: EventInput[] = [];
  const live: Problem[] = [];
  const routes: Route[] = [];
  const sent: { to: string; message: Message }[] = [];
  const http = {
    routes: (added: readonly Route[]) => void routes.push(...added),
    live: { send: (_topic: string, problem: Problem) => void live.push(problem) },
    address: () => ({ host: '127.0.0.1', port: 7600, url: 'http://127.0.0.1:7600' }),
  } as unknown as Http;
  const box = testContext({
    module: 'alerts',
    clock,
    dataDir: options.dataDir ?? store.dataDir,
    config: Value.Default(AlertsConfig, Value.Clone(options.config ?? {})),
    services: {
      store,
      http,
      events: { publish: (event: EventInput) => void events.push(event) } as unknown as Events,
      inventory: inventoryOf(options.assets ?? {}),
    },
  });
  const channel: Channel = {
    name: 'test',
    summary: 'Keeps what it is sent.',
    settings: Type.Object({ to: Type.String(), token: Type.Optional(Type.String()) }, { additionalProperties: false }),
    secrets: ['token'],
    unavailable: () => undefined,
    async send(message, settings) {
      if (test.refuse !== undefined) throw test.refuse;
      sent.push({ to: settings['to'] as string, message });
    },
  };
  const running = await start(box.context, { channels: [channel], tickMs });
  const test: TestAlerts = {
    clock,
    alerts: box.provided.get('alerts') as AlertsService,
    store,
    events,
    live,
    coverage: box.coverage,
    sent,
    refuse: undefined,
    async call(method, path, request = {}, principal = OWNER) {
      const found = routes.find((candidate) => candidate.method === method && candidate.path === path);
      if (found === undefined) throw new Error(`There is no route ${method} ${path}.`);
      const given = { params: {}, query: {}, body: {}, ...request } as Record<string, unknown>;
      const query = found.query === undefined ? given['query'] : Value.Default(found.query, given['query']);
      const body = found.body === undefined ? given['body'] : Value.Default(found.body, given['body']);
      const answer = await found.handler({ ...given, query, body, principal, auditDetail: () => {} } as never);
      if (!Value.Check(found.response, answer)) {
        throw new Error(
          `${method} ${path} breaks its schema: ${JSON.stringify(Value.Errors(found.response, answer).slice(0, 2))}`,
        );
      }
      return answer;
    },
    async contact(name, more = {}) {
      const body = { name, channel: 'test', settings: { to: name }, ...more };
      return (await test.call('POST', '/notifications/contacts', { body })).id;
    },
    async route(name, contacts, more = {}) {
      return (await test.call('POST', '/notifications/routes', { body: { name, contacts, ...more } })).id;
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= tickMs) {
        await clock.advance(Math.min(left, tickMs));
        await running.settled();
      }
      await running.settled();
      await clock.advance(0);
      await running.settled();
    },
    kill: () => box.stop(),
    async stop() {
      await running.stop?.();
      box.stop();
      if (options.store === undefined) await store.stop();
    },
  };
  return test;
}

function inventoryOf(assets: Readonly<Record<string, readonly string[]>>): Inventory {
  const asset = (id: string): Asset => ({ id, tenant: 'default' }) as Asset;
  return {
    get: async (id: string) => (id in assets ? asset(id) : undefined),
    search: async (line: string) => {
      const [, ids = '', rest = ''] = /^is:any id:(\S+) (.*)$/.exec(line) ?? [];
      return {
        items: ids
          .split(',')
          .filter((id) => assets[id]?.includes(rest))
          .map(asset),
      };
    },
  } as unknown as Inventory;
}

export { ChannelError };
