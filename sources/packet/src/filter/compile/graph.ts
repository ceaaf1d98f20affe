/** The condition as a graph of decisions: each node tests one value and leads to two others, and never back. */
import type { Condition, Test, TestKind } from './condition.ts';
import type { Value } from './value.ts';

export type Target = Decision | Verdict;

export interface Verdict {
  readonly kind: 'verdict';
  readonly accept: boolean;
}

export interface Decision {
  readonly kind: 'decision';
  readonly id: number;
  readonly test: TestKind;
  readonly value: Value;
  readonly operand: Value;
  readonly yes: Target;
  readonly no: Target;
}

export const ACCEPT: Verdict = { kind: 'verdict', accept: true };
export const REJECT: Verdict = { kind: 'verdict', accept: false };

/** Nodes of an unsimplified graph; more cannot become a program of 4096 instructions in any case that is written by hand. */
export const MAX_DECISIONS = 100_000;

/** Makes decisions, each only once. */
export class DecisionTable {
  readonly #decisions = new Map<string, Decision>();

  get size(): number {
    return this.#decisions.size;
  }

  make(test: TestKind, value: Value, operand: Value, yes: Target, no: Target): Target {
    if (yes === no) return yes;
    const key = `${test},${value.id},${operand.id},${idOf(yes)},${idOf(no)}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const decision: Decision = { kind: 'decision', id: this.#decisions.size, test, value, operand, yes, no };
    this.#decisions.set(key, decision);
    return decision;
  }
}

function idOf(target: Target): number {
  return target.kind === 'decision' ? target.id : target.accept ? -1 : -2;
}

/** @returns where a packet starts, for the condition to hold at `yes` and not at `no` */
export function decide(table: DecisionTable, condition: Condition, yes: Target, no: Target): Target {
  switch (condition.kind) {
    case 'always':
      return condition.holds ? yes : no;
    case 'test':
      return decideTest(table, condition, yes, no);
    case 'not':
      return decide(table, condition.of, no, yes);
    case 'all':
      return condition.of.reduceRight((rest, part) => decide(table, part, rest, no), yes);
    case 'any':
      return condition.of.reduceRight((rest, part) => decide(table, part, yes, rest), no);
  }
}

function decideTest(table: DecisionTable, { test, value, operand }: Test, yes: Target, no: Target): Target {
  return table.make(test, value, operand, yes, no);
}

/** All decisions that can be reached, each before those it leads to, the likelier read first. */
export function inOrder(root: Target): Decision[] {
  const order: Decision[] = [];
  const seen = new Set<Target>();
  // A stack of its own: graphs are as deep as a filter is long.
  const stack: { readonly node: Decision; step: number }[] = [];
  const enter = (target: Target) => {
    if (target.kind !== 'decision' || seen.has(target)) return;
    seen.add(target);
    stack.push({ node: target, step: 0 });
  };
  enter(root);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    top.step += 1;
    if (top.step === 1) enter(top.node.no);
    else if (top.step === 2) enter(top.node.yes);
    else {
      order.push(top.node);
      stack.pop();
    }
  }
  return order.reverse();
}
