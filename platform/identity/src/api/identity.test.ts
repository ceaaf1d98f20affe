import { TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser, OWNER_TOKEN, startPlatform, type TestPlatform } from '../testing/platform.ts';

const PASSWORD = 'correct horse battery';
let platform: TestPlatform;
let count = 0;

const owner = (method: string, path: string, body?: unknown) =>
  platform.call(method, path, { token: OWNER_TOKEN, ...(body === undefined ? {} : { body }) });

beforeAll(async () => {
  platform = await startPlatform({ config: { ownerToken: OWNER_TOKEN } });
});
afterAll(() => platform.stop());
beforeEach(() => {
  platform.trail.length = 0;
});

/** A user of its own for each test, signed in. */
async function makeUser(
  policies: readonly string[] = [],
): Promise<{ name: string; entityId: string; browser: Browser; token: string }> {
  const name = `user${++count}`;
  const made = await owner('POST', '/identity/users', { name, password: PASSWORD, policies });
  const browser = new Browser();
  await platform.call('POST', '/session', { browser, body: { name, password: PASSWORD } });
  const login = await platform.call('POST', '/identity/tokens/login', { body: { name, password: PASSWORD } });
  return { name, entityId: made.body.entityId, browser, token: login.body.token };
}

describe('users', () => {
  it('are added, changed, disabled and removed', async () => {
    const made = await owner('POST', '/identity/users', { name: 'zoe', password: PASSWORD, policies: ['viewer'] });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'zoe', policies: ['viewer'], disabled: false, totp: false },
    });
    expect(await owner('POST', '/identity/users', { name: 'zoe', password: PASSWORD })).toMatchObject({
      status: 409,
      body: { code: 'identity.name-taken' },
    });
    const browser = new Browser();
    await platform.call('POST', '/session', { browser, body: { name: 'zoe', password: PASSWORD } });
    expect((await owner('PATCH', '/identity/users/zoe', { policies: ['operator'] })).body.policies).toEqual([
      'operator',
    ]);
    expect((await platform.call('GET', '/session', { browser })).body.principal.policies).toEqual([
      'default',
      'operator',
    ]);
    await owner('PATCH', '/identity/users/zoe', { disabled: true });
    expect((await platform.call('GET', '/session', { browser })).status).toBe(401);
    expect((await platform.call('POST', '/session', { body: { name: 'zoe', password: PASSWORD } })).status).toBe(401);
    await owner('PATCH', '/identity/users/zoe', { disabled: false });
    await owner('PUT', '/identity/users/zoe/password', { password: 'another long password' });
    expect(
      (await platform.call('POST', '/session', { body: { name: 'zoe', password: 'another long password' } })).status,
    ).toBe(200);
    expect((await owner('DELETE', '/identity/users/zoe')).status).toBe(204);
    expect((await owner('GET', '/identity/users/zoe')).status).toBe(404);
    expect(
      platform.trail
        .filter((event) => event.class === 'account_change')
        .map((event) => event.attributes?.['api.operation']),
    ).toEqual([
      'POST /identity/users',
      'POST /identity/users',
      'PATCH /identity/users/{name}',
      'PATCH /identity/users/{name}',
      'PATCH /identity/users/{name}',
      'PUT /identity/users/{name}/password',
      'DELETE /identity/users/{name}',
    ]);
  });

  it('are listed page by page, both ways', async () => {
    for (const name of ['list-a', 'list-b', 'list-c'])
      await owner('POST', '/identity/users', { name, password: PASSWORD });
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await owner('GET', `/identity/users?limit=2&sort=-name${cursor}`);
      names.push(...page.body.items.map((user: { name: string }) => user.name));
      cursor = page.body.next === undefined ? '' : `&cursor=${page.body.next}`;
    } while (cursor !== '');
    expect(names).toEqual([...names].sort().reverse());
    expect(names.filter((name) => name.startsWith('list-'))).toEqual(['list-c', 'list-b', 'list-a']);
  });

  it('with the right to manage users neither become owner nor touch one', async () => {
    await owner('PUT', '/identity/policies/user-admin', {
      text: 'path "sys/undercroft/identity/*" { capabilities = ["create", "read", "update", "delete"] }',
    });
    const admin = await makeUser(['user-admin']);
    const other = await makeUser(['owner']);
    const call = (method: string, path: string, body: unknown) =>
      platform.call(method, path, { token: admin.token, body });
    const refused = { status: 403, body: { code: 'identity.owner-only' } };
    expect(
      await call('POST', '/identity/users', { name: 'mallory', password: PASSWORD, policies: ['owner'] }),
    ).toMatchObject(refused);
    expect(await call('PATCH', `/identity/users/${admin.name}`, { policies: ['owner'] })).toMatchObject(refused);
    expect(await call('PUT', `/identity/users/${other.name}/password`, { password: PASSWORD })).toMatchObject(refused);
    expect(await call('POST', '/identity/groups', { name: 'owners2', policies: ['owner'] })).toMatchObject(refused);
    await owner('POST', '/identity/groups', { name: 'inner' });
    await owner('POST', '/identity/groups', { name: 'owners', policies: ['owner'], groups: ['inner'] });
    expect(await call('PATCH', '/identity/groups/inner', { entities: [admin.name] })).toMatchObject(refused);
    expect(await call('POST', '/identity/tokens', { policies: ['owner'] })).toMatchObject({ status: 403 });
    expect(
      (await call('POST', '/identity/users', { name: 'helper', password: PASSWORD, policies: ['viewer'] })).status,
    ).toBe(201);
  });

  it('do nothing that their policies do not say, and refusals are audited', async () => {
    const user = await makeUser(['viewer']);
    expect((await platform.call('GET', '/identity/users', { token: user.token })).status).toBe(403);
    expect(platform.trail.at(-1)).toMatchObject({
      class: 'api_activity',
      severity: 'medium',
      attributes: { 'actor.user.name': user.name, status: 'Failure', 'resource.name': 'sys/undercroft/identity/users' },
    });
  });

  it('keep the owner who set the platform up', async () => {
    const { body } = await owner('GET', '/session');
    expect(await owner('DELETE', `/identity/entities/${body.principal.entityId}`)).toMatchObject({
      status: 409,
      body: { code: 'identity.owner-stays' },
    });
  });
});

