import type { ProblemReport, ProblemState } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { openTestStore, type TestStore } from '@undercroft/store/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alertsModule } from './module.ts';
import { ChannelError, OWNER, startAlerts, type TestAlerts } from './testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOST = '01K5QJ3V7N8Y2M4X6Z0A1B2C3D';
const iso = (ms: number): string => new Date(ms).toISOString();

let store: TestStore;
let clock: ManualClock;
let t: TestAlerts;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 10, 24, 9));
  store = await openTestStore({ modules: [alertsModule], clock });
  t = await startAlerts({ clock, store, assets: { [HOST]: ['type:host name:web*'] } });
});
afterEach(async () => {
  await t.stop();
  await store.stop();
});

const full = (state: ProblemState, more: Partial<ProblemReport> = {}): ProblemReport => ({
  source: 'metrics',
  rule: 'metrics.filesystem.full',
  subject: `${HOST}:/var`,
  state,
  title: `/var on web-1 is ${state === 'ok' ? '60' : '95'} % full`,
  ...more,
});
const report = async (state: ProblemState, more: Partial<ProblemReport> = {}): Promise<void> => {
  await t.alerts.report([full(state, more)]);
  await t.pass(0);
};
const subjects = (): string[] => t.sent.map(({ to, message }) => `${to}: ${message.kind} ${message.subject}`);
const kinds = (): string[] => t.sent.map(({ to, message }) => `${to}: ${message.kind}`);
const open = async () => (await t.alerts.list({ open: true })).items;
const theOne = async () => (await t.alerts.list()).items[0]!;
const history = async () => (await t.alerts.lines((await theOne()).id)).map((line) => line.kind);

describe('a problem', () => {
  test('opens, changes, closes, and comes back as the same one', async () => {
    await report('ok');
    expect(await open()).toEqual([]);
    await report('warning');
    await report('critical');
    expect(await open()).toMatchObject([
      { state: 'critical', hard: true, assets: [HOST], title: '/var on web-1 is 95 % full' },
    ]);
    await t.pass(5 * MINUTE);
    await report('ok');
    expect(await open()).toEqual([]);
    const { id } = await theOne();
    await t.pass(5 * MINUTE);
    await report('warning');
    expect(await open()).toMatchObject([{ id, state: 'warning' }]);
    await report('ok');
    await t.pass(HOUR);
    await report('warning');
    expect((await open())[0]?.id).not.toBe(id);
    expect((await t.alerts.lines(id)).map((line) => `${line.kind}: ${line.text}`)).toEqual([
      'opened: Warning: /var on web-1 is 95 % full',
      'state: Critical: /var on web-1 is 95 % full',
      'closed: Ok after 5 min: /var on web-1 is 60 % full',
      'reopened: Warning: /var on web-1 is 95 % full',
      'closed: Ok after 10 min: /var on web-1 is 60 % full',
    ]);
  });

  test('is kept whatever bytes it quotes', async () => {
    await report('critical', { title: 'web-1 said \0', detail: '\0', next: '\0' });
    expect(await open()).toMatchObject([{ title: 'web-1 said \ufffd', detail: '\ufffd' }]);
  });

  test('is a finding at each transition, and live', async () => {
    await report('warning', { maxAttempts: 2 });
    await report('warning', { maxAttempts: 2 });
    await report('warning', { maxAttempts: 2 });
    await report('ok');
    expect(
      t.events.map((event) => [event.class, event.activity, event.severity, event.attributes?.['transition']]),
    ).toEqual([
      ['incident_finding', 'create', 'medium', 'opened'],
      ['incident_finding', 'update', 'medium', 'state'],
      ['incident_finding', 'close', 'informational', 'closed'],
    ]);
    expect(t.live.map((problem) => problem.state)).toEqual(['warning', 'warning', 'ok']);
  });

  test('that does not change writes nothing; new words are written once a minute', async () => {
    await report('critical');
    let units = 0;
    const { write } = store.control;
    Object.assign(store.control, {
      write: (unit: never) => {
        units++;
        return write(unit);
      },
    });
    for (let n = 0; n < 20; n++) await t.alerts.report([full('critical')]);
    await t.alerts.report([full('ok', { subject: 'other' })]);
    expect(units).toBe(0);
    for (let second = 0; second < 59; second++) {
      await t.pass(1000);
      await t.alerts.report([full('critical', { title: `at ${second}` })]);
    }
    expect(units).toBe(0);
    expect((await open())[0]?.title).toBe('at 58');
    await t.pass(10_000);
    expect(units).toBe(1);
    Object.assign(store.control, { write });
  });

  test('in one batch goes through every state', async () => {
    await t.alerts.report([full('warning'), full('critical'), full('ok'), full('warning')]);
    expect(await history()).toEqual(['opened', 'state', 'closed', 'reopened']);
  });

  test('is found by state, asset, source, words and time', async () => {
    await report('critical');
    await report('warning', { subject: 'x', rule: 'checks.http', source: 'checks', title: 'Shop answers 500' });
    const titles = async (filter: object, words = '') =>
      (await t.alerts.list(filter, words)).items.map((item) => item.rule);
    expect(await titles({ states: ['critical'] })).toEqual(['metrics.filesystem.full']);
    expect(await titles({ asset: HOST })).toEqual(['metrics.filesystem.full']);
    expect(await titles({ source: 'checks' })).toEqual(['checks.http']);
    expect(await titles({}, 'shop 500')).toEqual(['checks.http']);
    expect(await titles({}, '-shop')).toEqual(['metrics.filesystem.full']);
    expect(await titles({ tenant: 'acme' })).toEqual([]);
    expect(await titles({ toUs: clock.nowUs() - 1e6 })).toEqual([]);
  });
});

