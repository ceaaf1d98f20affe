import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionError, parseExpression } from './expression.ts';

const VARIABLES: Record<string, number> = { this: 85, status: 3, WARNING: 3, CRITICAL: 4, avail: 3, 'some 10': 12 };

function value(source: string): number {
  return parseExpression(source)((name) => VARIABLES[name]);
}

describe('an alert expression', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['-2 * -3', 6],
    ['abs(3 - 5)', 2],
    ['1 < 2 && 2 <= 2 && 3 != 4 && 3 <> 4 && !(1 > 2)', 1],
    ['0 or nan', 0],
    ['1 AND $avail', 1],
    ['1 ? 2 : 3 ? 4 : 5', 2],
    ['nan == nan', 1],
    ['$missing == nan', 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so are names with spaces written
    ['${some 10} / 4', 3],
    ['1e3 + .5', 1000.5],
    ['$this > (($status >= $WARNING)  ? (80) : (90))', 1],
    ['($this > (($status == $CRITICAL) ? (85) : (95))) && $avail < 5', 0],
    ['(inf > 5) ? (1) : (0)', 1],
  ])('%s is %d', (source, expected) => {
    expect(value(source)).toBe(expected);
  });

  it.each(['', '1 +', '(1', '1 ? 2', '$', '1 2', 'word', '((('.repeat(60)])('refuses %j', (source) => {
    expect(() => parseExpression(source)).toThrow(ExpressionError);
  });

  it('throws nothing but its own error', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so are names with spaces written
    const piece = fc.constantFrom('1', '$a', '(', ')', '+', '?', ':', '<', '==', '!', ' ', 'abs', 'nan', '${b c}', '$');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseExpression(pieces.join(''))(() => 1);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
    );
  });
});
