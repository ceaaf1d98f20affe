import { type PlatformEvent, UndercroftError } from '@undercroft/kernel';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import { expect, test } from 'vitest';
import { WriteQueue } from './write-queue.ts';

function event(id: string): PlatformEvent {
  return {
    id,
    class: 'base_event',
    activity: 'unknown',
    timeUs: 0,
    receivedUs: 0,
    severity: 'low',
    tenant: 'default',
    source: 'test',
    assets: [],
    message: id,
    attributes: {},
  };
}

/** A store that writes when told to. */
function setUp(maxEvents = 1_000) {
  const clock = new ManualClock();
  const batches: string[][] = [];
  const ends: { resolve(): void; reject(error: Error): void }[] = [];
  const queue = new WriteQueue<PlatformEvent>({
    clock,
    log: silentLog,
    maxEvents,
    lingerMs: 200,
    write: (events) => {
      batches.push(events.map((one) => one.id));
      return new Promise((resolve, reject) => ends.push({ resolve, reject }));
    },
  });
  return { clock, queue, batches, ends };
}

test('published events wait for company', async () => {
  const { clock, queue, batches, ends } = setUp();
  queue.publish(event('a'), 1);
  await clock.advance(199);
  expect(batches).toEqual([]);
  queue.publish(event('b'), 1);
  await clock.advance(1);
  expect(batches).toEqual([['a', 'b']]);
  ends[0]!.resolve();
});

test('appended events go at once, and those who wait meanwhile share the next batch', async () => {
  const { clock, queue, batches, ends } = setUp();
  queue.publish(event('a'), 1);
  const first = queue.append(event('b'), 1);
  await clock.advance(0);
  const second = queue.append(event('c'), 1);
  const third = queue.append(event('d'), 1);
  await clock.advance(0);
  expect(batches).toEqual([['a', 'b']]);
  ends[0]!.resolve();
  expect((await first).id).toBe('b');
  await clock.advance(0);
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  ends[1]!.resolve();
  expect((await Promise.all([second, third])).map((one) => one.id)).toEqual(['c', 'd']);
});

test('a full queue drops what is published and refuses what is appended', async () => {
  const { queue } = setUp(2);
  expect(queue.publish(event('a'), 1)).toBe(true);
  expect(queue.publish(event('b'), 1)).toBe(true);
  expect(queue.publish(event('c'), 1)).toBe(false);
  expect(queue.dropped).toBe(1);
  await expect(queue.append(event('d'), 1)).rejects.toMatchObject({ code: 'events.busy' });
});

test('a failure is told to who appended; what was published waits and goes first', async () => {
  const { clock, queue, batches, ends } = setUp();
  queue.publish(event('a'), 1);
  const appended = queue.append(event('b'), 1);
  await clock.advance(0);
  ends[0]!.reject(new UndercroftError('store.disk-full', 'full'));
  await expect(appended).rejects.toMatchObject({ code: 'store.disk-full' });
  queue.publish(event('c'), 1);
  await clock.advance(499);
  expect(batches).toEqual([['a', 'b']]);
  await clock.advance(1);
  expect(batches[1]).toEqual(['a', 'c']);
  ends[1]!.resolve();
  await clock.advance(0);
  expect(queue.dropped).toBe(0);
});

test('a batch that fails for no passing reason is given up and counted', async () => {
  const { clock, queue, batches, ends } = setUp();
  queue.publish(event('a'), 1);
  for (let attempt = 0; attempt < 3; attempt++) {
    await clock.advance(20_000);
    ends[attempt]!.reject(new Error('broken'));
  }
  await clock.advance(60_000);
  expect(batches).toHaveLength(3);
  expect(queue.dropped).toBe(1);
});

test('a flush ends with what waited then, however much comes after', async () => {
  const { clock, queue, batches, ends } = setUp();
  queue.publish(event('a'), 1);
  let flushed = false;
  const flush = queue.flush().then(() => {
    flushed = true;
  });
  await clock.advance(0);
  queue.publish(event('b'), 1);
  expect(flushed).toBe(false);
  ends[0]!.resolve();
  await flush;
  expect(batches).toEqual([['a']]);
});

test('many rows wait through a passing failure and are refused when it lasts', async () => {
  const { clock, queue, batches, ends } = setUp();
  let stored = false;
  const waiting = queue.appendMany(event('a'), 100, 10).then(() => {
    stored = true;
  });
  expect(queue.size).toBe(100);
  await Promise.resolve();
  ends[0]!.reject(new UndercroftError('store.disk-full', 'full'));
  await clock.advance(400);
  expect([stored, batches.length, queue.size]).toEqual([false, 1, 100]);
  await clock.advance(200);
  ends[1]!.resolve();
  await waiting;
  expect([batches, queue.size, queue.dropped]).toEqual([[['a'], ['a']], 0, 0]);
  const full = queue.appendMany(event('b'), 1_000, 10);
  await expect(queue.appendMany(event('c'), 1, 10)).rejects.toMatchObject({ code: 'events.busy' });
  await Promise.resolve();
  ends[2]!.resolve();
  await full;
});
