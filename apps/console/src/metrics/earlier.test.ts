import { expect, it } from 'vitest';
import { nearestKept } from './earlier.ts';

const DAY_MS = 86_400_000;
const fromMs = 100 * DAY_MS;

it('takes the window asked for, or the nearest later one that is kept', () => {
  const kept = (asked: string | undefined, days: number) => nearestKept(asked, fromMs - days * DAY_MS, fromMs)?.key;
  expect(kept('week', 30)).toBe('week');
  expect(kept('week', 3)).toBe('day');
  expect(kept('week', 0.5)).toBe('hour');
  expect(kept('week', 0.01)).toBeUndefined();
  expect(kept('day', 30)).toBe('day');
  expect(kept('nonsense', 30)).toBeUndefined();
  expect(kept(undefined, 30)).toBeUndefined();
});

it('asks for what is wanted while it is not known what is kept', () => {
  expect(nearestKept('week', undefined, fromMs)?.key).toBe('week');
});
