/** Words of HCL version 1. */
import { type Position, SyntaxProblem } from '../error.ts';
import { unescapeString } from './strings.ts';

export interface Token extends Position {
  readonly kind: 'identifier' | 'string' | 'number' | 'bool' | '{' | '}' | '[' | ']' | '=' | ',' | 'end';
  readonly text: string;
  readonly value: string | number | boolean;
}

const IDENTIFIER = /[\p{L}_][\p{L}\p{Nd}_.-]*/uy;
const NUMBER = /-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const HEREDOC = /<<(-?)([\p{L}\p{Nd}_]+)\r?\n/uy;

/** Reads one token after the other. */
export class Lexer {
  private readonly text: string;
  private offset = 0;
  private line = 1;
  private lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @throws SyntaxProblem */
  next(): Token {
    this.skipSpaceAndComments();
    const at = this.position();
    const char = this.text[this.offset];
    if (char === undefined) return { ...at, kind: 'end', text: '', value: '' };
    switch (char) {
      case '{':
      case '}':
      case '[':
      case ']':
      case '=':
      case ',':
        this.offset++;
        return { ...at, kind: char, text: char, value: char };
      case '"':
        return this.string(at);
      case '<':
        return this.heredoc(at);
    }
    const number = this.match(NUMBER);
    if (number !== undefined) return this.number(at, number);
    const word = this.match(IDENTIFIER);
    if (word === undefined) throw new SyntaxProblem(at, `unexpected character ${JSON.stringify(char)}`);
    if (word === 'true' || word === 'false') return { ...at, kind: 'bool', text: word, value: word === 'true' };
    return { ...at, kind: 'identifier', text: word, value: word };
  }

  private position(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }

  private newline(offset: number): void {
    this.line++;
    this.lineStart = offset + 1;
  }

  private skipSpaceAndComments(): void {
    for (;;) {
      const char = this.text[this.offset];
      if (char === '\n') {
        this.newline(this.offset++);
      } else if (char === ' ' || char === '\t' || char === '\r') {
        this.offset++;
      } else if (char === '#' || (char === '/' && this.text[this.offset + 1] === '/')) {
        const end = this.text.indexOf('\n', this.offset);
        this.offset = end === -1 ? this.text.length : end;
      } else if (char === '/' && this.text[this.offset + 1] === '*') {
        this.skipBlockComment();
      } else {
        return;
      }
    }
  }

  private skipBlockComment(): void {
    const at = this.position();
    const end = this.text.indexOf('*/', this.offset + 2);
    if (end === -1) throw new SyntaxProblem(at, 'the comment that begins here is not closed by */');
    for (; this.offset < end; this.offset++) if (this.text[this.offset] === '\n') this.newline(this.offset);
    this.offset = end + 2;
  }

  /** A quoted string; quotes and line ends within `${…}` belong to it. */
  private string(at: Position): Token {
    const start = this.offset++;
    let braces = 0;
    for (; ; this.offset++) {
      const char = this.text[this.offset];
      if (char === undefined) throw new SyntaxProblem(at, 'the string that begins here is not closed');
      if (char === '\n') {
        if (braces === 0) throw new SyntaxProblem(at, 'the string that begins here is not closed on its line');
        this.newline(this.offset);
      } else if (char === '\\' && braces === 0) this.offset++;
      else if (char === '"' && braces === 0) break;
      else if (char === '$' && this.text[this.offset + 1] === '{') {
        braces++;
        this.offset++;
      } else if (char === '{' && braces > 0) braces++;
      else if (char === '}' && braces > 0) braces--;
    }
    this.offset++;
    const raw = this.text.slice(start + 1, this.offset - 1);
    return { ...at, kind: 'string', text: raw, value: unescapeString(raw, at) };
  }

  private number(at: Position, text: string): Token {
    const next = this.text[this.offset];
    if (next !== undefined && /[\p{L}\p{Nd}_.]/u.test(next))
      throw new SyntaxProblem(at, `${text}${next}… is not a number`);
    const octal = /^(-?)0(\d+)$/.exec(text);
    const hex = /^(-?)(0[xX].+)$/.exec(text);
    let value: number;
    if (octal !== null) {
      if (/[89]/.test(text)) throw new SyntaxProblem(at, `${text} is not an octal number`);
      value = Number.parseInt(octal[2]!, 8) * (octal[1] === '-' ? -1 : 1);
    } else value = hex === null ? Number(text) : Number(hex[2]) * (hex[1] === '-' ? -1 : 1);
    if (!Number.isFinite(value)) throw new SyntaxProblem(at, `${text} is too large`);
    return { ...at, kind: 'number', text, value: value === 0 ? 0 : value };
  }

  /** `<<END` keeps the text as it is, `<<-END` takes away the indentation of the closing word. */
  private heredoc(at: Position): Token {
    HEREDOC.lastIndex = this.offset;
    const head = HEREDOC.exec(this.text);
    if (head === null) throw new SyntaxProblem(at, 'expected <<WORD and the end of the line');
    const [opening, dash, word] = head as unknown as [string, string, string];
    this.offset += opening.length;
    this.newline(this.offset - 1);
    const lines: string[] = [];
    for (;;) {
      const end = this.text.indexOf('\n', this.offset);
      const line = this.text.slice(this.offset, end === -1 ? this.text.length : end);
      const closing = dash === '' ? line.trimEnd() : line.trim();
      if (closing === word) {
        this.offset += line.length;
        const indent = dash === '' ? '' : line.slice(0, line.indexOf(word));
        const strip = lines.every((each) => each.startsWith(indent)) ? indent.length : 0;
        const value = lines.map((each) => `${each.slice(strip)}\n`).join('');
        return { ...at, kind: 'string', text: opening, value };
      }
      if (end === -1) throw new SyntaxProblem(at, `the text that begins here is not closed by a line ${word}`);
      lines.push(line);
      this.offset = end + 1;
      this.newline(end);
    }
  }
}
