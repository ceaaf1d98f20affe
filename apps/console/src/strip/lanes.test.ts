import { describe, expect, it } from 'vitest';
import type { Problem } from '../api/types.ts';
import { MAX_LINES, packProblems } from './lanes.ts';
import { timeTicks } from './ticks.ts';

const FROM = Date.UTC(2026, 10, 24, 2);
const HOUR = 3_600_000;

function problem(id: string, state: string, fromMin: number, toMin?: number): Problem {
  const at = (minutes: number) => new Date(FROM + minutes * 60_000).toISOString();
  return {
    id,
    state,
    title: id,
    openedAt: at(fromMin),
    ...(toMin === undefined ? {} : { closedAt: at(toMin) }),
  } as unknown as Problem;
}

describe('problems on the strip', () => {
  it('share a line where they do not meet, the worst first', () => {
    const { bars, more } = packProblems(
      [problem('early', 'warning', 5, 20), problem('late', 'critical', 30), problem('over', 'warning', 40)],
      FROM,
      FROM + HOUR,
    );
    expect(bars.map(({ problem: { id }, line }) => [id, line])).toEqual([
      ['late', 0],
      ['early', 0],
      ['over', 1],
    ]);
    expect(more).toBe(0);
  });

  it('are cut at the edges and say that they go on', () => {
    const { bars } = packProblems([problem('long', 'warning', -90)], FROM, FROM + HOUR);
    expect(bars[0]).toMatchObject({ fromMs: FROM, toMs: FROM + HOUR, before: true, after: true });
  });

  it('are counted where no line is free, those that began before the range first', () => {
    const many = [problem('old', 'critical', -90), ...['a', 'b', 'c'].map((id) => problem(id, 'critical', 10))];
    const { bars, more } = packProblems(many, FROM, FROM + HOUR);
    expect(more).toBe(many.length - MAX_LINES);
    expect(bars.map(({ problem: { id } }) => id)).toEqual(['a', 'b']);
  });

  it('leave out what ended before or begins after', () => {
    expect(
      packProblems([problem('gone', 'critical', -30, -10), problem('next', 'critical', 70)], FROM, FROM + HOUR).bars,
    ).toEqual([]);
  });
});

describe('ticks', () => {
  it('are round and no more than fit', () => {
    for (const span of [60_000, HOUR, 26 * HOUR, 40 * 24 * HOUR]) {
      const ticks = timeTicks(FROM, FROM + span, 7);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(8);
    }
    expect(timeTicks(FROM, FROM + HOUR, 7).map(({ atMs }) => (atMs / 60_000) % 10)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
