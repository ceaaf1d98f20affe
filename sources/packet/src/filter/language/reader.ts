/** The token list with a place in it. */

import type { FilterError } from './error.ts';
import { syntaxError } from './error.ts';
import type { Token } from './lexer.ts';

export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token `ahead` places on; past the end it is the end. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? this.#tokens.at(-1)!;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** Whether the next token is this keyword or symbol. A name that is spelled the same (`\tcp`) is not. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === 'keyword' || token.kind === 'symbol') && token.text === text;
  }

  /** Takes the next token if it is this one. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#next += 1;
    return true;
  }

  expect(text: string, why: string): void {
    if (!this.accept(text)) throw this.unexpected(`${JSON.stringify(text)} ${why}`);
  }

  number(what: string): Token {
    if (this.peek().kind !== 'number') throw this.unexpected(what);
    return this.take();
  }

  unexpected(wanted: string): FilterError {
    const token = this.peek();
    const found = token.kind === 'end' ? 'The expression ends' : `${JSON.stringify(token.text)} stands`;
    return syntaxError(`${found} where ${wanted} should be.`, token.position);
  }
}