describe('groups', () => {
  it('give their policies to members of members', async () => {
    const user = await makeUser();
    await owner('POST', '/identity/groups', { name: 'team', entities: [user.name] });
    await owner('POST', '/identity/groups', { name: 'department', groups: ['team'], policies: ['operator'] });
    expect((await platform.call('GET', '/session', { token: user.token })).body.principal.policies).toEqual([
      'default',
      'operator',
    ]);
    await owner('PATCH', '/identity/groups/department', { groups: [] });
    expect((await platform.call('GET', '/session', { token: user.token })).body.principal.policies).toEqual([
      'default',
    ]);
  });

  it('never contain themselves', async () => {
    for (const name of ['g1', 'g2', 'g3']) await owner('POST', '/identity/groups', { name });
    await owner('PATCH', '/identity/groups/g1', { groups: ['g2'] });
    await owner('PATCH', '/identity/groups/g2', { groups: ['g3'] });
    for (const [name, member] of [
      ['g3', 'g1'],
      ['g2', 'g1'],
      ['g1', 'g1'],
    ])
      expect(await owner('PATCH', `/identity/groups/${name}`, { groups: [member] })).toMatchObject({
        status: 409,
        body: { code: 'identity.group-cycle' },
      });
    expect((await owner('GET', '/identity/groups/g2')).body.groups).toEqual(['g3']);
  });

  it('take only members that exist', async () => {
    expect(await owner('POST', '/identity/groups', { name: 'ghosts', entities: ['nobody'] })).toMatchObject({
      status: 400,
      body: { code: 'identity.group-member', detail: 'There is no entity "nobody".' },
    });
    expect((await owner('GET', '/identity/groups/ghosts')).status).toBe(404);
  });
});

