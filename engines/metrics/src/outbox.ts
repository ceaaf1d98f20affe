/** Batches on their way to the server: kept while it is away, sent again in order when it is back. */
import type { Chart, MetricsWrite, SampleBatch } from '@undercroft/kernel';

/** Seconds that are kept. */
export const MAX_KEPT_BATCHES = 120;
/** Batches in one go, so that a long replay lets others work in between. */
const BURST = 20;
const RETRY_MS = 1000;
/** Until the first batch was taken: the server is starting, and somebody waits for the first figure. */
export const EAGER_RETRY_MS = 100;

export interface OutboxStats {
  readonly waiting: number;
  readonly sent: number;
  /** Batches that were dropped because more than 120 waited. */
  readonly lost: number;
  /** What the server said last, if it did not take the last batch. */
  readonly error?: string;
}

export class Outbox {
  readonly #write: MetricsWrite;
  readonly #nowMs: () => number;
  #queue: SampleBatch[] = [];
  /** Definitions of the layouts that waiting batches refer to. */
  readonly #charts = new Map<number, readonly Chart[]>();
  /** The layout whose definitions the server has. */
  #known = Number.NaN;
  #sending = false;
  #retryAtMs = 0;
  #sent = 0;
  #lost = 0;
  #error: string | undefined;

  constructor(write: MetricsWrite, nowMs: () => number) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  get stats(): OutboxStats {
    return {
      waiting: this.#queue.length,
      sent: this.#sent,
      lost: this.#lost,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  push(batch: SampleBatch): void {
    if (batch.charts !== undefined) this.#charts.set(batch.layout, batch.charts);
    this.#queue.push(batch);
    while (this.#queue.length > MAX_KEPT_BATCHES) {
      this.#queue.shift();
      this.#lost++;
    }
    void this.drain();
  }

  /** Sends what waits; returns when nothing waits or the server does not answer. */
  async drain(): Promise<void> {
    if (this.#sending || this.#nowMs() < this.#retryAtMs) return;
    this.#sending = true;
    try {
      for (let burst = 0; this.#queue.length > 0; burst++) {
        if (burst > 0 && burst % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
        if (!(await this.#send(this.#queue[0]!))) return;
      }
    } finally {
      this.#sending = false;
    }
  }

  /** @returns false if the server does not take it now */
  async #send(batch: SampleBatch): Promise<boolean> {
    const charts = batch.layout === this.#known ? undefined : this.#charts.get(batch.layout);
    const { charts: _, ...rest } = batch;
    try {
      await this.#write.write(charts === undefined ? rest : { ...rest, charts });
    } catch (error) {
      // The server may be another one than before, which knows no layout.
      this.#known = Number.NaN;
      this.#error = error instanceof Error ? error.message : String(error);
      if ((error as { code?: unknown }).code !== 'metrics.layout-unknown') {
        this.#retryAtMs = this.#nowMs() + (this.#sent === 0 ? EAGER_RETRY_MS : RETRY_MS);
        return false;
      }
      // Refused although the definitions were with it: it will never be taken.
      if (charts !== undefined && this.#queue[0] === batch) {
        this.#queue.shift();
        this.#lost++;
      }
      return true;
    }
    this.#error = undefined;
    this.#known = batch.layout;
    this.#sent++;
    // While it was on its way, the queue may have dropped it.
    if (this.#queue[0] === batch) this.#queue.shift();
    for (const layout of this.#charts.keys()) {
      if (layout !== this.#known && !this.#queue.some((waiting) => waiting.layout === layout)) {
        this.#charts.delete(layout);
      }
    }
    return true;
  }
}
