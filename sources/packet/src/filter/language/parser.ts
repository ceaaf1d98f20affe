/**
 * The grammar of pcap-filter(7).
 *
 * `and` and `or` bind equally, left to right. An id without words of its own takes the words of the primitive before it:
 * `port 80 or 443`.
 */
import { continuesArithmetic, isRelation, parseArithmetic } from './arithmetic.ts';
import { syntaxError } from './error.ts';
import type { Token } from './lexer.ts';
import { tokenize } from './lexer.ts';
import { PROTOCOL_WORDS } from './names.ts';
import { parseSpecial } from './parse-special.ts';
import { TokenReader } from './reader.ts';
import type { AddressType, Direction, Expression, Identifier, Qualifier } from './syntax.ts';

const MAX_DEPTH = 200;
const TYPES = new Set(['host', 'net', 'port', 'portrange', 'proto', 'protochain', 'gateway']);
const DIRECTIONS = new Set(['src', 'dst', 'ra', 'ta', 'addr1', 'addr2', 'addr3', 'addr4']);
const ID_KINDS = new Set(['name', 'ipv4', 'ipv6', 'mac', 'arcnet']);

/** An expression and the words that an id after it takes; null where it leaves none. */
interface Parsed {
  readonly expression: Expression;
  readonly words: Qualifier | null;
}

/**
 * @returns null for the empty expression, which every packet matches
 * @throws FilterError
 */
export function parseFilter(text: string): Expression | null {
  const reader = new TokenReader(tokenize(text));
  if (reader.peek().kind === 'end') return null;
  const { expression } = parseExpression(reader, null, 0);
  if (reader.peek().kind !== 'end') throw unjoined(reader);
  return expression;
}

/** What stands behind a whole expression without being joined to it. */
function unjoined(reader: TokenReader) {
  const { kind, text, position } = reader.peek();
  if (kind === 'symbol') return reader.unexpected('"and", "or" or the end');
  const fix =
    kind === 'keyword'
      ? `Write "and ${text}" or "or ${text}".`
      : 'Write "host", "net" or "port" before an address or number, and "and" or "or" between conditions.';
  return syntaxError(`${JSON.stringify(text)} stands where "and", "or" or the end should be.`, position, fix);
}

function parseExpression(reader: TokenReader, outer: Qualifier | null, depth: number): Parsed {
  if (depth > MAX_DEPTH) {
    throw syntaxError(`The expression is nested more than ${MAX_DEPTH} deep.`, reader.peek().position);
  }
  const { expression: first, words: firstWords } = parseTerm(reader, outer, depth);
  let words = firstWords;
  const rest: { operator: 'and' | 'or'; term: Expression }[] = [];
  for (;;) {
    const operator = reader.accept('and') ? 'and' : reader.accept('or') ? 'or' : null;
    if (operator === null) break;
    if (idFollows(reader)) {
      rest.push({ operator, term: parseId(reader, words, depth) });
    } else {
      const parsed = parseTerm(reader, words, depth);
      rest.push({ operator, term: parsed.expression });
      words = parsed.words;
    }
  }
  return { expression: rest.length === 0 ? first : { kind: 'chain', first, rest }, words };
}

/** Whether an id comes next, behind any `not` and `(`, rather than a primitive with words of its own. */
function idFollows(reader: TokenReader): boolean {
  let ahead = 0;
  while (reader.is('(', ahead) || reader.is('not', ahead)) ahead += 1;
  const token = reader.peek(ahead);
  if (ID_KINDS.has(token.kind)) return true;
  if (token.kind !== 'number') return false;
  ahead += 1;
  while (reader.is(')', ahead)) ahead += 1;
  const next = reader.peek(ahead);
  return !(next.kind === 'symbol' && continuesArithmetic(next.text));
}

function parseTerm(reader: TokenReader, outer: Qualifier | null, depth: number): Parsed {
  let negations = 0;
  while (reader.accept('not')) negations += 1;
  const parsed = parsePlainTerm(reader, outer, depth);
  if (negations % 2 === 0) return parsed;
  return { expression: { kind: 'not', of: parsed.expression }, words: parsed.words };
}

function parsePlainTerm(reader: TokenReader, outer: Qualifier | null, depth: number): Parsed {
  if (startsRelation(reader)) return { expression: parseRelation(reader), words: null };
  if (reader.accept('(')) {
    const { expression } = parseExpression(reader, outer, depth + 1);
    reader.expect(')', 'to close the parenthesis');
    return { expression, words: outer };
  }
  const { kind, position } = reader.peek();
  if (kind === 'number' || ID_KINDS.has(kind)) throw wordless(position);
  const head = parseHead(reader);
  if (head !== null) return { expression: parseId(reader, head, depth), words: head };
  return { expression: parseSpecial(reader), words: null };
}

/** Whether arithmetic begins here; `(` alone does not tell. */
function startsRelation(reader: TokenReader): boolean {
  let ahead = 0;
  while (reader.is('(', ahead)) ahead += 1;
  const { kind, text } = reader.peek(ahead);
  const begins =
    kind === 'number' ||
    reader.is('-', ahead) ||
    reader.is('len', ahead) ||
    (kind === 'keyword' && PROTOCOL_WORDS.has(text) && reader.is('[', ahead + 1));
  if (!begins) return false;
  if (ahead > 0) return parenthesisIsArithmetic(reader);
  const next = reader.peek(1);
  return kind !== 'number' || (next.kind === 'symbol' && continuesArithmetic(next.text));
}

