import { UndercroftError } from '@undercroft/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { parseSort, toPage } from './page.ts';
import { parseTime } from './time.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof UndercroftError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a cursor', () => {
  test('gives back what was put in, in the characters that the query schema allows', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.option(fc.string()), fc.string(), (number, text, maybe, scope) => {
        const cursor = encodeCursor([number, text, maybe], scope);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(cursor, ['number', 'string', 'string?'], scope)).toEqual([number, text, maybe]);
      }),
    );
  });

  test('of another sort, of another shape or mangled is refused', () => {
    const cursor = encodeCursor([1, 'a'], '-name');
    expect(codeOf(() => decodeCursor(cursor, ['number', 'string'], 'name'))).toBe('http.cursor');
    expect(codeOf(() => decodeCursor(cursor, ['string', 'string'], '-name'))).toBe('http.cursor');
    expect(codeOf(() => decodeCursor(cursor, ['number'], '-name'))).toBe('http.cursor');
    expect(codeOf(() => decodeCursor(encodeCursor([null]), ['number']))).toBe('http.cursor');
    for (const forged of [0.5, 1e300]) {
      expect(codeOf(() => decodeCursor(encodeCursor([forged]), ['number']))).toBe('http.cursor');
    }
  });

  test('of any text throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => ['http.cursor'].includes(codeOf(() => decodeCursor(text, ['number'])))),
    );
  });
});

describe('sorting', () => {
  test('takes a field in both directions, and its own default', () => {
    expect(parseSort('-name', ['name', 'seenAt'], '-seenAt')).toEqual({ field: 'name', descending: true });
    expect(parseSort('name', ['name', 'seenAt'], '-seenAt')).toEqual({ field: 'name', descending: false });
    expect(parseSort(undefined, ['name', 'seenAt'], '-seenAt')).toEqual({ field: 'seenAt', descending: true });
  });

  test('by a field that the list does not have is refused', () => {
    expect(codeOf(() => parseSort('password', ['name'], 'name'))).toBe('http.sort');
  });
});

test('a page has a next one only if a row was left over', () => {
  expect(toPage([1, 2, 3], 2, String)).toEqual({ items: [1, 2], next: '2' });
  expect(toPage([1, 2], 2, String, 2)).toEqual({ items: [1, 2], total: 2 });
});

describe('a time', () => {
  const nowUs = 1_700_000_000_000_000;

  test('is ISO 8601, seconds, or a distance from now', () => {
    expect(parseTime('2023-11-14T22:13:20Z', 'from', nowUs)).toBe(nowUs);
    expect(parseTime('2023-11-14T22:13:20.000001z', 'from', nowUs)).toBe(nowUs + 1);
    expect(parseTime('1700000000', 'from', nowUs)).toBe(nowUs);
    expect(parseTime('-600', 'from', nowUs)).toBe(nowUs - 600e6);
    expect(parseTime('-2h', 'from', nowUs)).toBe(nowUs - 7200e6);
    expect(parseTime(undefined, 'from', nowUs)).toBeUndefined();
  });

  test('beyond what a number holds is cut', () => {
    expect(parseTime('9999-12-31T23:59:59Z', 'to', nowUs)).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseTime('0001-01-01T00:00:00Z', 'to', nowUs)).toBe(-Number.MAX_SAFE_INTEGER);
  });

  test('that is none throws its own error', () => {
    expect(codeOf(() => parseTime('yesterday', 'from', nowUs))).toBe('http.time');
    expect(codeOf(() => parseTime('2023-13-45', 'from', nowUs))).toBe('http.time');
    fc.assert(
      fc.property(fc.string(), (text) => ['none', 'http.time'].includes(codeOf(() => parseTime(text, 'from', nowUs)))),
    );
  });
});
