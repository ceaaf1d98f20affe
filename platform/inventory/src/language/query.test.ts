import { UndercroftError } from '@undercroft/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAssetQuery, QUERY_FIELDS } from './query.ts';

describe('a search line', () => {
  test('is conditions that all must hold', () => {
    expect(
      parseAssetQuery('type:host port:22,8000-8100 seen:<1h name:web* attr.os:debian source:scan -type:port edge'),
    ).toEqual({
      presence: 'present',
      terms: [
        { kind: 'type', negated: false, values: [{ text: 'host', match: 'exact' }] },
        {
          kind: 'port',
          negated: false,
          ranges: [
            { min: 22, max: 22 },
            { min: 8000, max: 8100 },
          ],
        },
        { kind: 'seen', negated: false, youngerMs: 3_600_000 },
        { kind: 'name', negated: false, pattern: { text: 'web*', match: 'glob' } },
        { kind: 'attribute', negated: false, name: 'os', pattern: { text: 'debian', match: 'contains' } },
        { kind: 'source', negated: false, values: [{ text: 'scan', match: 'exact' }] },
        { kind: 'type', negated: true, values: [{ text: 'port', match: 'exact' }] },
        { kind: 'text', negated: false, pattern: { text: 'edge', match: 'contains' } },
      ],
    });
  });

  test('takes the same field twice as either', () => {
    expect(parseAssetQuery('type:host type:vm').terms).toEqual(parseAssetQuery('type:host,vm').terms);
  });

  test('takes addresses as words', () => {
    for (const word of ['fe80::1', '52:54:00:12:34:56', '10.0.0.1', '::1', 'ab:cd:*']) {
      expect(parseAssetQuery(word).terms, word).toEqual([
        { kind: 'text', negated: false, pattern: { text: word, match: word.includes('*') ? 'glob' : 'contains' } },
      ]);
    }
  });

  test('compares numbers, with the units of sizes', () => {
    expect(parseAssetQuery('attr.memoryBytes:>=16G port:>1024').terms).toEqual([
      {
        kind: 'attribute',
        negated: false,
        name: 'memoryBytes',
        pattern: { text: '16g', match: 'contains' },
        range: { min: 17_179_869_184 },
      },
      { kind: 'port', negated: false, ranges: [{ min: 1024, exclusive: true }] },
    ]);
  });

  test('shows what is gone only when asked', () => {
    expect(parseAssetQuery('is:gone').presence).toBe('gone');
    expect(parseAssetQuery('is:any').presence).toBe('any');
    expect(parseAssetQuery('-is:gone').presence).toBe('present');
    expect(parseAssetQuery('is:silent tenant:acme')).toEqual({
      presence: 'present',
      tenant: 'acme',
      terms: [{ kind: 'silent', negated: false }],
    });
  });
});

test.each([
  ['prt:22', 'inventory.query.field', '"prt:22" at character 1', 'Did you mean "port"?'],
  ['type:host port:abc', 'inventory.query.port', '"port:abc" at character 11', 'port:22'],
  ['port:70000', 'inventory.query.port', '"port:70000" at character 1', 'port:22'],
  ['seen:<soon', 'inventory.query.age', '"seen:<soon" at character 1', 'seen:<30m'],
  ['type:', 'inventory.query.value', '"type:" at character 1', 'type:host'],
  ['attr.cores:>many', 'inventory.query.number', '"attr.cores:>many" at character 1', 'attr.cores:>8'],
  ['name:>web', 'inventory.query.operator', '"name:>web" at character 1', 'name:web*'],
  ['is:odd', 'inventory.query.is', '"is:odd" at character 1', 'is:silent'],
])('%s is refused, and the error points at the word', (line, code, message, fix) => {
  const error = thrown(() => parseAssetQuery(line));
  expect(error.code).toBe(code);
  expect(error.status).toBe(400);
  expect(error.message).toContain(message);
  expect(error.fix).toContain(fix);
});

test('no line whatever throws anything else', () => {
  const word = fc.tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('', ...Object.keys(QUERY_FIELDS).flatMap((field) => [`${field}:`, `${field}x:<`])),
    fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('22', '<1h', '>9', '"a b', '*', '8-9', '1,2')),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      try {
        parseAssetQuery(words.map((parts) => parts.join('')).join(' '));
      } catch (error) {
        if (!(error instanceof UndercroftError)) throw error;
        expect(error.status).toBe(400);
      }
    }),
    { numRuns: 1000 },
  );
});

function thrown(run: () => unknown): UndercroftError {
  try {
    run();
  } catch (error) {
    if (error instanceof UndercroftError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
