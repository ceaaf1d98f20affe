/** What is known of values on the way to a place in the graph, from the decisions that led there. */
import type { TestKind } from './condition.ts';
import { holds } from './condition.ts';
import type { Decision } from './graph.ts';
import type { Value } from './value.ts';

/** Values kept of one that is known to be among a few: the transports that have ports are three. */
const MAX_AMONG = 8;
/** Exclusions kept of one value: enough for the types of a frame, bounded for lists of a thousand ports. */
const MAX_EXCLUDED = 32;

interface Fact {
  readonly low: number;
  readonly high: number;
  /** All values it can have, if they are few. */
  readonly among: readonly number[] | null;
  readonly excluded: readonly number[];
  /** Masks of which a bit is known to be set, and bits known to be clear. */
  readonly someSet: readonly number[];
  readonly clear: number;
}

/** By the value's id; by a text for two values compared with each other. */
export type Facts = ReadonlyMap<number | string, Fact>;

export const NO_FACTS: Facts = new Map();

const NOTHING: Fact = { low: 0, high: 0xffff_ffff, among: null, excluded: [], someSet: [], clear: 0 };
const YES: Fact = { low: 1, high: 1, among: [1], excluded: [], someSet: [], clear: 0 };
const NO: Fact = { low: 0, high: 0, among: [0], excluded: [], someSet: [], clear: 0 };

/** @returns how the decision must end, null if the facts do not tell */
export function decided(facts: Facts, { test, value, operand }: Decision): boolean | null {
  if (operand.kind !== 'constant') {
    const known = facts.get(pairKey(test, value, operand));
    return known === undefined ? null : known.low === 1;
  }
  const fact = facts.get(value.id);
  if (fact === undefined) return null;
  const { k } = operand;
  if (fact.among !== null) {
    const outcome = holds(test, fact.among[0]!, k);
    return fact.among.every((each) => holds(test, each, k) === outcome) ? outcome : null;
  }
  switch (test) {
    case 'equal':
      if (k < fact.low || k > fact.high || fact.excluded.includes(k) || (k & fact.clear) !== 0) return false;
      return fact.someSet.some((mask) => (mask & k) === 0) ? false : null;
    case 'greater':
      return fact.low > k ? true : fact.high <= k ? false : null;
    case 'greater-equal':
      return fact.low >= k ? true : fact.high < k ? false : null;
    case 'any-bit':
      if ((k & ~fact.clear) === 0) return false;
      return fact.someSet.some((mask) => (mask & ~k) === 0) ? true : null;
  }
}

/** Whether the facts leave few values, some of which end the decision one way and some the other. */
export function splits(facts: Facts, { value, operand }: Decision): boolean {
  const among = operand.kind === 'constant' ? facts.get(value.id)?.among : null;
  return among !== null && among !== undefined && among.length > 1;
}

/** The facts, and that this decision ended so. */
export function learn(facts: Facts, { test, value, operand }: Decision, outcome: boolean): Facts {
  const next = new Map(facts);
  if (operand.kind !== 'constant') {
    next.set(pairKey(test, value, operand), outcome ? YES : NO);
    return next;
  }
  const fact = facts.get(value.id) ?? { ...NOTHING, high: value.max };
  next.set(value.id, narrowed(fact, test, operand.k, outcome));
  return next;
}

function narrowed(fact: Fact, test: TestKind, k: number, outcome: boolean): Fact {
  const { low, high } = fact;
  if (fact.among !== null) return oneOf(fact.among.filter((each) => holds(test, each, k) === outcome));
  switch (test) {
    case 'equal':
      if (outcome) return oneOf([k]);
      return fact.excluded.length < MAX_EXCLUDED ? { ...fact, excluded: [...fact.excluded, k] } : fact;
    case 'greater':
      return outcome ? { ...fact, low: Math.max(low, k + 1) } : { ...fact, high: Math.min(high, k) };
    case 'greater-equal':
      return outcome ? { ...fact, low: Math.max(low, k) } : { ...fact, high: Math.min(high, k - 1) };
    case 'any-bit':
      if (!outcome) return { ...fact, clear: (fact.clear | k) >>> 0 };
      return fact.someSet.length < MAX_EXCLUDED ? { ...fact, someSet: [...fact.someSet, k] } : fact;
  }
}

function oneOf(values: readonly number[]): Fact {
  const clear = values.reduce((bits, each) => bits & ~each, -1) >>> 0;
  return { low: Math.min(...values), high: Math.max(...values), among: values, excluded: [], someSet: [], clear };
}

/** What holds whichever of two ways was taken. */
export function common(left: Facts, right: Facts): Facts {
  const both = new Map<number | string, Fact>();
  for (const [key, one] of left) {
    const other = right.get(key);
    if (other !== undefined) both.set(key, one === other ? one : either(one, other));
  }
  return both;
}

function either(one: Fact, other: Fact): Fact {
  if (one.among !== null && other.among !== null) {
    const among = [...new Set([...one.among, ...other.among])];
    if (among.length <= MAX_AMONG) return oneOf(among.sort((left, right) => left - right));
  }
  const impossible = (fact: Fact, k: number) =>
    k < fact.low || k > fact.high || fact.excluded.includes(k) || (fact.among !== null && !fact.among.includes(k));
  const excluded = [...one.excluded, ...other.excluded].filter((k) => impossible(one, k) && impossible(other, k));
  const set = (fact: Fact, mask: number) =>
    (fact.among?.every((each) => (each & mask) !== 0) ?? false) || fact.someSet.some((each) => (each & ~mask) === 0);
  const someSet = [...one.someSet, ...other.someSet].filter((mask) => set(one, mask) && set(other, mask));
  return {
    low: Math.min(one.low, other.low),
    high: Math.max(one.high, other.high),
    among: null,
    excluded: [...new Set(excluded)].slice(0, MAX_EXCLUDED),
    someSet: [...new Set(someSet)].slice(0, MAX_EXCLUDED),
    clear: (one.clear & other.clear) >>> 0,
  };
}

function pairKey(test: TestKind, value: Value, operand: Value): string {
  return `${test},${value.id},${operand.id}`;
}
