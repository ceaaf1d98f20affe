/** Numbers as C's printf writes them: `%.Nf`, exact and half to even. */

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/** Below this a product with a power of ten is off by less than {@link NEAR_HALF}. */
const FAST_LIMIT = 2 ** 40;
const NEAR_HALF = 2 ** -11;
/** Digits after the point that hold any double of ordinary size exactly; a tie cannot hide behind them. */
const EXACT_DIGITS = 60;

/**
 * The number scaled to a whole one, where that is safely exact.
 *
 * @param magnitude not negative
 * @param digits 0 to 15
 * @returns `magnitude * 10^digits` rounded, or -1 when it lies too near a tie or is too large to tell
 */
export function scaledWhole(magnitude: number, digits: number): number {
  const scaled = magnitude * (POWERS[digits] as number);
  if (!(scaled < FAST_LIMIT)) return -1;
  const whole = Math.floor(scaled);
  const part = scaled - whole;
  if (part > 0.5 + NEAR_HALF) return whole + 1;
  return part < 0.5 - NEAR_HALF ? whole : -1;
}

/**
 * @param digits after the point, 0 to 40
 * @returns what printf's `%.{digits}f` gives, also for what is not a number
 */
export function fixedText(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  const exact = magnitude.toFixed(EXACT_DIGITS);
  const cut = exact.length - EXACT_DIGITS + digits;
  const isTie = exact[cut] === '5' && /^0*$/.test(exact.slice(cut + 1));
  if (!isTie) return sign + magnitude.toFixed(digits);
  const kept = exact.slice(0, digits === 0 ? cut - 1 : cut);
  const isEven = '02468'.includes(kept.at(-1) as string);
  return sign + (isEven ? kept : magnitude.toFixed(digits));
}
