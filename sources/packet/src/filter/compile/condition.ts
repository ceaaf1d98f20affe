/** What a filter asks, as a tree of tests. */
import { ADD, AND, OR, SUB } from '../program.ts';
import type { Value, ValueTable } from './value.ts';

export type TestKind = 'equal' | 'greater' | 'greater-equal' | 'any-bit';

export interface Test {
  readonly kind: 'test';
  readonly test: TestKind;
  readonly value: Value;
  readonly operand: Value;
  readonly depth: 0;
}

export type Condition =
  | { readonly kind: 'always'; readonly holds: boolean; readonly depth: 0 }
  | Test
  | { readonly kind: 'not'; readonly of: Condition; readonly depth: number }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[]; readonly depth: number };

/** Conditions nested deeper are refused: what walks them recurses. */
export const MAX_CONDITION_DEPTH = 1000;

export const ALWAYS: Condition = { kind: 'always', holds: true, depth: 0 };
export const NEVER: Condition = { kind: 'always', holds: false, depth: 0 };

export function not(condition: Condition): Condition {
  if (condition.kind === 'always') return condition.holds ? NEVER : ALWAYS;
  if (condition.kind === 'not') return condition.of;
  return { kind: 'not', of: condition, depth: condition.depth + 1 };
}

/** All hold; tested in this order. */
export function all(...conditions: Condition[]): Condition {
  return joined('all', conditions, NEVER, ALWAYS);
}

/** At least one holds; tested in this order. */
export function any(...conditions: Condition[]): Condition {
  return joined('any', conditions, ALWAYS, NEVER);
}

function joined(kind: 'all' | 'any', conditions: Condition[], decided: Condition, empty: Condition): Condition {
  const parts: Condition[] = [];
  for (const condition of conditions) {
    if (condition.kind === 'always') {
      if (condition !== decided) continue;
      // What stands before it is still looked at: a read beyond the packet rejects it. So does libpcap.
      return decided;
    }
    if (condition.kind === kind) for (const part of condition.of) parts.push(part);
    else parts.push(condition);
  }
  if (parts.length === 0) return empty;
  if (parts.length === 1) return parts[0]!;
  let depth = 0;
  for (const part of parts) depth = Math.max(depth, part.depth);
  return { kind, of: parts, depth: depth + 1 };
}

/** A value compared with another, in the form that one jump tests. */
export function compare(values: ValueTable, test: TestKind, value: Value, operand: Value): Condition {
  if (operand.kind !== 'constant') {
    if (value.kind !== 'constant') return { kind: 'test', test, value, operand, depth: 0 };
    if (test === 'equal') return compare(values, test, operand, value);
    // k > v is not (v >= k); k >= v is not (v > k).
    if (test === 'greater') return not(compare(values, 'greater-equal', operand, value));
    if (test === 'greater-equal') return not(compare(values, 'greater', operand, value));
    return { kind: 'test', test, value, operand, depth: 0 };
  }
  const { k } = operand;
  if (value.kind === 'constant') return holds(test, value.k, k) ? ALWAYS : NEVER;
  if (test === 'greater-equal' && k === 0) return ALWAYS;
  if (test === 'any-bit' && k === 0) return NEVER;
  if (value.kind === 'operation' && value.right.kind === 'constant') {
    const mask = value.right.k;
    if (value.operation === AND && test === 'equal') {
      if (k === 0) return not(compare(values, 'any-bit', value.left, value.right));
      if (k === mask && (mask & (mask - 1)) === 0) return compare(values, 'any-bit', value.left, value.right);
    }
    if (value.operation === AND && test === 'greater' && k === 0) {
      return compare(values, 'any-bit', value.left, value.right);
    }
    if (test === 'equal' && (value.operation === ADD || value.operation === SUB)) {
      const moved = value.operation === ADD ? k - mask : k + mask;
      return compare(values, test, value.left, values.constant(moved));
    }
    if (value.operation === OR && test === 'equal' && (mask & ~k) !== 0) return NEVER;
  }
  return { kind: 'test', test, value, operand, depth: 0 };
}

export function holds(test: TestKind, value: number, k: number): boolean {
  switch (test) {
    case 'equal':
      return value === k;
    case 'greater':
      return value > k;
    case 'greater-equal':
      return value >= k;
    case 'any-bit':
      return (value & k) !== 0;
  }
}
