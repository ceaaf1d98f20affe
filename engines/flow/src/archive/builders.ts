/** Gathers the values of one column, row by row, in the form in which they travel: typed arrays, texts by number. */
import type { EventColumn, EventColumnType, NumberArray } from '@undercroft/kernel';

export interface ColumnBuilder {
  /** What was gathered of the first `rows` rows, and starts anew. @returns undefined if no row had a value */
  take(rows: number): EventColumn | undefined;
}

const ARRAYS = { uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array } as const;

export class NumberBuilder implements ColumnBuilder {
  readonly #values: NumberArray;
  readonly #present: Uint8Array;
  #count = 0;

  constructor(type: EventColumnType, capacity: number) {
    this.#values = new (ARRAYS[type as keyof typeof ARRAYS] ?? Float64Array)(capacity);
    this.#present = new Uint8Array(capacity);
  }

  set(row: number, value: number): void {
    this.#values[row] = value;
    this.#count += 1 - this.#present[row]!;
    this.#present[row] = 1;
  }

  take(rows: number): EventColumn | undefined {
    if (this.#count === 0) return undefined;
    const values = this.#values.slice(0, rows);
    const column = this.#count === rows ? values : { values, present: this.#present.slice(0, rows) };
    this.#values.fill(0, 0, rows);
    this.#present.fill(0, 0, rows);
    this.#count = 0;
    return column;
  }
}

/** @typeParam K what tells texts apart: themselves, or an address as a number */
export class TextBuilder<K extends string | number = string> implements ColumnBuilder {
  readonly #codes: Uint32Array;
  readonly #codeOf = new Map<K, number>();
  /** The first stands for none. */
  #values: (string | null)[] = [null];

  constructor(capacity: number) {
    this.#codes = new Uint32Array(capacity);
  }

  set(row: number, key: K, text: (key: K) => string = String): void {
    let code = this.#codeOf.get(key);
    if (code === undefined) {
      code = this.#values.push(text(key)) - 1;
      this.#codeOf.set(key, code);
    }
    this.#codes[row] = code;
  }

  take(rows: number): EventColumn | undefined {
    if (this.#values.length === 1) return undefined;
    const column = { values: this.#values, codes: this.#codes.slice(0, rows) };
    this.#values = [null];
    this.#codeOf.clear();
    this.#codes.fill(0, 0, rows);
    return column;
  }
}
