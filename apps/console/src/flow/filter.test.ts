import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, matchesLive, parseLine } from './filter.ts';

describe('the filter line', () => {
  it.each([
    ['', {}],
    ['source:10.0.0.1 port:443', { source: '10.0.0.1', port: '443' }],
    [
      '10.0.0.1 443 tcp tls CON',
      { address: '10.0.0.1', port: '443', protocol: 'tcp', application: 'tls', state: 'CON' },
    ],
    ['2001:db8::1', { address: '2001:db8::1' }],
    ['fe80::1', { address: 'fe80::1' }],
    ['fd00:1::2', { address: 'fd00:1::2' }],
    ['address:"::1"', { address: '::1' }],
  ])('reads %s', (line, params) => expect(parseLine(line)).toEqual({ params, error: undefined }));

  it.each([
    ['-port:22', /not less, more or without/],
    ['port>22', /not less, more or without/],
    ['port:22 port:23', /given twice/],
    ['colour:red', /no field colour/],
  ])('says why it cannot ask %s', (line, why) => expect(parseLine(line).error).toMatch(why));

  it('writes what it reads', () => {
    const value = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ minLength: 1, maxLength: 12 }).filter((s) => s.trim() === s),
    );
    fc.assert(
      fc.property(value, value, (source, application) => {
        expect(parseLine(lineOf({ source, application, port: null })).params).toEqual({ source, application });
      }),
      { numRuns: 60 },
    );
  });

  it('narrows what is said live by the same words', () => {
    const one = {
      source: '10.0.0.1',
      destination: '::1',
      port: 53,
      protocol: 'udp',
      application: null,
      bitsPerSecondOut: 1,
      bitsPerSecondIn: 1,
      packetsPerSecond: 1,
      state: 'CON',
    };
    const fits = (line: string) => matchesLive(one, parseLine(line).params);
    expect(['::1', 'source:10.0.0.1 53', 'udp', 'tcp', 'dns', '54'].map(fits)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
