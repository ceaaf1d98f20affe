/**
 * Events on their way to the store, in order: one batch under way at a time, the next gathered meanwhile, so that all
 * who wait share one fsync.
 */
import { type Clock, type Log, type PlatformEvent, UndercroftError, unavailable } from '@undercroft/kernel';

/** Rows of one batch: four of DuckDB's chunks. */
const MAX_BATCH_EVENTS = 8_192;
const MAX_BATCH_LENGTH = 8 * 1024 * 1024;
/** Characters that may wait, whatever the number of events. */
const MAX_QUEUE_LENGTH = 64 * 1024 * 1024;
/** Published events that wait are stored at once from here on. */
const FULL_BATCH_EVENTS = 1_024;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** Tries of a batch that fails for no reason outside of it. */
const MAX_TRIES = 3;
/** Failures that pass: the disk, the folder, the memory, the process. What was published waits for that. */
const PASSING = new Set([
  'store.disk-full',
  'store.folder',
  'events.locked',
  'events.memory',
  'events.restarting',
  'events.starting',
]);

interface Entry {
  readonly event: PlatformEvent;
  readonly length: number;
  /** Who waits for it; absent for what was published. */
  readonly appended?: { resolve(event: PlatformEvent): void; reject(error: Error): void };
}

export interface WriteQueueParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly maxEvents: number;
  readonly lingerMs: number;
  /**
   * Resolves when all of it is durable.
   *
   * @param again after a failure of which nobody knows how far it came: some may be stored already
   */
  write(events: readonly PlatformEvent[], again: boolean): Promise<void>;
}

export class WriteQueue {
  readonly #parts: WriteQueueParts;
  #entries: Entry[] = [];
  #length = 0;
  #dropped = 0;
  #tries = 0;
  #writing = false;
  #urgent = false;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #accepted = 0;
  #appendsWaiting = 0;
  #flushes: { readonly upTo: number; resolve(): void }[] = [];

