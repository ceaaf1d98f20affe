/** What moved: the two-sample Kolmogorov-Smirnov test of a window against the time before it. */

/**
 * The largest distance between the two empirical distributions, 0 to 1.
 * @param a @param b samples in any order; both are sorted in place
 */
export function ks2Distance(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  a.sort();
  b.sort();
  let i = 0;
  let j = 0;
  let distance = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return distance;
}

/**
 * Chance that samples of one distribution are that far apart.
 * @see Press et al., Numerical Recipes, 14.3 (Stephens' approximation)
 */
export function ks2Probability(distance: number, countA: number, countB: number): number {
  const effective = Math.sqrt((countA * countB) / (countA + countB));
  const lambda = (effective + 0.12 + 0.11 / effective) * distance;
  if (lambda < 0.2) return 1;
  let sum = 0;
  let sign = 1;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += sign * term;
    if (term < 1e-10) break;
    sign = -sign;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
