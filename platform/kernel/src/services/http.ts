import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Capability, Principal } from './identity.ts';

/**
 * One declaration a route: from it come the handler, the validation, the permission, the audit line and the OpenAPI
 * document. `path` is below `/platform/v1` and written as OpenAPI writes it: `/assets/{id}`.
 */
export interface Route<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /**
   * Who may call it. `public`: anyone. `signed-in`: any principal. Otherwise the ACL path below `sys/undercroft/`
   * and the capability; by default the route's own path with its parameters filled in, and the capability of the
   * method (GET read, POST create, PUT and PATCH update, DELETE delete).
   */
  readonly access?: 'public' | 'signed-in' | { readonly path?: string; readonly capability: Capability };
  /** Changes are audited before the answer; reads are counted. By default every method but GET is. */
  readonly audit?: boolean;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response: R;
  /** @defaultValue 200 */
  readonly status?: number;
  /** Refusals that the document would not name by itself: status to when it comes. */
  readonly refusals?: Readonly<Record<number, string>>;
  /** Answer of another type than JSON, e.g. `application/xml`; the handler then returns a string or a stream. */
  readonly contentType?: string;
  readonly maxBodyBytes?: number;
  readonly timeoutMs?: number;
  handler(request: RouteRequest<P, Q, B>): Promise<Static<R> | Readable | string | Uint8Array>;
}

export interface RouteRequest<P extends TSchema = TSchema, Q extends TSchema = TSchema, B extends TSchema = TSchema> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  readonly body: Static<B>;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  readonly id: string;
  /** Absent only on `public` routes. */
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** Extra answer headers, such as `set-cookie`. */
  setHeader(name: string, value: string | readonly string[]): void;
  /** Names the audit line better than method and path do. */
  auditDetail(text: string): void;
}

/** Keeps the types of one declaration together: `route({...})`. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>(
  declaration: Route<P, Q, B, R>,
): Route {
  return declaration as unknown as Route;
}

/** What other dialects than `/platform/v1` register: a path prefix and, for later, methods that Node refuses. */
export interface Dialect {
  readonly prefix: string;
  readonly methods?: readonly string[];
  handle(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse): void;
}

export interface Http {
  routes(routes: readonly Route[]): void;
  dialect(dialect: Dialect): void;
  /** Identity hands itself in; until then only public routes answer. */
  secure(guard: HttpGuard): void;
  /** Sends to everyone who follows the topic on `/platform/v1/live`. Cheap when nobody does. */
  live: LiveStream;
  /** Where it listens, once it does. */
  address(): { readonly host: string; readonly port: number; readonly url: string };
}

export interface HttpGuard {
  authenticate: import('./identity.ts').Identity['authenticate'];
  allows: import('./identity.ts').Identity['allows'];
  audit: import('./identity.ts').Identity['audit'];
}

export interface LiveStream {
  /**
   * @param topic `events`, `problems`, `assets`, `coverage`, `scans`, `checks`, `metrics:<chart id>`
   * @param key the same key replaces what a slow listener has not yet read (`problem id`); absent: all are kept
   */
  send(topic: string, data: unknown, options?: { readonly key?: string; readonly tenant?: string }): void;
  /** Topics somebody follows now; a prefix (`metrics:`) narrows it. */
  followed(prefix?: string): ReadonlySet<string>;
  /** Called when the first follower of a topic with that prefix comes or the last one goes. */
  onInterest(prefix: string, listener: (topic: string, followed: boolean) => void): () => void;
}
