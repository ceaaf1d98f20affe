/**
 * Columns into DuckDB's vectors. The binding's own `setItem` takes a bigint for each 64-bit number and computes with
 * bigints for each null: with sixty columns that is most of what storing costs. Here numbers go into the vector's array
 * whole, and nulls into its bits by the word.
 */
import type { DuckDBVector } from '@duckdb/node-api';
import { columnValue, type EventColumn, isCoded, isPartial, type NumberArray } from '@undercroft/kernel';

/** Writes `rows` values from `start` on into a vector of as many. */
export type Fill = (vector: DuckDBVector, start: number, rows: number) => void;

/** What the binding's vectors have inside; the version of the binding is pinned. */
interface Inside {
  /** Numbers only. */
  readonly items?: NumberArray | BigInt64Array;
  readonly validity: { data: BigUint64Array | null };
}

const BITS_A_WORD = 64;
const LIMIT = 2 ** 32;

export const fillNothing: Fill = (vector, _start, rows) => void validity(vector, rows).fill(0);

export function fillOne(value: string | number): Fill {
  return (vector, _start, rows) => {
    for (let row = 0; row < rows; row++) vector.setItem(row, value);
  };
}

/** As it is. */
export function fillColumn(values: EventColumn): Fill {
  if (isCoded(values)) return fillCoded(values.values, values.codes);
  if (isPartial(values)) return fillPartial(values.values, values.present, 1);
  if (ArrayBuffer.isView(values)) return fillNumbers(values, 1);
  return fillEach(values, 1);
}

/** Microseconds as nanoseconds. */
export function fillThousandfold(values: EventColumn): Fill {
  if (isPartial(values)) return fillPartial(values.values, values.present, 1000);
  if (ArrayBuffer.isView(values)) return fillNumbers(values, 1000);
  return fillEach(values, 1000);
}

function fillCoded(values: readonly (string | null)[], codes: Uint32Array): Fill {
  return (vector, start, rows) => {
    let absent: Uint32Array | undefined;
    for (let row = 0; row < rows; row++) {
      const value = values[codes[start + row]!];
      if (typeof value === 'string') vector.setItem(row, value);
      else {
        absent ??= validity(vector, rows);
        clear(absent, row);
      }
    }
  };
}

function fillNumbers(values: NumberArray, scale: number): Fill {
  return (vector, start, rows) => putNumbers(vector, values, start, rows, scale);
}

function fillPartial(values: NumberArray, present: Uint8Array, scale: number): Fill {
  return (vector, start, rows) => {
    putNumbers(vector, values, start, rows, scale);
    const bits = validity(vector, rows);
    for (let row = 0; row < rows; row++) if (present[start + row] !== 1) clear(bits, row);
  };
}

function fillEach(values: EventColumn, scale: number): Fill {
  return (vector, start, rows) => {
    const items = numbersOf(vector);
    const wide = items instanceof BigInt64Array ? new Uint32Array(items.buffer, items.byteOffset, rows * 2) : undefined;
    let absent: Uint32Array | undefined;
    for (let row = 0; row < rows; row++) {
      const value = columnValue(values, start + row);
      if (value === null) {
        absent ??= validity(vector, rows);
        clear(absent, row);
      } else if (typeof value === 'number' && wide !== undefined) putWide(wide, row, value, scale);
      else if (typeof value === 'number' && items !== undefined) (items as NumberArray)[row] = value;
      else vector.setItem(row, value);
    }
  };
}

function putNumbers(vector: DuckDBVector, values: NumberArray, start: number, rows: number, scale: number): void {
  const items = numbersOf(vector);
  if (items instanceof BigInt64Array) {
    const wide = new Uint32Array(items.buffer, items.byteOffset, rows * 2);
    for (let row = 0; row < rows; row++) putWide(wide, row, values[start + row]!, scale);
  } else if (items !== undefined) items.set(values.subarray(start, start + rows));
  else for (let row = 0; row < rows; row++) vector.setItem(row, values[start + row]!);
}

/** A 64-bit number as two words. @param value a whole number, exact to 2^53; scaled it may be greater */
function putWide(words: Uint32Array, row: number, value: number, scale: number): void {
  const low = (value >>> 0) * scale;
  const high = Math.floor(value / LIMIT) * scale + Math.floor(low / LIMIT);
  words[2 * row] = low % LIMIT;
  words[2 * row + 1] = high >>> 0;
}

function numbersOf(vector: DuckDBVector): Inside['items'] {
  const { items } = vector as unknown as Inside;
  return ArrayBuffer.isView(items) ? items : undefined;
}

/** A bit for each row as 32-bit words, set for those that have a value. */
function validity(vector: DuckDBVector, rows: number): Uint32Array {
  const { validity: inside } = vector as unknown as Inside;
  inside.data ??= new BigUint64Array(Math.ceil(rows / BITS_A_WORD)).fill(0xffff_ffff_ffff_ffffn);
  return new Uint32Array(inside.data.buffer, inside.data.byteOffset, inside.data.length * 2);
}

function clear(bits: Uint32Array, row: number): void {
  bits[row >>> 5]! &= ~(1 << (row & 31));
}