describe('entities', () => {
  it('for machines have aliases, and tokens made for them by who has sudo', async () => {
    const made = await owner('POST', '/identity/entities', {
      name: 'backup',
      policies: ['viewer'],
      metadata: { host: 'a' },
    });
    expect(made.body).toMatchObject({ name: 'backup', policies: ['viewer'], metadata: { host: 'a' } });
    const path = `/identity/entities/${made.body.id}`;
    const alias = await owner('POST', `${path}/aliases`, { mount: 'cert', name: 'backup.example.org' });
    expect((await owner('GET', path)).body.aliases).toMatchObject([
      { id: alias.body.id, mount: 'cert', name: 'backup.example.org' },
    ]);
    expect((await owner('POST', `${path}/aliases`, { mount: 'cert', name: 'backup.example.org' })).status).toBe(409);
    const token = await owner('POST', '/identity/tokens', { entityId: made.body.id });
    expect((await platform.call('GET', '/session', { token: token.body.token })).body.principal).toMatchObject({
      name: 'backup',
      policies: ['default', 'viewer'],
    });
    await owner('PATCH', path, { disabled: true });
    expect((await platform.call('GET', '/session', { token: token.body.token })).status).toBe(401);
    expect((await owner('DELETE', `/identity/aliases/${alias.body.id}`)).status).toBe(204);
    expect((await owner('DELETE', path)).status).toBe(204);
  });
});

