/**
 * Takes decisions out of the graph that the way to them has already settled: each edge is led past them. A value that is
 * known was read before, so no read beyond the packet is lost or gained.
 */
import type { Facts } from './facts.ts';
import { common, decided, learn, NO_FACTS, splits } from './facts.ts';
import type { Decision, Target } from './graph.ts';
import { DecisionTable, inOrder } from './graph.ts';

const MAX_ROUNDS = 8;
/** Decisions looked at in both ways to find one end. */
const MAX_STEPS = 32;

export function simplify(root: Target): Target {
  let current = root;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = simplifyOnce(current);
    if (!next.changed) return next.root;
    current = next.root;
  }
  return current;
}

function simplifyOnce(root: Target): { root: Target; changed: boolean } {
  const order = inOrder(root);
  const factsAt = new Map<Decision, Facts>();
  const edges = new Map<Decision, { yes: Target; no: Target }>();
  let changed = false;

  for (const node of order) {
    const facts = factsAt.get(node) ?? NO_FACTS;
    const lead = (target: Target, outcome: boolean): Target => {
      const known = learn(facts, node, outcome);
      const end = follow(target, known);
      if (end !== target) changed = true;
      if (end.kind === 'decision') {
        const before = factsAt.get(end);
        factsAt.set(end, before === undefined ? known : common(before, known));
      }
      return end;
    };
    // What no edge leads to any more still stands in the order; its facts must not count.
    if (node !== root && !factsAt.has(node)) continue;
    edges.set(node, { yes: lead(node.yes, true), no: lead(node.no, false) });
  }
  return { root: rebuilt(root, order, edges), changed };
}

function follow(from: Target, facts: Facts, budget = { steps: MAX_STEPS }): Target {
  let target = from;
  while (target.kind === 'decision') {
    const outcome = decided(facts, target);
    if (outcome === null) return splits(facts, target) ? followBoth(target, facts, budget) : target;
    target = outcome ? target.yes : target.no;
  }
  return target;
}

/** Where the value is among a few: past the decision if each of them comes to the same end. */
function followBoth(node: Decision, facts: Facts, budget: { steps: number }): Target {
  budget.steps -= 1;
  if (budget.steps < 0) return node;
  const yes = follow(node.yes, learn(facts, node, true), budget);
  const no = follow(node.no, learn(facts, node, false), budget);
  return yes === no ? yes : node;
}

/** From the end to the start, so that equal ends become one. */
function rebuilt(root: Target, order: Decision[], edges: Map<Decision, { yes: Target; no: Target }>): Target {
  const table = new DecisionTable();
  const made = new Map<Target, Target>();
  const of = (target: Target) => (target.kind === 'decision' ? made.get(target)! : target);
  for (const node of order.toReversed()) {
    const edge = edges.get(node);
    if (edge === undefined) continue;
    made.set(node, needed(table, node, of(edge.yes), of(edge.no)));
  }
  return of(root);
}

/**
 * The decision, or where it leads to if it changes nothing: the next one reads the same value, and what this one found
 * leads on from there to the same place.
 */
function needed(table: DecisionTable, node: Decision, yes: Target, no: Target): Target {
  if (node.operand.kind === 'constant') {
    if (readsSame(node, no) && follow(no, learn(NO_FACTS, node, true)) === yes) return no;
    if (readsSame(node, yes) && follow(yes, learn(NO_FACTS, node, false)) === no) return yes;
  }
  return table.make(node.test, node.value, node.operand, yes, no);
}

function readsSame(node: Decision, target: Target): boolean {
  return target.kind === 'decision' && target.value === node.value;
}
