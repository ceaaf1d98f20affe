/** From samples to coarser points: minimum, maximum, sum and count of each bucket. */

export const MIN = 0;
export const MAX = 1;
export const SUM = 2;
export const COUNT = 3;
/** Columns a series of every tier but the first. */
export const ROLLED_COLUMNS = 4;

/**
 * Rolls samples into buckets of `per` samples each.
 * @param target the four columns of the series; buckets from `first` on are written, those without samples left alone
 */
export function rollSamples(samples: Float64Array, per: number, target: readonly Float64Array[], first: number): void {
  for (let bucket = 0; bucket * per < samples.length; bucket++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let count = 0;
    for (let i = bucket * per; i < (bucket + 1) * per; i++) {
      const value = samples[i]!;
      if (Number.isNaN(value)) continue;
      if (value < least) least = value;
      if (value > most) most = value;
      sum += value;
      count++;
    }
    if (count > 0) put(target, first + bucket, least, most, sum, count);
  }
}

/** Rolls all points of a series into one. */
export function rollPoints(source: readonly Float64Array[], target: readonly Float64Array[], at: number): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  const counts = source[COUNT]!;
  for (let i = 0; i < counts.length; i++) {
    const many = counts[i]!;
    if (Number.isNaN(many)) continue;
    if (source[MIN]![i]! < least) least = source[MIN]![i]!;
    if (source[MAX]![i]! > most) most = source[MAX]![i]!;
    sum += source[SUM]![i]!;
    count += many;
  }
  if (count > 0) put(target, at, least, most, sum, count);
}

function put(target: readonly Float64Array[], at: number, least: number, most: number, sum: number, count: number) {
  target[MIN]![at] = least;
  target[MAX]![at] = most;
  // Adding decimals leaves noise in the last digits, which would keep the column from being decimal.
  target[SUM]![at] = Math.abs(sum) > 1e-3 ? Math.round(sum * 1e6) / 1e6 : sum;
  target[COUNT]![at] = count;
}
