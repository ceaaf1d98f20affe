/** A platform for tests: the real control store and listener, identity over them, events kept in memory. */
import { httpModule } from '@undercroft/http';
import type {
  EventInput,
  Events,
  Http,
  Identity,
  Module,
  PlatformControl,
  PlatformEvent,
  Route,
} from '@undercroft/kernel';
import { ManualClock, testContext } from '@undercroft/kernel/testing';
import { openTestStore, type TestStore, type TestStoreOptions } from '@undercroft/store/testing';
import { Value } from 'typebox/value';
import { type IdentityConfig, IdentityConfigSchema, identityModule } from '../module.ts';
import { COOKIE_NAME, CSRF_HEADER } from '../sessions/cookie.ts';

export const OWNER_TOKEN = 'the-owner-token-of-the-tests';

export interface TestPlatform {
  readonly clock: ManualClock;
  readonly identity: Identity;
  readonly http: Http;
  readonly store: TestStore;
  /** What the audit trail holds. */
  readonly trail: EventInput[];
  /** Makes the event store refuse, as a full disk would. */
  breakTrail(broken: boolean): void;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly browser?: Browser;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was answered
  readonly body: any;
  readonly headers: Headers;
}

/** Keeps the cookie and the CSRF value as the console does. */
export class Browser {
  cookie: string | undefined;
  csrf: string | undefined;

  headers(): Record<string, string> {
    return {
      ...(this.cookie === undefined ? {} : { cookie: `${COOKIE_NAME}=${this.cookie}` }),
      ...(this.csrf === undefined ? {} : { [CSRF_HEADER]: this.csrf }),
    };
  }

  take({ headers, body }: Answer): void {
    const set = headers.get('set-cookie');
    if (set !== null) this.cookie = new RegExp(`${COOKIE_NAME}=([^;]*)`).exec(set)?.[1] || undefined;
    this.csrf = body?.csrf ?? body?.session?.csrf ?? this.csrf;
  }
}

export interface TestPlatformOptions {
  readonly config?: Partial<IdentityConfig>;
  readonly store?: TestStoreOptions;
  readonly clock?: ManualClock;
}

export async function startPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const clock = options.clock ?? new ManualClock();
  const store = await openTestStore({ modules: [identityModule], clock, ...options.store });
  const trail: EventInput[] = [];
  let broken = false;
  const events: Events = {
    publish: (event) => void trail.push(event),
    async append(event) {
      if (broken) throw new Error('disk full');
      trail.push(event);
      return event as PlatformEvent;
    },
    subscribe: () => () => {},
    writeRows: async () => {},
  };
  const closing: (() => unknown)[] = [() => store.stop()];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  const run = async (module: Module, config: unknown, services: object) => {
    const context = testContext({ module: module.name, config, clock, services, dataDir: store.dataDir });
    closing.push(() => context.stop());
    const running = await (await module.roles.server!.load()).start(context.context);
    closing.push(() => running.stop?.());
    return context.provided;
  };
  const control = { health: () => ({ status: 'ok' }) } as unknown as PlatformControl;
  const services = { store, events, 'platform.control': control };
  const routes: Route[] = [];
  let http: Http;
  let identity: Identity;
  try {
    const httpConfig = { ...(Value.Default(httpModule.config!, {}) as object), listen: '127.0.0.1:0' };
    http = (await run(httpModule, httpConfig, { ...unusedOf(httpModule), ...services })).get('http') as Http;
    const recorded: Http = { ...http, routes: (added) => void routes.push(...added) };
    const config = Value.Default(IdentityConfigSchema, { ...options.config });
    identity = (await run(identityModule, config, { ...services, http: recorded })).get('identity') as Identity;
  } catch (error) {
    await stop();
    throw error;
  }
  http.routes(routes);
  const base = `${http.address().url.replace(/\/$/, '')}/platform/v1`;
  return {
    clock,
    store,
    http,
    trail,
    identity,
    breakTrail: (value) => {
      broken = value;
    },
    async call(method, path, { token, browser, body, headers } = {}) {
      const response = await fetch(base + path, {
        method,
        headers: {
          ...browser?.headers(),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const answer = {
        status: response.status,
        body: text === '' ? undefined : JSON.parse(text),
        headers: response.headers,
      };
      if (response.ok) {
        checkSchema(routes, method, path, answer.body ?? null);
        browser?.take(answer);
      }
      return answer;
    },
    stop,
  };
}

/** Services that the listener requires and that these tests never reach. */
function unusedOf(module: Module): object {
  const names = module.roles.server?.requires ?? [];
  return Object.fromEntries(names.filter((name) => name !== 'coverage').map((name) => [name, {}]));
}

/** What a route answers is what its schema, and so the OpenAPI document, says. */
function checkSchema(routes: readonly Route[], method: string, path: string, body: unknown): void {
  const bare = path.split('?')[0]!;
  const fits = (route: Route) => new RegExp(`^${route.path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(bare);
  const route = routes.filter((each) => each.method === method && fits(each)).sort((a, b) => holes(a) - holes(b))[0];
  if (route === undefined || Value.Check(route.response, body)) return;
  throw new Error(
    `${method} ${path} answers what it does not declare: ${JSON.stringify(Value.Errors(route.response, body))}`,
  );
}

function holes({ path }: Route): number {
  return path.split('{').length;
}

/** Uses the first link to make the owner. @returns the owner's browser */
export async function setUpOwner(
  platform: TestPlatform,
  name = 'anna',
  password = 'correct horse battery',
): Promise<Browser> {
  const browser = new Browser();
  const { path } = await platform.identity.signInLink();
  const code = path.split('#')[1];
  const answer = await platform.call('POST', '/welcome', { browser, body: { code, name, password } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return browser;
}
