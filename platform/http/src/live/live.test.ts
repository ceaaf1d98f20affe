import { get as httpGet, type IncomingMessage } from 'node:http';
import type { PlatformEvent } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OWNER_TOKEN, principal, type TestServer, testServer } from '../testing/test-server.ts';
import { LINGER_MS } from './interest.ts';

interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** A reader of server-sent events. */
class Reader {
  readonly received: Received[] = [];
  comments = 0;
  ended = false;
  readonly #response: IncomingMessage;
  #text = '';
  #wake = () => {};

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#read(text));
    response.on('close', () => {
      this.ended = true;
      this.#wake();
    });
    response.on('error', () => {});
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  get hello(): { readonly connection: string; readonly bootId: string } {
    return this.received[0]!.data as { connection: string; bootId: string };
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  /** Data of all messages so far of one topic. */
  of(event: string): unknown[] {
    return this.received.filter((one) => one.event === event).map((one) => one.data);
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #read(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) this.comments += 1;
      else {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)));
        this.received.push({ id: fields['id'], event: fields['event'], data: JSON.parse(fields['data'] ?? 'null') });
      }
    }
    this.#wake();
  }
}

let server: TestServer;
let clock: ManualClock;
const readers: Reader[] = [];

beforeEach(async () => {
  clock = new ManualClock();
  server = await testServer({ clock });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await server.stop();
});

function follow(topics: string, headers: Record<string, string> = {}, extra = ''): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const url = `${server.url}/platform/v1/live?topics=${encodeURIComponent(topics)}${extra}`;
    const request = httpGet(
      url,
      { headers: { authorization: `Bearer ${OWNER_TOKEN}`, ...headers }, agent: false },
      (response) => {
        const reader = new Reader(response);
        readers.push(reader);
        if (response.statusCode !== 200) resolve(reader);
        else void reader.until(() => reader.received.length > 0).then(() => resolve(reader));
      },
    );
    request.on('error', reject);
  });
}