describe('acknowledgement', () => {
  test('a normal one ends when the state changes; a sticky one when it is ok', async () => {
    await report('warning');
    const { id } = (await open())[0]!;
    await t.alerts.acknowledge(id, 'ana', { comment: 'on it' });
    await report('critical');
    expect((await open())[0]?.acknowledged).toBeUndefined();
    await t.alerts.acknowledge(id, 'ana', { sticky: true });
    await report('warning');
    expect((await open())[0]?.acknowledged).toMatchObject({ by: 'ana', sticky: true });
    await report('ok');
    await report('warning');
    expect((await open())[0]?.acknowledged).toBeUndefined();
  });

  test('the second one is told who was first; taking it back opens it again', async () => {
    await report('warning');
    const { id } = (await open())[0]!;
    const acknowledge = (name: string) =>
      t.call('POST', '/problems/{id}/acknowledge', { params: { id } }, { ...OWNER, name });
    await acknowledge('ana');
    await expect(acknowledge('ben')).rejects.toMatchObject({
      code: 'alerts.acknowledged',
      status: 409,
      message: expect.stringContaining('ana'),
    });
    await t.call('DELETE', '/problems/{id}/acknowledge', { params: { id } });
    await expect(t.call('DELETE', '/problems/{id}/acknowledge', { params: { id } })).rejects.toMatchObject({
      status: 409,
    });
    expect(await acknowledge('ben')).toMatchObject({ acknowledged: { by: 'ben', timeAt: expect.any(String) } });
    await report('ok');
    await expect(acknowledge('ana')).rejects.toMatchObject({ code: 'alerts.closed' });
  });

  test('one with an end expires, and what it kept quiet is repeated', async () => {
    await t.route('all', [await t.contact('ana')], { repeatS: 600 });
    await report('warning');
    const { id } = (await open())[0]!;
    await t.alerts.acknowledge(id, 'ana', { expiresUs: (clock.nowMs() + HOUR) * 1000 });
    await t.pass(59 * MINUTE);
    expect(kinds()).toEqual(['ana: problem']);
    await t.pass(2 * MINUTE);
    expect(kinds()).toEqual(['ana: problem', 'ana: repeat']);
    expect(await history()).toContain('unacknowledged');
  });
});

