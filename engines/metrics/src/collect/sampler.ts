/** Runs the collectors on whole seconds and hands out one batch a second. */
import type { Clock, Log, SampleBatch } from '@undercroft/kernel';
import type { ChartSet } from './chart-set.ts';
import type { CollectHost, Collector, CollectorFactory, Tick } from './collector.ts';

/** A collector that failed is tried again after this. */
const RETRY_TICKS = 60;
/** Seconds without a tick that are filled with what the whole interval came to; more than these are a gap. */
export const MAX_FILL_S = 3;

interface Slot {
  readonly create: CollectorFactory;
  collector: Collector | undefined;
  error: string | undefined;
  retryAt: number;
}

export interface CollectorState {
  readonly name: string;
  /** Why it is off. */
  readonly error?: string;
}

export class Sampler {
  /** Seconds that passed without a sample because the process did not get to run. */
  skippedS = 0;
  readonly #host: CollectHost;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #charts: ChartSet;
  readonly #slots: (Slot & { readonly name: string })[];
  readonly #send: (batch: SampleBatch) => void;
  #count = 0;
  #lastS = Number.NaN;
  #sentLayout = Number.NaN;

  constructor(
    host: CollectHost,
    factories: Readonly<Record<string, CollectorFactory>>,
    send: (batch: SampleBatch) => void,
  ) {
    this.#host = host;
    this.#clock = host.clock;
    this.#log = host.log;
    this.#charts = host.charts;
    this.#send = send;
    this.#slots = Object.entries(factories).map(([name, create]) => ({
      name,
      create,
      collector: undefined,
      error: undefined,
      retryAt: 0,
    }));
  }

  collectors(): readonly CollectorState[] {
    return this.#slots.map(({ name, error }) => (error === undefined ? { name } : { name, error }));
  }

  /** Collects now, and sends the second that has just ended. */
  tick(): void {
    const tick: Tick = { count: this.#count++, monotonicMs: this.#clock.monotonicMs() };
    for (const slot of this.#slots) this.#run(slot, tick);
    const nowMs = this.#clock.nowMs();
    const second = Math.floor(nowMs / 1000);
    const sinceBoundaryMs = nowMs - second * 1000;
    const values = this.#charts.evaluate(tick.monotonicMs, tick.monotonicMs - sinceBoundaryMs);
    const missed = second - this.#lastS - 1;
    if (missed > 0 && missed <= MAX_FILL_S) {
      for (let at = second - missed; at < second; at++) this.#emit(at, values);
    } else if (missed > 0) this.skippedS += missed;
    if (second !== this.#lastS) this.#emit(second, values);
    this.#lastS = second;
  }

  close(): void {
    for (const { collector } of this.#slots) collector?.close();
  }

  #run(slot: Slot & { readonly name: string }, tick: Tick): void {
    if (slot.error !== undefined) {
      if (tick.count < slot.retryAt) return;
      slot.error = undefined;
    }
    try {
      slot.collector ??= slot.create(this.#host);
      slot.collector.collect(tick);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (slot.retryAt === 0) this.#log.info({ collector: slot.name, error: text }, 'a metrics collector is off');
      slot.error = text;
      slot.retryAt = tick.count + RETRY_TICKS;
      slot.collector?.close();
      slot.collector = undefined;
    }
  }

  #emit(second: number, values: Float64Array): void {
    const { layout } = this.#charts;
    const charts = layout === this.#sentLayout ? undefined : this.#charts.describe();
    this.#sentLayout = layout;
    this.#send({
      host: this.#charts.host,
      timeUs: second * 1_000_000,
      layout,
      ...(charts === undefined ? {} : { charts }),
      values: values.slice(),
    });
  }
}
