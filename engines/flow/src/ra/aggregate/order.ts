/** Puts rows in order by columns of numbers: by digits from the last column to the first, which keeps ties as they are. */

const { floor } = Math;
const WORD = 2 ** 32;
const SMALL_DIGIT_BITS = 8;
const LARGE_DIGIT_BITS = 16;
/** Below this many rows, digits of a byte: counting 65,536 of them would take longer than the rows. */
const FEW_ROWS = 8192;

/** @param columns first the one that counts most; no NaN in them @returns numbers of the rows, the least first */
export function orderOf(columns: readonly Float64Array[], count: number): Uint32Array {
  const sorter = new DigitSorter(count);
  for (let at = columns.length - 1; at >= 0; at -= 1) sorter.sort(columns[at] as Float64Array);
  return sorter.rows;
}

class DigitSorter {
  rows: Uint32Array;
  #others: Uint32Array;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #bits: number;
  readonly #counts: Uint32Array;

  constructor(count: number) {
    this.rows = Uint32Array.from({ length: count }, (_, row) => row);
    this.#others = new Uint32Array(count);
    this.#low = new Uint32Array(count);
    this.#high = new Uint32Array(count);
    this.#bits = count < FEW_ROWS ? SMALL_DIGIT_BITS : LARGE_DIGIT_BITS;
    this.#counts = new Uint32Array(1 << this.#bits);
  }

  sort(column: Float64Array): void {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let isWhole = true;
    for (let row = 0; row < column.length; row += 1) {
      const value = column[row] as number;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value !== floor(value)) isWhole = false;
    }
    if (!(max > min)) return;
    const span = max - min;
    if (isWhole && span < WORD * WORD) this.#wholeKeys(column, min);
    else this.#floatKeys(column);
    for (let shift = 0; shift < 32; shift += this.#bits) this.#pass(this.#low, shift);
    if (isWhole && span < WORD) return;
    for (let shift = 0; shift < 32; shift += this.#bits) this.#pass(this.#high, shift);
  }

  #wholeKeys(column: Float64Array, min: number): void {
    for (let row = 0; row < column.length; row += 1) {
      const value = (column[row] as number) - min;
      const high = floor(value / WORD);
      this.#high[row] = high;
      this.#low[row] = value - high * WORD;
    }
  }

  /** The bits of a float are in the order of its value once those of negative ones are inverted. */
  #floatKeys(column: Float64Array): void {
    const words = new Uint32Array(column.slice().buffer);
    for (let row = 0; row < column.length; row += 1) {
      const low = words[row * 2] as number;
      const high = words[row * 2 + 1] as number;
      const isNegative = high >>> 31 === 1;
      this.#low[row] = isNegative ? ~low : low;
      this.#high[row] = isNegative ? ~high : high | 0x80000000;
    }
  }

  /** One digit: rows with the same keep their order. */
  #pass(keys: Uint32Array, shift: number): void {
    const counts = this.#counts;
    const { rows } = this;
    const others = this.#others;
    const mask = counts.length - 1;
    counts.fill(0);
    for (let at = 0; at < rows.length; at += 1) {
      const digit = ((keys[at] as number) >>> shift) & mask;
      counts[digit] = (counts[digit] as number) + 1;
    }
    if (counts[((keys[0] as number) >>> shift) & mask] === rows.length) return;
    let sum = 0;
    for (let digit = 0; digit <= mask; digit += 1) {
      const count = counts[digit] as number;
      counts[digit] = sum;
      sum += count;
    }
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      const digit = ((keys[row] as number) >>> shift) & mask;
      const to = counts[digit] as number;
      others[to] = row;
      counts[digit] = to + 1;
    }
    this.rows = others;
    this.#others = rows;
  }
}
