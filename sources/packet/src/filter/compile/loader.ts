/** Instructions that bring a value into A or X, using what the registers hold already. */
import { FilterError } from '../language/error.ts';
import type { BpfInstruction } from '../program.ts';
import {
  ABSOLUTE,
  ADD,
  ALU,
  AND,
  BYTE,
  HALF,
  HEADER_LENGTH,
  IMMEDIATE,
  INDIRECT,
  LD,
  LDX,
  LENGTH,
  MEMORY,
  MISC,
  MUL,
  NEG,
  OR,
  SCRATCH_CELLS,
  SOURCE_X,
  ST,
  STX,
  TAX,
  TXA,
  WORD,
  XOR,
} from '../program.ts';
import type { Registers } from './registers.ts';
import type { Operation, Value } from './value.ts';

const COMMUTATIVE = new Set([ADD, MUL, AND, OR, XOR]);
/** Cells below hold values for later decisions; from here on, what one decision needs in between. */
export const FIRST_SPILL = 10;
const SIZES = { 1: BYTE, 2: HALF, 4: WORD };

/** Emits the loads of one decision. Values in `kept` go to scratch cells as soon as they are computed. */
export class Loader {
  readonly code: BpfInstruction[] = [];
  #a: Value | null;
  #x: Value | null;
  readonly #cells: Map<Value, number>;
  readonly #kept: ReadonlyMap<Value, number>;
  /** Cells from here on hold what this decision alone needs. */
  #nextCell: number;

  constructor(registers: Registers, kept: ReadonlyMap<Value, number>) {
    this.#a = registers.a;
    this.#x = registers.x;
    this.#cells = new Map(registers.cells);
    this.#kept = kept;
    this.#nextCell = FIRST_SPILL;
  }

  get registers(): Registers {
    return { a: this.#a, x: this.#x, cells: this.#cells };
  }

  loadA(value: Value): void {
    if (this.#a === value) return;
    if (this.#x === value) {
      this.#emit(MISC | TXA, 0);
      this.#a = value;
      return;
    }
    const cell = this.#cells.get(value);
    if (cell !== undefined) this.#emit(LD | MEMORY, cell);
    else this.#computeA(value);
    this.#a = value;
    this.#keep(value, ST);
  }

  loadX(value: Value): void {
    if (this.#x === value) return;
    if (!this.#loadXDirectly(value)) {
      this.loadA(value);
      this.#emit(MISC | TAX, 0);
      this.#x = value;
    }
  }

  /** Both registers at once, for a comparison or an operation. */
  loadBoth(a: Value, x: Value): void {
    const aLeavesX = this.#a === a || !usesX(a, this.#cells);
    if (a === x) {
      this.loadA(a);
      this.loadX(x);
    } else if (this.#x === x && aLeavesX) {
      this.loadA(a);
    } else if (this.#isDirectX(x)) {
      this.loadA(a);
      this.#loadXDirectly(x);
    } else if (!usesX(a, this.#cells)) {
      this.loadX(x);
      this.loadA(a);
    } else {
      const cell = this.#spill();
      if (this.#x === x) this.#emit(STX, cell);
      else {
        this.loadA(x);
        this.#emit(ST, cell);
      }
      this.loadA(a);
      this.#emit(LDX | MEMORY, cell);
      this.#x = x;
      this.#nextCell -= 1;
    }
  }

  #computeA(value: Value): void {
    switch (value.kind) {
      case 'constant':
        this.#emit(LD | IMMEDIATE, value.k);
        break;
      case 'length':
        this.#emit(LD | LENGTH, 0);
        break;
      case 'load':
        if (value.base !== null) this.loadX(value.base);
        this.#emit(LD | (value.base === null ? ABSOLUTE : INDIRECT) | SIZES[value.size], value.k);
        break;
      case 'header-length':
        this.loadX(value);
        this.#emit(MISC | TXA, 0);
        break;
      case 'negation':
        this.loadA(value.of);
        this.#emit(ALU | NEG, 0);
        break;
      case 'operation':
        this.#computeOperation(value);
    }
  }

  #computeOperation({ operation, left, right }: Operation): void {
    if (right.kind === 'constant') {
      this.loadA(left);
      this.#emit(ALU | operation, right.k);
      return;
    }
    // Of two values that can change places, the one that X can take at once goes there.
    const swap =
      COMMUTATIVE.has(operation) &&
      this.#a !== left &&
      (this.#a === right || this.#x === left || (this.#isDirectX(left) && !this.#isDirectX(right)));
    if (swap) this.loadBoth(right, left);
    else this.loadBoth(left, right);
    this.#emit(ALU | operation | SOURCE_X, 0);
  }

  /** Whether X can take the value without A, whatever X holds now. */
  #isDirectX(value: Value): boolean {
    return (
      this.#cells.has(value) || value.kind === 'constant' || value.kind === 'length' || value.kind === 'header-length'
    );
  }

  /** @returns false where X can take it only through A */
  #loadXDirectly(value: Value): boolean {
    if (this.#x === value) return true;
    const cell = this.#cells.get(value);
    if (this.#a === value) return false;
    if (cell !== undefined) this.#emit(LDX | MEMORY, cell);
    else if (value.kind === 'constant') this.#emit(LDX | IMMEDIATE, value.k);
    else if (value.kind === 'length') this.#emit(LDX | LENGTH, 0);
    else if (value.kind === 'header-length') this.#emit(LDX | HEADER_LENGTH | BYTE, value.k);
    else return false;
    this.#x = value;
    this.#keep(value, STX);
    return true;
  }

  #keep(value: Value, store: number): void {
    const cell = this.#kept.get(value);
    if (cell === undefined || this.#cells.has(value)) return;
    this.#emit(store, cell);
    for (const [before, place] of this.#cells) if (place === cell) this.#cells.delete(before);
    this.#cells.set(value, cell);
  }

  #spill(): number {
    if (this.#nextCell >= SCRATCH_CELLS) {
      throw new FilterError(
        'filter.too-large',
        'The arithmetic needs more intermediate results than the packet filter machine has cells (16).',
        0,
        'Split it into several comparisons.',
      );
    }
    const cell = this.#nextCell;
    this.#nextCell += 1;
    return cell;
  }

  #emit(code: number, k: number): void {
    this.code.push({ code, jt: 0, jf: 0, k: k >>> 0 });
  }
}

/** Whether computing the value into A changes X. */
function usesX(value: Value, cells: ReadonlyMap<Value, number>): boolean {
  if (cells.has(value)) return false;
  switch (value.kind) {
    case 'constant':
    case 'length':
      return false;
    case 'load':
      return value.base !== null;
    case 'header-length':
      return true;
    case 'negation':
      return usesX(value.of, cells);
    case 'operation':
      return value.right.kind !== 'constant' || usesX(value.left, cells);
  }
}
