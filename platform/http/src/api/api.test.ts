import { conflict, notFound, route, UndercroftError } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exchange, statuses } from '../testing/sockets.ts';
import { principal, type TestServer, testServer } from '../testing/test-server.ts';

let server: TestServer;

const Thing = Type.Object({ id: Type.String(), size: Type.Integer() });

const things = [
  route({
    method: 'GET',
    path: '/things/{id}',
    summary: 'One thing',
    tag: 'things',
    params: Type.Object({ id: Type.String({ maxLength: 20 }) }),
    query: Type.Object({ size: Type.Integer({ default: 1 }) }),
    response: Thing,
    async handler({ params, query, setHeader }) {
      if (params.id === 'none') throw notFound('thing', params.id);
      if (params.id === 'bug') throw new Error('secret inside');
      setHeader('x-thing', 'yes');
      return { id: params.id, size: query.size };
    },
  }),
  route({
    method: 'POST',
    path: '/things',
    summary: 'Make a thing',
    tag: 'things',
    status: 201,
    maxBodyBytes: 100,
    body: Type.Object({ id: Type.String(), size: Type.Integer({ default: 2 }) }),
    response: Thing,
    async handler({ body, auditDetail }) {
      auditDetail(`thing ${body.id}`);
      if (body.id === 'twice') throw conflict('things.twice', 'It is there already.');
      return body;
    },
  }),
  route({
    method: 'POST',
    path: '/things/sort',
    summary: 'Sort the things',
    tag: 'things',
    response: Type.Null(),
    async handler() {
      return null;
    },
  }),
  route({
    method: 'DELETE',
    path: '/things/{id}',
    summary: 'Remove a thing',
    tag: 'things',
    status: 204,
    response: Type.Null(),
    async handler() {
      return null;
    },
  }),
];

const post = (body: string, headers: Record<string, string> = {}) =>
  server.get('/things', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

beforeEach(async () => {
  server = await testServer();
  server.http.routes(things);
});
afterEach(() => server.stop());

describe('a route that came after the listener', () => {
  test('answers with its parameters as the types it declared', async () => {
    const response = await server.get('/things/a%2Fb?size=3');
    expect(await response.json()).toEqual({ id: 'a/b', size: 3 });
    expect(response.headers.get('x-thing')).toBe('yes');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const head = await server.get('/things/a', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '19', '']);
  });

  test('is replaced when its module registers again', async () => {
    server.http.routes([{ ...things[0]!, handler: async () => ({ id: 'new', size: 0 }) }]);
    expect(await (await server.get('/things/a')).json()).toEqual({ id: 'new', size: 0 });
  });

  test('is asked for in vain before it is there: 503 while modules start, then 404', async () => {
    server.status = 'starting';
    expect((await server.get('/later')).status).toBe(503);
    expect((await fetch(`${server.url}/platform/v1/health`)).status).toBe(200);
    server.status = 'ok';
    expect((await server.get('/later')).status).toBe(404);
  });
});

describe('refusals are problem details', () => {
  test('with code, what to do and request id', async () => {
    const response = await server.get('/things/none');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toEqual({
      type: 'urn:undercroft:problem:not-found',
      title: 'Not Found',
      status: 404,
      detail: 'There is no thing "none".',
      code: 'not-found',
      requestId: response.headers.get('x-request-id'),
    });
  });

  test('that tell nothing of an unexpected error', async () => {
    const response = await server.get('/things/bug');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  test.each([
    ['malformed JSON', 400, '{', {}],
    ['another type', 415, '{"id":"a"}', { 'content-type': 'text/plain' }],
    ['another charset', 415, '{"id":"a"}', { 'content-type': 'application/json; charset=latin1' }],
    ['a compressed body', 415, '{"id":"a"}', { 'content-encoding': 'gzip' }],
    ['a body that does not match', 422, '{"id":1}', {}],
    ['a body beyond its size', 413, `{"id":"${'x'.repeat(200)}"}`, {}],
    ['a body far beyond its size, sent to its end', 413, `{"id":"${'x'.repeat(8_000_000)}"}`, {}],
    ['a conflict', 409, '{"id":"twice"}', {}],
    ['nothing wrong', 201, '{"id":"a"}', { 'content-type': 'application/vnd.thing+json; charset="utf-8"' }],
  ])('%s: %i', async (_, status, body, headers) => {
    expect((await post(body, headers)).status).toBe(status);
  });

  test('a body that is sent in pieces is measured as it comes', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 10; count += 1) controller.enqueue(new TextEncoder().encode(' '.repeat(50)));
        controller.close();
      },
    });
    const response = await server.get('/things', {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  test('a method that the path does not have: 405 and those it has', async () => {
    const response = await server.get('/things/a', { method: 'PATCH' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'HEAD, GET, DELETE']);
  });

  test('a path of its own is not also a value of the parameter beside it', async () => {
    const response = await server.get('/things/sort');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await server.get('/things/sort', { method: 'POST' })).status).toBe(200);
  });
});

