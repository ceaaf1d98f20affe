/** One route made ready: compiled checks, what it asks of the caller, its counters. */
import type { ServerResponse } from 'node:http';
import type { Capability, Route, RouteRequest } from '@undercroft/kernel';
import Type from 'typebox';
import { type Input, inputOf } from './input.ts';

/** A route whose answer goes on: it writes to the socket itself. Only the listener's own. */
export interface StreamRoute extends Omit<Route, 'handler'> {
  /** @param open sends the head of the answer; what throws before it is answered with a problem */
  stream(request: RouteRequest, open: () => ServerResponse): Promise<void>;
}

export type AnyRoute = Route | StreamRoute;

export interface EndpointCounters {
  requests: number;
  clientErrors: number;
  serverErrors: number;
  totalMs: number;
}

export interface Endpoint {
  /** `GET /assets/{id}`; names it in counters and the audit trail. */
  readonly key: string;
  readonly route: AnyRoute;
  readonly access: 'public' | 'signed-in' | 'acl';
  /** ACL path below `sys/undercroft/`, parameters still in braces. */
  readonly aclPath: string;
  readonly capability: Capability;
  readonly audited: boolean;
  readonly status: number;
  readonly params: Input | undefined;
  readonly query: Input;
  readonly body: Input | undefined;
  readonly counters: EndpointCounters;
}

export const ACL_ROOT = 'sys/undercroft/';

const NO_PARAMETERS = Type.Object({});

const CAPABILITIES: Readonly<Record<Route['method'], Capability>> = {
  GET: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};

/** Compiles a declaration. @throws Error naming the route whose path is not well written */
export function endpointOf(route: AnyRoute): Endpoint {
  if (!/^(\/([A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/.test(route.path)) {
    throw new Error(`The route path ${route.path} is not of the form /name/{parameter}.`);
  }
  const { access } = route;
  const acl = typeof access === 'object' ? access : undefined;
  return {
    key: `${route.method} ${route.path}`,
    route,
    access: typeof access === 'string' ? access : 'acl',
    aclPath: acl?.path ?? route.path.slice(1),
    capability: acl?.capability ?? CAPABILITIES[route.method],
    audited: route.audit ?? route.method !== 'GET',
    status: route.status ?? 200,
    params: route.params === undefined ? undefined : inputOf(route.params),
    query: inputOf(route.query ?? NO_PARAMETERS),
    body: route.body === undefined ? undefined : inputOf(route.body),
    counters: { requests: 0, clientErrors: 0, serverErrors: 0, totalMs: 0 },
  };
}

/** The whole ACL path of one request. Parameters stay one segment each, whatever they contain. */
export function aclPathOf(endpoint: Endpoint, params: Readonly<Record<string, string | undefined>>): string {
  const filled = endpoint.aclPath.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return ACL_ROOT + filled;
}
