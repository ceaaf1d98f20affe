/**
 * Events, or batches of rows, on their way to the store, in order: one write under way at a time, the next gathered
 * meanwhile, so that all who wait share one fsync.
 */
import { type Clock, type Log, UndercroftError, unavailable } from '@undercroft/kernel';

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

interface Entry<T> {
  readonly item: T;
  /** Events in it. */
  readonly rows: number;
  readonly length: number;
  /** Who waits for it; absent for what was published. */
  readonly appended?: { resolve(item: T): void; reject(error: Error): void };
  /** It is tried again like what was published, and whoever waits learns of the end only. */
  readonly patient?: boolean;
}

export interface WriteQueueParts<T> {
  readonly clock: Clock;
  readonly log: Log;
  readonly maxEvents: number;
  readonly lingerMs: number;
  /**
   * Resolves when all of it is durable.
   *
   * @param again after a failure of which nobody knows how far it came: some may be stored already
   */
  write(items: readonly T[], again: boolean): Promise<void>;
}

export class WriteQueue<T> {
  readonly #parts: WriteQueueParts<T>;
  #entries: Entry<T>[] = [];
  #rows = 0;
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

  constructor(parts: WriteQueueParts<T>) {
    this.#parts = parts;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#rows;
  }

  /** @returns false when it was full and the event was dropped */
  publish(item: T, length: number): boolean {
    if (this.#isFull() || this.#stopped) {
      this.drop(1);
      return false;
    }
    this.#add({ item, rows: 1, length });
    return true;
  }

  /** Resolves when it is durable; rejects when that fails for now. */
  append(item: T, length: number): Promise<T> {
    return this.#wait({ item, rows: 1, length });
  }

  /** Resolves when all of it is durable, however long a full disk or a restart takes; rejects when it is given up. */
  appendMany(item: T, rows: number, length: number): Promise<T> {
    return this.#wait({ item, rows, length, patient: true });
  }

  #wait(entry: Entry<T>): Promise<T> {
    if (this.#stopped) return Promise.reject(unavailable('events.stopped', 'The event store is stopping.'));
    if (this.#isFull())
      return Promise.reject(
        unavailable('events.busy', `${this.#rows} events wait to be stored already.`, 'Try again in a moment.'),
      );
    return new Promise((resolve, reject) => {
      this.#urgent = true;
      this.#add({ ...entry, appended: { resolve, reject } });
    });
  }

  /** Counts events that never came this far. */
  drop(events: number): void {
    if (this.#dropped === 0)
      this.#parts.log.warn({ waiting: this.#rows }, 'Events are dropped: more come than can be stored');
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
    this.#rows = 0;
    for (const entry of left) entry.appended?.reject(unavailable('events.stopped', 'The event store is stopping.'));
    const lost = rowsOf(left.filter((entry) => entry.appended === undefined));
    if (lost > 0) this.drop(lost);
  }

  #isFull(): boolean {
    return this.#rows >= this.#parts.maxEvents || this.#length >= MAX_QUEUE_LENGTH;
  }

  #add(entry: Entry<T>): void {
    this.#entries.push(entry);
    this.#rows += entry.rows;
    this.#length += entry.length;
    this.#accepted += 1;
    if (entry.appended !== undefined) this.#appendsWaiting += 1;
    this.#wake();
  }

  #wake(): void {
    if (this.#writing || this.#stopped) return;
    if (this.#urgent || this.#rows >= FULL_BATCH_EVENTS) {
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
      if (!this.#urgent && this.#rows < FULL_BATCH_EVENTS) break;
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

  #take(): Entry<T>[] {
    let count = 0;
    let rows = 0;
    let length = 0;
    while (count < this.#entries.length && rows < MAX_BATCH_EVENTS && length < MAX_BATCH_LENGTH) {
      const entry = this.#entries[count]!;
      rows += entry.rows;
      length += entry.length;
      if (entry.appended !== undefined) this.#appendsWaiting -= 1;
      count += 1;
    }
    this.#rows -= rows;
    this.#length -= length;
    return this.#entries.splice(0, count);
  }

  async #store(batch: readonly Entry<T>[]): Promise<boolean> {
    try {
      const items = batch.map((entry) => entry.item);
      await this.#parts.write(items, this.#tries > 0);
    } catch (error) {
      this.#failed(batch, error);
      return false;
    }
    if (this.#tries > 0) this.#parts.log.info({ failures: this.#tries }, 'Events are stored again');
    this.#tries = 0;
    for (const entry of batch) entry.appended?.resolve(entry.item);
    return true;
  }

  /** Whoever appended is told; what was published is tried again. */
  #failed(batch: readonly Entry<T>[], error: unknown): void {
    const reason = error instanceof UndercroftError ? error : unavailable('events.failed', String(error));
    for (const entry of batch) if (entry.patient !== true) entry.appended?.reject(reason);
    const kept = batch.filter((entry) => entry.appended === undefined || entry.patient === true);
    this.#tries += 1;
    const lasting = !PASSING.has(reason.code);
    if (this.#stopped || (lasting && this.#tries >= MAX_TRIES)) {
      this.#parts.log.error({ events: rowsOf(kept), error: reason.message }, 'Events could not be stored and are lost');
      this.#giveUp(kept, reason);
      return;
    }
    // Once a spell: somebody who appends in a loop would fill the log.
    if (this.#tries === 1)
      this.#parts.log.error(
        { error: reason.message, ...(reason.fix === undefined ? {} : { fix: reason.fix }) },
        'Events cannot be stored; what was published waits',
      );
    let room = Math.max(0, this.#parts.maxEvents - this.#rows);
    const fits = kept.findIndex((entry) => {
      room -= entry.rows;
      return room < 0;
    });
    const again = fits === -1 ? kept : kept.slice(0, fits);
    this.#giveUp(kept.slice(again.length), reason);
    this.#entries = [...again, ...this.#entries];
    this.#rows += rowsOf(again);
    this.#appendsWaiting += again.filter((entry) => entry.appended !== undefined).length;
    this.#length += again.reduce((sum, entry) => sum + entry.length, 0);
  }

  #giveUp(entries: readonly Entry<T>[], reason: Error): void {
    if (entries.length === 0) return;
    for (const entry of entries) entry.appended?.reject(reason);
    this.drop(rowsOf(entries));
  }

  #retryLater(): void {
    if (this.#stopped || this.#entries.length === 0) return;
    const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#tries - 1));
    this.#cancelTimer?.();
    this.#cancelTimer = this.#parts.clock.after(delayMs, () => this.#onTimer());
  }
}

function rowsOf(entries: readonly { readonly rows: number }[]): number {
  return entries.reduce((sum, entry) => sum + entry.rows, 0);
}
