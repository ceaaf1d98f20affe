import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addWord, checkLine, formatWord, hasWord, type QueryField, removeWord, splitLine, suggest } from './words.ts';

const fields: readonly QueryField[] = [
  { key: 'type', summary: 'type of asset', values: ['host', 'port', 'volume'] },
  { key: 'state', summary: 'present or gone', values: ['present', 'gone'], only: true },
  { key: 'port', summary: 'port number', kind: 'number' },
  { key: 'seen', summary: 'last seen', kind: 'age' },
];
const closed = () => false;

describe('a line', () => {
  it('is words with the place where each stands', () => {
    expect(splitLine('type:host -port:22 seen:<1h "two words"')).toEqual([
      { key: 'type', op: ':', value: 'host', negated: false, quoted: false, start: 0, end: 9 },
      { key: 'port', op: ':', value: '22', negated: true, quoted: false, start: 10, end: 18 },
      { key: 'seen', op: '<', value: '1h', negated: false, quoted: false, start: 19, end: 27 },
      { op: ':', value: 'two words', negated: false, quoted: true, start: 28, end: 39 },
    ]);
  });

  it('takes addresses and links as words', () => {
    expect(splitLine('::1 http://a.b/ 10.0.0.1:80').map((word) => [word.key, word.value])).toEqual([
      [undefined, '::1'],
      [undefined, 'http://a.b/'],
      [undefined, '10.0.0.1:80'],
    ]);
  });

  it('whatever is typed, is split in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:<>="\\- .*') }), (line) => {
        let last = 0;
        for (const word of splitLine(line)) {
          expect(word.start).toBeGreaterThanOrEqual(last);
          expect(word.end).toBeGreaterThan(word.start);
          last = word.end;
        }
        expect(last).toBeLessThanOrEqual(line.length);
      }),
    );
  });

  it('reads what it writes', () => {
    const value = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(
        value,
        fc.boolean(),
        fc.option(fc.constantFrom('type', 'actor.user.name'), { nil: undefined }),
        (text, negated, key) => {
          const word = { ...(key === undefined ? {} : { key }), op: ':' as const, value: text, negated };
          expect(splitLine(formatWord(word))).toEqual([expect.objectContaining(word)]);
        },
      ),
    );
  });
});

describe('a click on a value', () => {
  it('adds it, turns an exclusion round, and is kept once', () => {
    expect(addWord('', 'type', 'host')).toBe('type:host');
    expect(addWord('type:host words', 'type', 'host', true)).toBe('words -type:host');
    expect(addWord('type:host', 'type', 'host')).toBe('type:host');
    expect(addWord('', 'path', '/var/my file')).toBe('path:"/var/my file"');
  });

  it('is taken out by its chip', () => {
    const line = 'type:host  port:22 words';
    expect(removeWord(line, splitLine(line)[1]!)).toBe('type:host words');
    expect(hasWord(line, 'port', '22')).toBe(true);
    expect(hasWord('-port:22', 'port', '22')).toBe(false);
  });
});

describe('an error', () => {
  it('points at the word and says what was meant', () => {
    expect(checkLine('words typ:host', fields, closed)).toEqual({
      start: 6,
      end: 14,
      message: 'There is no field typ. Did you mean type?',
    });
    expect(checkLine('state:up', fields, closed)?.message).toBe('state is one of present, gone.');
    expect(checkLine('port:ssh', fields, closed)?.message).toBe('port is a number.');
    expect(checkLine('seen<soon', fields, closed)?.message).toBe('seen is an age: 90s, 15m, 1h, 7d.');
    expect(checkLine('type:', fields, closed)?.message).toBe('type needs a value.');
  });

  it('is none where keys are open or the line is plain', () => {
    expect(checkLine('attr.os:Debian type:host seen<1h', fields, (key) => key.startsWith('attr.'))).toBeUndefined();
    expect(checkLine('just words', fields, closed)).toBeUndefined();
  });
});

describe('suggestions', () => {
  it('are fields where a word begins', () => {
    expect(suggest('', 0, fields).map(({ label }) => label)).toEqual(['type', 'state', 'port', 'seen']);
    expect(suggest('type:host s', 11, fields)).toEqual([
      { label: 'state', hint: 'present or gone', line: 'type:host state:', caret: 16, whole: false },
      { label: 'seen', hint: 'last seen', line: 'type:host seen<', caret: 15, whole: false },
    ]);
  });

  it('are values after the colon, in place of what was typed, and keep what follows', () => {
    expect(suggest('-type:po words', 8, fields)).toEqual([
      { label: 'port', hint: '', line: '-type:port words', caret: 10, whole: true },
    ]);
    expect(suggest('class:a', 7, [], () => ['authentication', 'api']).map(({ line }) => line)).toEqual([
      'class:authentication ',
      'class:api ',
    ]);
  });
});
