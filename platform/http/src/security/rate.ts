/** Token buckets by key, in bounded memory. */
import type { Clock } from '@undercroft/kernel';

export const MAX_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

export interface Rate {
  readonly perS: number;
  readonly burst: number;
}

export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #rate: () => Rate;

  constructor(clock: Clock, rate: () => Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /**
   * Takes one token.
   *
   * @returns 0 if there was one, else milliseconds until there is
   */
  take(key: string): number {
    const { perS, burst } = this.#rate();
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perS);
    bucket.atMs = nowMs;
    // Set again, a key moves to the end: the first of the map is the one unused for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value ?? key);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perS) * 1000);
    bucket.tokens -= 1;
    return 0;
  }
}

/** An IPv6 client owns its whole /64, so that is what is limited. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = ip.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - rest.length }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
