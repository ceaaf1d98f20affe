/** Arithmetic of filters: `ip[2:2] - ((ip[0] & 0xf) << 2)`. */
import { meaningError, syntaxError } from './error.ts';
import { PROTOCOL_WORDS } from './names.ts';
import type { TokenReader } from './reader.ts';
import type { Arithmetic, ArithmeticOperator, Relation } from './syntax.ts';

const MAX_DEPTH = 100;

const STRENGTH: Readonly<Record<string, number>> = { '|': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5, '/': 5 };
/** Operators without a place in libpcap's grammar: they bind to what stands just before and to all that follows. */
const GREEDY = new Set(['%', '^']);
const RELATIONS = new Set(['=', '!=', '<', '>', '<=', '>=']);

export function isRelation(text: string): text is Relation {
  return RELATIONS.has(text);
}

/** Whether a token that follows a number makes that number the start of arithmetic rather than an id. */
export function continuesArithmetic(text: string): boolean {
  return STRENGTH[text] !== undefined || GREEDY.has(text) || RELATIONS.has(text);
}

export function parseArithmetic(reader: TokenReader, strength = 0, depth = 0): Arithmetic {
  if (depth > MAX_DEPTH) {
    throw syntaxError(`Arithmetic is nested more than ${MAX_DEPTH} deep.`, reader.peek().position);
  }
  let left = parseOperand(reader, depth);
  for (;;) {
    const token = reader.peek();
    if (token.kind !== 'symbol') return left;
    const greedy = GREEDY.has(token.text);
    const own = STRENGTH[token.text];
    if (!greedy && (own === undefined || own <= strength)) return left;
    reader.take();
    const right = parseArithmetic(reader, greedy ? 0 : own, depth + 1);
    const operator = token.text as ArithmeticOperator;
    left = { kind: 'operation', operator, left, right, position: token.position };
  }
}

function parseOperand(reader: TokenReader, depth: number): Arithmetic {
  const token = reader.peek();
  if (token.kind === 'number') {
    reader.take();
    return { kind: 'number', value: token.value, position: token.position };
  }
  if (reader.accept('-')) return { kind: 'negate', of: parseArithmetic(reader, 5, depth + 1) };
  if (reader.accept('len')) return { kind: 'length' };
  if (reader.accept('(')) {
    const inner = parseArithmetic(reader, 0, depth + 1);
    reader.expect(')', 'to close the arithmetic');
    return inner;
  }
  if (token.kind === 'keyword' && PROTOCOL_WORDS.has(token.text) && reader.is('[', 1)) return parseLoad(reader, depth);
  throw reader.unexpected('a number, "len", or bytes of a header such as "ip[8]"');
}

function parseLoad(reader: TokenReader, depth: number): Arithmetic {
  const { text: protocol, position } = reader.take();
  reader.take();
  const offset = parseArithmetic(reader, 0, depth + 1);
  const size = reader.accept(':') ? parseSize(reader) : 1;
  reader.expect(']', 'to close the offset');
  return { kind: 'load', protocol, offset, size, position };
}

function parseSize(reader: TokenReader): 1 | 2 | 4 {
  const { value, position } = reader.number('the number of bytes');
  if (value === 1 || value === 2 || value === 4) return value;
  throw meaningError(`${value} bytes cannot be read at once.`, position, 'Write 1, 2 or 4 after the colon.');
}