describe('notifications', () => {
  test('soft states are not told; hard ones are, another state is, and the recovery is', async () => {
    await t.route('all', [await t.contact('ana')]);
    await report('warning', { maxAttempts: 3 });
    await report('warning', { maxAttempts: 3 });
    expect(subjects()).toEqual([]);
    await report('warning', { maxAttempts: 3 });
    await report('warning', { maxAttempts: 3 });
    await report('critical', { maxAttempts: 3 });
    await t.pass(3 * MINUTE);
    await report('ok', { maxAttempts: 3 });
    expect(subjects()).toEqual([
      'ana: problem Warning: /var on web-1 is 95 % full',
      'ana: problem Critical: /var on web-1 is 95 % full',
      'ana: recovery Ok: /var on web-1 is 95 % full (after 3 min)',
    ]);
    expect(t.sent[0]?.message.url).toBe(`http://127.0.0.1:7600/app/problems?open=${(await theOne()).id}`);
  });

  test('a soft recovery is not told', async () => {
    await t.route('all', [await t.contact('ana')]);
    await report('critical', { maxAttempts: 2 });
    await report('ok', { maxAttempts: 2 });
    await t.pass(HOUR);
    expect(subjects()).toEqual([]);
  });

  test('routes choose by state, rule, source and assets', async () => {
    const [a, b, c, d] = [await t.contact('a'), await t.contact('b'), await t.contact('c'), await t.contact('d')];
    await t.route('critical', [a], { match: { states: ['critical'] } });
    await t.route('disks', [b], {
      match: { states: ['warning', 'critical'], rule: 'metrics.*.full', source: 'metrics' },
    });
    await t.route('web', [c], { match: { states: ['warning'], assets: 'type:host name:web*' } });
    await t.route('db', [d], { match: { states: ['warning'], assets: 'type:host name:db*' } });
    await report('warning');
    expect(kinds().sort()).toEqual(['b: problem', 'c: problem']);
    await report('critical');
    expect(kinds().sort()).toEqual(['a: problem', 'b: problem', 'b: problem', 'c: problem']);
    await report('ok');
    expect(
      kinds()
        .filter((kind) => kind.endsWith('recovery'))
        .sort(),
    ).toEqual(['a: recovery', 'b: recovery', 'c: recovery']);
  });

  test('a delay passes over what is short', async () => {
    await t.route('all', [await t.contact('ana')], { delayS: 300 });
    await report('critical');
    await t.pass(4 * MINUTE);
    await report('ok');
    await t.pass(HOUR);
    expect(kinds()).toEqual([]);
    await report('critical');
    await t.pass(5 * MINUTE + 5000);
    expect(kinds()).toEqual(['ana: problem']);
  });

  test('outside of its period a route waits', async () => {
    const period = { zone: 'UTC', ranges: [{ days: ['tue'], from: '10:00', to: '18:00' }] };
    await t.route('office', [await t.contact('ana')], { period });
    await report('critical');
    await t.pass(50 * MINUTE);
    expect(kinds()).toEqual([]);
    await t.pass(11 * MINUTE);
    expect(kinds()).toEqual(['ana: problem']);
  });

  test('escalation: the next contacts are told while nobody acknowledges, then hear of everything', async () => {
    const [first, second, boss] = [await t.contact('first'), await t.contact('second'), await t.contact('boss')];
    const escalations = [
      { afterS: 3600, contacts: [boss] },
      { afterS: 900, contacts: [second] },
    ];
    await t.route('all', [first], { escalations });
    await report('warning');
    await t.pass(16 * MINUTE);
    expect(kinds()).toEqual(['first: problem', 'second: escalation']);
    await t.alerts.acknowledge((await open())[0]!.id, 'second');
    await t.pass(2 * HOUR);
    expect(kinds()).toHaveLength(2);
    await report('critical');
    await t.pass(5000);
    expect(kinds().slice(2).sort()).toEqual(['boss: escalation', 'first: problem', 'second: problem']);
    await report('ok');
    expect(kinds().slice(5).sort()).toEqual(['boss: recovery', 'first: recovery', 'second: recovery']);
  });

  test('flapping is told once; when it has settled, what is true then', async () => {
    await t.route('all', [await t.contact('ana')]);
    for (let n = 0; n < 12; n++) {
      await t.pass(MINUTE);
      await report(n % 2 === 0 ? 'critical' : 'ok');
    }
    const told = kinds();
    expect(told.filter((kind) => kind.endsWith('flapping'))).toHaveLength(1);
    expect(told.at(-1)).toBe('ana: flapping');
    expect(told).toHaveLength(6);
    await t.pass(3 * HOUR);
    expect(kinds().slice(6)).toEqual(['ana: recovery']);
    expect(await history()).toContain('flapping-stopped');
  });

  test('what fails is tried again with growing pauses, then given up and shown', async () => {
    await t.route('all', [await t.contact('ana')]);
    t.refuse = new ChannelError('connection refused');
    await report('critical');
    await t.pass(15_000);
    expect((await t.call('GET', '/notifications/sent')).items).toMatchObject([
      { state: 'waiting', attempts: 2, lastError: 'connection refused', contactName: 'ana' },
    ]);
    t.refuse = undefined;
    await t.pass(MINUTE);
    expect(kinds()).toEqual(['ana: problem']);

    t.refuse = new ChannelError('no such user', { final: true });
    await report('warning');
    await t.pass(1000);
    expect((await t.call('GET', '/notifications/sent')).items[0]).toMatchObject({ state: 'failed', attempts: 1 });
    expect(await history()).toContain('not-sent');
    expect(t.coverage.get('Notifications')).toMatchObject({
      state: 'warning',
      text: '1 could not be sent in the last day',
    });
  });

  test('a storm becomes one digest a minute', async () => {
    await t.route('all', [await t.contact('ana', { perMinute: 3 })]);
    const storm = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) =>
        full('critical', { subject: `s${from + index}`, title: `Problem ${from + index}` }),
      );
    await t.alerts.report(storm(100));
    await t.pass(0);
    expect(t.sent).toHaveLength(1);
    expect(t.sent[0]?.message).toMatchObject({ kind: 'digest', subject: '100 problems: 100 open, 0 recovered' });
    await t.alerts.report(storm(2, 100));
    await t.pass(30_000);
    expect(t.sent).toHaveLength(1);
    await t.pass(32_000);
    expect(kinds().slice(1)).toEqual(['ana: problem', 'ana: problem']);
    const { items } = await t.call('GET', '/notifications/sent', { query: { limit: 1000 } });
    expect(items.filter((item: { state: string }) => item.state === 'sent')).toHaveLength(102);
  });

  test('a contact that is off, and one that is gone', async () => {
    const ana = await t.contact('ana', { enabled: false });
    const route = await t.route('all', [ana]);
    await report('critical');
    expect(await history()).toEqual(['opened', 'not-sent']);
    await expect(t.call('DELETE', '/notifications/contacts/{id}', { params: { id: ana } })).rejects.toMatchObject({
      code: 'alerts.contact.used',
    });
    await t.call('DELETE', '/notifications/routes/{id}', { params: { id: route } });
    await t.call('DELETE', '/notifications/contacts/{id}', { params: { id: ana } });
    expect(t.coverage.get('Notifications')).toMatchObject({ state: 'off', text: 'no contact yet' });
  });
});

