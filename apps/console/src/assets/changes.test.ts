import { describe, expect, it } from 'vitest';
import type { AssetChange } from '../api/types.ts';
import { changeMarks, changeSentence } from './changes.ts';

const change = (field: string, before: unknown, after: unknown, minute = 0): AssetChange =>
  ({ timeAt: new Date(minute * 60_000).toISOString(), source: 'metrics', field, before, after }) as AssetChange;
const names = new Map([['01PORT', 'tcp/9001 on db-02']]);

describe('a change in words', () => {
  it.each([
    [change('attributes.kernel', '6.1.0-37', '6.1.0-39'), 'Kernel 6.1.0-37 → 6.1.0-39'],
    [change('attributes.memoryBytes', 32 * 1024 ** 3, 64 * 1024 ** 3), 'Memory 32\u00a0GiB → 64\u00a0GiB'],
    [change('attributes.owner', null, 'ana'), 'Owner ana appeared'],
    [change('keys.ip', '10.0.0.5', null), 'ip 10.0.0.5 went'],
    [change('relations.exposes', null, '01PORT'), 'exposes tcp/9001 on db-02'],
    [change('relations.exposes', '01M881F11NF41K41W7Z9X5KDTY', null), 'no longer exposes 01M88…KDTY'],
    [change('present', true, false), 'is gone'],
    [change('created', null, { name: 'db-02' }), 'first seen'],
  ])('%o', (one, words) => expect(changeSentence(one, names)).toBe(words));
});

it('changes at one moment are one mark, and words stand only where there is room', () => {
  const marks = changeMarks(
    [
      change('name', null, 'a', 40),
      change('x', 1, 2, 5),
      change('y', 1, 2, 5.2),
      change('z', 1, 2, 41.5),
      change('old', 1, 2, -9),
    ],
    0,
    3_600_000,
  );
  expect(marks.map((mark) => [mark.changes.map(({ field }) => field).join(), mark.room > 0])).toEqual([
    ['x,y', true],
    ['name', false],
    ['z', true],
  ]);
});

it('words that come towards each other share what is between them', () => {
  const marks = changeMarks([change('x', 1, 2, 6), change('y', 1, 2, 48)], 0, 3_600_000);
  expect(marks.map(({ room }) => room)).toEqual([expect.closeTo(0.35), expect.closeTo(0.35)]);
});
