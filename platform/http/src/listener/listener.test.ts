import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, statuses } from '../testing/sockets.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';
import { parseListen, urlOf } from './address.ts';
import { placeFront } from './front.ts';
import { listeningInodes } from './port-holder.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ config: { limits: { headersTimeoutMs: 300, requestTimeoutMs: 600, headerCount: 30 } } });
});
afterAll(() => server.stop());

const head = (line: string, ...headers: string[]) => `${[line, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;

describe('what is no proper HTTP is refused, and never a 500', () => {
  test.each([
    [
      'content length and chunks together',
      head('POST /platform/v1/config/reload HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked').concat(
        '0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
      ),
      400,
    ],
    [
      'two content lengths',
      head('POST /platform/v1/config/reload HTTP/1.1', 'Content-Length: 5', 'Content-Length: 6'),
      400,
    ],
    [
      'a chunk size that is no number',
      head(
        'POST /platform/v1/events/query HTTP/1.1',
        'Transfer-Encoding: chunked',
        'Content-Type: application/json',
      ).concat('zz\r\n'),
      400,
    ],
    ['an unknown coding', head('POST /platform/v1/config/reload HTTP/1.1', 'Transfer-Encoding: xchunked'), 400],
    ['a space before the colon', head('GET / HTTP/1.1', 'X-A : 1'), 400],
    ['a bare line feed in a header', head('GET / HTTP/1.1', 'X-A: a\n b: c'), 400],
    ['a null byte in a header', head('GET / HTTP/1.1', 'X-A: a\0b'), 400],
    ['no version', 'GET /\r\n\r\n', 505],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a method of other dialects', head('LIST /v1/secret HTTP/1.1'), 501],
    ['a head that is too large', head('GET / HTTP/1.1', `X-A: ${'a'.repeat(20_000)}`), 431],
    [
      'too many header lines',
      head('GET /platform/v1/health HTTP/1.1', ...Array.from({ length: 40 }, (_, index) => `X-${index}: 1`)),
      431,
    ],
    ['a path that does not decode', head('GET /%ff%fe%zz HTTP/1.1'), 400],
    ['an absolute target of another host', head('GET http://evil.example/platform/v1/health HTTP/1.1'), 404],
    ['another version', head('GET / HTTP/2.0'), 505],
  ])('%s', async (_, bytes, status) => {
    expect(statuses(await exchange(server.port, bytes))[0]).toBe(status);
  });

  test('and a problem says what it was', async () => {
    const text = await exchange(server.port, 'nonsense\r\n\r\n');
    expect(text).toContain('application/problem+json');
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'http.malformed' });
  });

  test('methods that are known but not had are answered 405 or 404', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'QUERY', 'PURGE']) {
      expect(statuses(await exchange(server.port, head(`${method} /platform/v1/health HTTP/1.1`))), method).toEqual([
        405,
      ]);
      expect(statuses(await exchange(server.port, head(`${method} /app/ HTTP/1.1`))), method).toEqual([404]);
    }
  });

  test('a head that dawdles is cut off', async () => {
    const text = await exchange(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A:', 3000);
    expect(statuses(text)).toEqual([408]);
  });
});

describe('the host of a request', () => {
  test('must be ours, against DNS rebinding', async () => {
    const ask = (host: string) =>
      exchange(server.port, `GET /platform/v1/health HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expect(statuses(await ask('Host: evil.example\r\n'))).toEqual([421]);
    expect(statuses(await ask(''))).toEqual([421]);
    expect(statuses(await ask('Host: localhost\r\nHost: evil.example\r\n'))).toEqual([400]);
    expect(statuses(await ask(`Host: localhost:${server.port}\r\n`))).toEqual([200]);
  });
});

test('answers carry the security headers', async () => {
  const { headers } = await fetch(`${server.url}/platform/v1/health`);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('strict-transport-security')).toBeNull();
});

test('another dialect has its prefix to itself, with the same gate before it', async () => {
  server.http.dialect({
    prefix: '/v1',
    handle: (request, response) => {
      response.end(`vault ${request.method} ${request.url}`);
    },
  });
  expect(await (await fetch(`${server.url}/v1/secret/a?x=1`)).text()).toBe('vault GET /v1/secret/a?x=1');
  expect((await fetch(`${server.url}/v10`)).status).toBe(404);
  expect(statuses(await exchange(server.port, 'GET /v1/a HTTP/1.1\r\nHost: evil.example\r\n\r\n'))).toEqual([421]);
});

test('a front has the connection before the parser, and may put another in its place', async () => {
  const { createServer: createHttp } = await import('node:http');
  const http = createHttp((request, response) => response.end(`${request.method} ${request.url}`));
  const seen: string[] = [];
  placeFront(http, 'connection', (connection, pass) => {
    connection.once('data', (bytes: Buffer) => {
      seen.push(bytes.toString('latin1').split(' ', 1)[0] ?? '');
      connection.pause();
      connection.unshift(Buffer.from(bytes.toString('latin1').replace(/^LIST /, 'GET '), 'latin1'));
      pass(connection);
      connection.resume();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as { port: number };
  const text = await exchange(port, 'LIST /v1/secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect([seen, text.endsWith('GET /v1/secret')]).toEqual([['LIST'], true]);
  http.close();
});

describe('a port in use', () => {
  test('is named, with who holds it and how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const error = await testServer({ config: { listen: `127.0.0.1:${port}` } }).catch((reason: unknown) => reason);
    other.close();
    expect(error).toMatchObject({ code: 'http.port-in-use' });
    const { message, fix } = error as { message: string; fix: string };
    expect(message).toContain(`Port ${port}`);
    if (process.platform === 'linux') expect(message).toContain(`(pid ${process.pid})`);
    expect(fix).toContain('--listen 127.0.0.1:7600');
  });

  test('an address that is not ours is said to be so', async () => {
    await expect(testServer({ config: { listen: '192.0.2.1:0' } })).rejects.toMatchObject({ code: 'http.address' });
  });
});

test('the name localhost stands for all its addresses', async () => {
  const named = await testServer({ config: { listen: 'localhost:0' } });
  try {
    for (const path of ['/platform/v1/health', '/']) {
      const response = await fetch(`${named.url}${path}`, { method: 'HEAD', redirect: 'manual' });
      expect(response.status).toBe(path === '/' ? 302 : 200);
    }
  } finally {
    await named.stop();
  }
});

test('addresses are read and written', () => {
  expect(parseListen('[::1]:7600')).toEqual({ host: '::1', port: 7600 });
  expect(() => parseListen('7600')).toThrow('not an address');
  expect(() => parseListen('a:70000')).toThrow('not an address');
  expect(urlOf('http', { host: '::', port: 80 })).toBe('http://127.0.0.1:80');
  expect(urlOf('https', { host: '::1', port: 443 })).toBe('https://[::1]:443');
});

test('/proc/net/tcp tells the sockets that listen on a port', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1DB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41234 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1DB0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 41235 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41236 1 0000000000000000 100 0 0 10 0`;
  expect(listeningInodes(table, 7600)).toEqual(['41234']);
});