/** Whether the parenthesis that opens here holds arithmetic: no relation and no logic stands directly in it. */
function parenthesisIsArithmetic(reader: TokenReader): boolean {
  let depth = 0;
  for (let ahead = 0; ; ahead += 1) {
    const token = reader.peek(ahead);
    if (token.kind === 'end') return false;
    if (reader.is('(', ahead)) depth += 1;
    else if (reader.is(')', ahead)) depth -= 1;
    else if (token.kind === 'symbol' && isRelation(token.text)) return false;
    else if (reader.is('and', ahead) || reader.is('or', ahead)) return false;
    if (depth === 0) return true;
  }
}

function parseRelation(reader: TokenReader): Expression {
  const left = parseArithmetic(reader);
  const token = reader.peek();
  if (token.kind !== 'symbol' || !isRelation(token.text)) throw reader.unexpected('one of = != < > <= >=');
  reader.take();
  return { kind: 'relation', relation: token.text, left, right: parseArithmetic(reader), position: token.position };
}

/** The words before an id, or null (and nothing taken) where a primitive of another kind begins. */
function parseHead(reader: TokenReader): Qualifier | null {
  const first = reader.peek();
  const hasProtocol = first.kind === 'keyword' && PROTOCOL_WORDS.has(first.text);
  const second = reader.peek(hasProtocol ? 1 : 0);
  if (second.kind !== 'keyword' || !(TYPES.has(second.text) || DIRECTIONS.has(second.text))) return null;
  const protocol = hasProtocol ? reader.take().text : null;
  const direction = parseDirection(reader);
  const { kind, text } = reader.peek();
  const takesType = kind === 'keyword' && TYPES.has(text) && (direction === null || isDirectable(text));
  const type = takesType ? (reader.take().text as AddressType) : null;
  return { protocol, direction, type };
}

function isDirectable(type: string): boolean {
  return type === 'host' || type === 'net' || type === 'port' || type === 'portrange';
}

function parseDirection(reader: TokenReader): Direction | null {
  const token = reader.peek();
  if (token.kind !== 'keyword' || !DIRECTIONS.has(token.text)) return null;
  reader.take();
  const other = token.text === 'src' ? 'dst' : token.text === 'dst' ? 'src' : null;
  if (other !== null && (reader.is('and') || reader.is('or')) && reader.is(other, 1)) {
    const joined = reader.take().text as 'and' | 'or';
    reader.take();
    return joined;
  }
  return token.text as Direction;
}

/** One id, or several in parentheses. */
function parseId(reader: TokenReader, words: Qualifier | null, depth: number): Expression {
  if (depth > MAX_DEPTH) {
    throw syntaxError(`The expression is nested more than ${MAX_DEPTH} deep.`, reader.peek().position);
  }
  if (reader.accept('not')) return { kind: 'not', of: parseId(reader, words, depth + 1) };
  if (!reader.accept('(')) {
    const id = parseIdentifier(reader);
    if (words === null) throw wordless(id.position);
    return { kind: 'id', qualifier: words, id, position: id.position };
  }
  const first = parseId(reader, words, depth + 1);
  const rest: { operator: 'and' | 'or'; term: Expression }[] = [];
  while (reader.is('and') || reader.is('or')) {
    const operator = reader.take().text as 'and' | 'or';
    rest.push({ operator, term: parseId(reader, words, depth + 1) });
  }
  reader.expect(')', 'to close the list');
  return rest.length === 0 ? first : { kind: 'chain', first, rest };
}

function wordless(position: number) {
  return syntaxError(
    'Nothing says what this is: no word such as "host" or "port" stands before it.',
    position,
    'Write "host", "net", "port", "portrange" or "proto" before it.',
  );
}

function parseIdentifier(reader: TokenReader): Identifier {
  const token = reader.peek();
  const { text, position } = token;
  switch (token.kind) {
    case 'number':
      reader.take();
      return { kind: 'number', value: token.value, position };
    case 'name':
    case 'mac':
      reader.take();
      return { kind: token.kind, text, position };
    case 'arcnet':
      throw syntaxError(`${text} is an ARCnet address; ARCnet is not supported.`, position);
    case 'ipv4': {
      reader.take();
      if (reader.accept('mask')) return { kind: 'ipv4', text, prefix: null, mask: maskText(reader), position };
      return { kind: 'ipv4', text, prefix: prefixOf(reader), mask: null, position };
    }
    case 'ipv6':
      reader.take();
      return { kind: 'ipv6', text, prefix: prefixOf(reader), position };
    default:
      throw idMissing(reader, token);
  }
}

function maskText(reader: TokenReader): string {
  if (reader.peek().kind !== 'ipv4') throw reader.unexpected('a mask such as 255.255.0.0');
  return reader.take().text;
}

function prefixOf(reader: TokenReader): number | null {
  return reader.accept('/') ? reader.number('the length of the prefix').value : null;
}

function idMissing(reader: TokenReader, token: Token) {
  if (token.kind !== 'keyword') return reader.unexpected('a name, number or address');
  return syntaxError(
    `${JSON.stringify(token.text)} is a word of the language where a name, number or address should be.`,
    token.position,
    `To mean a name, write \\${token.text}.`,
  );
}
