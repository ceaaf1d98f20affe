import { describe, expect, it } from 'vitest';
import { findGaps, SeriesBuffer } from './series.ts';

const data = (values: (number | null)[], stepS = 1) => ({
  fromS: 100,
  stepS,
  gaps: [],
  series: [{ id: 'user', name: 'user', values }],
});

describe('live samples', () => {
  it('extend the window by one step each', () => {
    const buffer = new SeriesBuffer(data([1, 2]));
    buffer.append(102, [3]);
    expect(buffer.times).toEqual([100, 101, 102]);
    expect(buffer.columns).toEqual([[1, 2, 3]]);
    expect(buffer.latest(0)).toBe(3);
  });

  it('leave holes where nothing was measured', () => {
    const buffer = new SeriesBuffer(data([1]));
    expect(buffer.append(104, [5])).toBe(3);
    expect(buffer.columns).toEqual([[1, null, null, null, 5]]);
  });

  it('fold into a wider step as their mean', () => {
    const buffer = new SeriesBuffer(data([10], 6));
    for (const [i, value] of [1, 2, 3].entries()) buffer.append(106 + i, [value]);
    expect(buffer.times).toEqual([100, 106]);
    expect(buffer.columns[0]).toEqual([10, 2]);
  });

  it('older than the last step are ignored, and missing ones change nothing', () => {
    const buffer = new SeriesBuffer(data([1, 2, 3]));
    buffer.append(101, [9]);
    buffer.append(102, [Number.NaN]);
    expect(buffer.columns[0]).toEqual([1, 2, 3]);
  });

  it('tell who listens, once a sample', () => {
    const buffer = new SeriesBuffer(data([1]));
    let told = 0;
    const stop = buffer.subscribe(() => told++);
    buffer.append(101, [2]);
    stop();
    buffer.append(102, [2]);
    expect(told).toBe(1);
    expect(buffer.version).toBe(2);
  });

  it('are dropped when they leave the window, but for the step before it', () => {
    const buffer = new SeriesBuffer(data([1, 2, 3, 4, 5]));
    buffer.dropBefore(103);
    expect(buffer.times).toEqual([102, 103, 104]);
    expect(buffer.indexAt(103.5)).toBe(1);
    expect(buffer.indexAt(99)).toBe(-1);
  });
});

it('a newer answer takes its place and keeps what came after it', () => {
  const buffer = new SeriesBuffer(data([1, 2]));
  buffer.append(105, [6]);
  expect(buffer.replace(data([1, 2, 3, 4, 5]))).toBe(true);
  expect([buffer.times, buffer.columns]).toEqual([[100, 101, 102, 103, 104, 105], [[1, 2, 3, 4, 5, 6]]]);
  expect(buffer.replace(data([1, 2], 6))).toBe(false);
  expect(buffer.times).toHaveLength(6);
});

describe('gaps', () => {
  it('are spans without any sample, with the reason when it is known', () => {
    const times = [0, 1, 2, 3, 4, 5];
    expect(
      findGaps(times, [[1, null, null, 4, null, 6]], 1, [{ fromS: 1, toS: 2.5, reason: 'agent restarted' }]),
    ).toEqual([
      { fromS: 1, toS: 3, reason: 'agent restarted' },
      { fromS: 4, toS: 5, reason: 'no samples' },
    ]);
  });

  it('need every series to be missing', () => {
    expect(
      findGaps(
        [0, 1, 2],
        [
          [1, null, 1],
          [1, 2, 3],
        ],
        1,
        [],
      ),
    ).toEqual([]);
  });

  it('at the ends are only told with a reason: nothing was asked for there', () => {
    expect(findGaps([0, 1, 2], [[null, 1, null]], 1, [])).toEqual([]);
    expect(findGaps([0, 1, 2], [[null, 1, 2]], 1, [{ fromS: 0, toS: 1, reason: 'not started' }])).toEqual([
      { fromS: 0, toS: 1, reason: 'not started' },
    ]);
  });
});