  constructor(parts: WriteQueueParts) {
    this.#parts = parts;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** @returns false when it was full and the event was dropped */
  publish(event: PlatformEvent, length: number): boolean {
    if (this.#isFull() || this.#stopped) {
      this.drop(1);
      return false;
    }
    this.#add({ event, length });
    return true;
  }

  append(event: PlatformEvent, length: number): Promise<PlatformEvent> {
    if (this.#stopped) return Promise.reject(unavailable('events.stopped', 'The event store is stopping.'));
    if (this.#isFull())
      return Promise.reject(
        unavailable(
          'events.busy',
          `${this.#entries.length} events wait to be stored already.`,
          'Try again in a moment.',
        ),
      );
    return new Promise((resolve, reject) => {
      this.#urgent = true;
      this.#add({ event, length, appended: { resolve, reject } });
    });
  }

  /** Counts events that never came this far. */
  drop(events: number): void {
    if (this.#dropped === 0)
      this.#parts.log.warn({ waiting: this.#entries.length }, 'Events are dropped: more come than can be stored');
    this.#dropped += events;
  }

  /** Resolves when all that waits now is stored, or when storing failed. */
  flush(): Promise<void> {
    if (this.#entries.length === 0 && !this.#writing) return Promise.resolve();
    this.#urgent = true;
    return new Promise((resolve) => {
      this.#flushes.push({ upTo: this.#accepted, resolve });
      this.#wake();
    });
  }

  /** Stores what waits, then takes nothing more. */
  async stop(): Promise<void> {
    await this.flush();
    this.#stopped = true;
    this.#cancelTimer?.();
    const left = this.#entries.splice(0);
    for (const entry of left) entry.appended?.reject(unavailable('events.stopped', 'The event store is stopping.'));
    if (left.length > 0) this.drop(left.filter((entry) => entry.appended === undefined).length);
  }

  #isFull(): boolean {
    return this.#entries.length >= this.#parts.maxEvents || this.#length >= MAX_QUEUE_LENGTH;
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#length += entry.length;
    this.#accepted += 1;
    if (entry.appended !== undefined) this.#appendsWaiting += 1;
    this.#wake();
  }

  #wake(): void {
    if (this.#writing || this.#stopped) return;
    if (this.#urgent || this.#entries.length >= FULL_BATCH_EVENTS) {
      if (this.#tries > 0 && !this.#urgent) return;
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      void this.#drain();
    } else {
      this.#cancelTimer ??= this.#parts.clock.after(this.#parts.lingerMs, () => this.#onTimer());
    }
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    if (!this.#writing && !this.#stopped) void this.#drain();
  }

  /** Writes until nothing waits that must not wait longer. */
  async #drain(): Promise<void> {
    this.#writing = true;
    // What comes in this turn of the event loop goes along.
    await Promise.resolve();
    let stored = true;
    while (stored && this.#entries.length > 0) {
      const batch = this.#take();
      stored = await this.#store(batch);
      this.#settleFlushes(stored);
      this.#urgent = this.#appendsWaiting > 0 || this.#flushes.length > 0;
      if (!this.#urgent && this.#entries.length < FULL_BATCH_EVENTS) break;
    }
    this.#writing = false;
    if (!stored) this.#retryLater();
    else if (this.#entries.length > 0) this.#wake();
  }

  #settleFlushes(stored: boolean): void {
    const settled = this.#accepted - this.#entries.length;
    const waiting = this.#flushes.filter((flush) => stored && flush.upTo > settled);
    for (const flush of this.#flushes) if (!waiting.includes(flush)) flush.resolve();
    this.#flushes = waiting;
  }

  #take(): Entry[] {
    let count = 0;
    let length = 0;
    while (count < this.#entries.length && count < MAX_BATCH_EVENTS && length < MAX_BATCH_LENGTH) {
      const entry = this.#entries[count]!;
      length += entry.length;
      if (entry.appended !== undefined) this.#appendsWaiting -= 1;
      count += 1;
    }
    this.#length -= length;
    return this.#entries.splice(0, count);
  }

  async #store(batch: readonly Entry[]): Promise<boolean> {
    try {
      const events = batch.map((entry) => entry.event);
      await this.#parts.write(events, this.#tries > 0);
    } catch (error) {
      this.#failed(batch, error);
      return false;
    }
    if (this.#tries > 0) this.#parts.log.info({ failures: this.#tries }, 'Events are stored again');
    this.#tries = 0;
    for (const entry of batch) entry.appended?.resolve(entry.event);
    return true;
  }

  /** Whoever appended is told; what was published is tried again. */
  #failed(batch: readonly Entry[], error: unknown): void {
    const reason = error instanceof UndercroftError ? error : unavailable('events.failed', String(error));
    for (const entry of batch) entry.appended?.reject(reason);
    const published = batch.filter((entry) => entry.appended === undefined);
    this.#tries += 1;
    const lasting = !PASSING.has(reason.code);
    if (this.#stopped || (lasting && this.#tries >= MAX_TRIES)) {
      this.#parts.log.error(
        { events: published.length, error: reason.message },
        'Events could not be stored and are lost',
      );
      this.drop(published.length);
      return;
    }
    // Once a spell: somebody who appends in a loop would fill the log.
    if (this.#tries === 1)
      this.#parts.log.error(
        { error: reason.message, ...(reason.fix === undefined ? {} : { fix: reason.fix }) },
        'Events cannot be stored; what was published waits',
      );
    const room = Math.max(0, this.#parts.maxEvents - this.#entries.length);
    if (published.length > room) this.drop(published.length - room);
    const kept = published.slice(0, room);
    this.#entries = [...kept, ...this.#entries];
    this.#length += kept.reduce((sum, entry) => sum + entry.length, 0);
  }

  #retryLater(): void {
    if (this.#stopped || this.#entries.length === 0) return;
    const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#tries - 1));
    this.#cancelTimer?.();
    this.#cancelTimer = this.#parts.clock.after(delayMs, () => this.#onTimer());
  }
}
