const FIRST_MS = 500;
const MOST_MS = 60_000;
/** Running this long wipes the slate. */
const STEADY_MS = 120_000;

/** How long to wait before the next start of something that fails: doubling, up to a minute. */
export class Backoff {
  #failures = 0;
  #startedMs = 0;

  started(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** @returns milliseconds to wait */
  failed(nowMs: number): number {
    if (this.#startedMs > 0 && nowMs - this.#startedMs > STEADY_MS) this.#failures = 0;
    this.#startedMs = 0;
    return Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
  }

  get failures(): number {
    return this.#failures;
  }
}
