/**
 * How many of the rows that pass are looked at one by one. Looking is worth so much time and no more: when more rows come
 * than that is enough for, an even sample is taken, and what was left out is counted.
 */

/** Of the time that passes. */
const SHARE = 0.2;
/** Saved up for a burst, milliseconds. */
const MOST_MS = 400;
const FIRST_COST_MS = 0.005;
/** Weight of a batch in what a row costs. */
const WEIGHT = 0.2;

export class LookBudget {
  readonly #nowMs: () => number;
  #leftMs = MOST_MS;
  #filledMs: number;
  #costMs = FIRST_COST_MS;
  #seen = 0;
  #leftOut = 0;

  /** @param nowMs a clock that only goes forward */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  /** Rows that were looked at, and that were not, since the start. */
  get counts(): { readonly seen: number; readonly leftOut: number } {
    return { seen: this.#seen, leftOut: this.#leftOut };
  }

  /** @returns each which of the rows to look at; 0 for none */
  step(rows: number): number {
    const nowMs = this.#nowMs();
    this.#leftMs = Math.min(MOST_MS, this.#leftMs + (nowMs - this.#filledMs) * SHARE);
    this.#filledMs = nowMs;
    const affordable = Math.floor(this.#leftMs / this.#costMs);
    return affordable <= 0 ? 0 : Math.ceil(rows / affordable);
  }

  /** What it was then. */
  spent(rows: number, looked: number, tookMs: number): void {
    this.#seen += looked;
    this.#leftOut += rows - looked;
    this.#leftMs -= tookMs;
    if (looked > 0) this.#costMs += WEIGHT * (tookMs / looked - this.#costMs);
  }
}
