/** What the machine's two registers and its scratch cells hold at one point of the program. */
import type { Value } from './value.ts';

export interface Registers {
  readonly a: Value | null;
  readonly x: Value | null;
  /** Cell of each value kept. */
  readonly cells: ReadonlyMap<Value, number>;
}

export const EMPTY: Registers = { a: null, x: null, cells: new Map() };

/** What holds whichever of two ways was taken. */
export function meet(left: Registers, right: Registers): Registers {
  const cells = new Map<Value, number>();
  for (const [value, cell] of left.cells) if (right.cells.get(value) === cell) cells.set(value, cell);
  return {
    a: left.a === right.a ? left.a : null,
    x: left.x === right.x ? left.x : null,
    cells,
  };
}
