/** A group that is still being filled: plain numbers in memory, 64 series a slab. */
import { SERIES_PER_PAGE } from './group.ts';

export interface HeadShape {
  readonly stepS: number;
  readonly points: number;
  readonly columns: number;
}

export class Head {
  readonly startS: number;
  readonly shape: HeadShape;
  /** Slabs by `id / 64`: series after series, column after column, point after point. */
  readonly #slabs = new Map<number, Float64Array>();
  /** Latest slot that was written. */
  lastSlot = -1;

  constructor(startS: number, shape: HeadShape) {
    this.startS = startS;
    this.shape = shape;
  }

  get endS(): number {
    return this.startS + this.shape.stepS * this.shape.points;
  }

  get bytes(): number {
    return this.#slabs.size * this.#slabLength * 8;
  }

  /** Slab numbers, rising. */
  slabs(): number[] {
    return [...this.#slabs.keys()].sort((a, b) => a - b);
  }

  /** The column to write to. */
  column(id: number, column: number): Float64Array {
    return this.#view(this.#slab(Math.floor(id / SERIES_PER_PAGE)), id, column);
  }

  /** The column if the series has any place here. */
  peek(id: number, column: number): Float64Array | undefined {
    const slab = this.#slabs.get(Math.floor(id / SERIES_PER_PAGE));
    return slab === undefined ? undefined : this.#view(slab, id, column);
  }

  /** One second of many series. */
  writeRow(ids: Uint32Array, slot: number, values: Float64Array): void {
    const { points } = this.shape;
    let slab: Float64Array | undefined;
    let number = -1;
    for (let i = 0; i < ids.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      const id = ids[i]!;
      const wanted = Math.floor(id / SERIES_PER_PAGE);
      if (wanted !== number || slab === undefined) {
        slab = this.#slab(wanted);
        number = wanted;
      }
      slab[(id % SERIES_PER_PAGE) * points + slot] = value + 0;
    }
    if (slot > this.lastSlot) this.lastSlot = slot;
  }

  /** Series of a slab that have any sample. */
  filled(number: number): number[] {
    const slab = this.#slabs.get(number);
    if (slab === undefined) return [];
    const width = this.shape.points * this.shape.columns;
    const ids: number[] = [];
    for (let i = 0; i < SERIES_PER_PAGE; i++) {
      for (let at = i * width; at < (i + 1) * width; at++) {
        if (Number.isNaN(slab[at])) continue;
        ids.push(number * SERIES_PER_PAGE + i);
        break;
      }
    }
    return ids;
  }

  get #slabLength(): number {
    return SERIES_PER_PAGE * this.shape.points * this.shape.columns;
  }

  #slab(number: number): Float64Array {
    let slab = this.#slabs.get(number);
    if (slab === undefined) {
      slab = new Float64Array(this.#slabLength).fill(Number.NaN);
      this.#slabs.set(number, slab);
    }
    return slab;
  }

  #view(slab: Float64Array, id: number, column: number): Float64Array {
    const { points, columns } = this.shape;
    const at = ((id % SERIES_PER_PAGE) * columns + column) * points;
    return slab.subarray(at, at + points);
  }
}
