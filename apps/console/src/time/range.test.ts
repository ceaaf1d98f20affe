import { describe, expect, it } from 'vitest';
import { describeRange, rangeParams, readRange } from './range.ts';

const NOW = Date.UTC(2026, 10, 24, 14, 30);

describe('the range in the address', () => {
  it('is the last hour when the address says nothing, or nonsense', () => {
    const lastHour = { kind: 'last', spanMs: 3_600_000 };
    expect(readRange({}, NOW)).toEqual(lastHour);
    expect(readRange({ range: 'soon' }, NOW)).toEqual(lastHour);
    expect(readRange({ from: '2026-11-24T10:00:00Z', to: '2026-11-24T09:00:00Z' }, NOW)).toEqual(lastHour);
  });

  it('is written as it is read', () => {
    for (const spec of [
      { kind: 'last', spanMs: 300_000 },
      { kind: 'between', fromMs: Date.UTC(2026, 10, 24, 10), toMs: Date.UTC(2026, 10, 24, 12) },
    ] as const) {
      expect(readRange(rangeParams(spec), NOW)).toEqual(spec);
    }
    expect(rangeParams({ kind: 'last', spanMs: 3_600_000 })).toEqual({
      range: undefined,
      from: undefined,
      to: undefined,
    });
  });

  it('has a key that stays while it moves', () => {
    expect(describeRange({ kind: 'last', spanMs: 7_200_000 })).toMatchObject({
      key: '2h',
      live: true,
      label: 'Last 2 h',
    });
    expect(describeRange({ kind: 'between', fromMs: 1000, toMs: 61_000 })).toMatchObject({
      key: '1000..61000',
      live: false,
    });
  });
});
