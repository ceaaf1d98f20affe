import { UndercroftError } from '@undercroft/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, countOf, parseTargets, Scope } from './targets.ts';

const expand = (words: string[]): string[] =>
  parseTargets(words).flatMap((target) => (target.kind === 'name' ? [target.name] : [...addressesOf(target)]));

describe('parseTargets', () => {
  it.each([
    [['127.0.0.1'], ['127.0.0.1']],
    [['192.168.1.7/30'], ['192.168.1.4', '192.168.1.5', '192.168.1.6', '192.168.1.7']],
    [['10.0.0-1.1,3'], ['10.0.0.1', '10.0.0.3', '10.0.1.1', '10.0.1.3']],
    [['10.0.0.254-'], ['10.0.0.254', '10.0.0.255']],
    [['10.0.0.-1'], ['10.0.0.0', '10.0.0.1']],
    [['::1'], ['::1']],
    [['2001:db8::fffe/127'], ['2001:db8::fffe', '2001:db8::ffff']],
    [['::ffff:1.2.3.4'], ['::ffff:102:304']],
    [
      ['web-01.example.net', 'localhost'],
      ['web-01.example.net', 'localhost'],
    ],
  ])('reads %j', (words, addresses) => expect(expand(words)).toEqual(addresses));

  it.each([
    ['10.0.0.0/33'],
    ['10.0.0'],
    ['10.0.0.256'],
    ['10.0.0.9-3'],
    ['1.2.3.4/24/8'],
    ['a b'],
    ['-x'],
    ['::1::'],
    [''],
  ])('refuses %j', (word) => expect(() => parseTargets([word])).toThrow(UndercroftError));

  it('refuses more than one scan takes, without walking it', () => {
    expect(() => parseTargets(['0.0.0.0/0'])).toThrow(/more addresses/);
    expect(() => parseTargets(['*.*.*.1'])).toThrow(/16777216 addresses/);
  });

  it('counts what it walks', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 22, max: 32 }), (address, length) => {
        const [target] = parseTargets([`${address}/${length}`]);
        if (target === undefined || target.kind === 'name') throw new Error('no block');
        const all = [...addressesOf(target)];
        expect(all.length).toBe(countOf(target));
        expect(all).toContain(address);
      }),
      { numRuns: 50 },
    );
  });

  it('throws nothing but its own error on any words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[\d.,*/:-]{0,20}$/)), { maxLength: 3 }),
        (words) => {
          try {
            parseTargets(words);
          } catch (error) {
            expect(error).toBeInstanceOf(UndercroftError);
          }
        },
      ),
    );
  });
});

describe('Scope', () => {
  const scope = new Scope(['10.0.0.0/8', '::1/128', 'fc00::/7'], ['10.1.0.0/16']);
  it.each([
    ['10.2.3.4', undefined],
    ['10.1.2.3', 'scan.denied lists 10.1.0.0/16'],
    ['192.0.2.1', 'no block of scan.allowed holds it'],
    ['::1', undefined],
    ['fd12::1', undefined],
    ['::2', 'no block of scan.allowed holds it'],
  ])('%s: %s', (address, refusal) => expect(scope.refusal(address)).toBe(refusal));

  it('refuses what is no block', () => expect(() => new Scope(['10.0.0.0/40'], [])).toThrow(UndercroftError));
});
