/** Instructions for a graph of decisions. */
import type { BpfInstruction } from '../program.ts';
import { JEQ, JGE, JGT, JMP, JSET, LD, LDX, MEMORY, SOURCE_X, ST, STX } from '../program.ts';
import { assemble } from './assemble.ts';
import type { TestKind } from './condition.ts';
import type { Decision, Target } from './graph.ts';
import { inOrder } from './graph.ts';
import { FIRST_SPILL, Loader } from './loader.ts';
import type { Registers } from './registers.ts';
import { EMPTY, meet } from './registers.ts';
import type { Value } from './value.ts';

/** The instructions of one decision: loads, then a jump by `jump`. */
export interface Block {
  readonly decision: Decision;
  readonly yes: Target;
  readonly no: Target;
  readonly loads: readonly BpfInstruction[];
  readonly jump: number;
  readonly k: number;
}

const JUMPS: Readonly<Record<TestKind, number>> = {
  equal: JMP | JEQ,
  greater: JMP | JGT,
  'greater-equal': JMP | JGE,
  'any-bit': JMP | JSET,
};

/** Values that are tried in a scratch cell. */
const MAX_TRIALS = 24;
/** Programs larger than this are not tried again and again. */
const MAX_DECISIONS_TRIED = 2000;
/** A value cheaper than this is computed anew rather than stored and fetched. */
const WORTH_KEEPING = 3;
/** A value this dear is always kept, in one of the first cells, which take turns. */
const DEAR = 24;
const CELLS_IN_TURN = 8;

export function emit(root: Target, snapLength: number): BpfInstruction[] {
  const order = inOrder(root);
  const wanted = candidates(order);
  const dear = wanted.filter(({ cost }) => cost >= DEAR).sort((one, other) => one.id - other.id);
  let kept = new Map(dear.map((value, index) => [value, index % CELLS_IN_TURN] as const));
  let best = blocksOf(order, kept);
  if (order.length > MAX_DECISIONS_TRIED) return assemble(root, best, snapLength);
  let free = Math.min(dear.length, CELLS_IN_TURN);
  for (const value of wanted.filter(({ cost }) => cost < DEAR).slice(0, MAX_TRIALS)) {
    if (free === FIRST_SPILL) break;
    const trial = new Map([...kept, [value, free] as const]);
    const blocks = blocksOf(order, trial);
    if (sizeOf(blocks) >= sizeOf(best)) continue;
    kept = trial;
    best = blocks;
    free += 1;
  }
  return assemble(root, best, snapLength);
}

function blocksOf(order: readonly Decision[], kept: ReadonlyMap<Value, number>): Block[] {
  const entry = new Map<Target, Registers>();
  const blocks: Block[] = [];
  for (const decision of order) {
    const { test, value, operand } = decision;
    const loader = new Loader(entry.get(decision) ?? EMPTY, kept);
    const byX = operand.kind !== 'constant';
    if (byX) loader.loadBoth(value, operand);
    else loader.loadA(value);
    const after = loader.registers;
    for (const next of [decision.yes, decision.no]) {
      const known = entry.get(next);
      entry.set(next, known === undefined ? after : meet(known, after));
    }
    const jump = JUMPS[test] | (byX ? SOURCE_X : 0);
    blocks.push({ decision, yes: decision.yes, no: decision.no, loads: loader.code, jump, k: byX ? 0 : operand.k });
  }
  return merged(kept.size === 0 ? blocks : withoutDeadStores(blocks));
}

/** Blocks of equal instructions that lead to the same places are one, whatever they look at. */
function merged(blocks: readonly Block[]): Block[] {
  const stands = new Map<Target, Target>();
  const known = new Map<string, Target>();
  const ids = new Map<Target, number>();
  const idOf = (target: Target) => {
    if (!ids.has(target)) ids.set(target, ids.size);
    return ids.get(target)!;
  };
  const result: Block[] = [];
  for (const block of blocks.toReversed()) {
    const yes = stands.get(block.yes) ?? block.yes;
    const no = stands.get(block.no) ?? block.no;
    const code = block.loads.map(({ code, k }) => `${code} ${k}`).join();
    const key = `${code};${block.jump},${block.k},${idOf(yes)},${idOf(no)}`;
    const before = known.get(key);
    if (before !== undefined) {
      stands.set(block.decision, before);
      continue;
    }
    known.set(key, block.decision);
    result.push({ ...block, yes, no });
  }
  return result.reverse();
}

function sizeOf(blocks: readonly Block[]): number {
  return blocks.reduce((size, { loads }) => size + loads.length + 1, 0);
}

/** Values that more than one place needs and that are dear enough, the dearest first. */
function candidates(order: readonly Decision[]): Value[] {
  const uses = new Map<Value, number>();
  const visit = (value: Value) => {
    const before = uses.get(value) ?? 0;
    uses.set(value, before + 1);
    // Parts of a value that is used again are used through it.
    if (before > 0) return;
    for (const part of partsOf(value)) visit(part);
  };
  for (const { value, operand } of order) {
    visit(value);
    visit(operand);
  }
  return [...uses]
    .filter(([value, count]) => count > 1 && value.cost >= WORTH_KEEPING)
    .sort(([one, oneUses], [other, otherUses]) => other.cost * otherUses - one.cost * oneUses || one.id - other.id)
    .map(([value]) => value);
}

function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'load':
      return value.base === null ? [] : [value.base];
    case 'negation':
      return [value.of];
    case 'operation':
      return [value.left, value.right];
    default:
      return [];
  }
}

/** Drops stores into cells that nothing behind them reads. */
function withoutDeadStores(blocks: readonly Block[]): Block[] {
  const liveAt = new Map<Target, number>();
  const result: Block[] = [];
  for (const block of blocks.toReversed()) {
    const { yes, no } = block.decision;
    let live = (liveAt.get(yes) ?? 0) | (liveAt.get(no) ?? 0);
    const loads: BpfInstruction[] = [];
    for (const instruction of block.loads.toReversed()) {
      const cell = 1 << instruction.k;
      if (instruction.code === ST || instruction.code === STX) {
        if ((live & cell) === 0) continue;
        live &= ~cell;
      } else if (instruction.code === (LD | MEMORY) || instruction.code === (LDX | MEMORY)) live |= cell;
      loads.push(instruction);
    }
    liveAt.set(block.decision, live);
    result.push({ ...block, loads: loads.reverse() });
  }
  return result.reverse();
}
