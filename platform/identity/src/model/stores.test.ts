/** The same walk through every table on both control stores. */
import { findPostgres, type PostgresServer, startPostgres } from '@undercroft/store/testing';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, OWNER_TOKEN, setUpOwner, startPlatform, type TestPlatform } from '../testing/platform.ts';

const postgres = await findPostgres();
if ('absent' in postgres) process.stderr.write(`Identity is tested without PostgreSQL: ${postgres.absent}.\n`);

describe.each(['absent' in postgres ? [] : ['postgres' as const], ['sqlite' as const]].flat())(
  'identity on %s',
  (kind) => {
    let server: PostgresServer | undefined;
    let platform: TestPlatform | undefined;

    beforeAll(async () => {
      if (kind === 'postgres' && 'bin' in postgres) server = await startPostgres(postgres.bin);
      const control =
        server === undefined
          ? {}
          : { control: { kind: 'postgres' as const, url: await server.emptyDatabase(), password: server.password } };
      platform = await startPlatform({ config: { ownerToken: OWNER_TOKEN }, store: control });
    });
    afterAll(async () => {
      await platform?.stop();
      await server?.stop();
    });

    it('keeps everything', async () => {
      const { call, clock, identity, store } = platform!;
      const owner = await setUpOwner(platform!, 'anna');
      const change = async (method: string, path: string, body?: unknown) => {
        const answer = await call(method, path, { browser: owner, ...(body === undefined ? {} : { body }) });
        expect([method, path, answer.status]).toEqual([method, path, answer.status < 300 ? answer.status : 200]);
        return answer.body;
      };
      const password = 'a password of bela';
      await change('PUT', '/identity/policies/groups', {
        text: 'path "sys/undercroft/identity/groups*" { capabilities = ["read", "update"] }',
      });
      await change('PUT', '/identity/policies/groups', {
        text: 'path "sys/undercroft/identity/groups*" { capabilities = ["read"] }',
      });
      await change('POST', '/identity/users', { name: 'bela', password, policies: [] });
      await change('POST', '/identity/groups', { name: 'inner', entities: ['bela'] });
      await change('POST', '/identity/groups', {
        name: 'outer',
        groups: ['inner'],
        policies: ['groups'],
        metadata: { floor: '2' },
      });
      const bela = new Browser();
      await call('POST', '/session', { browser: bela, body: { name: 'bela', password } });
      expect((await call('GET', '/identity/groups', { browser: bela })).body.items).toMatchObject([
        { name: 'inner', entities: ['bela'], groups: [] },
        { name: 'outer', entities: [], groups: ['inner'], policies: ['groups'], metadata: { floor: '2' } },
      ]);
      const { secret } = (await call('POST', '/identity/totp', { browser: bela })).body;
      const code = () => new TOTP({ secret }).generate({ timestamp: clock.nowMs() });
      await call('POST', '/identity/totp/confirm', { browser: bela, body: { code: code() } });
      await clock.advance(30_000);
      const login = await call('POST', '/identity/tokens/login', { body: { name: 'bela', password, totp: code() } });
      const parent = login.body;
      const child = (await call('POST', '/identity/tokens', { token: parent.token, body: { uses: 1, ttl: '5m' } }))
        .body;
      expect((await call('GET', '/session', { token: child.token })).body.principal).toMatchObject({
        name: 'bela',
        policies: ['default', 'groups'],
      });
      expect((await call('GET', '/session', { token: child.token })).status).toBe(401);
      await call('POST', '/identity/tokens/self/renew', { token: parent.token, body: {} });
      await clock.advance(61_000);
      expect((await call('GET', '/session', { token: parent.token })).status).toBe(200);
      for (let i = 0; i < 5; i++) await call('POST', '/session', { body: { name: 'bela', password: 'wrong' } });
      expect((await call('POST', '/session', { body: { name: 'bela', password } })).status).toBe(429);
      await change('POST', '/identity/users/bela/unlock');
      expect((await change('GET', '/identity/tokens?limit=1')).next).toBeDefined();
      await change('DELETE', `/identity/tokens/${parent.info.accessor}`);
      expect((await call('GET', '/session', { token: parent.token })).status).toBe(401);
      await change('PATCH', '/identity/users/bela', { disabled: true });
      await change('DELETE', '/identity/groups/inner');
      await change('DELETE', '/identity/users/bela');
      await change('DELETE', '/identity/policies/groups');
      const { path } = await identity.signInLink();
      expect((await call('POST', '/welcome', { body: { code: path.split('#')[1] } })).status).toBe(200);
      const left = await Promise.all(
        (
          [
            'identity_user',
            'identity_alias',
            'identity_totp',
            'identity_recovery_code',
            'identity_group_entity',
            'identity_link',
          ] as const
        ).map(async (table) => [table, (await store.control.db().selectFrom(table).selectAll().execute()).length]),
      );
      expect(Object.fromEntries(left)).toEqual({
        identity_user: 1,
        identity_alias: 1,
        identity_totp: 0,
        identity_recovery_code: 0,
        identity_group_entity: 0,
        identity_link: 0,
      });
    });
  },
);
