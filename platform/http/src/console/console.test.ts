import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/test-server.ts';

const SCRIPT = 'console.log("undercroft");\n'.repeat(100);
let server: TestServer;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'undercroft-console-'));
  mkdirSync(join(dir, 'assets'));
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Undercroft</title>');
  writeFileSync(join(dir, 'favicon.ico'), 'icon');
  writeFileSync(join(dir, '.secret'), 'hidden');
  writeFileSync(join(dir, 'assets', 'index-BQzX81a0.js'), SCRIPT);
  writeFileSync(join(dir, 'assets', 'index-BQzX81a0.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(dir, 'assets', 'index-BQzX81a0.js.gz'), gzipSync(SCRIPT));
  server = await testServer({ config: { consoleDir: dir } });
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Unlike fetch: sends only the headers given, follows nothing and leaves bodies as they come. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { headers, method }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    })
      .on('error', reject)
      .end();
  });
}

describe('the console', () => {
  test('is where / and /app lead', async () => {
    for (const path of ['/', '/app']) expect((await ask(path)).headers['location']).toBe('/app/');
    expect((await ask('/favicon.ico')).headers['location']).toBe('/app/favicon.ico');
    const page = await ask('/app/');
    expect([page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(page.body.toString()).toContain('<title>Undercroft</title>');
  });

  test('has its page at each of its own paths, and a 404 for a file that is missing', async () => {
    for (const path of [
      '/app/assets',
      '/app/assets/01K0/history?tab=1',
      '/app/problems',
      '/app/flows/host/10.20.4.12',
    ]) {
      const page = await ask(path);
      expect([page.status, page.headers['cache-control']], path).toEqual([200, 'no-cache']);
      expect(page.body.toString()).toContain('Undercroft');
    }
    expect((await ask('/app/assets/index-gone0000.js')).status).toBe(404);
    expect((await ask('/app/problems', {}, 'POST')).status).toBe(404);
  });

  test('sends what was compressed beforehand, to those who take it', async () => {
    const path = '/app/assets/index-BQzX81a0.js';
    const br = await ask(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect([br.headers['content-encoding'], br.headers['vary']]).toEqual(['br', 'accept-encoding']);
    expect(br.headers['content-type']).toBe('application/javascript; charset=utf-8');
    expect(br.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(brotliDecompressSync(br.body).toString()).toBe(SCRIPT);
    expect((await ask(path, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
    const plain = await ask(path);
    expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, SCRIPT]);
  });

  test('answers 304 to who has it already', async () => {
    const etag = String((await ask('/app/')).headers['etag']);
    expect((await ask('/app/', { 'if-none-match': etag })).status).toBe(304);
  });

  test('has nothing outside its folder, and no hidden file', async () => {
    for (const path of [
      '/app/../../etc/passwd',
      '/app/%2e%2e/%2e%2e/etc/passwd',
      '/app/..%2f..%2fetc/passwd',
      '/app/.secret',
      '/app/%00',
      '/app/assets/..%5c..%5cx',
    ]) {
      const { status, body } = await ask(path);
      expect(status === 200 ? body.toString().includes('<title>Undercroft') : status < 500, path).toBe(true);
      expect(body.toString(), path).not.toMatch(/root:|hidden/);
    }
  });
});

test('a console that is not built says how to build it', async () => {
  const bare = await testServer();
  try {
    const response = await fetch(`${bare.url}/app/`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run prepare');
  } finally {
    await bare.stop();
  }
});
