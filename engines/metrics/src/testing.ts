/** Stand-ins for the services of the server that the tests of this package hand in. */
import type { Alerts, Asset, AssetObservation, Http, Inventory, ProblemReport, Route, Store } from '@undercroft/kernel';

/** Keeps what was observed; finds an asset by any of its keys. */
export class FakeInventory implements Pick<Inventory, 'observe' | 'find'> {
  readonly observed: AssetObservation[] = [];
  readonly #ids = new Map<string, string>();

  async observe(_source: string, observations: readonly AssetObservation[]): Promise<readonly string[]> {
    this.observed.push(...observations);
    return observations.map(({ keys }) => {
      const known = keys.map(({ type, value }) => this.#ids.get(`${type} ${value}`)).find((id) => id !== undefined);
      const id = known ?? `asset-${this.#ids.size}`;
      for (const { type, value } of keys) this.#ids.set(`${type} ${value}`, id);
      return id;
    });
  }

  async find(type: string, key: { readonly type: string; readonly value: string }): Promise<Asset | undefined> {
    const id = this.#ids.get(`${key.type} ${key.value}`);
    return id === undefined ? undefined : ({ id, type } as Asset);
  }

  service(): Inventory {
    return this as unknown as Inventory;
  }
}

/** Keeps reports in the order in which they came. */
export class FakeAlerts implements Pick<Alerts, 'report' | 'list'> {
  readonly reports: ProblemReport[] = [];

  async report(reports: readonly ProblemReport[]): Promise<void> {
    this.reports.push(...reports);
  }

  async list(): ReturnType<Alerts['list']> {
    return { items: [] };
  }

  service(): Alerts {
    return this as unknown as Alerts;
  }
}

/** Keeps routes, and what is sent to those topics that it says are followed. */
export class FakeHttp {
  readonly routes: Route[] = [];
  readonly sent: { readonly topic: string; readonly data: unknown }[] = [];
  readonly followed: Set<string>;

  constructor(followed: readonly string[] = []) {
    this.followed = new Set(followed);
  }

  /** Calls a route as a signed-in client would. */
  async call(method: string, path: string, parts: { readonly query?: object; readonly body?: object } = {}) {
    const route = this.routes.find((one) => one.method === method && one.path === path);
    if (route === undefined) throw new Error(`no route ${method} ${path}`);
    return route.handler({ params: {}, query: {}, body: {}, ...parts } as never);
  }

  service(): Http {
    return {
      routes: (routes: readonly Route[]) => void this.routes.push(...routes),
      live: {
        send: (topic: string, data: unknown) => void this.sent.push({ topic, data }),
        followed: () => this.followed,
        onInterest: () => () => {},
      },
    } as unknown as Http;
  }
}

/** A store whose folder is the given one. */
export function fakeStore(folder: string): Store {
  return { folder: async () => folder, onBackup: () => {} } as unknown as Store;
}
