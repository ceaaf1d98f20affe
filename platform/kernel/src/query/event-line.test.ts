import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UndercroftError } from '../errors.ts';
import { parseEventLine } from './event-line.ts';

test('a line becomes a filter, words and classes', () => {
  expect(
    parseEventLine('class:authentication severity>=high asset:01A asset:01B -source:scan "bad password" root -cron'),
  ).toEqual({
    classes: ['authentication'],
    text: 'root',
    filter: {
      op: 'and',
      of: [
        { op: 'ge', field: 'severity', value: 'high' },
        { op: 'not', of: { op: 'eq', field: 'source', value: 'scan' } },
        { op: 'contains', field: 'message', value: 'bad password' },
        { op: 'not', of: { op: 'contains', field: 'message', value: 'cron' } },
        {
          op: 'or',
          of: [
            { op: 'eq', field: 'asset', value: '01A' },
            { op: 'eq', field: 'asset', value: '01B' },
          ],
        },
      ],
    },
  });
});

test('a star asks for a beginning, or for the field to be there', () => {
  expect(parseEventLine('actor.user.name:ad* http_request.url.path:*').filter).toEqual({
    op: 'and',
    of: [
      { op: 'prefix', field: 'actor.user.name', value: 'ad' },
      { op: 'exists', field: 'http_request.url.path' },
    ],
  });
  expect(parseEventLine('status:"a*"').filter).toEqual({ op: 'eq', field: 'status', value: 'a*' });
});

test('an empty line asks for nothing in particular', () => {
  expect(parseEventLine('  ')).toEqual({});
});

test('no line whatever throws anything but its own error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab:<>="*- .'), maxLength: 300 })),
      (text) => {
        try {
          parseEventLine(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UndercroftError);
          expect((error as UndercroftError).code).toBe('query.line.too-long');
        }
      },
    ),
  );
});
