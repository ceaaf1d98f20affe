/** Files in the order of a walk, a few at a time, until nothing in the rest can come before what was found. */
import type { WalkOrder } from '../query/compiled.ts';
import type { ListedFile } from './file-list.ts';

/** Files opened in the first step; each further step opens four times as many. */
const FIRST_STEP_FILES = 1;
const STEP_GROWTH = 4;

/** Time in nanoseconds, or id, as the order goes. */
export type Bound = bigint | string;

export class Walk {
  readonly #order: WalkOrder;
  readonly #limit: number;
  readonly #rest: ListedFile[];
  #stepFiles = FIRST_STEP_FILES;

  constructor(order: WalkOrder, limit: number, files: readonly ListedFile[]) {
    this.#order = order;
    this.#limit = limit;
    this.#rest = [...files].sort(
      order === 'newest' ? (a, b) => compare(b.maxTime, a.maxTime) : (a, b) => compare(a.minId, b.minId),
    );
  }

  /** Together with the hot rows, so there is a first step without a file too. */
  first(): ListedFile[] | undefined {
    return this.#rest.splice(0, this.#stepFiles);
  }

  /** @param found so far, in order */
  next(found: readonly Bound[]): ListedFile[] | undefined {
    if (this.#rest.length === 0 || this.#enough(found)) return undefined;
    this.#stepFiles *= STEP_GROWTH;
    return this.#rest.splice(0, this.#stepFiles);
  }

  merge(found: readonly Bound[], more: readonly Bound[]): Bound[] {
    if (found.length === 0) return [...more];
    const all = [...found, ...more];
    all.sort(this.#order === 'newest' ? (a, b) => compare(b, a) : compare);
    if (all.length > this.#limit) all.length = this.#limit;
    return all;
  }

  #enough(found: readonly Bound[]): boolean {
    const last = found[this.#limit - 1];
    const next = this.#rest[0];
    if (last === undefined || next === undefined) return false;
    return this.#order === 'newest' ? compare(next.maxTime, last) < 0 : compare(next.minId, last) > 0;
  }
}

/** Whether a file may have events between the two, both included. */
export function mayHold(file: ListedFile, order: WalkOrder, low: Bound, high: Bound): boolean {
  const [least, greatest] = order === 'newest' ? [file.minTime, file.maxTime] : [file.minId, file.maxId];
  return compare(greatest, low) >= 0 && compare(least, high) <= 0;
}

function compare(a: Bound, b: Bound): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
