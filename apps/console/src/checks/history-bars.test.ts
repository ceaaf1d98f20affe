import { expect, it } from 'vitest';
import { historyBars } from './history-bars.ts';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const bars = (entries: readonly (readonly [number, 'ok' | 'warning' | 'critical'])[]) =>
  historyBars(
    entries.map(([minute, state]) => ({ timeAt: at(minute), state, output: `${state} at ${minute}` })),
    'ok',
    0,
    3_600_000,
  ).map((bar) => [bar.fromMs / 60_000, bar.toMs / 60_000, bar.state, ...bar.titles]);

it('lasts from each result to the next and joins what is the same', () => {
  expect(
    bars([
      [-10, 'ok'],
      [10, 'ok'],
      [20, 'warning'],
      [30, 'critical'],
      [40, 'critical'],
      [50, 'ok'],
    ]),
  ).toEqual([
    [0, 20, 'ok'],
    [20, 30, 'warning', 'warning at 20'],
    [30, 50, 'critical', 'critical at 30'],
    [50, 60, 'ok'],
  ]);
});

it('does not know what was before the first result', () => {
  expect(bars([[30, 'ok']])).toEqual([
    [0, 30, 'silent'],
    [30, 60, 'ok'],
  ]);
});

it('takes the state of now where there are no results in the range', () => {
  expect(bars([])).toEqual([[0, 60, 'ok']]);
});
