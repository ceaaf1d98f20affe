/** Turns counters of lost events into one problem: open while events are being lost, closed after a quiet spell. */
import type { ProblemReport } from '../services/alerts.ts';

/** How long nothing must be lost until the problem closes. */
export const QUIET_MS = 300_000;

export class DroppedEvents {
  #known = 0;
  #spell = 0;
  #quietFromMs: number | undefined;

  /**
   * @param total events lost since the start
   * @returns what to report, if anything changed
   */
  look(total: number, nowMs: number): ProblemReport | undefined {
    const lost = total - this.#known;
    this.#known = total;
    if (lost > 0) {
      this.#spell += lost;
      this.#quietFromMs = nowMs + QUIET_MS;
      return this.#problem('warning');
    }
    if (this.#quietFromMs === undefined || nowMs < this.#quietFromMs) return undefined;
    this.#quietFromMs = undefined;
    const closed = this.#problem('ok');
    this.#spell = 0;
    return closed;
  }

  #problem(state: 'ok' | 'warning'): ProblemReport {
    return {
      source: 'kernel',
      rule: 'kernel.events.dropped',
      subject: 'events',
      state,
      title: `${this.#spell} events were lost: more came than could be stored`,
      detail: 'They reached the live stream, but no later query will find them. Audit is never among them.',
      next: 'See which class floods the store (Events, grouped by class) and whether the disk is full or slow.',
    };
  }
}