describe('policies', () => {
  const TEXT =
    'path "sys/undercroft/assets*" {\n  capabilities = ["read"]\n}\npath "secret/+/x" { capabilities = ["list", "read"] }\n';

  it('are written, read, listed and removed; built-in ones stay', async () => {
    const put = await owner('PUT', '/identity/policies/assets', { text: TEXT });
    expect(put.body).toMatchObject({
      name: 'assets',
      text: TEXT,
      builtIn: false,
      rules: [
        { path: 'sys/undercroft/assets*', capabilities: ['read'], line: 1 },
        { path: 'secret/+/x', capabilities: ['read', 'list'], line: 4 },
      ],
    });
    expect((await owner('GET', '/identity/policies/assets')).body).toEqual(put.body);
    const names = (await owner('GET', '/identity/policies')).body.items.map((policy: { name: string }) => policy.name);
    expect(names).toEqual(expect.arrayContaining(['assets', 'default', 'operator', 'owner', 'viewer']));
    expect((await owner('DELETE', '/identity/policies/assets')).status).toBe(204);
    expect((await owner('GET', '/identity/policies/assets')).status).toBe(404);
    for (const [method, body] of [
      ['PUT', { text: TEXT }],
      ['DELETE', undefined],
    ] as const)
      expect((await owner(method, '/identity/policies/owner', body)).body.code).toBe('identity.policy-built-in');
  });

  it('that are wrong are refused with every line, and checked without being kept', async () => {
    const text = 'path "a" {\n  capabilities = ["rad"]\n  x = 1\n}';
    const put = await owner('PUT', '/identity/policies/wrong', { text });
    expect(put).toMatchObject({
      status: 400,
      body: {
        code: 'identity.policy',
        problems: [
          { line: 3, column: 3 },
          { line: 2, column: 3 },
        ],
      },
    });
    const check = await owner('POST', '/identity/policies/check', { text });
    expect(check.body).toMatchObject({
      ok: false,
      problems: [
        { line: 3, column: 3 },
        { line: 2, column: 3 },
      ],
    });
    expect((await owner('POST', '/identity/policies/check', { text: 'path "a"{policy="read"}' })).body).toEqual({
      ok: true,
      problems: [],
      formatted: 'path "a" {\n  capabilities = ["read", "list"]\n}\n',
    });
  });

  it('count at once, for those who have them', async () => {
    const user = await makeUser(['late']);
    const status = async () => (await platform.call('GET', '/identity/groups', { token: user.token })).status;
    expect(await status()).toBe(403);
    await owner('PUT', '/identity/policies/late', {
      text: 'path "sys/undercroft/identity/groups" { capabilities = ["read"] }',
    });
    expect(await status()).toBe(200);
    await owner('PUT', '/identity/policies/late', {
      text: 'path "sys/undercroft/identity/groups" { capabilities = ["deny"] }',
    });
    expect(await status()).toBe(403);
    await owner('PUT', '/identity/policies/late', { text: 'path "*" { capabilities = ["read", "sudo"] }' });
    expect(await status()).toBe(403);
  });

  it('may speak of the caller by templates', async () => {
    await owner('PUT', '/identity/policies/own', {
      text: 'path "sys/undercroft/identity/users/{{identity.entity.name}}" { capabilities = ["read"] }',
    });
    const [one, two] = [await makeUser(['own']), await makeUser(['own'])];
    const status = async (token: string, name: string) =>
      (await platform.call('GET', `/identity/users/${name}`, { token })).status;
    expect([await status(one.token, one.name), await status(one.token, two.name)]).toEqual([200, 403]);
    expect([await status(two.token, one.name), await status(two.token, two.name)]).toEqual([403, 200]);
  });

  it('are explained path by path', async () => {
    await owner('PUT', '/identity/policies/explained', { text: TEXT });
    const user = await makeUser(['explained']);
    const ask = (token: string, body: object) => platform.call('POST', '/identity/capabilities', { token, body });
    expect((await ask(user.token, { paths: ['secret/a/x', 'secret/a/y'] })).body.items).toEqual([
      {
        path: 'secret/a/x',
        capabilities: ['read', 'list'],
        rule: 'secret/+/x',
        owner: false,
        grants: [
          { capability: 'read', policy: 'explained', line: 4 },
          { capability: 'list', policy: 'explained', line: 4 },
        ],
      },
      { path: 'secret/a/y', capabilities: ['deny'], owner: false, grants: [] },
    ]);
    expect((await ask(user.token, { paths: ['a'], policies: ['viewer'] })).status).toBe(403);
    const tried = await ask(OWNER_TOKEN, {
      paths: ['b/c'],
      policies: ['default'],
      text: 'path "b/*" { capabilities = ["deny"] }',
    });
    expect(tried.body.items).toMatchObject([
      { capabilities: ['deny'], rule: 'b/*', grants: [{ policy: 'text', line: 1 }] },
    ]);
    expect((await ask(OWNER_TOKEN, { paths: ['sys/undercroft/anything'] })).body.items[0]).toMatchObject({
      owner: true,
    });
  });
});

