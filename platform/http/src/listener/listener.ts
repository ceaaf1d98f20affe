/**
 * The listener: one server, its front, the gate that every request passes (host, origin, size of its head), and the
 * ways on: another dialect, the API, the console.
 */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type Clock, type Dialect, type Log, UndercroftError } from '@undercroft/kernel';
import fastify, { type FastifyInstance } from 'fastify';
import { sendProblem } from '../api/answer.ts';
import { API_ROOT, type Dispatcher } from '../api/dispatcher.ts';
import { problemOf } from '../api/problem.ts';
import { registerConsole } from '../console/console.ts';
import type { HttpConfig } from '../module.ts';
import { securityHeaders } from '../security/headers.ts';
import type { HostPolicy } from '../security/hosts.ts';
import type { KeyPair } from '../tls/key-pair.ts';
import { type ListenAddress, listenError, parseListen } from './address.ts';
import { answerClientError } from './client-error.ts';
import { type Front, placeFront } from './front.ts';

const KEEP_ALIVE_MS = 65_000;
const CONNECTIONS_CHECK_MS = 5_000;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const CLOSE_GRACE_MS = 2_000;

export interface ListenerParts {
  readonly config: HttpConfig;
  readonly dispatcher: Dispatcher;
  readonly hosts: () => HostPolicy;
  readonly dialectOf: (path: string) => Dialect | undefined;
  readonly consoleDir: string | undefined;
  readonly front: Front;
  readonly keyPair: KeyPair | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Listening {
  readonly address: ListenAddress;
  connections(): number;
  /** Takes a renewed certificate for connections to come. */
  renew(keyPair: KeyPair): void;
  close(): Promise<void>;
}

/** @throws UndercroftError `http.port-in-use`, `http.port-denied`, `http.address` */
export async function listen(parts: ListenerParts): Promise<Listening> {
  const { config, clock } = parts;
  const wanted = parseListen(config.listen);
  const nextId = requestIds();
  const app = fastify({
    serverFactory: (handler) =>
      makeServer(parts, nextId, handler as (request: IncomingMessage, response: ServerResponse) => void) as Server,
    genReqId: (request) => (request as IncomingMessage & { undercroftId?: string }).undercroftId ?? nextId(),
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true },
    frameworkErrors: (error, request, reply) => {
      sendProblem(reply, fromFramework(error), request.id, clock.nowUs());
    },
  });
  const headers = securityHeaders(parts.keyPair !== undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
  });
  // Bodies are read by the routes themselves, after they know who sends them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler((error, request, reply) => {
    // What Fastify holds against a body is judged by the route, which may have none, or not be there at all.
    if (isAboutBody(error)) {
      return parts.dispatcher.handle(request, reply).then(() => reply);
    }
    const status = sendProblem(reply, fromFramework(error), request.id, clock.nowUs());
    if (status >= 500) parts.log.error({ requestId: request.id, err: error }, 'request failed');
  });
  app.all(`${API_ROOT}/*`, (request, reply) => parts.dispatcher.handle(request, reply).then(() => reply));
  await registerConsole(app, {
    dir: parts.consoleDir,
    // Methods that Fastify does not know have no route and come here too.
    otherwise: (request, reply) => parts.dispatcher.handle(request, reply),
  });
  try {
    await app.listen({ host: wanted.host, port: wanted.port });
  } catch (error) {
    await app.close();
    throw await listenError(error, wanted);
  }
  return running(app, app.server, wanted);
}

function running(app: FastifyInstance, server: Server | TlsServer, wanted: ListenAddress): Listening {
  const bound = server.address();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  return {
    address: { host: wanted.host, port: typeof bound === 'object' && bound !== null ? bound.port : wanted.port },
    connections: () => connections,
    renew(keyPair) {
      if ('setSecureContext' in server) server.setSecureContext({ cert: keyPair.certificate, key: keyPair.key });
    },
    async close() {
      const closed = app.close();
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function makeServer(
  parts: ListenerParts,
  nextId: () => string,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server | TlsServer {
  const { limits } = parts.config;
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(CONNECTIONS_CHECK_MS, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    requireHostHeader: false,
  };
  const take = (request: IncomingMessage, response: ServerResponse) => {
    // The client is gone already: nobody would hear an answer, and there is no address to count the request by.
    if (request.socket.remoteAddress === undefined) return request.destroy();
    const id = nextId();
    const refusal = gate(parts, request);
    if (refusal !== undefined) return refuse(response, refusal, id, parts.clock.nowUs());
    const dialect = parts.dialectOf(pathOf(request));
    if (dialect !== undefined) return dialect.handle(request, response);
    handler(Object.assign(request, { undercroftId: id }), response);
  };
  const server =
    parts.keyPair === undefined
      ? createServer(options, take)
      : createTlsServer(
          { ...options, cert: parts.keyPair.certificate, key: parts.keyPair.key, minVersion: 'TLSv1.2' },
          take,
        );
  server.maxConnections = limits.connections;
  // The parser drops header lines beyond this without a word; one more, and the gate sees that there were too many.
  server.maxHeadersCount = limits.headerCount + 1;
  server.on('clientError', (error, socket) => answerClientError(error, socket as import('node:net').Socket, nextId()));
  placeFront(server, parts.keyPair === undefined ? 'connection' : 'secureConnection', parts.front);
  return server;
}

/** What no request may do, whichever way it goes on. */
function gate(parts: ListenerParts, request: IncomingMessage): unknown {
  const { rawHeaders, headers } = request;
  if (rawHeaders.length / 2 > parts.config.limits.headerCount) {
    return new UndercroftError('http.head-size', 'The request has too many header lines.', { status: 431 });
  }
  if (request.httpVersionMajor !== 1) {
    return new UndercroftError('http.version', 'Only HTTP/1.1 is spoken here.', { status: 505 });
  }
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return new UndercroftError('http.malformed', 'The request has two Host headers.', { status: 400 });
  try {
    parts.hosts().checkHost(headers.host);
    if (!SAFE_METHODS.has(request.method ?? '')) parts.hosts().checkOrigin(headers);
    return undefined;
  } catch (error) {
    return error;
  }
}

function refuse(response: ServerResponse, error: unknown, requestId: string, nowUs: number): void {
  const { status, headers, body } = problemOf(error, requestId, nowUs);
  response.writeHead(status, { ...securityHeaders(false), ...headers, 'x-request-id': requestId, connection: 'close' });
  response.end(JSON.stringify(body));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function isAboutBody(error: unknown): boolean {
  return /^FST_ERR_(CTP_|ROUTE_MISSING_CONTENT_TYPE)/.test((error as { code?: string }).code ?? '');
}

/** Fastify's own refusals keep their status; what it says of others stays inside. */
function fromFramework(error: unknown): unknown {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (error instanceof UndercroftError || statusCode === undefined || statusCode >= 500 || !code?.startsWith('FST_'))
    return error;
  return new UndercroftError('http.malformed', 'The request cannot be read.', { status: statusCode });
}

/** `4f9c2a71-1`, `4f9c2a71-2`, …: unique over restarts, and in order. */
function requestIds(): () => string {
  const prefix = randomBytes(4).toString('hex');
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
}
