/**
 * The words of a query line, as people type them: `type:host port:22 seen:<1h -state:closed "two words"`.
 *
 * What the keys mean is the caller's; this only splits. Nothing is an error but a line beyond the limits: an open
 * quote runs to the end, a lone operator is a word.
 */
import { badRequest } from '../errors.ts';

export const MAX_QUERY_LINE_LENGTH = 4_096;
export const MAX_QUERY_LINE_TOKENS = 64;

export type QueryTokenOp = ':' | '<' | '>' | '<=' | '>=';

export interface QueryToken {
  /** Absent for a plain word. In lower case as far as the first dot: keys are ours, what follows may not be. */
  readonly key?: string;
  /** `:` for equality and for plain words. `key:<5` and `key<5` are the same. */
  readonly op: QueryTokenOp;
  /** Without its quotes. */
  readonly value: string;
  /** It was in quotes: to be taken as it stands, a `*` in it too. */
  readonly quoted: boolean;
  /** A `-` stood before it. */
  readonly negated: boolean;
  /** Where it stands in the line, from its sign to its last character: `[start, end)`. */
  readonly start: number;
  readonly end: number;
}

const KEY = /^([A-Za-z_][A-Za-z0-9_.-]*)(:<=|:>=|:<|:>|<=|>=|<|>|:)/;

/**
 * @param text at most {@link MAX_QUERY_LINE_LENGTH} characters, at most {@link MAX_QUERY_LINE_TOKENS} words
 * @throws UndercroftError `query.line.too-long`
 */
export function tokenizeQueryLine(text: string): QueryToken[] {
  if (text.length > MAX_QUERY_LINE_LENGTH) throw tooLong(`${text.length} characters`);
  const tokens: QueryToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text, at)) {
      at += 1;
      continue;
    }
    if (tokens.length === MAX_QUERY_LINE_TOKENS) throw tooLong(`more than ${MAX_QUERY_LINE_TOKENS} words`);
    const start = at;
    const negated = text[at] === '-' && at + 1 < text.length && !isSpace(text, at + 1);
    if (negated) at += 1;
    const head = readKey(text, at);
    if (head !== undefined) at += head.length;
    const value = readValue(text, at);
    at = value.end;
    tokens.push({
      ...(head === undefined ? {} : { key: head.key }),
      op: head?.op ?? ':',
      value: value.text,
      quoted: value.quoted,
      negated,
      start,
      end: at,
    });
  }
  return tokens;
}

/** Writes a token so that it is read again as it was. */
export function formatQueryToken(token: Pick<QueryToken, 'key' | 'op' | 'value' | 'negated'>): string {
  const value = `"${token.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const head = token.key === undefined ? '' : `${token.key}${token.op}`;
  return `${token.negated ? '-' : ''}${head}${value}`;
}

/** A key with its operator; `http://…` and `fe80::1` are words. */
function readKey(text: string, at: number): { key: string; op: QueryTokenOp; length: number } | undefined {
  const match = KEY.exec(text.slice(at, at + 256));
  if (match === null) return undefined;
  const [whole, name = '', sign = ''] = match;
  const next = text.slice(at + whole.length, at + whole.length + 2);
  if (sign === ':' && (next.startsWith(':') || next === '//')) return undefined;
  const dot = name.indexOf('.');
  const key = dot === -1 ? name.toLowerCase() : name.slice(0, dot).toLowerCase() + name.slice(dot);
  return {
    key,
    op: (sign.length > 1 && sign.startsWith(':') ? sign.slice(1) : sign) as QueryTokenOp,
    length: whole.length,
  };
}

/** A word, or what stands in quotes; `\"` and `\\` inside quotes stand for themselves. */
function readValue(text: string, at: number): { text: string; quoted: boolean; end: number } {
  let value = '';
  let position = at;
  if (text[at] !== '"') {
    while (position < text.length && !isSpace(text, position)) position += 1;
    return { text: text.slice(at, position), quoted: false, end: position };
  }
  position += 1;
  while (position < text.length && text[position] !== '"') {
    if (text[position] === '\\' && (text[position + 1] === '"' || text[position + 1] === '\\')) position += 1;
    value += text[position];
    position += 1;
  }
  return { text: value, quoted: true, end: Math.min(position + 1, text.length) };
}

function isSpace(text: string, at: number): boolean {
  return /\s/.test(text[at] ?? '');
}

function tooLong(what: string) {
  return badRequest(
    'query.line.too-long',
    `The query has ${what}.`,
    `Use at most ${MAX_QUERY_LINE_LENGTH} characters and ${MAX_QUERY_LINE_TOKENS} words.`,
  );
}
