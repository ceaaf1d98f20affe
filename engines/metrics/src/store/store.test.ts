import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../query/query.ts';
import { batch, chart, StoreBench } from './testing.ts';

const START = 1_700_000_400 - (1_700_000_400 % 86_400);
const CHARTS = [chart('system.cpu', ['user', 'system']), chart('system.load', ['load1'])];

/** What dimension `i` has at a second: a saw of steps of a hundredth. */
function valueAt(second: number, i: number): number {
  return Math.round(((second * (i + 3)) % 1000) * 10) / 1000;
}

describe('the store', () => {
  let bench: StoreBench;

  beforeEach(async () => {
    bench = new StoreBench(START);
    await bench.open();
  });
  afterEach(async () => {
    await bench.store.close().catch(() => undefined);
    bench.remove();
  });

  async function run(fromS: number, seconds: number, tendEvery = 10): Promise<void> {
    let written: Promise<void>[] = [];
    for (let second = fromS; second < fromS + seconds; second++) {
      bench.nowS = second;
      const values = [0, 1, 2].map((i) => valueAt(second, i));
      written.push(bench.store.write(batch(second, values, second === fromS ? CHARTS : undefined)));
      if (second === fromS || second % tendEvery === 0) {
        await Promise.all(written);
        written = [];
        await bench.store.tend();
      }
    }
    await Promise.all(written);
  }

  async function seconds(fromS: number, toS: number, dimension = 'user') {
    const result = await query(
      bench.store,
      { charts: ['system.cpu'], dimensions: [dimension], fromS, toS },
      bench.nowS,
    );
    expect(result.stepS).toBe(1);
    return result.series[0]!.values;
  }

  it('gives back every second it took, sealed or not, before and after a restart', async () => {
    await run(START, 1000);
    const expected = Array.from({ length: 1000 }, (_, i) => valueAt(START + i, 0));
    expect(await seconds(START, START + 1000)).toEqual(expected);
    expect(readdirSync(join(bench.folder, 'tier0')).length).toBe(1);
    await bench.reopen();
    expect(await seconds(START, START + 1000)).toEqual(expected);
    await run(START + 1000, 200);
    expect((await seconds(START + 900, START + 1200)).every((value) => value !== null)).toBe(true);
  });

  it('answers coarse questions from the minutes, and the rest from the seconds', async () => {
    await run(START, 5000, 50);
    const result = await query(
      bench.store,
      { charts: ['system.cpu'], fromS: START, toS: START + 4980, points: 83, group: 'average' },
      bench.nowS,
    );
    expect(result.stepS).toBe(60);
    for (const [i, series] of result.series.entries()) {
      const expected = Array.from({ length: 83 }, (_, step) => {
        let sum = 0;
        for (let s = 0; s < 60; s++) sum += valueAt(START + step * 60 + s, i);
        return sum / 60;
      });
      expect(series.values.length).toBe(83);
      series.values.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 3);
      });
    }
    const max = await query(
      bench.store,
      { charts: ['system.cpu'], dimensions: ['user'], fromS: START, toS: START + 3600, points: 1, group: 'max' },
      bench.nowS,
    );
    expect(max.stepS).toBe(3600);
    expect(max.series[0]!.values).toEqual([9.99]);
    expect(bench.store.tiers[1]!.starts).toEqual([START]);
  });

  it('rolls hours into days, and finds the minutes again after a restart', async () => {
    await run(START, 3 * 3600 + 300, 60);
    await bench.reopen();
    const result = await query(
      bench.store,
      { charts: ['system.load'], fromS: START, toS: START + 3 * 3600, points: 3, group: 'sum' },
      bench.nowS,
    );
    let sum = 0;
    for (let second = START; second < START + 3600; second++) sum += valueAt(second, 2);
    expect(result.stepS).toBe(3600);
    expect(result.series[0]!.values[0]).toBeCloseTo(sum, 2);
    expect(result.series[0]!.values).toHaveLength(3);
    expect(result.series[0]!.values.every((value) => value !== null)).toBe(true);
  });

  it('keeps what comes late, even for a span that is sealed', async () => {
    await run(START, 900);
    bench.nowS = START + 1000;
    await bench.store.write(batch(START + 50, [1, 2, 3]));
    await bench.store.write(batch(START + 1000, [4, 5, 6]));
    for (let i = 0; i < 5; i++) {
      bench.nowS += 60;
      await bench.store.tend();
    }
    const values = await seconds(START, START + 300);
    expect(values[50]).toBe(1);
    expect(values[49]).toBe(valueAt(START + 49, 0));
    expect(values[299]).toBe(valueAt(START + 299, 0));
    await bench.reopen();
    expect((await seconds(START, START + 300))[50]).toBe(1);
  });

  it('says why samples are missing', async () => {
    await run(START, 100);
    await run(START + 130, 20);
    bench.nowS = START + 200;
    await bench.store.write(batch(START + 200, [1, 2, 3], CHARTS, 999_999));
    await bench.reopen();
    bench.nowS = START + 400;
    await bench.store.write(batch(START + 400, [1, 2, 3], CHARTS, 5));
    const result = await query(bench.store, { charts: ['system.load'], fromS: START, toS: START + 401 }, bench.nowS);
    expect(result.gaps).toEqual([
      { fromS: START + 100, toS: START + 130, reason: 'agent was late' },
      { fromS: START + 150, toS: START + 200, reason: 'agent restarted' },
      { fromS: START + 201, toS: START + 400, reason: 'Undercroft was not running' },
    ]);
    expect(result.series[0]!.values[120]).toBeNull();
  });

  it('asks for the charts of a layout it does not know, and refuses the impossible', async () => {
    await expect(bench.store.write(batch(START, [1, 2, 3]))).rejects.toMatchObject({ code: 'metrics.layout-unknown' });
    await expect(bench.store.write(batch(START, [1], CHARTS))).rejects.toMatchObject({ code: 'metrics.layout-length' });
    await expect(bench.store.write(batch(START + 86_400, [1, 2, 3], CHARTS))).rejects.toMatchObject({
      code: 'metrics.time',
    });
  });

  it('passes over a torn end and over damaged pages, and says so', async () => {
    await run(START, 1500, 1);
    await bench.store.close();
    const [name] = readdirSync(join(bench.folder, 'tier0'));
    const path = join(bench.folder, 'tier0', name!);
    const { size } = statSync(path);
    truncateSync(path, size - 10);
    await bench.open();
    expect(bench.store.tiers[0]!.damages).toHaveLength(1);
    const values = await seconds(START, START + 300);
    expect(values[10]).toBe(valueAt(START + 10, 0));
    await bench.store.close();
    const bytes = readFileSync(path);
    bytes[16 + 40 + 24 + 20]! ^= 0xff;
    writeFileSync(path, bytes);
    await bench.open();
    expect((await seconds(START, START + 300)).every((value) => value === null)).toBe(true);
    expect((await seconds(START + 300, START + 600))[10]).toBe(valueAt(START + 310, 0));
    expect(bench.store.tiers[0]!.damages).toHaveLength(1);
  });

  it('deletes the oldest when there is too much', async () => {
    bench.retention = [
      { days: 1, maxBytes: 1024 ** 3 },
      { days: 90, maxBytes: 1024 ** 3 },
      { days: 730, maxBytes: 1024 ** 3 },
    ];
    await bench.reopen();
    await run(START, 700);
    bench.nowS = START + 3 * 86_400;
    await run(bench.nowS, 20);
    for (let i = 0; i < 3; i++) {
      bench.nowS += 20;
      await bench.store.tend();
    }
    expect(bench.store.tiers[0]!.starts.filter((startS) => startS < START + 86_400)).toEqual([]);
  });
});
