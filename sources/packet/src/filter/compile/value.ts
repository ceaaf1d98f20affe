/**
 * Numbers that a program computes from a packet, as trees.
 *
 * A packet does not change while a filter runs, so equal trees have equal values wherever they stand. Each tree is made
 * once ({@link ValueTable}); two values are equal where they are the same object.
 */
import { ADD, AND, AUXILIARY, DIV, LSH, MOD, MUL, OR, RSH, SUB, XOR } from '../program.ts';

export type Value = Constant | Load | Length | HeaderLength | Operation | Negation;

interface Common {
  readonly id: number;
  /** No value is larger. */
  readonly max: number;
  /** Instructions to compute it from nothing, roughly. */
  readonly cost: number;
}

export interface Constant extends Common {
  readonly kind: 'constant';
  readonly k: number;
}

/** Bytes of the packet at `base` + k, or what is known beside it where k is at least {@link AUXILIARY}. */
export interface Load extends Common {
  readonly kind: 'load';
  readonly size: 1 | 2 | 4;
  readonly base: Value | null;
  readonly k: number;
}

/** Bytes on the wire. */
export interface Length extends Common {
  readonly kind: 'length';
}

/** 4 * (P[k] & 0xf). */
export interface HeaderLength extends Common {
  readonly kind: 'header-length';
  readonly k: number;
}

export interface Operation extends Common {
  readonly kind: 'operation';
  /** Operation bits of a BPF arithmetic instruction. */
  readonly operation: number;
  readonly left: Value;
  readonly right: Value;
}

export interface Negation extends Common {
  readonly kind: 'negation';
  readonly of: Value;
}

const MAX_U32 = 0xffff_ffff;
const COMMUTATIVE = new Set([ADD, MUL, AND, OR, XOR]);
/** Where a load may begin at most so that adding k cannot wrap. */
const MAX_BASE = 0x1000_0000;

export class ValueTable {
  readonly #values = new Map<string, Value>();

  constant(k: number): Constant {
    const value = k >>> 0;
    return this.#make(`c${value}`, { kind: 'constant', k: value }, value, 1) as Constant;
  }

  length(): Value {
    return this.#make('len', { kind: 'length' }, MAX_U32, 1);
  }

  load(size: 1 | 2 | 4, base: Value | null, k: number): Value {
    if (base === null || base.kind === 'constant') {
      const at = (k + (base?.k ?? 0)) >>> 0;
      return this.#make(`l${size},,${at}`, { kind: 'load', size, base: null, k: at }, maxOfSize(size, at), 1);
    }
    if (base.kind === 'operation' && base.operation === ADD && base.right.kind === 'constant') {
      const fits = base.left.max + base.right.k <= MAX_BASE && k + base.right.k <= MAX_BASE;
      if (fits) return this.load(size, base.left, k + base.right.k);
    }
    const cost = base.cost + (base.kind === 'header-length' ? 1 : 2);
    return this.#make(`l${size},${base.id},${k}`, { kind: 'load', size, base, k: k >>> 0 }, maxOfSize(size, 0), cost);
  }

  headerLength(k: number): Value {
    return this.#make(`h${k}`, { kind: 'header-length', k }, 60, 1);
  }

  negate(of: Value): Value {
    if (of.kind === 'constant') return this.constant(-of.k);
    return this.#make(`n${of.id}`, { kind: 'negation', of }, MAX_U32, of.cost + 1);
  }

  /** Folds constants. A division by a constant 0 and a shift beyond 31 are the caller's to refuse. */
  operation(operation: number, left: Value, right: Value): Value {
    if (left.kind === 'constant' && right.kind === 'constant') return this.constant(fold(operation, left.k, right.k));
    if (COMMUTATIVE.has(operation) && left.kind === 'constant') return this.operation(operation, right, left);
    if (right.kind === 'constant') {
      const simpler = this.#withConstant(operation, left, right.k);
      if (simpler !== null) return simpler;
    }
    const cost = left.cost + (right.kind === 'constant' ? 1 : right.cost + (right.cost === 1 ? 1 : 3));
    const max = maxOfOperation(operation, left.max, right);
    return this.#make(`o${operation},${left.id},${right.id}`, { kind: 'operation', operation, left, right }, max, cost);
  }

  add(left: Value, k: number): Value {
    return this.operation(ADD, left, this.constant(k));
  }

  #withConstant(operation: number, left: Value, k: number): Value | null {
    const inner = left.kind === 'operation' && left.right.kind === 'constant' ? left : null;
    const innerK = inner?.right.kind === 'constant' ? inner.right.k : 0;
    switch (operation) {
      case ADD:
        if (k === 0) return left;
        return inner?.operation === ADD ? this.operation(ADD, inner.left, this.constant(innerK + k)) : null;
      case SUB:
      case OR:
      case XOR:
        return k === 0 ? left : null;
      case MUL:
        return k === 1 ? left : k === 0 ? this.constant(0) : null;
      case DIV:
        return k === 1 ? left : null;
      case AND:
        if (k === 0) return this.constant(0);
        if (inner?.operation === AND) return this.operation(AND, inner.left, this.constant(innerK & k));
        return coversAll(left.max, k) ? left : null;
      case LSH:
        if (k === 0) return left;
        if (k === 2 && inner?.operation === AND && innerK === 0xf && isPlainByte(inner.left)) {
          return this.headerLength(inner.left.k);
        }
        return null;
      case RSH:
        return k === 0 ? left : null;
    }
    return null;
  }

  #make(key: string, shape: Shape, max: number, cost: number): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = { ...shape, id: this.#values.size, max, cost } as Value;
    this.#values.set(key, value);
    return value;
  }
}

type WithoutCommon<Each> = Each extends Value ? Omit<Each, keyof Common> : never;
type Shape = WithoutCommon<Value>;

function isPlainByte(value: Value): value is Load {
  return value.kind === 'load' && value.size === 1 && value.base === null && value.k < AUXILIARY;
}

function maxOfSize(size: number, k: number): number {
  return k >= AUXILIARY || size === 4 ? MAX_U32 : size === 2 ? 0xffff : 0xff;
}

function coversAll(max: number, mask: number): boolean {
  const bits = 32 - Math.clz32(max);
  const needed = bits === 32 ? MAX_U32 : 2 ** bits - 1;
  return (needed & ~mask) === 0;
}

function maxOfOperation(operation: number, left: number, right: Value): number {
  const within = (value: number) => (value <= MAX_U32 ? value : MAX_U32);
  switch (operation) {
    case ADD:
      return within(left + right.max);
    case MUL:
      return within(left * right.max);
    case AND:
      return Math.min(left, right.max);
    case DIV:
    case MOD:
      return left;
    case OR:
    case XOR:
      return 2 ** (32 - Math.clz32(left | right.max)) - 1;
    case LSH:
      return right.kind === 'constant' ? within(left * 2 ** right.k) : MAX_U32;
    case RSH:
      return right.kind === 'constant' ? left >>> right.k : left;
  }
  return MAX_U32;
}

function fold(operation: number, left: number, right: number): number {
  switch (operation) {
    case ADD:
      return left + right;
    case SUB:
      return left - right;
    case MUL:
      return Math.imul(left, right);
    case DIV:
      return Math.trunc(left / right);
    case MOD:
      return left % right;
    case AND:
      return left & right;
    case OR:
      return left | right;
    case XOR:
      return left ^ right;
    case LSH:
      return left << right;
    default:
      return left >>> right;
  }
}
