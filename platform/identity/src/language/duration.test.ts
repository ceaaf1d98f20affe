import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

it.each([
  [90, 90],
  ['90', 90],
  ['90s', 90],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['7d', 604_800],
  ['250ms', 0.25],
  [' 5m ', 300],
  ['', undefined],
  ['-5s', undefined],
  [-5, undefined],
  [Number.NaN, undefined],
  ['5 m', undefined],
  ['m', undefined],
  ['1w', undefined],
])('%j is %j seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it('reads what it writes', () => {
  fc.assert(fc.property(fc.nat(), (seconds) => parseDuration(formatDuration(seconds)) === seconds));
});