describe('tokens', () => {
  it('are shown once, stored as a hash, looked up, renewed and revoked', async () => {
    const made = await owner('POST', '/identity/tokens', { name: 'ci', policies: ['viewer'], ttl: '1h', maxTtl: '2h' });
    expect(made.status).toBe(201);
    const { token, info } = made.body;
    expect(token).toMatch(/^uct_[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(info.expiresAt) - Date.parse(info.createdAt)).toBe(3600_000);
    const rows = await platform.store.control.db().selectFrom('identity_token').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
    const self = (method: string, path = '', body?: object) =>
      platform.call(method, `/identity/tokens/self${path}`, { token, ...(body === undefined ? {} : { body }) });
    expect((await self('GET')).body).toMatchObject({ accessor: info.accessor, policies: ['viewer'], name: 'ci' });
    await platform.clock.advance(1800_000);
    const renewed = await self('POST', '/renew', {});
    expect(Date.parse(renewed.body.expiresAt) - Date.parse(info.createdAt)).toBe(5400_000);
    const limited = await self('POST', '/renew', { increment: '10h' });
    expect(Date.parse(limited.body.expiresAt) - Date.parse(info.createdAt)).toBe(7200_000);
    expect((await self('DELETE')).status).toBe(204);
    expect((await self('GET')).status).toBe(401);
  });

  it('end with their time, to the second', async () => {
    const { token } = (await owner('POST', '/identity/tokens', { ttl: 60 })).body;
    const status = async () => (await platform.call('GET', '/session', { token })).status;
    await platform.clock.advance(59_999);
    expect(await status()).toBe(200);
    await platform.clock.advance(1);
    expect(await status()).toBe(401);
  });

  it('end with the token that made them, also when that one ends by itself', async () => {
    const parent = (await owner('POST', '/identity/tokens', { ttl: '1h' })).body;
    const child = (await platform.call('POST', '/identity/tokens', { token: parent.token, body: {} })).body;
    const grandchild = (await platform.call('POST', '/identity/tokens', { token: child.token, body: {} })).body;
    const orphan = (await platform.call('POST', '/identity/tokens', { token: parent.token, body: { orphan: true } }))
      .body;
    const statuses = async () =>
      Promise.all(
        [child, grandchild, orphan].map(
          async ({ token }) => (await platform.call('GET', '/session', { token })).status,
        ),
      );
    expect(await statuses()).toEqual([200, 200, 200]);
    expect((await owner('DELETE', `/identity/tokens/${parent.info.accessor}`)).status).toBe(204);
    expect(await statuses()).toEqual([401, 401, 200]);
    expect((await owner('GET', `/identity/tokens/${grandchild.info.accessor}`)).status).toBe(404);
  });

  it('with a use count work that often, also when used side by side', async () => {
    const { token } = (await owner('POST', '/identity/tokens', { uses: 3 })).body;
    const answers = await Promise.all(Array.from({ length: 6 }, () => platform.call('GET', '/session', { token })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 401, 401, 401]);
  });

  it('have at most what their maker has', async () => {
    const user = await makeUser(['viewer', 'operator']);
    const call = (token: string, body: object) => platform.call('POST', '/identity/tokens', { token, body });
    expect(await call(user.token, { policies: ['owner'] })).toMatchObject({
      status: 403,
      body: { code: 'identity.token-policies' },
    });
    expect(await call(user.token, { orphan: true })).toMatchObject({
      status: 403,
      body: { code: 'identity.token-sudo' },
    });
    const limited = (await call(user.token, { policies: ['viewer'] })).body.token;
    expect(await call(limited, { policies: ['operator'] })).toMatchObject({ status: 403 });
    const child = (await call(limited, {})).body;
    expect(child.info.policies).toEqual(['viewer']);
    for (const [method, path, body] of [
      ['POST', '/identity/totp', undefined],
      ['PUT', '/session/password', { current: PASSWORD, password: 'something else entirely' }],
    ] as const)
      expect(
        await platform.call(method, path, { token: limited, ...(body === undefined ? {} : { body }) }),
      ).toMatchObject({
        status: 403,
        body: { code: 'identity.limited-token' },
      });
  });

  it('of others are seen and revoked only with the right to', async () => {
    const [one, two] = [await makeUser(), await makeUser()];
    const list = async (token: string) => (await platform.call('GET', '/identity/tokens', { token })).body.items;
    expect(new Set((await list(one.token)).map((item: { entityId: string }) => item.entityId))).toEqual(
      new Set([one.entityId]),
    );
    const { accessor } = (await list(two.token))[0];
    expect((await platform.call('DELETE', `/identity/tokens/${accessor}`, { token: one.token })).status).toBe(403);
    expect((await platform.call('DELETE', `/identity/tokens/${accessor}`, { browser: two.browser })).status).toBe(204);
    expect((await platform.call('GET', '/session', { token: two.token })).status).toBe(401);
  });

  it('that have ended are swept away, and their last use is kept to the minute', async () => {
    const { token, info } = (await owner('POST', '/identity/tokens', { ttl: '1h' })).body;
    const lastUsed = async () => (await owner('GET', `/identity/tokens/${info.accessor}`)).body.lastUsedAt;
    await platform.call('GET', '/session', { token });
    await expect.poll(lastUsed).toBe(new Date(platform.clock.nowMs()).toISOString());
    const first = await lastUsed();
    await platform.clock.advance(30_000);
    await platform.call('GET', '/session', { token });
    expect(await lastUsed()).toBe(first);
    await platform.clock.advance(31_000);
    await platform.call('GET', '/session', { token });
    await expect.poll(lastUsed).not.toBe(first);
    await platform.clock.advance(3600_000);
    const find = async () => {
      await platform.clock.advance(60_000);
      const tokens = platform.store.control.db().selectFrom('identity_token').select('accessor');
      return tokens.where('accessor', '=', info.accessor).executeTakeFirst();
    };
    await expect.poll(find).toBeUndefined();
  });

  it.each([
    ['Bearer nonsense', undefined],
    ['Basic YTpi', undefined],
    ['Bearer ', undefined],
    [undefined, 'x'.repeat(600)],
  ])('that are none are refused, with a good cookie beside too: %s %s', async (authorization, vaultToken) => {
    const { browser } = await makeUser();
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      ...(vaultToken === undefined ? {} : { 'x-vault-token': vaultToken }),
    };
    expect((await platform.call('GET', '/session', { browser, headers })).status).toBe(401);
  });
});

