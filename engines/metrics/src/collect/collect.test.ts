import type { SampleBatch } from '@undercroft/kernel';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChartSet } from './chart-set.ts';
import type { CollectHost, Collector } from './collector.ts';
import { counterDelta } from './counter.ts';
import { Sampler } from './sampler.ts';

const CHART = {
  id: 'net.eth0',
  title: 'Bandwidth',
  units: 'things/s',
  family: 'eth0',
  context: 'net.net',
  priority: 1,
  dimensions: [{ id: 'received', algorithm: 'incremental' as const }],
};

describe('a counter', () => {
  it('wraps at its width when that is a small change, and is reset otherwise', () => {
    expect(counterDelta(10, 15)).toBe(5);
    expect(counterDelta(2 ** 32 - 10, 5)).toBe(15);
    expect(counterDelta(250, 3)).toBe(9);
    expect(counterDelta(2 ** 64 - 2 ** 12, 2 ** 12)).toBe(2 ** 13);
    expect(counterDelta(1_000_000, 5)).toBeNaN();
  });

  it('never moves back', () => {
    const value = fc.double({ min: 0, max: 2 ** 64, noNaN: true });
    fc.assert(fc.property(value, value, (before, now) => !(counterDelta(before, now) < 0)));
  });
});

describe('rates of whole seconds', () => {
  it('are spread over the seconds that a late collection covers', () => {
    const charts = new ChartSet('web-03', 1);
    const chart = charts.add(CHART)!;
    // Steady 100 a second, collected 20 ms, 500 ms and 20 ms after the second.
    const collect = (ms: number) => {
      chart.set(0, ms / 10);
      chart.done();
      return charts.evaluate(ms, Math.floor(ms / 1000) * 1000)[0];
    };
    expect(collect(10_020)).toBeNaN();
    expect(collect(11_500)).toBe(100);
    expect(collect(12_020)).toBe(100);
    expect(collect(13_020)).toBe(100);
  });

  it('mix what lies before and after the last collection', () => {
    const charts = new ChartSet('web-03', 1);
    const chart = charts.add(CHART)!;
    const collect = (ms: number, raw: number) => {
      chart.set(0, raw);
      chart.done();
      return charts.evaluate(ms, Math.floor(ms / 1000) * 1000)[0];
    };
    collect(10_500, 0);
    expect(collect(11_500, 100)).toBe(100);
    // The second 11 to 12: half of it at 100, half at 300.
    expect(collect(12_500, 400)).toBe(200);
  });

  it('are unknown after a reset, for one second', () => {
    const charts = new ChartSet('web-03', 1);
    const chart = charts.add(CHART)!;
    const values = [5000, 5100, 3, 103].map((raw, i) => {
      chart.set(0, raw);
      chart.done();
      return charts.evaluate(10_000 + i * 1000, 10_000 + i * 1000)[0];
    });
    expect(values).toEqual([Number.NaN, 100, Number.NaN, 100]);
  });
});

describe('the sampler', () => {
  function setUp(create: (host: CollectHost) => Collector) {
    const clock = new ManualClock(1_000_000_000_000);
    const sent: SampleBatch[] = [];
    const charts = new ChartSet('web-03', 7);
    const host = { charts, clock, log: silentLog, procRoot: '', sysRoot: '', options: {} } as unknown as CollectHost;
    return { clock, sent, sampler: new Sampler(host, { test: create }, (batch) => sent.push(batch)) };
  }
  const gauge = (host: CollectHost): Collector => {
    const chart = host.charts.add({ ...CHART, dimensions: [{ id: 'value' }] })!;
    return {
      name: 'test',
      collect: ({ count }) => {
        chart.set(0, count);
        chart.done();
      },
      close: () => host.charts.remove(chart),
    };
  };

  it('sends charts once and a value each second, the first at once', async () => {
    const { clock, sent, sampler } = setUp(gauge);
    for (let i = 0; i < 3; i++) {
      sampler.tick();
      await clock.advance(1000);
    }
    expect(sent.map(({ timeUs, charts, values }) => [timeUs / 1e6, charts?.length, ...values])).toEqual([
      [1_000_000_000, 1, 0],
      [1_000_000_001, undefined, 1],
      [1_000_000_002, undefined, 2],
    ]);
  });

  it('fills a moment without a tick, and leaves a long one open', async () => {
    const { clock, sent, sampler } = setUp(gauge);
    sampler.tick();
    await clock.advance(3000);
    sampler.tick();
    await clock.advance(60_000);
    sampler.tick();
    expect(sent.map(({ timeUs }) => timeUs / 1e6 - 1e9)).toEqual([0, 1, 2, 3, 63]);
    expect(sampler.skippedS).toBe(59);
  });

  it('turns off a collector that fails, says why, and tries again', async () => {
    let broken = true;
    const { clock, sent, sampler } = setUp((host) => {
      if (broken) throw new Error('ENOENT: /proc/pressure/cpu');
      return gauge(host);
    });
    sampler.tick();
    expect(sampler.collectors()).toEqual([{ name: 'test', error: 'ENOENT: /proc/pressure/cpu' }]);
    broken = false;
    for (let i = 0; i < 61; i++) {
      await clock.advance(1000);
      sampler.tick();
    }
    expect(sampler.collectors()).toEqual([{ name: 'test' }]);
    expect(sent.at(-1)?.values).toHaveLength(1);
  });
});
