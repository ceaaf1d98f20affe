import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zoneOf } from '../text/zone.ts';
import { BinEdges, binRule } from './bins.ts';
import { parseTimeRange, TimeSyntaxError } from './range.ts';

/** 2023-11-14 22:13:20 UTC */
const NOW_S = 1_700_000_000;

describe('parseTimeRange', () => {
  const span = (text: string): [number, number] => {
    const { from, to } = parseTimeRange(text, 'UTC', NOW_S);
    return [from, to];
  };

  it('reads every form', () => {
    const day = Date.UTC(2023, 10, 14) / 1000;
    expect(span('10:00-11:00')).toEqual([day + 36_000, day + 39_600]);
    expect(span('10:00+30m')).toEqual([day + 36_000, day + 37_800]);
    expect(span('2023/11/14.10:00-2023/11/14.12:30')).toEqual([day + 36_000, day + 45_000]);
    expect(span('2023/11/14')).toEqual([day, day + 86_400]);
    expect(span('1699999000-1699999500.5')).toEqual([1_699_999_000, 1_699_999_500.5]);
    expect(span('-1h')).toEqual([NOW_S - 3600, NOW_S]);
  });

  it('fails with its own error, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789:/.-+*xincsmhdwMy '), maxLength: 24 }), (text) => {
        try {
          parseTimeRange(text, 'UTC', NOW_S);
        } catch (error) {
          expect(error).toBeInstanceOf(TimeSyntaxError);
        }
      }),
    );
  });
});

describe('bins', () => {
  it('are read from the words of -M', () => {
    expect(binRule(['time', '5m', 'hard', 'zero'])?.rule).toMatchObject({
      mode: 'time',
      sizeUs: 3e8,
      hard: true,
      zero: true,
    });
    expect(binRule(['count', '10k', 'nomodify'])?.rule).toMatchObject({ mode: 'count', limit: 10_000, modify: false });
    expect(binRule(['time'])).toBeNull();
    expect(binRule(['time', '0s'])).toBeNull();
  });

  it('hold every time once', () => {
    const rules = ['10s', '90s', '1h', '1d', '1w', '1M', '1y', '0.25s'].map((word) => binRule(['time', word])?.rule);
    for (const zone of [zoneOf('UTC'), zoneOf('Europe/Vienna'), zoneOf('Asia/Kolkata')]) {
      for (const rule of rules) {
        if (rule === undefined) throw new Error('no rule');
        const edges = new BinEdges(rule, zone);
        fc.assert(
          fc.property(fc.integer({ min: 1_600_000_000, max: 1_800_000_000 }), (second) => {
            const start = edges.startOf(second * 1e6);
            const end = edges.endOf(second * 1e6);
            expect(start).toBeLessThanOrEqual(second * 1e6);
            expect(end).toBeGreaterThan(second * 1e6);
            expect(edges.startOf(start)).toBe(start);
          }),
          { numRuns: 40 },
        );
      }
    }
  });
});
