import type { SampleBatch } from '@undercroft/kernel';
import { UndercroftError } from '@undercroft/kernel';
import { describe, expect, it } from 'vitest';
import { MAX_KEPT_BATCHES, Outbox } from './outbox.ts';
import { batch, chart } from './store/testing.ts';

const CHARTS = [chart('system.load', ['load1'])];

/** A server that can be away, and that may forget layouts. */
function setUp() {
  const taken: SampleBatch[] = [];
  const server = { away: false, layouts: new Set<number>() };
  let nowMs = 0;
  const outbox = new Outbox(
    {
      async write(one) {
        if (server.away) throw new UndercroftError('service.absent', 'the server is away');
        if (one.charts !== undefined) server.layouts.add(one.layout);
        else if (!server.layouts.has(one.layout)) throw new UndercroftError('metrics.layout-unknown', 'send charts');
        taken.push(one);
      },
    },
    () => nowMs,
  );
  const push = async (second: number, withCharts = false, layout = 1) => {
    nowMs += 2000;
    outbox.push(batch(second, [second], withCharts ? CHARTS : undefined, layout));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { taken, server, outbox, push };
}

describe('batches on their way', () => {
  it('come again in order when the server is back, with the charts it has forgotten', async () => {
    const { taken, server, outbox, push } = setUp();
    await push(1, true);
    server.away = true;
    await push(2);
    await push(3, true, 2);
    await push(4, false, 2);
    expect(outbox.stats).toEqual({ waiting: 3, sent: 1, lost: 0, error: 'the server is away' });
    server.away = false;
    server.layouts.clear();
    await push(5, false, 2);
    expect(taken.map(({ timeUs, layout }) => [timeUs / 1e6, layout])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
    expect(outbox.stats).toEqual({ waiting: 0, sent: 5, lost: 0 });
  });

  it('are kept for two minutes, and what is lost is counted', async () => {
    const { taken, server, outbox, push } = setUp();
    server.away = true;
    for (let second = 0; second < MAX_KEPT_BATCHES + 5; second++) await push(second, second === 0);
    expect(outbox.stats).toMatchObject({ waiting: MAX_KEPT_BATCHES, lost: 5 });
    server.away = false;
    await push(200);
    expect(taken[0]?.timeUs).toBe(6_000_000);
    expect(outbox.stats.waiting).toBe(0);
  });
});
