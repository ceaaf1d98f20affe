/**
 * Serves the built console with the product's headers and answers its API with made-up data, for tests and for looking.
 *
 *     node test/fixture-server.ts [port]        then http://127.0.0.1:7611/?mode=full|first|empty|loading|error|out
 *
 * The mode is kept in a cookie, so one server serves all of them at once.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fixture, FixtureAnswer, type FixtureRoute, MODES, type Mode } from './fixture.ts';
import { fixedId } from './fixtures/world.ts';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const FIXTURES = new URL('./fixtures/', import.meta.url);
const API = '/platform/v1';
const FLOODS_A_SECOND = 20;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
/** As the listener of the platform sends it. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export interface FixtureServer {
  readonly url: string;
  /** Modifying requests since the last call: `POST /problems/01…/acknowledge`. */
  takeChanges(): readonly string[];
  /** Live streams that are open now. */
  openStreams(): number;
  /** Cuts every live stream, and refuses new ones until told otherwise. */
  refuseStreams(refuse: boolean): void;
  /** So many events a second on every stream that follows them. */
  flood(perSecond: number): void;
  close(): Promise<void>;
}

interface Stream {
  readonly mode: Mode;
  readonly response: ServerResponse;
  topics: readonly string[];
}

/** @param dist folder of the built console */
export async function startFixtureServer(port = 0, dist = DIST): Promise<FixtureServer> {
  const fixtures = await loadFixtures();
  const routes = fixtures
    .flatMap((fixture) => fixture.routes.map(compile))
    .sort((a, b) => Number(b.route.modes !== undefined) - Number(a.route.modes !== undefined));
  const streams = new Map<string, Stream>();
  let changes: string[] = [];
  let sequence = 0;
  let refused = false;
  let flooding = 0;

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${request.method} ${request.url}: ${String(error)}\n`);
      if (!response.headersSent) send(response, 500, { title: 'Fixture failed', detail: String(error) });
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture');
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const wanted = url.searchParams.get('mode');
    if (url.pathname === '/' || (url.pathname === '/app/' && wanted !== null)) {
      response.writeHead(302, {
        location: '/app/',
        'set-cookie': `fixture=${wanted ?? 'full'}; Path=/; SameSite=Strict`,
      });
      response.end();
    } else if (url.pathname.startsWith(API)) await answer(request, response, url);
    else await serveFile(dist, request, response, url.pathname);
  }

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice(API.length);
    const method = request.method ?? 'GET';
    const cookie = /fixture=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'full';
    const mode = MODES.find((one) => one === cookie) ?? 'full';
    const body = await readBody(request);
    if (method === 'GET' && path === '/live' && cookie !== 'out')
      return openStream(response, mode, url.searchParams.get('topics') ?? '');
    const stream = streams.get(path.slice('/live/'.length));
    if (method === 'PUT' && stream !== undefined) {
      stream.topics = (body as { topics: string[] }).topics;
      return send(response, 200, { topics: stream.topics, denied: [] });
    }
    if (cookie === 'out' && path !== '/welcome' && method === 'GET')
      return problem(response, 401, 'http.unauthorized', 'Nobody is signed in.');
    if (method !== 'GET') changes.push(`${method} ${path}`);
    for (const { route, pattern, names } of routes) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match === null || route.modes?.includes(mode) === false) continue;
      if (route.always !== true && mode === 'loading') return;
      if (route.always !== true && mode === 'error') break;
      const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
      const result = route.handle({ mode, method, path, params, query: url.searchParams, body, nowMs: Date.now() });
      if (result instanceof FixtureAnswer) return send(response, result.status, result.body);
      return send(response, result === undefined ? 204 : 200, result);
    }
    if (mode === 'loading') return;
    if (mode === 'error') {
      return problem(
        response,
        500,
        'store.unreadable',
        'The event store cannot be read: disk I/O error.',
        'See the log of the server.',
      );
    }
    problem(response, 404, 'not-found', `There is no ${method} ${path} in the fixture.`);
  }

  function openStream(response: ServerResponse, mode: Mode, topics: string): void {
    if (refused) {
      response.destroy();
      return;
    }
    sequence += 1;
    const connection = `fixture-${sequence}`;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    response.write(`event: hello\ndata: ${JSON.stringify({ connection, bootId: 'fixture' })}\n\n`);
    streams.set(connection, { mode, response, topics: topics.split(',').filter(Boolean) });
    response.on('close', () => streams.delete(connection));
  }

  const timer = setInterval(() => {
    const nowMs = Date.now();
    for (const { mode, response, topics } of streams.values()) {
      if (mode !== 'full' && mode !== 'first') continue;
      for (const topic of topics) {
        for (const item of fixtures.flatMap((fixture) => fixture.live?.(topic, nowMs, mode) ?? [])) {
          sequence += 1;
          response.write(`id: fixture-${sequence}\nevent: ${topic}\ndata: ${JSON.stringify(item)}\n\n`);
        }
      }
    }
  }, 1000);
  const flood = setInterval(() => {
    if (flooding === 0) return;
    const nowMs = Date.now();
    for (const { mode, response, topics } of streams.values()) {
      if (!topics.includes('events')) continue;
      const [item] = fixtures.flatMap((fixture) => fixture.live?.('events', nowMs, mode) ?? []);
      for (let i = 0; i < flooding / FLOODS_A_SECOND; i += 1) {
        sequence += 1;
        const event = { ...(item as object), id: fixedId('flood', sequence), timeAt: new Date(nowMs).toISOString() };
        response.write(`id: fixture-${sequence}\nevent: events\ndata: ${JSON.stringify(event)}\n\n`);
      }
    }
  }, 1000 / FLOODS_A_SECOND);

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeChanges() {
      const taken = changes;
      changes = [];
      return taken;
    },
    openStreams: () => streams.size,
    refuseStreams(refuse) {
      refused = refuse;
      if (refuse) for (const { response } of streams.values()) response.destroy();
    },
    flood(perSecond) {
      flooding = perSecond;
    },
    async close() {
      clearInterval(timer);
      clearInterval(flood);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function loadFixtures(): Promise<readonly Fixture[]> {
  const names = (await readdir(FIXTURES)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  names.sort((a, b) => Number(a === 'overview.ts') - Number(b === 'overview.ts') || a.localeCompare(b));
  const modules: unknown[] = await Promise.all(names.map((name) => import(new URL(name, FIXTURES).href)));
  return modules.filter((module): module is Fixture => Array.isArray((module as Partial<Fixture>).routes));
}

function compile(route: FixtureRoute) {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const pattern = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  return { route, pattern, names };
}

async function serveFile(
  dist: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const name = normalize(path.replace(/^\/app\/?/, ''));
  // An address of a page may end in one of IP, which looks like the ending of a file.
  const isPage = TYPES[extname(name)] === undefined || name.startsWith('..');
  const file = join(dist, isPage ? 'index.html' : name);
  const brotli = (request.headers['accept-encoding'] ?? '').includes('br');
  try {
    const [data, encoding] = brotli
      ? await readFile(`${file}.br`).then(
          (bytes) => [bytes, 'br'] as const,
          async () => [await readFile(file), undefined] as const,
        )
      : [await readFile(file), undefined];
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': isPage ? 'no-cache' : 'public, max-age=31536000, immutable',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    });
    response.end(data);
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('Build the console first: npm run build -w @undercroft/console\n');
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

function problem(response: ServerResponse, status: number, code: string, detail: string, fix?: string): void {
  response.setHeader('content-type', 'application/problem+json; charset=utf-8');
  send(response, status, {
    type: `urn:undercroft:problem:${code}`,
    title: 'Error',
    status,
    detail,
    code,
    fix,
    requestId: '01KAW5-fixture',
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.end(status === 204 || body === undefined ? undefined : JSON.stringify(body));
}

if (import.meta.main) {
  const server = await startFixtureServer(Number(process.argv[2] ?? 7611));
  process.stdout.write(`${server.url}/?mode=full   modes: ${MODES.join(', ')}, out\n`);
}
