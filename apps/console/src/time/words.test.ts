import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, parseRange, spanWord } from './words.ts';

/** Tuesday, local time, so that the test is the same in every zone. */
const NOW = new Date(2026, 10, 24, 14, 30).getTime();
const local = (day: number, hour = 0, minute = 0, month = 10, year = 2026) =>
  new Date(year, month, day, hour, minute).getTime();
const between = (fromMs: number, toMs: number) => ({ kind: 'between', fromMs, toMs });

describe('a typed range', () => {
  it.each([
    ['2h', { kind: 'last', spanMs: 2 * HOUR_MS }],
    ['15 min', { kind: 'last', spanMs: 15 * MINUTE_MS }],
    ['last 3 days', { kind: 'last', spanMs: 3 * DAY_MS }],
    ['last week', { kind: 'last', spanMs: 7 * DAY_MS }],
    ['1.5h', { kind: 'last', spanMs: 90 * MINUTE_MS }],
    ['today', between(local(24), NOW)],
    ['yesterday', between(local(23), local(24))],
    ['mon', between(local(23), local(24))],
    ['tuesday', between(local(24), local(25))],
    ['Wed', between(local(18), local(19))],
    ['mon 03:00-04:00', between(local(23, 3), local(23, 4))],
    ['mon 03:00 – 04:00', between(local(23, 3), local(23, 4))],
    ['03:00-04:30', between(local(24, 3), local(24, 4, 30))],
    ['23:00-01:00', between(local(24, 23), local(25, 1))],
    ['24 nov', between(local(24), local(25))],
    ['25 nov', between(local(25, 0, 0, 10, 2025), local(26, 0, 0, 10, 2025))],
    ['12 mar 2025', between(local(12, 0, 0, 2, 2025), local(13, 0, 0, 2, 2025))],
    ['2026-11-20', between(local(20), local(21))],
    ['2026-11-20 - 2026-11-22', between(local(20), local(22))],
    ['2026-11-20T10:00Z/2026-11-20T12:00Z', between(Date.UTC(2026, 10, 20, 10), Date.UTC(2026, 10, 20, 12))],
    ['2026-11-20T10:00:00Z to now', between(Date.UTC(2026, 10, 20, 10), NOW)],
    ['1764000000-1764003600', between(1_764_000_000_000, 1_764_003_600_000)],
    ['1764000000', between(1_764_000_000_000 - 30 * MINUTE_MS, 1_764_000_000_000 + 30 * MINUTE_MS)],
    ['03:12', between(local(24, 2, 42), local(24, 3, 42))],
  ])('%s', (words, spec) => {
    expect(parseRange(words, NOW)).toEqual(spec);
  });

  it.each(['', 'soon', '2', '2 bananas', '25:00-26:00', 'mon 04:00-', '1s', '900y', 'h', '2026-13-45'])(
    '%j means nothing',
    (words) => {
      expect(parseRange(words, NOW)).toBeUndefined();
    },
  );

  it('never throws and never gives an empty range, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (words) => {
        const spec = parseRange(words, NOW);
        if (spec?.kind === 'between') expect(spec.toMs).toBeGreaterThan(spec.fromMs);
        if (spec?.kind === 'last') expect(spec.spanMs).toBeGreaterThan(0);
      }),
    );
  });

  it('reads back the word it writes for a span', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10_000_000 }), (seconds) => {
        expect(parseRange(spanWord(seconds * 1000), NOW)).toEqual({ kind: 'last', spanMs: seconds * 1000 });
      }),
    );
  });
});
