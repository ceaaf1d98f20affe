import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTime } from '../api.ts';
import { batch, chart, StoreBench } from '../store/testing.ts';
import { correlate } from './correlate.ts';
import { ks2Distance, ks2Probability } from './ks2.ts';
import { query } from './query.ts';

const START = 1_700_000_100;

describe('the two-sample test', () => {
  it('is 0 for the same and 1 for nothing in common', () => {
    const a = Float64Array.of(1, 2, 3, 4);
    expect(ks2Distance(a, Float64Array.of(4, 3, 2, 1))).toBe(0);
    expect(ks2Distance(a, Float64Array.of(10, 11))).toBe(1);
    expect(ks2Distance(a, Float64Array.of(3, 4))).toBe(0.5);
  });

  it('agrees with the table of the distribution', () => {
    // 5 % critical distance of two samples of 100: 1.358 * sqrt(2 / 100).
    expect(ks2Probability(1.358 * Math.sqrt(0.02), 100, 100)).toBeCloseTo(0.05, 1);
    expect(ks2Probability(0.01, 100, 100)).toBe(1);
  });
});

describe('what moved', () => {
  const bench = new StoreBench(START);
  beforeAll(async () => {
    const store = await bench.open();
    const charts = [chart('quiet', ['noise', 'still']), chart('loud', ['jump'])];
    for (let second = 0; second < 600; second++) {
      bench.nowS = START + second;
      const noise = (second * 7919) % 100;
      await store.write(
        batch(START + second, [noise, 5, second >= 500 ? noise + 500 : noise], second === 0 ? charts : undefined),
      );
    }
  });
  afterAll(async () => {
    await bench.store.close();
    bench.remove();
  });

  it('comes first, with how much; what stood still is left out', async () => {
    const moved = await correlate(bench.store, { fromS: START + 500, toS: START + 600 });
    expect(moved[0]).toMatchObject({ chart: 'loud', dimension: 'jump', score: 1, host: 'web-03' });
    expect(moved[0]!.probability).toBeLessThan(1e-10);
    expect(moved[0]!.during - moved[0]!.before).toBeCloseTo(500, 0);
    expect(moved.map(({ dimension }) => dimension)).not.toContain('still');
  });

  it('needs a window that is long enough', async () => {
    await expect(correlate(bench.store, { fromS: START, toS: START + 5 })).rejects.toMatchObject({
      code: 'metrics.correlate-window',
    });
  });

  it('answers only questions that it can', async () => {
    const ask = (charts: string[], fromS: number, toS: number) =>
      query(bench.store, { charts, fromS, toS }, START + 600);
    await expect(ask(['nothing'], START, START + 10)).rejects.toMatchObject({ code: 'not-found', status: 404 });
    await expect(ask(['quiet'], START, START)).rejects.toMatchObject({ code: 'metrics.query-range' });
    await expect(ask(['quiet'], 0, START)).rejects.toMatchObject({ code: 'metrics.query-size' });
  });

  it.each(['average', 'min', 'max', 'sum', 'last'] as const)('groups by %s', async (group) => {
    const from = START - (START % 10);
    const { stepS, series } = await query(
      bench.store,
      { charts: ['loud'], fromS: from + 100, toS: from + 120, points: 2, group },
      START + 600,
    );
    const seconds = Array.from({ length: 10 }, (_, i) => ((from + 100 + i - START) * 7919) % 100);
    const expected = {
      average: seconds.reduce((a, b) => a + b, 0) / 10,
      min: Math.min(...seconds),
      max: Math.max(...seconds),
      sum: seconds.reduce((a, b) => a + b, 0),
      last: seconds[9],
    }[group];
    expect(stepS).toBe(10);
    expect(series[0]!.values[0]).toBeCloseTo(expected!, 4);
  });
});

it('times are ISO 8601, epoch seconds, or relative to now', () => {
  expect(parseTime('-600', 1000, 'from')).toBe(400);
  expect(parseTime(0, 1000, 'to')).toBe(1000);
  expect(parseTime('1700000000', 1000, 'from')).toBe(1_700_000_000);
  expect(parseTime('2023-11-14T22:13:20Z', 1000, 'from')).toBe(1_700_000_000);
  expect(() => parseTime('yesterday', 1000, 'from')).toThrow('which is no time');
});