describe('who may', () => {
  test('nobody, before identity is there: 503; public routes answer', async () => {
    const early = await testServer({ unsecured: true });
    try {
      expect((await early.get('/coverage')).status).toBe(503);
      expect((await early.get('/health')).status).toBe(200);
    } finally {
      await early.stop();
    }
  });

  test('without credentials: 401, and nothing to audit', async () => {
    const response = await fetch(`${server.url}/platform/v1/things/a`);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="undercroft"']);
    expect(server.audit).toEqual([]);
  });

  test('with credentials that are not accepted: 401, audited', async () => {
    expect((await server.get('/things/a', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect(server.audit).toMatchObject([
      { result: 'denied', action: 'GET /things/{id}', path: 'sys/undercroft/things/a' },
    ]);
  });

  test('without permission: 403, audited; the parameter stays one segment of the path', async () => {
    server.denied.add('accessor-owner read sys/undercroft/things/a%2Fb');
    const response = await server.get('/things/a%2Fb');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'http.forbidden']);
    expect(server.audit).toMatchObject([{ result: 'denied', principal: { name: 'owner' } }]);
    expect((await server.get('/things/c')).status).toBe(200);
  });

  test('a page of another site may change nothing, whatever cookies it brings along', async () => {
    server.principals.set('s1', principal('ann'));
    const cookie = 'undercroft_session=s1';
    const headers = { 'content-type': 'application/json', cookie };
    const send = (extra: Record<string, string>) =>
      fetch(`${server.url}/platform/v1/things`, {
        method: 'POST',
        body: '{"id":"a"}',
        headers: { ...headers, ...extra },
      });
    expect((await send({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ origin: 'null' })).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ origin: server.url })).status).toBe(201);
  });
});

describe('changes are audited before the answer', () => {
  test('success, failure and who it was', async () => {
    await post('{"id":"a"}');
    await post('{"id":"twice"}');
    await server.get('/things/a');
    expect(server.audit).toMatchObject([
      {
        result: 'success',
        action: 'POST /things',
        capability: 'create',
        detail: 'thing a',
        principal: { name: 'owner' },
      },
      { result: 'failure', action: 'POST /things', detail: 'thing twice' },
    ]);
  });

  test('and fail when they cannot be', async () => {
    server.auditFails = true;
    for (const response of [await post('{"id":"a"}'), await server.get('/things/a', { method: 'DELETE' })]) {
      expect(response.status).toBe(503);
      expect(((await response.json()) as { code: string }).code).toBe('http.audit-unavailable');
    }
    expect((await server.get('/things/a')).status).toBe(200);
  });
});

describe('limits', () => {
  test('a handler that takes too long is told to stop, and answered for', async () => {
    const clock = new ManualClock();
    const slow = await testServer({ clock });
    let aborted: unknown;
    slow.http.routes([
      route({
        method: 'GET',
        path: '/slow',
        summary: 'Slow',
        tag: 'things',
        timeoutMs: 100,
        response: Type.Null(),
        handler: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = signal.reason;
              reject(new Error('stopped late'));
            });
            setImmediate(() => void clock.advance(100));
          }),
      }),
    ]);
    try {
      const response = await slow.get('/slow');
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'http.timeout']);
      expect(aborted).toBeInstanceOf(UndercroftError);
    } finally {
      await slow.stop();
    }
  });

  test('too many requests of one session: 429 and when to come back; others are served', async () => {
    const clock = new ManualClock();
    const limited = await testServer({ clock, config: { limits: { principalBurst: 3, principalRate: 1 } } });
    limited.principals.set('other', principal('ben'));
    try {
      const statuses: number[] = [];
      for (let count = 0; count < 4; count += 1) statuses.push((await limited.get('/coverage')).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const last = await limited.get('/coverage');
      expect([last.status, last.headers.get('retry-after')]).toEqual([429, '1']);
      expect((await limited.get('/coverage', { headers: { authorization: 'Bearer other' } })).status).toBe(200);
      await clock.advance(1000);
      expect((await limited.get('/coverage')).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test('too many requests of one address: 429', async () => {
    const limited = await testServer({
      clock: new ManualClock(),
      config: { limits: { addressBurst: 2, addressRate: 1 } },
    });
    try {
      const statuses: number[] = [];
      for (let count = 0; count < 3; count += 1)
        statuses.push((await fetch(`${limited.url}/platform/v1/health`)).status);
      expect(statuses).toEqual([200, 200, 429]);
    } finally {
      await limited.stop();
    }
  });

  test('a stream of bad credentials cannot fill the audit trail', async () => {
    const limited = await testServer({
      clock: new ManualClock(),
      config: { limits: { refusedBurst: 2, refusedRate: 1 } },
    });
    try {
      const statuses: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        statuses.push((await limited.get('/coverage', { headers: { authorization: `Bearer ${count}` } })).status);
      }
      expect(statuses).toEqual([401, 401, 429, 429]);
      expect(limited.audit).toHaveLength(2);
      expect((await limited.get('/coverage')).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});

test('requests are counted by route', async () => {
  await server.get('/things/a');
  await server.get('/things/none');
  const system = (await (await server.get('/system')).json()) as { http: { routes: Record<string, object> } };
  expect(system.http.routes['GET /things/{id}']).toMatchObject({ requests: 2, clientErrors: 1, serverErrors: 0 });
});

test('a reload changes limits and allowed hosts while it runs', async () => {
  const ask = () =>
    exchange(server.port, 'GET /platform/v1/health HTTP/1.1\r\nHost: later.lan\r\nConnection: close\r\n\r\n');
  expect(statuses(await ask())).toEqual([421]);
  await server.reconfigure({ allowedHosts: ['later.lan'], limits: { bodyBytes: 1024 } });
  expect(statuses(await ask())).toEqual([200]);
  const body = JSON.stringify({ text: 'x'.repeat(2000) });
  const response = await server.get('/events/query', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(413);
});
