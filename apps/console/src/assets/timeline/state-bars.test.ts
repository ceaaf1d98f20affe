import { expect, it } from 'vitest';
import type { Problem } from '../../api/types.ts';
import { barAt, stateBars } from './state-bars.ts';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const problem = (state: string, title: string, from: number, to?: number): Problem =>
  ({ state, title, openedAt: at(from), ...(to === undefined ? {} : { closedAt: at(to) }) }) as unknown as Problem;
const minutes = (bars: ReturnType<typeof stateBars>) =>
  bars.map((bar) => [bar.fromMs / 60_000, bar.toMs / 60_000, bar.state, bar.titles.join(', ')]);

it('is healthy where nothing was wrong', () => {
  expect(minutes(stateBars([], 0, 3_600_000))).toEqual([[0, 60, 'ok', '']]);
});

it('takes the worst where problems overlap, and says which', () => {
  const bars = stateBars(
    [problem('warning', 'slow', 10, 40), problem('critical', 'volume', 30), problem('critical', 'replication', 45)],
    0,
    3_600_000,
  );
  expect(minutes(bars)).toEqual([
    [0, 10, 'ok', ''],
    [10, 30, 'warning', 'slow'],
    [30, 45, 'critical', 'volume'],
    [45, 60, 'critical', 'volume, replication'],
  ]);
  expect(barAt(bars, 20 * 60_000)?.state).toBe('warning');
  expect(barAt(bars, undefined)?.titles).toEqual(['volume', 'replication']);
});

it('cuts what began before the range, and shows closed ones as what they were', () => {
  expect(minutes(stateBars([problem('ok', 'was full', -30, 20)], 0, 3_600_000))).toEqual([
    [0, 20, 'warning', 'was full'],
    [20, 60, 'ok', ''],
  ]);
});
