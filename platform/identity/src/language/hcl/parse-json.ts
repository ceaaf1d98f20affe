/** The JSON form of HCL: the same tree, with positions, and with repeated keys kept. */
import { type Position, SyntaxProblem } from '../error.ts';
import { type HclItem, type HclNode, type HclObject, MAX_DEPTH } from './ast.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false/y;
const SPACE = /[ \t\r\n]*/y;

/** @throws SyntaxProblem */
export function parseHclJson(text: string): HclObject {
  const reader = new JsonReader(text);
  return reader.document();
}

class JsonReader {
  private readonly text: string;
  private offset = 0;
  private line = 1;
  private lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): HclObject {
    this.space();
    const value = this.object(1);
    this.space();
    if (this.offset < this.text.length) throw this.unexpected('nothing more');
    return value;
  }

  private value(depth: number): HclNode {
    const at = this.position();
    const char = this.text[this.offset];
    if (char === '{') return this.object(depth);
    if (char === '[') return this.list(depth);
    if (char === '"') return { kind: 'scalar', ...at, value: this.string() };
    const number = this.match(NUMBER);
    if (number !== undefined) {
      if (!Number.isFinite(Number(number))) throw new SyntaxProblem(at, `${number} is too large`);
      return { kind: 'scalar', ...at, value: Number(number) };
    }
    const word = this.match(WORD);
    if (word === undefined) throw this.unexpected('a string, a number, true, false, a list or an object');
    return { kind: 'scalar', ...at, value: word === 'true' };
  }

  private object(depth: number): HclObject {
    const at = this.open('{', depth);
    const items: HclItem[] = [];
    this.entries('}', () => {
      const keyAt = this.position();
      const key = this.string();
      this.space();
      this.expect(':');
      this.space();
      items.push({ ...keyAt, keys: [key], value: this.value(depth + 1) });
    });
    return { kind: 'object', ...at, items };
  }

  private list(depth: number): HclNode {
    const at = this.open('[', depth);
    const values: HclNode[] = [];
    this.entries(']', () => values.push(this.value(depth + 1)));
    return { kind: 'list', ...at, values };
  }

  private entries(close: string, entry: () => void): void {
    this.space();
    if (this.text[this.offset] !== close) {
      for (;;) {
        entry();
        this.space();
        if (this.text[this.offset] !== ',') break;
        this.offset++;
        this.space();
      }
    }
    this.expect(close);
  }

  private open(char: string, depth: number): Position {
    const at = this.position();
    if (depth > MAX_DEPTH) throw new SyntaxProblem(at, `nested deeper than ${MAX_DEPTH}`);
    this.expect(char);
    return at;
  }

  private string(): string {
    if (this.text[this.offset] !== '"') throw this.unexpected('a JSON string');
    const at = this.position();
    let end = this.offset + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    const raw = this.text.slice(this.offset, end + 1);
    this.offset = end + 1;
    try {
      return JSON.parse(raw) as string;
    } catch {
      throw new SyntaxProblem(at, 'the string that begins here is not a JSON string');
    }
  }

  private expect(char: string): void {
    if (this.text[this.offset] !== char) throw this.unexpected(char);
    this.offset++;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }

  private space(): void {
    const start = this.offset;
    this.match(SPACE);
    for (let i = start; i < this.offset; i++) {
      if (this.text[i] !== '\n') continue;
      this.line++;
      this.lineStart = i + 1;
    }
  }

  private position(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private unexpected(want: string): SyntaxProblem {
    const char = this.text[this.offset];
    return new SyntaxProblem(
      this.position(),
      `found ${char === undefined ? 'the end of the text' : JSON.stringify(char)}, expected ${want}`,
    );
  }
}
