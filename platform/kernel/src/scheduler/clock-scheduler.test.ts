import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { silentLog } from '../testing/index.ts';
import { ClockScheduler } from './clock-scheduler.ts';

const DAY_MS = 86_400_000;

function setUp(startMs = Date.UTC(2026, 0, 1)) {
  const clock = new ManualClock(startMs);
  const abort = new AbortController();
  return { clock, abort, scheduler: new ClockScheduler(clock, silentLog, abort.signal, () => 0.5) };
}

describe('ClockScheduler', () => {
  it('runs a day of minutes without waiting for them', async () => {
    const { clock, scheduler } = setUp();
    const task = scheduler.every('minute', 60_000, () => {});
    await clock.advance(DAY_MS / 24);
    expect(task.stats).toMatchObject({ runs: 60, failures: 0, overruns: 0 });
  });

  it('keeps whole seconds when aligned', async () => {
    const { clock, scheduler } = setUp(Date.UTC(2026, 0, 1) + 437);
    const at: number[] = [];
    scheduler.every('second', 1000, () => void at.push(clock.nowMs() % 1000), { aligned: true });
    await clock.advance(3000);
    expect(at).toEqual([0, 0, 0]);
  });

  it('skips and counts runs that are due while one is running', async () => {
    const { clock, scheduler } = setUp();
    const task = scheduler.every('slow', 1000, () => clock.sleep(2500));
    await clock.advance(6000);
    expect(task.stats.runs).toBe(2);
    expect(task.stats.overruns).toBeGreaterThanOrEqual(2);
  });

  it('goes on after a failure, and counts it', async () => {
    const { clock, scheduler } = setUp();
    const task = scheduler.every('broken', 1000, () => {
      throw new Error('no');
    });
    await clock.advance(3000);
    expect(task.stats).toMatchObject({ runs: 3, failures: 3, lastError: 'no' });
  });

  it('follows cron in its zone', async () => {
    const { clock, scheduler } = setUp();
    const at: string[] = [];
    scheduler.cron('nightly', '30 2 * * *', () => void at.push(new Date(clock.nowMs()).toISOString()), {
      timezone: 'Europe/Berlin',
    });
    await clock.advance(2 * DAY_MS);
    expect(at).toEqual(['2026-01-01T01:30:00.000Z', '2026-01-02T01:30:00.000Z']);
  });

  it('says what is wrong with a cron pattern', () => {
    expect(() => setUp().scheduler.cron('x', 'whenever', () => {})).toThrow(/"whenever" is not a cron pattern/);
  });

  it('does not pile up runs after the machine slept', async () => {
    const { clock, scheduler } = setUp();
    const task = scheduler.every('second', 1000, () => {});
    await clock.advance(1000);
    clock.jump(DAY_MS);
    await clock.advance(1000);
    expect(task.stats.runs).toBe(2);
  });

  it('ends everything with its signal', async () => {
    const { clock, scheduler, abort } = setUp();
    const task = scheduler.every('second', 1000, () => {});
    abort.abort();
    await clock.advance(5000);
    expect(task.stats.runs).toBe(0);
  });
});
