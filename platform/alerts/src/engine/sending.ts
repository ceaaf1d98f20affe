/** How the outbox of one contact is worked off: one by one, or as a digest when there are too many. Pure. */

export const SECOND_US = 1e6;
export const MINUTE_US = 60 * SECOND_US;
const FIRST_RETRY_US = 10 * SECOND_US;
const LONGEST_RETRY_US = 3600 * SECOND_US;

/** After so many failures a notification is given up: a bit more than a day. */
export const MAX_ATTEMPTS = 30;

/** Doubles from 10 s to an hour. */
export function retryAfterUs(attempts: number): number {
  return Math.min(FIRST_RETRY_US * 2 ** Math.max(0, attempts - 1), LONGEST_RETRY_US);
}

export type Plan =
  | { readonly kind: 'each' }
  | { readonly kind: 'digest' }
  /** A digest was sent a short while ago: the next one gathers until then. */
  | { readonly kind: 'wait'; readonly untilUs: number };

/**
 * @param waiting notifications that are due for the contact
 * @param sentUs when notifications and digests went out within the last minute
 * @param lastDigestUs when the last digest went out
 * @param perMinute notifications a minute beyond which a digest is sent instead
 */
export function plan(
  waiting: number,
  sentUs: readonly number[],
  lastDigestUs: number | undefined,
  perMinute: number,
  nowUs: number,
): Plan {
  const recent = sentUs.filter((timeUs) => nowUs - timeUs < MINUTE_US).length;
  if (lastDigestUs !== undefined && nowUs - lastDigestUs < MINUTE_US) {
    return { kind: 'wait', untilUs: lastDigestUs + MINUTE_US };
  }
  return recent + waiting > perMinute && waiting > 1 ? { kind: 'digest' } : { kind: 'each' };
}
