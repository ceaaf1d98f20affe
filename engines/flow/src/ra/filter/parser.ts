/**
 * ra's filter language, from words to a predicate. Like the BPF language it grew from, with one difference: `and` and
 * `or` bind equally, from left to right, and a bare value repeats the qualifiers before it.
 *
 * @see ra(1), "Filter Expressions"
 */
import { allOf, anyOf, noneOf, type Predicate } from './atoms.ts';
import { FilterError } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';
import { optionTest, protocolTest, sideTest, stateTest, trafficTest } from './named.ts';
import { type Direction, NO_QUALIFIERS, type Qualifiers } from './qualifiers.ts';
import { type Comparison, type NameLookup, valueTest } from './values.ts';
import {
  ADDRESS_WORDS,
  COMPARISONS,
  KEYWORDS,
  OPTION_WORDS,
  PROTOCOL_WORDS,
  protocolOf,
  SIDE_WORDS,
  STATE_WORDS,
  VALUE_WORDS,
} from './words.ts';

const MAX_DEPTH = 200;

interface Parsed {
  readonly test: Predicate;
  readonly qualifiers: Qualifiers;
}

/** @throws FilterError */
export function parseFilter(text: string, lookup: NameLookup): Predicate {
  const parser = new Parser(tokenize(text, KEYWORDS), lookup);
  return parser.parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #lookup: NameLookup;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], lookup: NameLookup) {
    this.#tokens = tokens;
    this.#lookup = lookup;
  }

  parse(): Predicate {
    if (this.#tokens.length === 0) return () => true;
    const { test } = this.#expression(NO_QUALIFIERS);
    if (this.#at < this.#tokens.length) throw new FilterError('syntax error');
    return test;
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #isText(text: string, ahead = 0): boolean {
    return this.#peek(ahead)?.text === text && this.#peek(ahead)?.kind !== 'string';
  }

  #take(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new FilterError('syntax error');
    this.#at += 1;
    return token;
  }

  #expect(text: string): void {
    if (!this.#isText(text)) throw new FilterError('syntax error');
    this.#at += 1;
  }

  /** @returns 'and' or 'or' if that comes next, and takes it */
  #takeJoin(): 'and' | 'or' | null {
    const text = this.#peek()?.text;
    const join = text === 'and' || text === '&&' ? 'and' : text === 'or' || text === '||' ? 'or' : null;
    if (join !== null) this.#at += 1;
    return join;
  }

  #expression(inherited: Qualifiers): Parsed {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new FilterError('the filter is nested too deeply');
    let left = this.#term(inherited);
    for (let join = this.#takeJoin(); join !== null; join = this.#takeJoin()) {
      const right = this.#startsValue() ? this.#value(left.qualifiers) : this.#term(left.qualifiers);
      const test = join === 'and' ? allOf(left.test, right.test) : anyOf(left.test, right.test);
      left = { test, qualifiers: right.qualifiers };
    }
    this.#depth -= 1;
    return left;
  }

  #isNot(): boolean {
    return this.#isText('not') || this.#isText('!');
  }

  /** Whether a bare value comes, perhaps behind `not` and parentheses. */
  #startsValue(): boolean {
    let ahead = 0;
    while (this.#isText('not', ahead) || this.#isText('!', ahead) || this.#isText('(', ahead)) ahead += 1;
    const token = this.#peek(ahead);
    if (token === undefined) return false;
    return isValue(token) || COMPARISONS.has(token.text);
  }

  #term(inherited: Qualifiers): Parsed {
    if (this.#isNot()) {
      this.#at += 1;
      const { test, qualifiers } = this.#nested(() => this.#term(inherited));
      return { test: noneOf(test), qualifiers };
    }
    if (this.#isText('(')) {
      this.#at += 1;
      const { test } = this.#expression(inherited);
      this.#expect(')');
      return { test, qualifiers: inherited };
    }
    return this.#plainTerm(inherited);
  }

  #nested(parse: () => Parsed): Parsed {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new FilterError('the filter is nested too deeply');
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #plainTerm(inherited: Qualifiers): Parsed {
    const token = this.#peek();
    if (token === undefined || token.kind !== 'word') throw new FilterError('syntax error');
    const { text } = token;
    if (STATE_WORDS.has(text)) return this.#named(stateTest(text));
    if (OPTION_WORDS.has(text)) return { ...this.#named(optionTest(text)), qualifiers: inherited };
    if (SIDE_WORDS.has(text)) return { ...this.#named(sideTest(text, inherited.direction)), qualifiers: inherited };
    let protocol = '';
    if (PROTOCOL_WORDS.has(text)) {
      this.#at += 1;
      protocol = protocolOf(text);
      if (!this.#continuesHead()) return { test: protocolTest(protocol), qualifiers: NO_QUALIFIERS };
    }
    return this.#qualified(protocol);
  }

  #named(test: Predicate): Parsed {
    this.#at += 1;
    return { test, qualifiers: NO_QUALIFIERS };
  }

  #continuesHead(): boolean {
    const text = this.#peek()?.kind === 'word' ? (this.#peek()?.text as string) : '';
    const isOther = ['src', 'dst', 'proto', 'gateway', 'broadcast', 'multicast'].includes(text);
    return isOther || ADDRESS_WORDS.has(text) || VALUE_WORDS.has(text);
  }

  /** What follows an optional protocol. */
  #qualified(protocol: string): Parsed {
    if (this.#isText('broadcast') || this.#isText('multicast')) {
      return this.#named(trafficTest(this.#peek()?.text as string, protocol));
    }
    const direction = this.#direction();
    const next = this.#peek();
    const word = next?.kind === 'word' ? next.text : '';
    if (direction !== 'default' && SIDE_WORDS.has(word)) {
      const qualifiers = { protocol, direction, of: 'default' };
      return { ...this.#named(sideTest(word, direction)), qualifiers };
    }
    const of = VALUE_WORDS.get(word) ?? (ADDRESS_WORDS.has(word) || word === 'proto' || word === 'gateway' ? word : '');
    if (of === '' && direction === 'default') throw new FilterError('syntax error');
    if (of !== '') this.#at += 1;
    return this.#value({ protocol, direction, of: of === '' ? 'default' : of });
  }

  #direction(): Direction {
    const first = this.#peek()?.text;
    if (first !== 'src' && first !== 'dst') return 'default';
    this.#at += 1;
    const join = this.#peek()?.text;
    const other = this.#peek(1)?.text;
    const isPair = (join === 'or' || join === 'and') && (other === 'src' || other === 'dst') && other !== first;
    if (!isPair) return first;
    this.#at += 2;
    return join;
  }

  /** A value, or several in parentheses, of what the qualifiers say. */
  #value(qualifiers: Qualifiers): Parsed {
    if (this.#isNot()) {
      this.#at += 1;
      const { test } = this.#nested(() => this.#value(qualifiers));
      return { test: noneOf(test), qualifiers };
    }
    if (this.#isText('(')) return this.#nested(() => this.#values(qualifiers));
    const comparison = COMPARISONS.get(this.#peek()?.text ?? '');
    if (comparison !== undefined) {
      this.#at += 1;
      return this.#compared(qualifiers, comparison);
    }
    return this.#compared(qualifiers, 'eq');
  }

  #values(qualifiers: Qualifiers): Parsed {
    this.#expect('(');
    let { test } = this.#value(qualifiers);
    for (let join = this.#takeJoin(); join !== null; join = this.#takeJoin()) {
      const right = this.#value(qualifiers).test;
      test = join === 'and' ? allOf(test, right) : anyOf(test, right);
    }
    this.#expect(')');
    return { test, qualifiers };
  }

  #compared(qualifiers: Qualifiers, comparison: Comparison): Parsed {
    if (qualifiers.of === '') throw new FilterError('syntax error');
    const token = this.#take();
    if (!isValue(token)) throw new FilterError('syntax error');
    let mask: string | undefined;
    if ((token.kind === 'ipv4' || token.kind === 'ipv6') && (this.#isText('/') || this.#isText('mask'))) {
      this.#at += 1;
      mask = this.#take().text;
    }
    return { test: valueTest(qualifiers, comparison, token, mask, this.#lookup), qualifiers };
  }
}

function isValue(token: Token): boolean {
  return token.kind !== 'word' && token.kind !== 'sign';
}
