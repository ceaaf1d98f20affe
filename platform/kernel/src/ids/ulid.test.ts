import { expect, test } from 'vitest';
import { ulidSource } from './ulid.ts';

test('the time is in the first ten digits', () => {
  expect(ulidSource()(1_469_918_176_385).slice(0, 10)).toBe('01ARYZ6S41');
});

test('ids rise when the clock stands and when it is set back', () => {
  const next = ulidSource();
  const ids = [1_000, 1_000, 1_001, 900, 900, 5, 1_002].map(next);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});
