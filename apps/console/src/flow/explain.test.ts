import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainCause, explainDirection, explainFlags, explainState } from './explain.ts';

describe('letters of a record', () => {
  it('explains each flag by its place', () => {
    expect(explainFlags(' eUs').map(({ letter, text }) => `${letter} ${text}`)).toEqual([
      'e Seen inside: Ethernet.',
      'U Unreachable: an ICMP message spoke of this flow.',
      's The source sent again what was lost.',
    ]);
    expect(explainFlags(' e  S').map(({ letter }) => letter)).toEqual(['e', 'S']);
  });

  it('has words for each letter that can stand in the column', () => {
    const letters = ['NT', 'evmlpGP6*M', 'URTI', 'sd*gir&', 'SD@', 'xtE', 'FfV', 'RT+LSDAOU', 'C'];
    for (const [place, all] of letters.entries()) {
      for (const letter of all) {
        const [found] = explainFlags(' '.repeat(place) + letter);
        expect(found?.text, `${letter} at ${place}`).toMatch(/^[A-Z].*\.$/);
      }
    }
  });

  it('never fails, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (flags, word) => {
        explainFlags(flags);
        explainState(word, 'tcp');
        explainCause(word);
      }),
    );
  });

  it.each([
    ['CON', 'tcp', /established/],
    ['CON', 'udp', /Both sides spoke/],
    ['URP', 'icmp', /Port unreachable/],
    ['URTOS', 'icmp', /Unreachable/],
    ['REQ', 'tcp', /nobody answered/],
    ['???', 'tcp', /^$/],
  ])('explains state %s of %s', (state, protocol, text) => expect(explainState(state, protocol)).toMatch(text));

  it('says how the direction was decided', () => {
    expect(explainDirection('->', 'tcp', 'a', 'b')).toBe('a began: the handshake was seen.');
    expect(explainDirection('<?>', 'tcp', 'a', 'b')).toMatch(/guess/);
    expect(explainDirection('who', 'arp', 'a', 'b')).toBe('a asks who has b.');
  });
});
