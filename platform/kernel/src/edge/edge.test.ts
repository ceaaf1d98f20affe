import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoFromUs, toEdge, usFromIso } from './edge.ts';

describe('the edge', () => {
  it('turns times into ISO 8601, at any depth', () => {
    expect(
      toEdge({
        id: 'a',
        openedUs: 1_700_000_000_000_000,
        closedUs: undefined,
        lines: [{ timeUs: 1_700_000_000_000_001, text: 'x' }],
      }),
    ).toEqual({
      id: 'a',
      openedAt: '2023-11-14T22:13:20.000Z',
      lines: [{ timeAt: '2023-11-14T22:13:20.000001Z', text: 'x' }],
    });
  });

  it('reads back every time it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (us) => {
        expect(usFromIso(isoFromUs(us))).toBe(us);
      }),
    );
  });

  it.each([
    ['2026-11-24', Date.UTC(2026, 10, 24) * 1000],
    ['2026-11-24T01:02:03+02:00', Date.UTC(2026, 10, 23, 23, 2, 3) * 1000],
    ['1700000000', 1_700_000_000_000_000],
    ['yesterday', undefined],
    ['', undefined],
    ['2026-13-45', undefined],
  ])('reads %j', (text, us) => expect(usFromIso(text)).toBe(us));
});