const change = (connection: string, topics: readonly string[], token = OWNER_TOKEN) =>
  server.get(`/live/${connection}`, {
    method: 'PUT',
    body: JSON.stringify({ topics }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });

const event: PlatformEvent = {
  id: '01K00000000000000000000000',
  class: 'authentication',
  activity: 'logon',
  timeUs: 1e15,
  receivedUs: 1e15,
  severity: 'low',
  tenant: 'default',
  source: 'identity',
  assets: [],
  message: 'Ann signed in.',
  attributes: {},
};

describe('a live stream', () => {
  test('begins with hello, then has the topics it follows and no others', async () => {
    const reader = await follow('problems,checks');
    server.http.live.send('assets', { id: 'x' });
    server.http.live.send('problems', { id: 'p1' });
    server.http.live.send('checks', { id: 'c1' });
    await reader.until(() => reader.received.length === 3);
    expect(reader.received[0]).toMatchObject({ event: 'hello', data: { topics: ['problems', 'checks'], denied: [] } });
    const { bootId } = reader.hello;
    expect(reader.received.slice(1)).toEqual([
      { id: `${bootId}-2`, event: 'problems', data: { id: 'p1' } },
      { id: `${bootId}-3`, event: 'checks', data: { id: 'c1' } },
    ]);
  });

  test('has events and coverage as the edge writes them', async () => {
    const reader = await follow('events,coverage');
    server.publish(event);
    server.cover({ feature: 'Metrics', state: 'ok', text: 'Every second.' });
    await reader.until(() => reader.received.length === 3);
    expect(reader.of('events')).toMatchObject([{ timeAt: '2001-09-09T01:46:40.000Z', message: 'Ann signed in.' }]);
    expect(reader.of('coverage')).toEqual([{ feature: 'Metrics', state: 'ok', text: 'Every second.' }]);
  });

  test('never has what belongs to another tenant', async () => {
    const reader = await follow('events');
    server.publish({ ...event, tenant: 'other', message: 'theirs' });
    server.publish({ ...event, message: 'ours' });
    await reader.until(() => reader.received.length === 2);
    expect(reader.of('events')).toMatchObject([{ message: 'ours' }]);
  });

  test('leaves out topics that its reader may not read, and is refused if that is all', async () => {
    server.denied.add('accessor-owner read sys/undercroft/metrics');
    const reader = await follow('events,metrics:host/system.cpu');
    expect(reader.received[0]?.data).toMatchObject({ topics: ['events'], denied: ['metrics:host/system.cpu'] });
    expect((await follow('metrics:host/system.cpu')).status).toBe(403);
    expect((await follow('events', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await follow('events', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await follow('NOT A TOPIC')).status).toBe(400);
  });

  test('changes what it follows, for its own principal alone', async () => {
    server.principals.set('bens', principal('ben'));
    const reader = await follow('events');
    expect((await change(reader.hello.connection, ['problems'], 'bens')).status).toBe(404);
    expect((await change('nothing', ['problems'])).status).toBe(404);
    const response = await change(reader.hello.connection, ['problems']);
    expect(await response.json()).toEqual({ topics: ['problems'], denied: [] });
    server.publish(event);
    server.http.live.send('problems', { id: 'p1' });
    await reader.until(() => reader.received.length === 2);
    expect(reader.received[1]?.event).toBe('problems');
  });

  test('has a heartbeat, so that nothing on the way thinks it dead', async () => {
    const reader = await follow('events');
    await clock.advance(15_000);
    await reader.until(() => reader.comments > 0);
    expect(reader.comments).toBe(1);
  });

  test('ends within seconds when its session does; others go on', async () => {
    server.principals.set('anns', principal('ann'));
    const anns = await follow('events', { authorization: 'Bearer anns' });
    const owners = await follow('events');
    server.principals.delete('anns');
    await clock.advance(10_000);
    await anns.until(() => anns.ended);
    server.publish(event);
    await owners.until(() => owners.received.length === 2);
    expect(owners.ended).toBe(false);
  });

  test('loses a topic when the permission is taken away', async () => {
    const reader = await follow('events,problems');
    server.denied.add('accessor-owner read sys/undercroft/problems');
    await clock.advance(10_000);
    server.http.live.send('problems', { id: 'p1' });
    server.publish(event);
    await reader.until(() => reader.received.length === 2);
    expect(reader.received[1]?.event).toBe('events');
  });

  test('is one of at most so many', async () => {
    const few = await testServer({ clock, config: { limits: { liveConnections: 1 } } });
    const own = server;
    server = few;
    try {
      expect((await follow('events')).status).toBe(200);
      expect((await follow('events')).status).toBe(503);
    } finally {
      for (const reader of readers.splice(0)) reader.close();
      await few.stop();
      server = own;
    }
  });
});

describe('a stream that comes back', () => {
  test('has what it missed meanwhile', async () => {
    const first = await follow('problems');
    server.http.live.send('problems', 1);
    await first.until(() => first.received.length === 2);
    first.close();
    await first.until(() => first.ended);
    server.http.live.send('problems', 2);
    server.http.live.send('assets', 'other topic');
    server.http.live.send('problems', 3);
    const second = await follow('problems', { 'last-event-id': first.received[1]?.id ?? '' });
    await second.until(() => second.received.length === 3);
    expect(second.of('problems')).toEqual([2, 3]);
    const third = await follow('problems', {}, `&after=${second.received[1]?.id}`);
    await third.until(() => third.received.length === 2);
    expect(third.of('problems')).toEqual([3]);
    const fresh = await follow('problems', { 'last-event-id': first.received[0]?.id ?? '' });
    await fresh.until(() => fresh.received.length === 4);
    expect(fresh.of('problems')).toEqual([1, 2, 3]);
  });

  test('is told to start again when that is not known any more', async () => {
    for (const id of ['00000000-1', 'nonsense', '']) {
      const reader = await follow('problems', { 'last-event-id': id });
      if (id !== '') await reader.until(() => reader.received.length === 2);
      expect(reader.of('reset')).toEqual(id === '' ? [] : [{ reason: 'gone' }]);
    }
  });

  test('is told to start again when nobody followed the topic for long', async () => {
    const first = await follow('problems');
    first.close();
    await first.until(() => first.ended);
    while (server.http.live.followed().has('problems')) {
      await clock.advance(LINGER_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.http.live.send('problems', 'not kept');
    const second = await follow('problems', { 'last-event-id': first.received[0]?.id ?? '' });
    await second.until(() => second.received.length === 2);
    expect(second.of('reset')).toEqual([{ reason: 'gone' }]);
  });
});

describe('a slow reader', () => {
  test('is told to start again rather than fed without end, and holds up nobody', async () => {
    const slow = await follow('problems');
    const quick = await follow('problems');
    slow.pause();
    const filler = 'x'.repeat(10_000);
    for (let count = 0; count < 1500; count += 1) {
      server.http.live.send('problems', { count, filler });
      if (count % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await quick.until(() => quick.of('problems').length === 1500);
    expect(quick.of('reset')).toEqual([]);
    slow.resume();
    await slow.until(() => slow.of('reset').length > 0);
    expect(slow.of('reset')[0]).toEqual({ reason: 'slow' });
    const system = (await (await server.get('/system')).json()) as { http: { live: { resets: number } } };
    expect(system.http.live.resets).toBeGreaterThan(0);
  });

  test('gets the newest of each key, not all that came before it', async () => {
    const slow = await follow('problems');
    slow.pause();
    const filler = 'x'.repeat(100_000);
    // The first ones fill the socket; what follows waits and is replaced.
    for (let count = 0; count < 200; count += 1) {
      server.http.live.send('problems', { count, filler }, { key: 'p1' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.resume();
    await slow.until(() => (slow.of('problems').at(-1) as { count: number } | undefined)?.count === 199);
    expect(slow.of('reset')).toEqual([]);
    expect(slow.of('problems').length).toBeLessThan(200);
  });
});

test('publishers learn when a topic gets its first follower and loses its last', async () => {
  const told: unknown[] = [];
  const stop = server.http.live.onInterest('metrics:', (topic, followed) => told.push([topic, followed]));
  const reader = await follow('events,metrics:host/system.cpu');
  await follow('metrics:host/system.cpu');
  expect(told).toEqual([['metrics:host/system.cpu', true]]);
  expect([...server.http.live.followed('metrics:')]).toEqual(['metrics:host/system.cpu']);
  for (const one of readers) one.close();
  await reader.until(() => reader.ended);
  while (told.length < 2) {
    await clock.advance(LINGER_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(told).toEqual([
    ['metrics:host/system.cpu', true],
    ['metrics:host/system.cpu', false],
  ]);
  stop();
});

test('200 readers each have every message', async () => {
  const all = await Promise.all(Array.from({ length: 200 }, () => follow('problems')));
  for (let count = 0; count < 50; count += 1) server.http.live.send('problems', count);
  await Promise.all(all.map((reader) => reader.until(() => reader.received.length === 51)));
  const expected = Array.from({ length: 50 }, (_, count) => count);
  for (const reader of all) expect(reader.of('problems')).toEqual(expected);
});
