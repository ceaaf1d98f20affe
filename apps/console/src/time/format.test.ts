import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBitRate,
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
} from './format.ts';

const NBSP = '\u00a0';

describe('numbers', () => {
  it('keep three significant digits', () => {
    expect([0.1234, 4.314, 36.94, 511.7, 12_046].map(formatNumber)).toEqual([
      '0.12',
      '4.31',
      '36.9',
      '512',
      '12\u202f046',
    ]);
    expect(formatNumber(undefined)).toBe('–');
    expect(formatNumber(Number.NaN)).toBe('–');
    expect(formatCount(18_204_411)).toBe('18\u202f204\u202f411');
    expect([0, 4.13, 36.94, 100].map(formatPercent)).toEqual([`0${NBSP}%`, `4.1${NBSP}%`, `37${NBSP}%`, `100${NBSP}%`]);
  });

  it('take IEC units for memory, SI for rates, bits for links', () => {
    expect([512, 1536, 34_359_738_368].map(formatBytes)).toEqual([`512${NBSP}B`, `1.5${NBSP}KiB`, `32${NBSP}GiB`]);
    expect(formatByteRate(14_200_000)).toBe(`14.2${NBSP}MB/s`);
    expect(formatBitRate(512_000_000)).toBe(`512${NBSP}Mb/s`);
  });
});

describe('times', () => {
  it('are told in the largest unit that says them', () => {
    const [s, min, h, d] = [1000, 60_000, 3_600_000, 86_400_000];
    expect([340, 4200, 30 * s, 24 * min, 3 * h, 26 * h, 5 * d, 800 * d].map(formatDuration)).toEqual(
      ['340 ms', '4.2 s', '30 s', '24 min', '3 h', '26 h', '5 d', '2 y'].map((text) => text.replace(' ', NBSP)),
    );
  });

  it('are relative below a day and a date after', () => {
    const now = new Date(2026, 10, 24, 14, 30).getTime();
    expect(formatAgo(now - 1000, now)).toBe('now');
    expect(formatAgo(now - 24 * 60_000, now)).toBe(`24${NBSP}min ago`);
    expect(formatAgo(now + 3 * 3_600_000, now)).toBe(`in 3${NBSP}h`);
    expect(formatAgo(now - 3 * 86_400_000, now)).toBe('Sat 14:30');
    expect(formatAgo(new Date(2026, 2, 12).getTime(), now)).toBe('12 Mar');
    expect(formatAgo(new Date(2025, 2, 12).getTime(), now)).toBe('12 Mar 2025');
  });
});
