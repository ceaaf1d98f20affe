/** The words of a filter expression. */
import { FilterError } from './errors.ts';

const MAX_FILTER_CHARACTERS = 64 * 1024;

/** `id` also for names of hosts, ports and ranges such as 53-60. */
export type TokenKind = 'word' | 'number' | 'float' | 'ipv4' | 'ipv6' | 'mac' | 'string' | 'id' | 'sign';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['sign', /(?:>=|<=|!=|==|&&|\|\||[/!<>()&|=])/y],
  ['mac', /[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}(?![0-9A-Fa-f:])/y],
  ['ipv6', /(?=[0-9A-Fa-f]*:[0-9A-Fa-f:]*)[0-9A-Fa-f:]+(?:\d+\.\d+\.\d+\.\d+)?/y],
  ['ipv4', /\d+\.\d+\.\d+\.\d+(?![-_.A-Za-z0-9])/y],
  ['float', /[+-]?(?:\d+\.\d+|\.\d+)(?![-_.A-Za-z0-9])/y],
  ['number', /[+-]?(?:0[xX][0-9A-Fa-f]+|\d+)(?![-_.A-Za-z0-9])/y],
  ['string', /"[^*\n"]*"/y],
  ['id', /[A-Za-z0-9][-_.A-Za-z0-9]*[.A-Za-z0-9]/y],
  ['id', /\\[^ !()\n\t]+/y],
];

/** @param keywords ids that are words of the language */
export function tokenize(text: string, keywords: ReadonlySet<string>): Token[] {
  if (text.length > MAX_FILTER_CHARACTERS) throw new FilterError('the filter is too long');
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/[ \n\t]/.test(text[at] as string)) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at, keywords);
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number, keywords: ReadonlySet<string>): Token & { readonly length: number } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match === undefined) continue;
    if (kind === 'id' && keywords.has(match)) return { kind: 'word', text: match, length: match.length };
    const value = kind === 'string' ? match.slice(1, -1) : match.replace(/^\\/, '');
    return { kind, text: value, length: match.length };
  }
  throw new FilterError(`illegal char '${text[at]}'`);
}

/** Decimal, 0x hexadecimal or 0 octal, as the C library reads it. */
export function numberOf(text: string): number {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '');
  const value = /^0[xX]/.test(digits)
    ? Number.parseInt(digits, 16)
    : Number.parseInt(digits, /^0\d/.test(digits) ? 8 : 10);
  return negative ? -value : value;
}
