/** Work that nobody waits for: one run at a time, and a pause after one that failed. */
import type { Notes } from './notes.ts';

const PAUSE_AFTER_FAILURE_MS = 10_000;

export class Background {
  readonly #notes: Notes;
  readonly #failure: string;
  #running = false;
  #notBeforeMs = 0;

  /** @param failure what a failed run means, for the log */
  constructor(notes: Notes, failure: string) {
    this.#notes = notes;
    this.#failure = failure;
  }

  begin(work: () => Promise<void>): void {
    if (this.#running || performance.now() < this.#notBeforeMs) return;
    this.#running = true;
    work()
      .catch((error: unknown) => {
        this.#notBeforeMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
        this.#notes.log('error', { reason: String(error), retryInMs: PAUSE_AFTER_FAILURE_MS }, this.#failure);
      })
      .finally(() => {
        this.#running = false;
      });
  }
}
