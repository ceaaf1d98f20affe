import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatQueryToken, tokenizeQueryLine } from './tokens.ts';

test('a line is keys with values and plain words', () => {
  expect(tokenizeQueryLine('type:host port:>=22 -seen:<1h "two words" attr.os:"De\\"b"')).toEqual([
    { key: 'type', op: ':', value: 'host', negated: false, quoted: false, start: 0, end: 9 },
    { key: 'port', op: '>=', value: '22', negated: false, quoted: false, start: 10, end: 19 },
    { key: 'seen', op: '<', value: '1h', negated: true, quoted: false, start: 20, end: 29 },
    { op: ':', value: 'two words', negated: false, quoted: true, start: 30, end: 41 },
    { key: 'attr.os', op: ':', value: 'De"b', negated: false, quoted: true, start: 42, end: 57 },
  ]);
});

test('addresses and lone signs are words', () => {
  expect(tokenizeQueryLine('::1 10.0.0.1:80 - a-b').map((token) => [token.key, token.value])).toEqual([
    [undefined, '::1'],
    [undefined, '10.0.0.1:80'],
    [undefined, '-'],
    [undefined, 'a-b'],
  ]);
});

test('no line whatever throws, and tokens cover it in order', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab:<>="\\- .'.split('')) })), (text) => {
      let last = 0;
      for (const token of tokenizeQueryLine(text)) {
        expect(token.start).toBeGreaterThanOrEqual(last);
        expect(token.end).toBeGreaterThan(token.start);
        last = token.end;
      }
      expect(last).toBeLessThanOrEqual(text.length);
    }),
  );
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(
      fc.record({
        key: fc.constantFrom('type', 'attr.os', 'x_y'),
        op: fc.constantFrom(':' as const, '<' as const, '>' as const, '<=' as const, '>=' as const),
        value: fc.string(),
        negated: fc.boolean(),
      }),
      (token) => {
        expect(tokenizeQueryLine(formatQueryToken(token))).toEqual([expect.objectContaining(token)]);
      },
    ),
  );
});
