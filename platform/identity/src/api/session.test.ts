import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Browser,
  OWNER_TOKEN,
  setUpOwner,
  startPlatform,
  type TestPlatform,
  type TestPlatformOptions,
} from '../testing/platform.ts';

const PASSWORD = 'correct horse battery';
let platform: TestPlatform;

async function start(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  platform = await startPlatform(options);
  return platform;
}

afterEach(() => platform.stop());

describe('first run', () => {
  it('makes the owner by the one-time link, which is then used up', async () => {
    const { call, identity, trail } = await start();
    expect((await call('GET', '/welcome')).body).toMatchObject({ firstRun: true, version: '0.0.0-test' });
    const link = await identity.signInLink();
    expect(link).toMatchObject({ firstRun: true, path: expect.stringMatching(/^\/app\/welcome#[A-Za-z0-9_-]{32}$/) });
    const body = { code: link.path.split('#')[1], name: 'Anna', password: PASSWORD };
    const browser = new Browser();
    const made = await call('POST', '/welcome', { browser, body });
    expect(made).toMatchObject({
      status: 200,
      body: {
        principal: { name: 'anna', owner: true, tenant: 'default', kind: 'session', policies: ['default', 'owner'] },
        totp: false,
      },
    });
    expect((await call('GET', '/session', { browser })).body).toEqual(made.body);
    expect(await call('POST', '/welcome', { body })).toMatchObject({
      status: 410,
      body: { code: 'identity.link-used' },
    });
    expect((await call('GET', '/welcome')).body.firstRun).toBe(false);
    expect(
      trail.map((event) => [event.class, event.attributes?.['status'], event.attributes?.['status_detail']]),
    ).toEqual([
      ['authentication', 'Success', 'one-time link: the owner was made'],
      ['authentication', 'Failure', 'identity.link-used'],
    ]);
  });

  it('keeps the link while name or password are not good enough', async () => {
    const { call, identity } = await start();
    const code = (await identity.signInLink()).path.split('#')[1];
    const attempt = (body: object) => call('POST', '/welcome', { body: { code, ...body } });
    expect(await attempt({})).toMatchObject({ status: 400, body: { code: 'identity.welcome' } });
    expect(await attempt({ name: 'anna', password: 'short' })).toMatchObject({
      status: 400,
      body: { code: 'identity.password' },
    });
    expect(await attempt({ name: 'an na', password: PASSWORD })).toMatchObject({
      status: 400,
      body: { code: 'identity.name' },
    });
    expect((await attempt({ name: 'anna', password: PASSWORD })).status).toBe(200);
  });

  it('lets only one of two who use the link at the same time become the owner', async () => {
    const { call, identity } = await start();
    const code = (await identity.signInLink()).path.split('#')[1];
    const answers = await Promise.all(
      ['anna', 'bela'].map((name) => call('POST', '/welcome', { body: { code, name, password: PASSWORD } })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 410]);
  });

  it('ends a link after its time and when a newer one is made', async () => {
    const { call, identity, clock } = await start();
    const first = (await identity.signInLink()).path.split('#')[1];
    const second = (await identity.signInLink()).path.split('#')[1];
    const attempt = (code: string | undefined) =>
      call('POST', '/welcome', { body: { code, name: 'anna', password: PASSWORD } });
    expect((await attempt(first)).status).toBe(410);
    await clock.advance(24 * 3600_000 + 1);
    expect((await attempt(second)).status).toBe(410);
  });

  it('signs the owner in by a later link, for a quarter of an hour', async () => {
    const { call, identity, clock } = await start();
    await setUpOwner(platform);
    const link = await identity.signInLink();
    expect(link).toMatchObject({ firstRun: false, expiresUs: clock.nowUs() + 900_000_000 });
    const browser = new Browser();
    await call('POST', '/welcome', { browser, body: { code: link.path.split('#')[1] } });
    expect((await call('GET', '/session', { browser })).body.principal).toMatchObject({ name: 'anna', owner: true });
  });
});

describe('owner token', () => {
  it('becomes the token of an owner, whom the link then gives name and password', async () => {
    const { call, store } = await start({ config: { ownerToken: OWNER_TOKEN } });
    expect((await call('GET', '/session', { token: OWNER_TOKEN })).body.principal).toMatchObject({
      name: 'owner',
      owner: true,
      kind: 'token',
    });
    const asVault = { headers: { 'x-vault-token': OWNER_TOKEN } };
    expect((await call('GET', '/session', asVault)).status).toBe(200);
    expect((await call('GET', '/welcome')).body.firstRun).toBe(true);
    const browser = await setUpOwner(platform);
    const both = await Promise.all([
      call('GET', '/session', { browser }),
      call('GET', '/session', { token: OWNER_TOKEN }),
    ]);
    expect(new Set(both.map((answer) => answer.body.principal.entityId)).size).toBe(1);
    const rows = await store.control.db().selectFrom('identity_token').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(OWNER_TOKEN);
  });

  it('is refused when it is too short, and ignored when there is an owner', async () => {
    await expect(start({ config: { ownerToken: 'x'.repeat(23) } })).rejects.toMatchObject({
      code: 'identity.owner-token',
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'undercroft-identity-'));
    try {
      await start({ store: { dataDir } });
      const browser = await setUpOwner(platform);
      await platform.stop();
      await start({ store: { dataDir }, config: { ownerToken: OWNER_TOKEN } });
      expect((await platform.call('GET', '/session', { token: OWNER_TOKEN })).status).toBe(401);
      expect((await platform.call('GET', '/session', { browser })).status).toBe(200);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

describe('sign-in', () => {
  it('tells nobody whether name or password was wrong, and audits both', async () => {
    const { call, trail } = await start();
    await setUpOwner(platform);
    const wrong = await call('POST', '/session', { body: { name: 'anna', password: 'wrong' } });
    const unknown = await call('POST', '/session', { body: { name: 'nobody', password: 'wrong' } });
    const { requestId: _, ...problem } = wrong.body;
    expect(unknown).toMatchObject({ status: 401, body: problem });
    expect(problem).toMatchObject({ code: 'identity.credentials' });
    expect(
      trail.slice(-2).map((event) => [event.severity, event.attributes?.['user.name'], event.attributes?.['status']]),
    ).toEqual([
      ['low', 'anna', 'Failure'],
      ['low', 'nobody', 'Failure'],
    ]);
    const right = await call('POST', '/session', { body: { name: 'ANNA', password: PASSWORD } });
    expect(right.status).toBe(200);
    expect(right.headers.get('set-cookie')).toMatch(
      /^undercroft_session=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
  });

  it('signs nobody in while the audit trail cannot be written', async () => {
    const { call, breakTrail } = await start();
    await setUpOwner(platform);
    breakTrail(true);
    const answer = await call('POST', '/session', { body: { name: 'anna', password: PASSWORD } });
    expect(answer).toMatchObject({ status: 503, body: { code: 'identity.audit' } });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('gives a new session each time, whatever cookie was there before', async () => {
    const { call } = await start();
    const owner = await setUpOwner(platform);
    const planted = 'A'.repeat(43);
    const answer = await call('POST', '/session', {
      body: { name: 'anna', password: PASSWORD },
      headers: { cookie: `undercroft_session=${planted}` },
    });
    const cookie = /undercroft_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    expect([planted, owner.cookie]).not.toContain(cookie);
  });

  it('locks out after wrong passwords, longer each time, and says until when', async () => {
    const { call, clock } = await start();
    await setUpOwner(platform);
    const attempt = (password: string) => call('POST', '/session', { body: { name: 'anna', password } });
    for (let i = 0; i < 5; i++) expect((await attempt('wrong')).status).toBe(401);
    const locked = await attempt(PASSWORD);
    expect(locked).toMatchObject({
      status: 429,
      body: { code: 'identity.locked', retryAt: new Date(clock.nowMs() + 2000).toISOString() },
    });
    expect(locked.headers.get('retry-after')).toBe('2');
    await clock.advance(2001);
    expect((await attempt('wrong')).status).toBe(401);
    await clock.advance(2001);
    expect((await attempt(PASSWORD)).status).toBe(429);
    await clock.advance(2000);
    expect((await attempt(PASSWORD)).status).toBe(200);
    expect((await attempt('wrong')).status).toBe(401);
  });

  it('refuses even the right password among attempts made side by side, once they have locked the user', async () => {
    const { call } = await start();
    await setUpOwner(platform);
    const passwords = [...Array.from({ length: 9 }, () => 'wrong'), PASSWORD];
    const answers = await Promise.all(
      passwords.map((password) => call('POST', '/session', { body: { name: 'anna', password } })),
    );
    expect(answers.at(-1)?.status).toBe(429);
  });
});

describe('session', () => {
  it('takes changes by cookie only with its own CSRF value', async () => {
    const { call } = await start();
    const owner = await setUpOwner(platform);
    const other = new Browser();
    await call('POST', '/session', { browser: other, body: { name: 'anna', password: PASSWORD } });
    const body = { name: 'editors' };
    for (const csrf of [undefined, '', other.csrf]) {
      const browser = new Browser();
      browser.cookie = owner.cookie;
      browser.csrf = csrf;
      expect(await call('POST', '/identity/groups', { browser, body })).toMatchObject({
        status: 403,
        body: { code: 'identity.csrf' },
      });
      expect((await call('GET', '/identity/groups', { browser })).status).toBe(200);
    }
    expect((await call('POST', '/identity/groups', { browser: owner, body })).status).toBe(201);
  });

  it('ends when idle for 12 hours, and after 7 days in any case', async () => {
    const { call, clock } = await start();
    const browser = await setUpOwner(platform);
    const status = async () => {
      const { status } = await call('GET', '/session', { browser });
      // The time of last use is written behind the answer; units are written in order.
      await platform.store.control.write(async () => {});
      return status;
    };
    await clock.advance(11 * 3600_000);
    expect(await status()).toBe(200);
    await clock.advance(11 * 3600_000);
    expect(await status()).toBe(200);
    await clock.advance(12 * 3600_000 + 1000);
    expect(await status()).toBe(401);
    await call('POST', '/session', { browser, body: { name: 'anna', password: PASSWORD } });
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      await clock.advance(8 * 3600_000);
      expect(await status()).toBe(200);
    }
    await clock.advance(8 * 3600_000 + 1000);
    expect(await status()).toBe(401);
  });

  it('is not kept alive by an open page that only listens', async () => {
    const { call, clock } = await start();
    const browser = await setUpOwner(platform);
    const listens = () =>
      platform.identity.authenticate({
        headers: { cookie: `undercroft_session=${browser.cookie}` },
        method: 'GET',
        ip: '127.0.0.1',
        passive: true,
      });
    await clock.advance(11 * 3600_000);
    expect(await listens()).toBeDefined();
    await clock.advance(1.1 * 3600_000);
    expect(await listens()).toBeUndefined();
    expect((await call('GET', '/session', { browser })).status).toBe(401);
  });

  it('is over at once after sign-out', async () => {
    const { call } = await start();
    const browser = await setUpOwner(platform);
    const { cookie } = browser;
    const out = await call('DELETE', '/session', { browser });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    browser.cookie = cookie;
    expect((await call('GET', '/session', { browser })).status).toBe(401);
  });

  it('is listed and ended one by one', async () => {
    const { call } = await start();
    const owner = await setUpOwner(platform);
    const other = new Browser();
    await call('POST', '/session', {
      browser: other,
      body: { name: 'anna', password: PASSWORD },
      headers: { 'user-agent': 'other' },
    });
    const { items } = (await call('GET', '/session/list', { browser: owner })).body;
    expect(items.map((item: { userAgent: string; current: boolean }) => [item.userAgent, item.current]).sort()).toEqual(
      [
        ['node', true],
        ['other', false],
      ],
    );
    const id = items.find((item: { current: boolean }) => !item.current).id;
    expect((await call('DELETE', `/session/list/${id}`, { browser: owner })).status).toBe(204);
    expect((await call('GET', '/session', { browser: other })).status).toBe(401);
    expect((await call('GET', '/session', { browser: owner })).status).toBe(200);
  });

  it('changes with the password: the others end, this one goes on under a new cookie', async () => {
    const { call } = await start();
    const owner = await setUpOwner(platform);
    const other = new Browser();
    await call('POST', '/session', { browser: other, body: { name: 'anna', password: PASSWORD } });
    const before = owner.cookie;
    const change = (current: string) =>
      call('PUT', '/session/password', { browser: owner, body: { current, password: 'a new and longer one' } });
    expect(await change('wrong')).toMatchObject({ status: 403, body: { code: 'identity.credentials' } });
    expect((await change(PASSWORD)).status).toBe(200);
    expect(owner.cookie).not.toBe(before);
    expect((await call('GET', '/session', { browser: owner })).status).toBe(200);
    expect((await call('GET', '/session', { browser: other })).status).toBe(401);
    owner.cookie = before;
    expect((await call('GET', '/session', { browser: owner })).status).toBe(401);
  });
});
