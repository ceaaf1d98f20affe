/**
 * Ids that sort by the time of receipt: ULIDs, each greater than the one before, whatever the clock does.
 *
 * @see https://github.com/ulid/spec
 */
import { getRandomValues } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_DIGITS = 16;

/** @returns a function that takes UTC milliseconds and gives the next id, 26 characters */
export function ulidSource(): (nowMs: number) => string {
  const digits = new Uint8Array(RANDOM_DIGITS);
  let lastMs = -1;
  let prefix = '';
  return (nowMs) => {
    if (nowMs > lastMs) {
      lastMs = nowMs;
      prefix = timeDigits(lastMs);
      getRandomValues(digits);
      for (let i = 0; i < RANDOM_DIGITS; i++) digits[i] = digits[i]! & 31;
    } else if (!increment(digits)) {
      lastMs += 1;
      prefix = timeDigits(lastMs);
    }
    let id = prefix;
    for (let i = 0; i < RANDOM_DIGITS; i++) id += ALPHABET[digits[i]!];
    return id;
  };
}

/** @returns false when all digits went back to zero */
function increment(digits: Uint8Array): boolean {
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i]! < 31) {
      digits[i]! += 1;
      return true;
    }
    digits[i] = 0;
  }
  return false;
}

function timeDigits(ms: number): string {
  let rest = ms;
  let out = '';
  for (let i = 0; i < 10; i++) {
    out = ALPHABET[rest % 32]! + out;
    rest = Math.floor(rest / 32);
  }
  return out;
}
