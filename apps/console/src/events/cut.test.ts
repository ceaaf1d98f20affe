import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutText } from './cut.ts';

it('leaves short values whole', () => {
  expect(cutText('short')).toEqual({ text: 'short', wholeBytes: undefined });
});

it('cuts long ones and says how long they are', () => {
  const cut = cutText('A'.repeat(14_000));
  expect([cut.text.length, cut.wholeBytes]).toEqual([10_000, 14_000]);
});

it('never cuts within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 4, max: 40 }), (value, maxBytes) => {
      const { text, wholeBytes } = cutText(value.toWellFormed(), maxBytes);
      expect(value.toWellFormed().startsWith(text)).toBe(true);
      if (wholeBytes !== undefined) expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxBytes);
    }),
    { numRuns: 40 },
  );
});
