/** The whole platform with its control state in PostgreSQL. */
import { findPostgres, type PostgresServer, startPostgres } from '@undercroft/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPlatform, startPlatform, until } from './platform.ts';

const postgres = await findPostgres();
if ('absent' in postgres) process.stderr.write(`The platform is not tested on PostgreSQL: ${postgres.absent}.\n`);

describe.skipIf('absent' in postgres)('on PostgreSQL', () => {
  let server: PostgresServer;
  let platform: RunningPlatform;
  const start = async (url: string, dataDir?: string): Promise<RunningPlatform> =>
    startPlatform({
      ...(dataDir === undefined ? {} : { dataDir }),
      args: ['--set', 'store.control.kind=postgres', '--set', `store.control.url=${url}`],
      env: { UNDERCROFT_STORE_CONTROL_PASSWORD: server.password },
    });
  let url: string;
  beforeAll(async () => {
    server = await startPostgres((postgres as { bin: string }).bin);
    url = await server.emptyDatabase();
    platform = await start(url);
  }, 90_000);
  afterAll(async () => {
    await platform?.stop();
    platform?.remove();
    await server?.stop();
  });

  it('knows this host, and a problem of it', async () => {
    const found = async (path: string) => (await platform.api<{ items: unknown[] }>('GET', path)).items.length > 0;
    await until(() => found('/assets?q=type:host'), 15_000);
    const options = { host: '127.0.0.1', port: 1 };
    const check = { name: 'Nobody there', kind: 'tcp', options, maxAttempts: 1 };
    const { id } = await platform.api<{ id: string }>('POST', '/checks', check);
    await platform.api('POST', `/checks/${id}/run`);
    await until(() => found('/problems?q=nobody&state=critical&sort=-openedAt'), 10_000);
  });

  it('refuses text that it cannot keep as a bad request', async () => {
    await expect(platform.api('GET', '/assets/a%00b')).rejects.toThrow(/: 400 .*store\.text/);
    await expect(platform.api('POST', '/identity/tenants', { id: 't', title: '\0' })).rejects.toThrow(/: 400 /);
  });

  it('has everything after a restart', { timeout: 60_000 }, async () => {
    const { dataDir } = platform;
    await platform.stop();
    platform = await start(url, dataDir);
    const { items } = await platform.api<{ items: { name: string }[] }>('GET', '/checks');
    expect(items.map((check) => check.name)).toContain('Nobody there');
    expect((await platform.api<{ items: unknown[] }>('GET', '/problems?q=nobody')).items).toHaveLength(1);
  });
});
