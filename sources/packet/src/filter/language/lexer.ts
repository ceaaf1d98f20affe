/** Splits a filter expression into words, the longest match first, as pcap-filter(7) reads it. */
import { syntaxError } from './error.ts';
import { KEYWORDS, NAMED_NUMBERS } from './names.ts';

export const MAX_EXPRESSION_CHARS = 65_536;

export type TokenKind = 'keyword' | 'symbol' | 'number' | 'ipv4' | 'ipv6' | 'mac' | 'arcnet' | 'name' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; a name without its backslash; a keyword by its first spelling (`&&` is `and`). */
  readonly text: string;
  /** Of a number, u32. */
  readonly value: number;
  readonly position: number;
}

const NUMBER = /0[xX][0-9A-Fa-f]+|[0-9]+/y;
const IPV4 = /(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){1,3}/y;
const IPV6 = /[0-9A-Fa-f:]*:(?:[0-9]+\.){3}[0-9]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*/y;
const MAC =
  /[0-9A-Fa-f]{1,2}(?:([:.-])[0-9A-Fa-f]{1,2})(?:\1[0-9A-Fa-f]{1,2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}/y;
const ARCNET = /\$[0-9A-Fa-f]{1,2}/y;
const NAME = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const ESCAPED = /\\[^ !()\n\t]+/y;
const SYMBOL = /&&|\|\||>=|<=|!=|==|<<|>>|[-+*/%:[\]!<>()&|^=]/y;
const SPACE = /[ \r\n\t]*/y;

const SYMBOL_WORDS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not', '==': '=' };

/**
 * @returns the tokens, the last of kind `end`
 * @throws FilterError where no word of the language begins, or a number is too large
 */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_EXPRESSION_CHARS) {
    throw syntaxError(`The expression has ${text.length} characters; ${MAX_EXPRESSION_CHARS} are the most.`, 0);
  }
  const tokens: Token[] = [];
  for (let position = skip(text, 0); position < text.length; ) {
    const [token, length] = tokenAt(text, position);
    tokens.push(token);
    position = skip(text, position + length);
  }
  tokens.push({ kind: 'end', text: '', value: 0, position: text.length });
  return tokens;
}

function skip(text: string, position: number): number {
  return position + matchLength(SPACE, text, position);
}

function matchLength(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0].length ?? 0;
}

function tokenAt(text: string, position: number): [Token, number] {
  const make = (kind: TokenKind, length: number, word = text.slice(position, position + length), value = 0) =>
    [{ kind, text: word, value, position }, length] as [Token, number];

  const escaped = matchLength(ESCAPED, text, position);
  if (escaped > 0) return make('name', escaped, text.slice(position + 1, position + escaped));
  const symbol = matchLength(SYMBOL, text, position);
  const name = matchLength(NAME, text, position);
  const lengths: [TokenKind, number][] = [
    ['arcnet', matchLength(ARCNET, text, position)],
    ['mac', matchLength(MAC, text, position)],
    ['number', matchLength(NUMBER, text, position)],
    ['ipv4', matchLength(IPV4, text, position)],
    ['ipv6', ipv6Length(text, position)],
    ['name', name],
  ];
  let kind: TokenKind = 'symbol';
  let length = symbol;
  for (const [candidate, found] of lengths) {
    if (found > length) [kind, length] = [candidate, found];
  }
  if (length === 0) {
    throw syntaxError(
      `${JSON.stringify(text[position])} means nothing in a filter.`,
      position,
      'Write names, numbers, addresses, and ( ) [ ] : = != < > <= >= + - * / % & | ^ << >> && || !.',
    );
  }
  const word = text.slice(position, position + length);
  if (kind === 'number') return make(kind, length, word, numberOf(word, position));
  if (kind === 'symbol') {
    const meaning = SYMBOL_WORDS[word] ?? word;
    return make(meaning === 'and' || meaning === 'or' || meaning === 'not' ? 'keyword' : 'symbol', length, meaning);
  }
  if (kind === 'name') {
    const value = NAMED_NUMBERS.get(word);
    if (value !== undefined) return make('number', length, word, value);
    const keyword = KEYWORDS.get(word);
    if (keyword !== undefined) return make('keyword', length, keyword);
  }
  return make(kind, length);
}

/** Of an IPv6 address: 0 unless it has `::` or all of its colons, so that `[12:2]` stays an offset and a size. */
function ipv6Length(text: string, position: number): number {
  const length = matchLength(IPV6, text, position);
  const word = text.slice(position, position + length);
  if (word.includes('::')) return length;
  const colons = word.split(':').length - 1;
  return colons === 7 || (colons === 6 && word.includes('.')) ? length : 0;
}

/** C notation: 0x is hexadecimal, a leading 0 octal. */
function numberOf(word: string, position: number): number {
  const hexadecimal = /^0[xX]/.test(word);
  const octal = !hexadecimal && word.length > 1 && word.startsWith('0');
  if (octal && /[89]/.test(word)) {
    throw syntaxError(
      `${word} begins with 0, so it is octal, and has no digit 8 or 9.`,
      position,
      'Drop the leading 0.',
    );
  }
  const value = Number.parseInt(hexadecimal ? word.slice(2) : word, hexadecimal ? 16 : octal ? 8 : 10);
  if (value > 0xffff_ffff) {
    throw syntaxError(`${word} does not fit in 32 bits.`, position, 'Write a number up to 4294967295.');
  }
  return value;
}
