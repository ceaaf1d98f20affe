/**
 * The way of a request below `/platform/v1`, the same for every route: find, admit, read, run, audit, answer.
 */
import type { Clock, Log, Principal, Route, RouteRequest } from '@undercroft/kernel';
import { UndercroftError, unavailable } from '@undercroft/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HostPolicy } from '../security/hosts.ts';
import { sendProblem, sendResult } from './answer.ts';
import { readJsonBody } from './body.ts';
import { aclPathOf, type Endpoint, type StreamRoute } from './endpoint.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { checkBody, readParams, readQuery } from './input.ts';
import type { RouteTable } from './route-table.ts';

export const API_ROOT = '/platform/v1';

export interface DispatcherParts {
  readonly table: RouteTable;
  readonly gatekeeper: Gatekeeper;
  readonly hosts: () => HostPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: () => { readonly bodyBytes: number; readonly handlerTimeoutMs: number };
  /** While modules are still starting, an unknown path may be one of theirs. */
  readonly isStarting: () => boolean;
}

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly aclPath: string;
  auditDetail: string | undefined;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  async handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { clock } = this.#parts;
    const startMs = clock.monotonicMs();
    let endpoint: Endpoint | undefined;
    let status: number;
    try {
      this.#parts.gatekeeper.checkAddress(request.ip);
      const call = this.#find(request, reply);
      endpoint = call.endpoint;
      status = await this.#run(call);
    } catch (error) {
      status = this.#refuse(error, request, reply);
    }
    if (endpoint === undefined) return;
    const { counters } = endpoint;
    counters.requests += 1;
    counters.totalMs += clock.monotonicMs() - startMs;
    if (status >= 500) counters.serverErrors += 1;
    else if (status >= 400) counters.clientErrors += 1;
  }

  #find(request: FastifyRequest, reply: FastifyReply): Call {
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    const found = this.#parts.table.find(request.method, path.startsWith(API_ROOT) ? path.slice(API_ROOT.length) : '');
    if (found.kind === 'found') {
      const { endpoint, params } = found;
      return { request, reply, endpoint, params, aclPath: aclPathOf(endpoint, params), auditDetail: undefined };
    }
    if (found.kind === 'method') {
      reply.header('allow', found.allow.join(', '));
      throw new UndercroftError('http.method', `${request.method} is not possible here.`, {
        status: 405,
        fix: `Use ${found.allow.join(', ')}.`,
      });
    }
    if (this.#parts.isStarting())
      throw unavailable('http.starting', 'The platform is starting.', 'Try again in a second.');
    throw new UndercroftError('http.path', 'There is nothing at this path.', {
      status: 404,
      fix: `See ${API_ROOT}/openapi.json.`,
    });
  }

  async #run(call: Call): Promise<number> {
    const { endpoint, request, reply } = call;
    const { route } = endpoint;
    if (route.method !== 'GET' || 'stream' in route) this.#parts.hosts().checkOrigin(request.headers);
    const principal = await this.#parts.gatekeeper.admit(endpoint, call.aclPath, askingOf(call));
    const query = readQuery(endpoint.query, (request.raw.url ?? '').split('?').slice(1).join('?'));
    const params = endpoint.params === undefined ? call.params : readParams(endpoint.params, call.params);
    const body = await this.#body(call);
    const abort = new AbortController();
    // A route reads only what it declared; on public routes there is no principal, as the interface says.
    const given: RouteRequest = {
      params,
      query,
      body,
      headers: request.headers,
      ip: request.ip,
      id: request.id,
      principal: principal as Principal,
      signal: abort.signal,
      setHeader: (name, value) => void reply.header(name, value),
      auditDetail: (text) => {
        call.auditDetail = text;
      },
    };
    if ('stream' in route) return this.#stream(call, route, given);
    const result = await this.#handle(call, route, given, abort);
    sendResult(reply, endpoint.status, route.contentType, result);
    return endpoint.status;
  }

  async #body(call: Call): Promise<unknown> {
    const { body, route } = call.endpoint;
    if (body === undefined) return undefined;
    const given = await readJsonBody(call.request.raw, route.maxBodyBytes ?? this.#parts.limits().bodyBytes);
    return checkBody(body, given === undefined ? {} : given);
  }

  /** Runs the handler within its time; what must be audited is, before anybody sees the result. */
  async #handle(call: Call, route: Route, given: RouteRequest, abort: AbortController): Promise<unknown> {
    const { gatekeeper } = this.#parts;
    const { endpoint, aclPath, reply } = call;
    const onClose = () => abort.abort(new Error('The client went away.'));
    reply.raw.once('close', onClose);
    try {
      const result = await this.#withinTime(route, given, abort);
      if (endpoint.audited)
        await gatekeeper.audit(endpoint, aclPath, askingOf(call), 'success', given.principal, call.auditDetail);
      return result;
    } catch (error) {
      if (endpoint.audited && !(error instanceof UndercroftError && error.code === 'http.audit-unavailable')) {
        const denied = error instanceof UndercroftError && (error.status === 401 || error.status === 403);
        const detail = call.auditDetail ?? (error instanceof UndercroftError ? error.code : 'internal');
        await gatekeeper.audit(
          endpoint,
          aclPath,
          askingOf(call),
          denied ? 'denied' : 'failure',
          given.principal,
          detail,
        );
      }
      throw error;
    } finally {
      reply.raw.removeListener('close', onClose);
    }
  }

  async #withinTime(route: Route, given: RouteRequest, abort: AbortController): Promise<unknown> {
    const { clock, limits } = this.#parts;
    const timeoutMs = route.timeoutMs ?? limits().handlerTimeoutMs;
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(timeoutMs, () => {
        const error = unavailable('http.timeout', `No answer within ${timeoutMs / 1000} s; it may still take effect.`);
        reject(error);
        abort.abort(error);
      });
    });
    try {
      return await Promise.race([route.handler(given), late]);
    } finally {
      cancel();
    }
  }

  async #stream(call: Call, route: StreamRoute, given: RouteRequest): Promise<number> {
    const { reply, request } = call;
    const contentType = route.contentType ?? 'application/octet-stream';
    if (request.method === 'HEAD') {
      reply.code(200).header('content-type', contentType).send();
      return 200;
    }
    await route.stream(given, () => {
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
      return reply.raw;
    });
    return 200;
  }

  #refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): number {
    const status = sendProblem(reply, error, request.id, this.#parts.clock.nowUs());
    if (status >= 500) {
      const fields = {
        requestId: request.id,
        method: request.method,
        path: request.raw.url?.split('?', 1)[0],
        err: error,
      };
      if (error instanceof UndercroftError) this.#parts.log.warn(fields, error.message);
      else this.#parts.log.error(fields, 'request failed');
    }
    return status;
  }
}

function askingOf(call: Call) {
  const { request } = call;
  return { headers: request.headers, method: request.method, ip: request.ip, requestId: request.id };
}
