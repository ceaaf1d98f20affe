/**
 * The routes below `/platform/v1`. Modules register theirs after the listener is up, which Fastify's own router
 * refuses; so this is a table of our own over the router that Fastify uses.
 */
import type { Route } from '@undercroft/kernel';
import createRouter from 'find-my-way';
import { type AnyRoute, type Endpoint, endpointOf } from './endpoint.ts';

const MAX_PARAMETER_LENGTH = 1024;
const METHODS: readonly Route['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export type Found =
  | {
      readonly kind: 'found';
      readonly endpoint: Endpoint;
      readonly params: Readonly<Record<string, string | undefined>>;
    }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Slot {
  endpoint: Endpoint;
}

export class RouteTable {
  readonly #router = createRouter({ maxParamLength: MAX_PARAMETER_LENGTH });
  readonly #slots = new Map<string, Slot>();
  /** Paths without parameters: each is its own resource, for every method, and no value of a parameter beside it. */
  readonly #fixed = new Set<string>();
  #version = 0;

  /** Rises with every registration: what is derived from the routes is made again. */
  get version(): number {
    return this.#version;
  }

  /** Adds routes. The same method and path again replaces the earlier one: its module was restarted. */
  add(routes: readonly AnyRoute[]): void {
    for (const route of routes) {
      const endpoint = endpointOf(route);
      const known = this.#slots.get(endpoint.key);
      if (known === undefined) {
        const slot: Slot = { endpoint };
        this.#slots.set(endpoint.key, slot);
        if (!route.path.includes('{')) this.#fixed.add(route.path);
        this.#router.on(route.method, route.path.replace(/\{([^}]+)\}/g, ':$1'), () => {}, slot);
      } else known.endpoint = endpoint;
    }
    this.#version += 1;
  }

  /** @param path below `/platform/v1`, without the query */
  find(method: string, path: string): Found {
    const wanted = method === 'HEAD' ? 'GET' : METHODS.find((candidate) => candidate === method);
    const match = wanted === undefined ? undefined : this.#match(wanted, path);
    if (match !== undefined) return { kind: 'found', ...match };
    const allow = METHODS.filter((candidate) => this.#match(candidate, path) !== undefined);
    if (allow.length === 0) return { kind: 'none' };
    return { kind: 'method', allow: allow.includes('GET') ? ['HEAD', ...allow] : allow };
  }

  #match(method: Route['method'], path: string): Pick<Found & { kind: 'found' }, 'endpoint' | 'params'> | undefined {
    const match = this.#router.find(method, path);
    if (match === null) return undefined;
    const { endpoint } = match.store as Slot;
    return this.#fixed.has(path) && endpoint.route.path !== path ? undefined : { endpoint, params: match.params };
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#slots.values()].map((slot) => slot.endpoint);
  }
}
