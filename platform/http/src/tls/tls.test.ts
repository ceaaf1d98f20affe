import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@undercroft/kernel/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testServer } from '../testing/test-server.ts';
import { givenKeyPair } from './key-pair.ts';
import { ownKeyPair, RENEW_DAYS, VALID_DAYS } from './own-key-pair.ts';

const DAY_MS = 86_400_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undercroft-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a certificate of our own', () => {
  const names = ['localhost', '127.0.0.1', '::1', 'watch.example.org'];

  test('carries its names, is kept for this user alone, and stays the same', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 24));
    const made = await ownKeyPair({ folder: join(folder, 'http'), names, clock });
    const certificate = new X509Certificate(made.certificate);
    expect(made.fresh).toBe(true);
    expect(certificate.subject).toContain('CN=localhost');
    for (const name of ['localhost', 'watch.example.org']) expect(certificate.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.ca).toBe(false);
    expect(statSync(join(folder, 'http', 'own.pem')).mode & 0o777).toBe(0o600);
    const again = await ownKeyPair({ folder: join(folder, 'http'), names, clock });
    expect([again.fresh, again.certificate, again.key]).toEqual([false, made.certificate, made.key]);
  });

  test('is made again before it ends, when a name is added, and when its file is broken', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 24));
    await ownKeyPair({ folder, names, clock });
    await clock.advance((VALID_DAYS - RENEW_DAYS - 1) * DAY_MS);
    expect((await ownKeyPair({ folder, names, clock })).fresh).toBe(false);
    await clock.advance(2 * DAY_MS);
    expect((await ownKeyPair({ folder, names, clock })).fresh).toBe(true);
    expect((await ownKeyPair({ folder, names: [...names, 'more.example.org'], clock })).fresh).toBe(true);
    writeFileSync(join(folder, 'own.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect((await ownKeyPair({ folder, names, clock })).fresh).toBe(true);
  });

  test('serves, with HSTS', async () => {
    const server = await testServer({ dataDir: folder, config: { tls: { mode: 'own' } } });
    try {
      expect(server.url).toMatch(/^https:/);
      const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
        request(`${server.url}/platform/v1/health`, { rejectUnauthorized: false }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, ...response.headers });
        })
          .on('error', reject)
          .end();
      });
      expect(headers).toMatchObject({ status: 200, 'strict-transport-security': 'max-age=31536000' });
    } finally {
      await server.stop();
    }
  });
});

describe('a given certificate', () => {
  test('must be there, whole, and a pair', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 24));
    const [one, other] = [
      await ownKeyPair({ folder: join(folder, 'a'), names: ['a'], clock }),
      await ownKeyPair({ folder: join(folder, 'b'), names: ['b'], clock }),
    ];
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const certificate = write('certificate.pem', one.certificate);
    const key = write('key.pem', one.key);
    expect(await givenKeyPair(certificate, key)).toEqual({ certificate: one.certificate, key: one.key });
    await expect(givenKeyPair(certificate, undefined)).rejects.toMatchObject({ code: 'http.tls' });
    await expect(givenKeyPair(certificate, join(folder, 'gone.pem'))).rejects.toThrow('gone.pem cannot be read');
    await expect(givenKeyPair(certificate, write('other.pem', other.key))).rejects.toThrow('are no pair');
  });
});
