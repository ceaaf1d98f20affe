/** HCL version 1 in, tree out. */
import { SyntaxProblem } from '../error.ts';
import { type HclItem, type HclNode, type HclObject, MAX_DEPTH } from './ast.ts';
import { Lexer, type Token } from './lexer.ts';

/** @throws SyntaxProblem */
export function parseHcl(text: string): HclObject {
  const parser = new Parser(new Lexer(text));
  return parser.document();
}

class Parser {
  private readonly lexer: Lexer;
  private token: Token;

  constructor(lexer: Lexer) {
    this.lexer = lexer;
    this.token = lexer.next();
  }

  document(): HclObject {
    const items = this.items('end', 0);
    return { kind: 'object', line: 1, column: 1, items };
  }

  private take(): Token {
    const token = this.token;
    this.token = this.lexer.next();
    return token;
  }

  private is(kind: Token['kind']): boolean {
    return this.token.kind === kind;
  }

  private items(until: '}' | 'end', depth: number): HclItem[] {
    const items: HclItem[] = [];
    while (!this.is(until)) {
      items.push(this.item(depth));
      if (this.is(',')) this.take();
    }
    return items;
  }

  private item(depth: number): HclItem {
    const { line, column } = this.token;
    const keys: string[] = [];
    while (this.token.kind === 'identifier' || this.token.kind === 'string') keys.push(String(this.take().value));
    if (keys.length === 0) throw this.unexpected('a name');
    if (this.token.kind === '{') return { line, column, keys, value: this.object(depth + 1) };
    if (this.token.kind !== '=') throw this.unexpected(`= or { after ${keys.at(-1)}`);
    if (keys.length > 1) throw this.unexpected('{ (a block with a label takes no =)');
    this.take();
    return { line, column, keys, value: this.value(depth + 1) };
  }

  private value(depth: number): HclNode {
    const { kind, line, column } = this.token;
    if (kind === '{') return this.object(depth);
    if (kind === '[') return this.list(depth);
    if (kind === 'string' || kind === 'number' || kind === 'bool')
      return { kind: 'scalar', line, column, value: this.take().value };
    throw this.unexpected('a value (a quoted string, a number, true, false, a list or a block)');
  }

  private object(depth: number): HclObject {
    const { line, column } = this.open(depth);
    const items = this.items('}', depth);
    this.take();
    return { kind: 'object', line, column, items };
  }

  private list(depth: number): HclNode {
    const { line, column } = this.open(depth);
    const values: HclNode[] = [];
    while (!this.is(']')) {
      values.push(this.value(depth + 1));
      if (this.is(',')) this.take();
      else if (!this.is(']')) throw this.unexpected(', or ]');
    }
    this.take();
    return { kind: 'list', line, column, values };
  }

  private open(depth: number): Token {
    if (depth > MAX_DEPTH) throw new SyntaxProblem(this.token, `nested deeper than ${MAX_DEPTH}`);
    return this.take();
  }

  private unexpected(want: string): SyntaxProblem {
    const found = this.token.kind === 'end' ? 'the end of the text' : JSON.stringify(this.token.text);
    return new SyntaxProblem(this.token, `found ${found}, expected ${want}`);
  }
}
