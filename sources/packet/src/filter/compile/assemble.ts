/**
 * Lays the blocks out and resolves their jumps, from the end to the start: every jump goes forward, so its target is in
 * place already. A conditional jump skips 255 instructions at most; beyond that it goes to a helper close by.
 */
import { FilterError } from '../language/error.ts';
import type { BpfInstruction } from '../program.ts';
import { IMMEDIATE, JA, JMP, MAX_INSTRUCTIONS, MAX_JUMP, RET } from '../program.ts';
import type { Block } from './emit.ts';
import type { Target } from './graph.ts';
import { ACCEPT, REJECT } from './graph.ts';

export function assemble(root: Target, blocks: readonly Block[], snapLength: number): BpfInstruction[] {
  const layout = new Layout(snapLength);
  if (root.kind === 'verdict') {
    layout.place(root);
    return layout.instructions();
  }
  layout.place(REJECT);
  layout.place(ACCEPT);
  for (const { decision, yes, no, loads, jump, k } of blocks.toReversed()) {
    // Helpers go between this block and the next: nothing runs into them.
    const helpers = [yes, no].filter((target) => !layout.isNear(target, 2));
    for (const target of new Set(helpers)) layout.placeHelper(target);
    layout.push({ code: jump, jt: layout.distanceTo(yes), jf: layout.distanceTo(no), k });
    for (const load of loads.toReversed()) layout.push(load);
    layout.mark(decision);
  }
  return layout.instructions();
}

class Layout {
  readonly #snapLength: number;
  /** From the end to the start. */
  readonly #reversed: BpfInstruction[] = [];
  /** How far from the end a target starts, and the nearest helper that leads there. */
  readonly #starts = new Map<Target, number>();
  readonly #nearest = new Map<Target, number>();

  constructor(snapLength: number) {
    this.#snapLength = snapLength;
  }

  push(instruction: BpfInstruction): void {
    if (this.#reversed.length === MAX_INSTRUCTIONS) {
      throw new FilterError(
        'filter.too-large',
        `The filter needs more than ${MAX_INSTRUCTIONS} instructions, which is what the kernel takes.`,
        0,
        'Write networks instead of many hosts and "portrange" instead of many ports, or several filters.',
      );
    }
    this.#reversed.push(instruction);
  }

  mark(target: Target): void {
    this.#starts.set(target, this.#reversed.length);
    this.#nearest.set(target, this.#reversed.length);
  }

  place(target: Target): void {
    const k = target === ACCEPT ? this.#snapLength : 0;
    this.push({ code: RET | IMMEDIATE, jt: 0, jf: 0, k });
    this.mark(target);
  }

  /** A jump, or for a verdict the verdict itself. */
  placeHelper(target: Target): void {
    if (target.kind === 'verdict') {
      this.place(target);
      return;
    }
    const k = this.#reversed.length - this.#starts.get(target)!;
    this.push({ code: JMP | JA, jt: 0, jf: 0, k });
    this.#nearest.set(target, this.#reversed.length);
  }

  /** Whether a jump placed now reaches it, with `spare` helpers placed first. */
  isNear(target: Target, spare: number): boolean {
    return this.distanceTo(target) + spare <= MAX_JUMP;
  }

  /** Instructions that a jump placed now would skip. */
  distanceTo(target: Target): number {
    return this.#reversed.length - this.#nearest.get(target)!;
  }

  instructions(): BpfInstruction[] {
    return this.#reversed.toReversed();
  }
}
