import { describe, expect, it } from 'vitest';
import { mostOf, piecesOf, stepAt, ticksOf } from './host-lanes.ts';

const at = (s: number) => new Date(Date.UTC(2026, 10, 24, 10, 0, s)).toISOString();
const step = (s: number, bytesOut: number, bytesIn = 0) => ({ timeAt: at(s), bytesOut, bytesIn });

describe('lanes of a host', () => {
  it('joins steps that follow each other with a like amount', () => {
    const lane = { steps: [step(0, 100), step(10, 110), step(20, 100_000), step(50, 90)] };
    expect(
      piecesOf(lane, 10_000, 100_000).map((piece) => [(piece.toMs - piece.fromMs) / 1000, piece.bytesOut]),
    ).toEqual([
      [20, 210],
      [10, 100_000],
      [10, 90],
    ]);
  });

  it('knows what was said at a moment', () => {
    const lane = { steps: [step(0, 1), step(20, 2)] };
    const found = (s: number) => stepAt(lane, 10_000, Date.parse(at(s)))?.bytesOut;
    expect([found(9), found(10), found(20)]).toEqual([1, undefined, 2]);
  });

  it('measures by the busiest step', () => {
    const base = {
      peer: 'p',
      role: 'calls',
      firstAt: at(0),
      lastAt: at(0),
      records: 1,
      bytesOut: 0,
      bytesIn: 0,
      port: 1,
      protocol: 'tcp',
    } as const;
    expect(
      mostOf([
        { ...base, steps: [step(0, 5, 6)] },
        { ...base, steps: [] },
      ]),
    ).toBe(11);
    expect(mostOf([])).toBe(1);
  });

  it('puts round moments on the axis', () => {
    const from = Date.parse(at(0));
    expect(ticksOf(from, from + 3_600_000).map((ms) => (ms - from) / 60_000)).toEqual([10, 20, 30, 40, 50]);
  });
});
