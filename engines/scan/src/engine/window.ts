/**
 * How many probes may be under way: grows while answers come, shrinks when they are lost, as TCP's congestion window
 * does (RFC 5681), so that a weak network is not flooded and a strong one is not left waiting.
 */
export class ProbeWindow {
  readonly #most: number;
  readonly #least: number;
  #size: number;
  #threshold: number;

  constructor(options: { readonly first: number; readonly least: number; readonly most: number }) {
    this.#size = options.first;
    this.#least = options.least;
    this.#most = options.most;
    this.#threshold = options.most / 2;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  answered(): void {
    this.#size = Math.min(this.#most, this.#size + (this.#size < this.#threshold ? 1 : 1 / this.#size));
  }

  /** A probe that was answered on a retry: the first one was lost on the way. */
  lost(): void {
    this.#threshold = Math.max(this.#least, this.#size / 1.5);
    this.#size = Math.max(this.#least, this.#size / 2);
  }
}

/** Round-trip time as RFC 6298 estimates it, and how long to wait for an answer. */
export class RoundTrip {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  readonly #leastMs: number;
  readonly #mostMs: number;

  constructor(limits: { readonly leastMs: number; readonly mostMs: number }) {
    this.#leastMs = limits.leastMs;
    this.#mostMs = limits.mostMs;
  }

  sample(ms: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = ms;
      this.#variationMs = Math.min(2000, Math.max(5, ms));
      return;
    }
    this.#variationMs += (Math.abs(ms - this.#smoothedMs) - this.#variationMs) / 4;
    this.#smoothedMs += (ms - this.#smoothedMs) / 8;
  }

  get timeoutMs(): number {
    if (this.#smoothedMs === undefined) return Math.min(1000, this.#mostMs);
    return Math.min(this.#mostMs, Math.max(this.#leastMs, this.#smoothedMs + 4 * this.#variationMs));
  }
}