describe('downtime', () => {
  test('keeps quiet while it lasts; what is still there afterwards is told', async () => {
    await t.route('all', [await t.contact('ana')]);
    const scope = { kind: 'asset', asset: HOST };
    const body = { scope, untilAt: iso(clock.nowMs() + HOUR), comment: 'disk swap' };
    const { id } = await t.call('POST', '/downtimes', { body });
    await report('critical');
    expect((await open())[0]?.downtime).toEqual({ id, untilUs: (clock.nowMs() + HOUR) * 1000 });
    await t.pass(59 * MINUTE);
    expect(kinds()).toEqual([]);
    await t.pass(2 * MINUTE);
    expect(kinds()).toEqual(['ana: problem']);
    expect(await history()).toEqual(['opened', 'downtime-started', 'downtime-ended', 'notification']);
    expect((await t.call('GET', '/downtimes')).items).toMatchObject([
      { id, by: 'ana', startedAt: expect.any(String), endedAt: expect.any(String) },
    ]);
  });

  test('of a problem, and of what a search finds; cancelled, it tells at once', async () => {
    await t.route('all', [await t.contact('ana')]);
    const query = { kind: 'query', query: 'type:host name:web*' };
    const { id } = await t.call('POST', '/downtimes', { body: { scope: query, untilAt: iso(clock.nowMs() + HOUR) } });
    await report('critical');
    expect(kinds()).toEqual([]);
    await t.call('DELETE', '/downtimes/{id}', { params: { id } });
    await t.pass(0);
    expect(kinds()).toEqual(['ana: problem']);
    const problem = (await open())[0]!.id;
    await t.call('POST', '/problems/{id}/downtime', {
      params: { id: problem },
      body: { untilAt: iso(clock.nowMs() + HOUR) },
    });
    await report('warning');
    expect(kinds()).toEqual(['ana: problem']);
    await expect(t.call('DELETE', '/downtimes/{id}', { params: { id } })).rejects.toMatchObject({ status: 404 });
  });

  test('a flexible one begins with the first problem and lasts its duration', async () => {
    await t.route('all', [await t.contact('ana')]);
    const body = {
      kind: 'flexible',
      scope: { kind: 'asset', asset: HOST },
      untilAt: iso(clock.nowMs() + 8 * HOUR),
      durationS: 1800,
    };
    await t.call('POST', '/downtimes', { body });
    await t.pass(3 * HOUR);
    await report('critical');
    await t.pass(29 * MINUTE);
    expect(kinds()).toEqual([]);
    await t.pass(2 * MINUTE);
    expect(kinds()).toEqual(['ana: problem']);
  });

  test('one that could never be is refused', async () => {
    const scope = { kind: 'asset', asset: HOST };
    const plan = (body: object) => t.call('POST', '/downtimes', { body: { scope, ...body } });
    await expect(plan({ untilAt: '2020-01-01' })).rejects.toMatchObject({ code: 'alerts.downtime.end' });
    await expect(plan({ kind: 'flexible', untilAt: '2030-01-01' })).rejects.toMatchObject({
      code: 'alerts.downtime.duration',
    });
    await expect(plan({ scope: { kind: 'problem', problem: 'x' }, untilAt: '2030-01-01' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('dependencies', () => {
  const router = { source: 'checks', rule: 'ping', subject: 'router' };
  const behindRouter = { source: 'checks', rule: 'http', subject: 'shop', title: 'Shop is down', dependsOn: [router] };

  test('what follows from an open problem is quiet behind it, and told when it stays', async () => {
    await t.route('all', [await t.contact('ana')]);
    await report('critical', { ...router, title: 'Router is down' });
    await report('critical', behindRouter);
    expect(subjects()).toEqual(['ana: problem Critical: Router is down']);
    const [child, parent] = [
      (await t.alerts.list({}, 'shop')).items[0]!,
      (await t.alerts.list({}, 'router')).items[0]!,
    ];
    expect(child.behind).toBe(parent.id);
    await report('ok', router);
    expect(subjects()).toHaveLength(2);
    await t.pass(30_000);
    expect(subjects()).toHaveLength(2);
    await t.pass(40_000);
    expect(subjects()[2]).toBe('ana: problem Critical: Shop is down');
  });

  test('what recovers with the problem in front is never told', async () => {
    await t.route('all', [await t.contact('ana')]);
    await t.alerts.report([full('critical', { ...router, title: 'Router is down' }), full('critical', behindRouter)]);
    await t.alerts.report([full('ok', router)]);
    await t.pass(10_000);
    await t.alerts.report([full('ok', behindRouter)]);
    await t.pass(HOUR);
    expect(kinds()).toEqual(['ana: problem', 'ana: recovery']);
  });

  test('a new bad result after it is told at once', async () => {
    await t.route('all', [await t.contact('ana')]);
    await t.alerts.report([full('critical', { ...router, title: 'Router is down' }), full('critical', behindRouter)]);
    await report('ok', router);
    await report('critical', behindRouter);
    expect(subjects().at(-1)).toBe('ana: problem Critical: Shop is down');
  });

  test('of two that name each other, one is told', async () => {
    await t.route('all', [await t.contact('ana')]);
    const shop = { source: 'checks', rule: 'http', subject: 'shop' };
    await t.alerts.report([
      full('critical', { ...router, title: 'A', dependsOn: [shop] }),
      full('critical', { ...shop, title: 'B', dependsOn: [router] }),
    ]);
    await t.pass(HOUR);
    expect(kinds()).toEqual(['ana: problem']);
  });
});

describe('after kill -9', () => {
  const restart = async (): Promise<void> => {
    t.kill();
    t = await startAlerts({ clock, store, assets: { [HOST]: [] } });
  };

  test('what was decided is sent, and nothing twice', async () => {
    await t.route('all', [await t.contact('ana')]);
    t.refuse = new ChannelError('the network is down');
    await report('critical');
    await restart();
    await t.pass(MINUTE);
    expect(kinds()).toEqual(['ana: problem']);
    await restart();
    await t.pass(HOUR);
    await report('critical');
    expect(kinds()).toEqual([]);
    await report('ok');
    expect(kinds()).toEqual(['ana: recovery']);
  });

  test('what was sent but could not be noted is sent once more, with the same id', async () => {
    await t.route('all', [await t.contact('ana')]);
    const { write } = store.control;
    await t.alerts.report([full('critical')]);
    Object.assign(store.control, { write: async () => Promise.reject(new Error('killed')) });
    await t.pass(1000);
    Object.assign(store.control, { write });
    await restart();
    const before = (await t.call('GET', '/notifications/sent')).items[0];
    await t.pass(1000);
    expect(t.sent.map(({ message }) => message.id)).toEqual([before.id]);
    expect((await t.call('GET', '/notifications/sent')).items).toMatchObject([{ id: before.id, state: 'sent' }]);
  });

  test('a store that cannot note what was sent does not make it be sent again and again', async () => {
    await t.route('all', [await t.contact('ana')]);
    const { write } = store.control;
    const sentBefore = t.sent.length;
    await t.alerts.report([full('critical')]);
    Object.assign(store.control, { write: async () => Promise.reject(new Error('disk full')) });
    await t.pass(60_000);
    Object.assign(store.control, { write });
    await t.pass(60_000);
    expect(t.sent.length - sentBefore).toBe(1);
    expect((await t.call('GET', '/notifications/sent')).items).toMatchObject([{ state: 'sent' }]);
  });

  test('acknowledgement, downtime and dependencies hold, and are not told again', async () => {
    await t.route('all', [await t.contact('ana')], { repeatS: 600 });
    const parent = { source: 'checks', rule: 'ping', subject: 'router' };
    await report('warning', { ...parent, maxAttempts: 2 });
    await report('warning', { dependsOn: [parent] });
    await t.call('POST', '/downtimes', {
      body: { scope: { kind: 'asset', asset: HOST }, untilAt: iso(clock.nowMs() + HOUR) },
    });
    const lines = async () =>
      (await t.alerts.lines((await t.alerts.list({ asset: HOST })).items[0]!.id)).map((line) => line.kind);
    const before = await lines();
    await restart();
    expect((await t.alerts.list({ asset: HOST })).items[0]).toMatchObject({ downtime: {}, behind: expect.any(String) });
    await t.pass(20 * MINUTE);
    expect(await lines()).toEqual(before);
    expect(kinds()).toEqual([]);
    await report('warning', { ...parent, maxAttempts: 2 });
    expect((await t.alerts.list({ source: 'checks' })).items[0]).toMatchObject({ hard: true, attempt: 2 });
  });
});

describe('contacts', () => {
  test('their secrets are kept encrypted and never given out', async () => {
    const id = await t.contact('ana', { settings: { to: 'ana', token: 'hunter2-hunter2' } });
    const answer = await t.call('GET', '/notifications/contacts/{id}', { params: { id } });
    expect(answer).toMatchObject({ settings: { to: 'ana' }, secretsSet: ['token'] });
    const stored = await store.control.db().selectFrom('alerts_contacts').selectAll().execute();
    expect(JSON.stringify([answer, stored])).not.toContain('hunter2');
    await t.call('PATCH', '/notifications/contacts/{id}', { params: { id }, body: { settings: { to: 'b' } } });
    expect(await t.call('GET', '/notifications/contacts/{id}', { params: { id } })).toMatchObject({
      settings: { to: 'b' },
      secretsSet: ['token'],
    });
    await t.call('PATCH', '/notifications/contacts/{id}', {
      params: { id },
      body: { settings: { to: 'b', token: null } },
    });
    expect(await t.call('GET', '/notifications/contacts/{id}', { params: { id } })).toMatchObject({ secretsSet: [] });
  });

  test('settings that the channel does not know are refused, and a test says what happened', async () => {
    await expect(t.contact('x', { settings: { no: 1 } })).rejects.toMatchObject({ code: 'alerts.contact.settings' });
    await expect(t.contact('x', { channel: 'pigeon' })).rejects.toMatchObject({ code: 'alerts.contact.channel' });
    const id = await t.contact('ana');
    await expect(t.contact('ana')).rejects.toMatchObject({ code: 'alerts.contact.name', status: 409 });
    expect(await t.call('POST', '/notifications/contacts/{id}/test', { params: { id } })).toMatchObject({ sent: true });
    t.refuse = new ChannelError('mailbox full');
    expect(await t.call('POST', '/notifications/contacts/{id}/test', { params: { id } })).toMatchObject({
      sent: false,
      error: 'mailbox full',
    });
  });

  test('another tenant sees and reaches none of it', async () => {
    await report('critical');
    const { id } = (await open())[0]!;
    const contact = await t.contact('ana');
    const stranger = { ...OWNER, tenant: 'acme', owner: false };
    expect(await t.call('GET', '/problems', {}, stranger)).toMatchObject({ items: [] });
    await expect(t.call('GET', '/problems/{id}', { params: { id } }, stranger)).rejects.toMatchObject({ status: 404 });
    await expect(t.call('POST', '/problems/{id}/acknowledge', { params: { id } }, stranger)).rejects.toMatchObject({
      status: 404,
    });
    expect(
      await t.call('POST', '/problems/bulk', { body: { ids: [id], action: 'acknowledge' } }, stranger),
    ).toMatchObject({ items: [{ id, done: false }] });
    await expect(
      t.call('GET', '/notifications/contacts/{id}', { params: { id: contact } }, stranger),
    ).rejects.toMatchObject({ status: 404 });
    await expect(
      t.call('POST', '/notifications/routes', { body: { name: 'r', contacts: [contact] } }, stranger),
    ).rejects.toMatchObject({ code: 'alerts.route.contact' });
  });
});

test('many at once: each is done by itself', async () => {
  await t.alerts.report([full('critical', { subject: 'a' }), full('critical', { subject: 'b' })]);
  const ids = (await open()).map((problem) => problem.id);
  await t.alerts.acknowledge(ids[0]!, 'ben');
  const { items } = await t.call('POST', '/problems/bulk', {
    body: { ids: [...ids, 'none'], action: 'acknowledge', comment: 'storm' },
  });
  expect(items).toMatchObject([
    { id: ids[0], done: false, code: 'alerts.acknowledged' },
    { id: ids[1], done: true },
    { id: 'none', done: false },
  ]);
  await t.call('POST', '/problems/bulk', { body: { ids, action: 'downtime', untilAt: iso(clock.nowMs() + HOUR) } });
  expect((await open()).every((problem) => problem.downtime !== undefined)).toBe(true);
});

test('a day: a disk fills at night, somebody comes in the morning', async () => {
  await t.stop();
  t = await startAlerts({ clock, store, tickMs: MINUTE });
  const period = { zone: 'UTC', ranges: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }] };
  const [day, night] = [await t.contact('day'), await t.contact('night')];
  await t.route('office', [day], { match: { states: ['warning', 'critical', 'unknown'] }, period, repeatS: 4 * 3600 });
  await t.route('night', [night], { match: { states: ['critical'] }, delayS: 600 });
  const log: string[] = [];
  for (let minute = 0; minute < 24 * 60; minute++) {
    const hour = (9 + minute / 60) % 24;
    const state = hour >= 20 || hour < 2 ? 'warning' : hour >= 2 && hour < 8.5 ? 'critical' : 'ok';
    if (minute === 23 * 60 + 15) await t.alerts.acknowledge((await open())[0]!.id, 'ana', { comment: 'cleaning up' });
    await t.alerts.report([full(state, { maxAttempts: 3 })]);
    await t.pass(MINUTE);
    log.push(
      ...t.sent
        .splice(0)
        .sort((a, b) => a.to.localeCompare(b.to))
        .map(({ to, message }) => `${iso(clock.nowMs()).slice(11, 16)} ${to} ${message.kind}`),
    );
  }
  expect(log).toEqual(['02:10 night problem', '08:00 day problem', '08:31 day recovery', '08:31 night recovery']);
});
