/** What a counter has moved by, seen twice. */

const WRAPS = [2 ** 8, 2 ** 16, 2 ** 32, 2 ** 64];
/** A wrapped counter may not have moved further than this share of its range; more is a reset. */
const WRAP_SHARE = 0.1;

/**
 * @returns the change, at least 0; a value below the last one is a wrap of the smallest width (8, 16, 32, 64 bits)
 * that held the last value when that makes a change under 10 % of the width, and otherwise a reset: NaN
 */
export function counterDelta(before: number, now: number): number {
  if (now >= before) return now - before;
  for (const range of WRAPS) {
    if (before >= range) continue;
    const delta = range - before + now;
    return delta < range * WRAP_SHARE ? delta : Number.NaN;
  }
  return Number.NaN;
}
