import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzyMatch, oneSlip } from './fuzzy.ts';

const NAMES = [
  'db-02',
  'db-01',
  'web-03',
  'mail-01',
  'Problems',
  'Replication on db-02 is 214 s behind',
  'Settings',
  'Certificate for mail.example.net ends in 6 days',
];

function best(query: string): string | undefined {
  return NAMES.map((name) => ({ name, match: fuzzyMatch(query, name) }))
    .filter(({ match }) => match !== undefined)
    .sort((a, b) => (b.match?.score ?? 0) - (a.match?.score ?? 0))[0]?.name;
}

describe('finding by a few letters', () => {
  it.each([
    ['db-02', 'db-02'],
    ['prob', 'Problems'],
    ['prbolems', 'Problems'],
    ['setings', 'Settings'],
    ['settimgs', 'Settings'],
    ['repl behind', 'Replication on db-02 is 214 s behind'],
    ['certif', 'Certificate for mail.example.net ends in 6 days'],
    ['cetificate mail', 'Certificate for mail.example.net ends in 6 days'],
  ])('%s finds %s first', (query, name) => {
    expect(best(query)).toBe(name);
  });

  it('finds nothing where a word is missing', () => {
    expect(best('zebra')).toBeUndefined();
    expect(best('db-02 zebra')).toBeUndefined();
  });

  it('marks what matched', () => {
    expect(fuzzyMatch('mail', 'mail-01')?.at).toEqual([0, 1, 2, 3]);
  });

  it('knows a changed, added, missing and swapped letter', () => {
    expect(oneSlip('problems', 'problems')).toBe(true);
    expect(oneSlip('prblems', 'problems')).toBe(true);
    expect(oneSlip('probblems', 'problems')).toBe(true);
    expect(oneSlip('porblems', 'problems')).toBe(true);
    expect(oneSlip('prebloms', 'problems')).toBe(false);
  });

  it('takes any query and any name within positions of the name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 60 }), (query, name) => {
        for (const at of fuzzyMatch(query, name)?.at ?? [])
          expect(at).toBeLessThan(Math.max(1, name.toLowerCase().length));
      }),
    );
  });

  it('goes through 2,000 names well within a key press', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `host-${index}.example.net port ${index % 9000}/tcp`);
    const runs = Array.from({ length: 5 }, () => {
      const start = performance.now();
      for (const name of names) fuzzyMatch('hots exampel', name);
      return performance.now() - start;
    });
    expect(Math.min(...runs)).toBeLessThan(200);
  });
});
