import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, gridValues, threeDigits, unitScale, withUnit } from './units.ts';

describe('three significant digits', () => {
  it.each([
    [0, '0'],
    [0.0412, '0.041'],
    [3.704, '3.7'],
    [53.66, '53.7'],
    [99.96, '100'],
    [499.4, '499'],
    [1204.4, '1\u202f204'],
    [-53.66, '-53.7'],
    [Number.NaN, '–'],
    [0.0000001, '<0.001'],
  ])('%s is %s', (value, text) => expect(threeDigits(value)).toBe(text));
});

describe('units', () => {
  it('counts memory in powers of 1024', () => {
    expect(unitScale('MiB', 40_000)).toEqual({ label: 'GiB', factor: 1 / 1024, sign: true });
    expect(bytes(64 * 1024 ** 3)).toBe('64\u00a0GiB');
  });

  it('counts rates in powers of 1000 and links in bits', () => {
    expect(unitScale('KiB/s', 2000)).toEqual({ label: 'MB/s', factor: 1024 / 1e6, sign: true });
    expect(unitScale('kilobits/s', 499_000)).toEqual({ label: 'Mb/s', factor: 1e-3, sign: true });
    expect(withUnit(499_000, 'kilobits/s')).toBe('499\u00a0Mb/s');
  });

  it('keeps the raw prefix while everything is zero', () => {
    expect(unitScale('KiB/s', 0).label).toBe('B/s');
    expect(unitScale('MiB', 0).label).toBe('MiB');
  });

  it('leaves units that have no prefix', () => {
    expect(unitScale('percentage', 250)).toEqual({ label: '%', factor: 1, sign: true });
    expect(unitScale('processes', 3)).toEqual({ label: 'processes', factor: 1, sign: false });
    expect(unitScale('operations/s', 3).label).toBe('operations per second');
  });

  it('never shows more than four figures before the point on its own prefix', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e15, noNaN: true }), (value) => {
        const scale = unitScale('B', value);
        expect(value * scale.factor).toBeLessThan(1024 * 1024);
        if (value < 1024 ** 6) expect(value * scale.factor).toBeLessThan(1025);
      }),
    );
  });
});

describe('grid lines', () => {
  it('are few, round and inside', () => {
    expect(gridValues(0, 60)).toEqual([0, 20, 40, 60]);
    expect(gridValues(0, 100)).toEqual([0, 50, 100]);
    expect(gridValues(0, 80)).toEqual([0, 25, 50, 75]);
    expect(gridValues(-640, 640)).toEqual([-500, 0, 500]);
  });

  it('are between one and five for any span', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        (low, span) => {
          const values = gridValues(low, low + span);
          expect(values.length).toBeGreaterThanOrEqual(1);
          expect(values.length).toBeLessThanOrEqual(5);
          for (const value of values) {
            expect(value).toBeGreaterThanOrEqual(low - span * 0.01 - Math.abs(low) * 1e-9);
            expect(value).toBeLessThanOrEqual(low + span * 1.01 + Math.abs(low) * 1e-9);
          }
        },
      ),
    );
  });
});