describe('second factor', () => {
  it('is set up, asked for, taken once a step, replaced by recovery codes and removed', async () => {
    const { name, browser } = await makeUser();
    const begun = await platform.call('POST', '/identity/totp', { browser });
    expect(begun.body.url).toMatch(
      new RegExp(`^otpauth://totp/Undercroft:${name}\\?issuer=Undercroft&secret=${begun.body.secret}`),
    );
    const app = new TOTP({ secret: begun.body.secret });
    const code = () => app.generate({ timestamp: platform.clock.nowMs() });
    const signIn = (totp?: string) =>
      platform.call('POST', '/session', {
        body: { name, password: PASSWORD, ...(totp === undefined ? {} : { totp }) },
      });
    expect((await signIn()).status).toBe(200);
    const before = browser.cookie;
    expect((await platform.call('POST', '/identity/totp/confirm', { browser, body: { code: '000000' } })).status).toBe(
      400,
    );
    const confirmed = await platform.call('POST', '/identity/totp/confirm', { browser, body: { code: code() } });
    expect(confirmed.body.recoveryCodes).toHaveLength(10);
    expect(browser.cookie).not.toBe(before);
    expect(await signIn()).toMatchObject({ status: 401, body: { code: 'identity.totp-required' } });
    // The code that confirmed cannot sign in as well.
    expect(await signIn(code())).toMatchObject({ status: 401, body: { code: 'identity.totp-code' } });
    await platform.clock.advance(30_000);
    const used = code();
    expect((await signIn(used)).body.totp).toBe(true);
    expect(await signIn(used)).toMatchObject({ status: 401, body: { code: 'identity.totp-code' } });
    const recovery = confirmed.body.recoveryCodes[0];
    expect((await signIn(recovery.toUpperCase())).status).toBe(200);
    expect((await signIn(recovery)).status).toBe(401);
    expect((await platform.call('GET', '/identity/totp', { browser })).body).toEqual({
      enabled: true,
      recoveryCodes: 9,
    });
    expect((await platform.call('POST', '/identity/totp', { browser })).body.code).toBe('identity.totp-enabled');
    expect((await platform.call('DELETE', '/identity/totp', { browser, body: { code: used } })).status).toBe(400);
    await platform.clock.advance(30_000);
    expect((await platform.call('DELETE', '/identity/totp', { browser, body: { code: code() } })).status).toBe(200);
    expect((await signIn()).status).toBe(200);
    const stored = await platform.store.control.db().selectFrom('identity_totp').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(begun.body.secret);
  });

  it('counts wrong codes as wrong passwords', async () => {
    const { name, browser } = await makeUser();
    const { secret } = (await platform.call('POST', '/identity/totp', { browser })).body;
    const code = new TOTP({ secret }).generate({ timestamp: platform.clock.nowMs() });
    await platform.call('POST', '/identity/totp/confirm', { browser, body: { code } });
    const attempt = (totp: string) => platform.call('POST', '/session', { body: { name, password: PASSWORD, totp } });
    for (let i = 0; i < 5; i++) expect((await attempt('abcde-fghij')).status).toBe(401);
    expect((await attempt('abcde-fghij')).status).toBe(429);
    expect((await owner('POST', `/identity/users/${name}/unlock`)).status).toBe(204);
    expect((await attempt('abcde-fghij')).status).toBe(401);
    expect((await owner('DELETE', `/identity/users/${name}/totp`)).status).toBe(204);
    expect((await platform.call('POST', '/session', { body: { name, password: PASSWORD } })).status).toBe(200);
  });
});

