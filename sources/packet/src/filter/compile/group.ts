/**
 * Puts tests of the same value next to each other where their order does not matter: in a run of tests that each lead to
 * the same place if they hold (`port 80 or 443`), or if they do not. The value is then loaded once.
 */
import type { Decision, Target } from './graph.ts';
import { DecisionTable, inOrder } from './graph.ts';

type Side = 'yes' | 'no';

export function groupLoads(root: Target): Target {
  const order = inOrder(root);
  const entries = new Map<Target, number>();
  for (const { yes, no } of order) for (const next of [yes, no]) entries.set(next, (entries.get(next) ?? 0) + 1);

  const inRun = new Set<Decision>();
  const runs = new Map<Decision, { run: readonly Decision[]; side: Side }>();
  for (const node of order) {
    if (inRun.has(node)) continue;
    for (const side of ['yes', 'no'] as const) {
      const run = runFrom(node, side, entries);
      const grouped = groupByValue(run);
      if (grouped.every((each, index) => each === run[index])) continue;
      runs.set(node, { run: grouped, side });
      for (const each of run) inRun.add(each);
      break;
    }
  }
  return runs.size === 0 ? root : rebuilt(root, order, runs, inRun);
}

/** Tests that all lead to the same place on one side, each reached only from the one before. */
function runFrom(first: Decision, side: Side, entries: ReadonlyMap<Target, number>): Decision[] {
  const other = opposite(side);
  const run = [first];
  for (let next = first[other]; next.kind === 'decision'; next = next[other]) {
    if (next[side] !== first[side] || entries.get(next) !== 1) break;
    run.push(next);
  }
  return run;
}

function groupByValue(run: readonly Decision[]): Decision[] {
  const groups = new Map<number, Decision[]>();
  for (const each of run) {
    const group = groups.get(each.value.id);
    if (group === undefined) groups.set(each.value.id, [each]);
    else group.push(each);
  }
  return [...groups.values()].flat();
}

function rebuilt(
  root: Target,
  order: readonly Decision[],
  runs: ReadonlyMap<Decision, { run: readonly Decision[]; side: Side }>,
  inRun: ReadonlySet<Decision>,
): Target {
  const table = new DecisionTable();
  const made = new Map<Target, Target>();
  const of = (target: Target) => (target.kind === 'decision' ? made.get(target)! : target);
  for (const node of order.toReversed()) {
    const found = runs.get(node);
    if (found === undefined) {
      // Inside a run only its first test is entered from outside.
      if (!inRun.has(node)) made.set(node, table.make(node.test, node.value, node.operand, of(node.yes), of(node.no)));
      continue;
    }
    const { run, side } = found;
    const end = of(node[side]);
    made.set(
      node,
      run.reduceRight((rest, each) => link(table, each, side, end, rest), of(exitOf(node, run, side))),
    );
  }
  return of(root);
}

/** Where the run goes on when no test of it has left. */
function exitOf(first: Decision, run: readonly Decision[], side: Side): Target {
  let exit: Target = first;
  for (let left = run.length; left > 0 && exit.kind === 'decision'; left -= 1) exit = exit[opposite(side)];
  return exit;
}

function link(table: DecisionTable, { test, value, operand }: Decision, side: Side, end: Target, rest: Target): Target {
  return side === 'yes' ? table.make(test, value, operand, end, rest) : table.make(test, value, operand, rest, end);
}

function opposite(side: Side): Side {
  return side === 'yes' ? 'no' : 'yes';
}
