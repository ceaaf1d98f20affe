/**
 * Expressions of Netdata's alert language: `$this > (($status >= $WARNING) ? (75) : (85))`.
 * @see Netdata, "Health configuration reference", expressions
 */

export class ExpressionError extends Error {
  constructor(source: string, at: number, what: string) {
    super(`${what} at column ${at + 1} of "${source}"`);
    this.name = 'ExpressionError';
  }
}

type Binary = '+' | '-' | '*' | '/' | '<' | '<=' | '==' | '!=' | '>' | '>=' | '&&' | '||';
type Node =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | '!' | 'abs'; readonly of: Node }
  | { readonly kind: 'binary'; readonly op: Binary; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly then: Node; readonly otherwise: Node };

/** Evaluates with the values of variables; a name that is not known is NaN, and so is what is made from it. */
export type Expression = (variable: (name: string) => number | undefined) => number;

/** Nesting beyond this is refused. */
const MAX_DEPTH = 100;

/** @throws ExpressionError */
export function parseExpression(source: string): Expression {
  const parser = new Parser(source);
  const node = parser.whole();
  return (variable) => evaluate(node, variable);
}

function evaluate(node: Node, variable: (name: string) => number | undefined): number {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'variable':
      return variable(node.name) ?? Number.NaN;
    case 'unary': {
      const value = evaluate(node.of, variable);
      if (node.op === '!') return isTrue(value) ? 0 : 1;
      return node.op === '-' ? -value : node.op === 'abs' ? Math.abs(value) : value;
    }
    case 'choice':
      return isTrue(evaluate(node.test, variable)) ? evaluate(node.then, variable) : evaluate(node.otherwise, variable);
    case 'binary':
      return binary(node.op, evaluate(node.left, variable), evaluate(node.right, variable));
  }
}

/** Everything but zero and NaN. */
export function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

function binary(op: Binary, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '&&':
      return isTrue(left) && isTrue(right) ? 1 : 0;
    case '||':
      return isTrue(left) || isTrue(right) ? 1 : 0;
    case '==':
      // Here nan equals nan: that is how expressions ask whether a value is missing.
      return left === right || (Number.isNaN(left) && Number.isNaN(right)) ? 1 : 0;
    case '!=':
      return left === right || (Number.isNaN(left) && Number.isNaN(right)) ? 0 : 1;
    case '<':
      return left < right ? 1 : 0;
    case '<=':
      return left <= right ? 1 : 0;
    case '>':
      return left > right ? 1 : 0;
    case '>=':
      return left >= right ? 1 : 0;
  }
}

/** Operators by rising strength; longer spellings first. */
const LEVELS: readonly (readonly (readonly [RegExp, Binary])[])[] = [
  [[/\|\||or\b/iy, '||']],
  [[/&&|and\b/iy, '&&']],
  [
    [/<=/y, '<='],
    [/>=/y, '>='],
    [/!=|<>/y, '!='],
    [/==?/y, '=='],
    [/</y, '<'],
    [/>/y, '>'],
  ],
  [
    [/\+/y, '+'],
    [/-/y, '-'],
  ],
  [
    [/\*/y, '*'],
    [/\//y, '/'],
  ],
];

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Node {
    const node = this.#choice();
    this.#take(/\s*/y);
    if (this.#at < this.#source.length) throw this.#wrong('unexpected text');
    return node;
  }

  #choice(): Node {
    if (++this.#depth > MAX_DEPTH) throw this.#wrong('too deeply nested');
    const test = this.#binary(0);
    let node = test;
    if (this.#take(/\s*\?/y) !== undefined) {
      const then = this.#choice();
      if (this.#take(/\s*:/y) === undefined) throw this.#wrong('":" expected');
      node = { kind: 'choice', test, then, otherwise: this.#choice() };
    }
    this.#depth--;
    return node;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      this.#take(/\s*/y);
      const found = operators.find(([pattern]) => this.#take(pattern) !== undefined);
      if (found === undefined) return left;
      left = { kind: 'binary', op: found[1], left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Node {
    if (++this.#depth > MAX_DEPTH) throw this.#wrong('too deeply nested');
    this.#take(/\s*/y);
    const op = this.#take(/[-+]|!(?!=)|not\b|abs(?=\s*\()/iy)?.toLowerCase();
    let node: Node;
    if (op === undefined) node = this.#primary();
    else node = { kind: 'unary', op: op === 'not' ? '!' : (op as '-' | '+' | '!' | 'abs'), of: this.#unary() };
    this.#depth--;
    return node;
  }

  #primary(): Node {
    const number = this.#take(/(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/iy);
    if (number !== undefined) return { kind: 'number', value: Number(number) };
    const word = this.#take(/(?:nan|inf|infinity)\b/iy)?.toLowerCase();
    if (word !== undefined) return { kind: 'number', value: word === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY };
    const braced = this.#take(/\$\{[^}]*\}/y);
    if (braced !== undefined) return { kind: 'variable', name: braced.slice(2, -1).trim() };
    const variable = this.#take(/\$[\w.]+/y);
    if (variable !== undefined) return { kind: 'variable', name: variable.slice(1) };
    if (this.#take(/\(/y) === undefined) throw this.#wrong('a value expected');
    const node = this.#choice();
    if (this.#take(/\s*\)/y) === undefined) throw this.#wrong('")" expected');
    return node;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #wrong(what: string): ExpressionError {
    return new ExpressionError(this.#source, this.#at, what);
  }
}