describe('tenants', () => {
  it('are worlds of their own; only an owner works in several', async () => {
    expect((await owner('POST', '/identity/tenants', { id: 'acme', title: 'Acme' })).status).toBe(201);
    for (const [method, path, body] of [
      ['POST', '/identity/users?tenant=nowhere', { name: 'eve', password: PASSWORD }],
      ['POST', '/identity/entities?tenant=nowhere', { name: 'eve' }],
      ['POST', '/identity/groups?tenant=nowhere', { name: 'eves' }],
      ['PUT', '/identity/policies/eve?tenant=nowhere', { text: '' }],
    ] as const)
      expect([path, await owner(method, path, body)]).toMatchObject([
        path,
        { status: 404, body: { code: 'not-found' } },
      ]);
    await owner('POST', '/identity/users?tenant=acme', {
      name: 'eve',
      password: PASSWORD,
      policies: ['owner', 'admin'],
    });
    await owner('PUT', '/identity/policies/admin?tenant=acme', {
      text: 'path "sys/undercroft/identity/*" { capabilities = ["create", "read", "update", "delete", "sudo"] }',
    });
    expect((await platform.call('POST', '/session', { body: { name: 'eve', password: PASSWORD } })).status).toBe(401);
    const login = await platform.call('POST', '/identity/tokens/login', {
      body: { name: 'eve', password: PASSWORD, tenant: 'acme' },
    });
    const eve = (method: string, path: string) => platform.call(method, path, { token: login.body.token });
    expect((await eve('GET', '/session')).body.principal).toMatchObject({
      tenant: 'acme',
      owner: false,
      policies: ['admin', 'default'],
    });
    expect((await eve('GET', '/identity/users')).body.items.map((user: { name: string }) => user.name)).toEqual([
      'eve',
    ]);
    expect(await eve('GET', '/identity/users?tenant=default')).toMatchObject({
      status: 403,
      body: { code: 'identity.tenant' },
    });
    expect((await eve('GET', '/identity/tenants')).status).toBe(403);
    expect(await owner('DELETE', '/identity/tenants/acme')).toMatchObject({
      status: 409,
      body: { code: 'identity.tenant-in-use' },
    });
    await owner('DELETE', '/identity/users/eve?tenant=acme');
    expect((await owner('DELETE', '/identity/tenants/acme')).status).toBe(204);
    expect((await owner('DELETE', '/identity/tenants/default')).status).toBe(409);
    expect((await owner('GET', '/identity/policies/admin')).status).toBe(404);
  });
});
