/** Native checks against real listeners on loopback. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { SystemClock } from '@undercroft/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../engine/attempt.ts';
import { dnsCheck } from './dns/check.ts';
import { httpCheck } from './http/check.ts';
import { pingCheck, readPing } from './ping/check.ts';
import { runPlugin } from './plugin/run.ts';
import { tcpCheck } from './tcp/check.ts';
import { tlsCheck } from './tls/check.ts';

const never = new AbortController().signal;
const closers: (() => void)[] = [];
const listen = async (server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
  close(): unknown;
}): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
};
afterAll(() => {
  for (const close of closers) close();
});

describe('tcp', () => {
  let port: number;
  beforeAll(async () => {
    port = await listen(
      createServer((socket) => void socket.on('error', () => {}).on('data', () => socket.end('+PONG\r\n'))),
    );
  });
  it('is ok when something answers', async () =>
    expect(await tcpCheck.run({ host: '127.0.0.1', port }, never)).toMatchObject({
      state: 'ok',
      perfdata: [{ label: 'time', uom: 's' }],
    }));
  it('finds the words it expects', async () =>
    expect(await tcpCheck.run({ host: '127.0.0.1', port, send: 'PING\r\n', expect: '+PONG' }, never)).toMatchObject({
      state: 'ok',
    }));
  it('is critical without them', async () =>
    expect(await tcpCheck.run({ host: '127.0.0.1', port, send: 'PING\r\n', expect: 'hello' }, never)).toMatchObject({
      state: 'critical',
      output: `127.0.0.1:${port} closed without "hello"`,
    }));
  it('says that nobody listens', async () =>
    expect(await tcpCheck.run({ host: '127.0.0.1', port: 1 }, never)).toMatchObject({
      state: 'critical',
      output: '127.0.0.1:1: connection refused',
    }));
});

describe('http', () => {
  let url: string;
  beforeAll(async () => {
    const server: HttpServer = createHttp((request, response) => {
      response.statusCode = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 200);
      response.end('hello world');
    });
    url = `http://127.0.0.1:${await listen(server)}`;
  });
  it.each([
    ['/', {}, 'ok'],
    ['/404', {}, 'warning'],
    ['/404', { status: [404] }, 'ok'],
    ['/503', {}, 'critical'],
    ['/', { expect: 'world' }, 'ok'],
    ['/', { expect: 'moon' }, 'critical'],
  ])('%s with %j is %s', async (path, options, state) =>
    expect(await httpCheck.run({ url: url + path, ...options }, never)).toMatchObject({ state }),
  );
});

describe('tls', () => {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-tls-'));
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const serve = async (days: string): Promise<number> => {
    const [key, cert] = [join(folder, `${days}.key`), join(folder, `${days}.crt`)];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        days,
        '-subj',
        '/CN=test.example',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      { stdio: 'ignore' },
    );
    return listen(
      createTls({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => void socket.on('error', () => {})),
    );
  };
  it.skipIf(!hasOpenssl)('tells a certificate by its days and its signer (skipped without openssl)', async () => {
    const [long, short] = [await serve('90'), await serve('10')];
    expect(await tlsCheck.run({ host: '127.0.0.1', port: long, selfSigned: true }, never)).toMatchObject({
      state: 'ok',
      output: expect.stringMatching(/^Certificate test\.example ends in (89|90) days$/),
    });
    expect(await tlsCheck.run({ host: '127.0.0.1', port: short, selfSigned: true }, never)).toMatchObject({
      state: 'warning',
    });
    expect(await tlsCheck.run({ host: '127.0.0.1', port: long }, never)).toMatchObject({
      state: 'critical',
      output: expect.stringContaining('is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expect(
      await tlsCheck.run({ host: '127.0.0.1', port: long, selfSigned: true, name: 'other.example' }, never),
    ).toMatchObject({ state: 'critical', output: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') });
  });
});

describe('dns', () => {
  it('asks the server it is told, and compares the answer', async () => {
    const socket = createSocket('udp4');
    socket.on('message', (query, from) => {
      // The question back, with one A record: 192.0.2.7.
      const answer = Buffer.from('c00c000100010000003c0004c0000207', 'hex');
      const question = query.subarray(12, query.indexOf(0, 12) + 5);
      socket.send(
        Buffer.concat([query.subarray(0, 2), Buffer.from('81800001000100000000', 'hex'), question, answer]),
        from.port,
        from.address,
      );
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    closers.push(() => socket.close());
    const server = `127.0.0.1:${socket.address().port}`;
    expect(await dnsCheck.run({ name: 'web.example', server, expect: ['192.0.2.7'] }, never)).toMatchObject({
      state: 'ok',
      output: expect.stringContaining('web.example A is 192.0.2.7'),
    });
    expect(await dnsCheck.run({ name: 'web.example', server, expect: ['192.0.2.8'] }, never)).toMatchObject({
      state: 'critical',
      output: expect.stringContaining('192.0.2.8 is missing'),
    });
  });
});

describe('ping', () => {
  it.each([
    [
      '3 packets transmitted, 3 received, 0% packet loss, time 404ms\nrtt min/avg/max/mdev = 0.026/0.040/0.054/0.011 ms',
      { lossPercent: 0, averageMs: 0.04 },
    ],
    ['3 packets transmitted, 0 packets received, 100% packet loss', { lossPercent: 100 }],
    ['round-trip min/avg/max = 0.1/0.2/0.3 ms\n', undefined],
  ])('reads %j', (text, result) => expect(readPing(text)).toEqual(result));
  it.skipIf(spawnSync('ping', ['-c', '1', '-W', '1', '127.0.0.1']).status !== 0)(
    'reaches loopback (skipped where ping is not allowed)',
    async () => expect(await pingCheck.run({ host: '127.0.0.1', count: 2 }, never)).toMatchObject({ state: 'ok' }),
  );
});

describe('plugins', () => {
  const clock = new SystemClock();
  const run = (script: string, timeoutMs = 5_000) =>
    attempt((signal) => runPlugin(['/bin/sh', '-c', script], signal), timeoutMs, clock, never);

  it('become a state, text and data', async () =>
    expect(await run('echo "LOAD WARNING | load1=5;4;9"; exit 1')).toMatchObject({
      state: 'warning',
      output: 'LOAD WARNING',
      perfdata: [{ label: 'load1', value: 5, warn: '4', crit: '9' }],
    }));
  it('that are not there say so', async () =>
    expect(await attempt((signal) => runPlugin(['/nowhere/check_x'], signal), 5_000, clock, never)).toMatchObject({
      state: 'critical',
      output: expect.stringContaining('there is no such plugin'),
    }));
  it('are killed with their children when their time is up', async () => {
    const marker = join(tmpdir(), `undercroft-plugin-${process.pid}`);
    const startMs = performance.now();
    expect(await run(`trap '' TERM; (sleep 4; touch ${marker}) & sleep 60`, 300)).toMatchObject({
      state: 'critical',
      output: '(Check timed out after 0.3 seconds)',
    });
    expect(performance.now() - startMs).toBeLessThan(2_000);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(existsSync(marker)).toBe(false);
  });
  it('cannot flood', async () =>
    expect((await run('yes | head -c 10000000; exit 0')).output.length).toBeLessThan(70_000));
  it('see nothing of our environment', async () => {
    process.env['UNDERCROFT_SECRET_FOR_TEST'] = 'hunter2';
    expect(JSON.stringify(await run('env'))).not.toContain('hunter2');
    delete process.env['UNDERCROFT_SECRET_FOR_TEST'];
  });
  const plugin = '/usr/lib/nagios/plugins/check_load';
  it.skipIf(!existsSync(plugin))('of Debian’s monitoring-plugins run as they are (skipped without them)', async () =>
    expect(
      await attempt(
        (signal) => runPlugin([plugin, '-w', '1000,1000,1000', '-c', '2000,2000,2000'], signal),
        5_000,
        clock,
        never,
      ),
    ).toMatchObject({
      state: 'ok',
      perfdata: [{ label: 'load1' }, { label: 'load5' }, { label: 'load15' }],
    }),
  );
});
