/**
 * Group commit. Units of work wait in a queue; a batch of them runs one after another in one transaction, each in a
 * savepoint of its own; one commit and one flush make all of them durable, and only then do they resolve. Units that
 * arrive meanwhile form the next batch. The same for both dialects, so that units see the same world: one at a time.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, UndercroftError, unavailable } from '@undercroft/kernel';
import type { DatabaseConnection } from 'kysely';
import { UnitConnection } from './unit-connection.ts';
import type { WriterSession } from './writer-session.ts';

/** Units that may wait. More are refused with `store.write-queue-full`. */
export const MAX_QUEUED_UNITS = 10_000;
/** Units that share a commit. */
export const MAX_BATCH_UNITS = 512;
/** A batch takes no further unit after this time, so that the event loop and the readers get their turn. */
export const MAX_BATCH_MS = 8;

export type Unit<R> = (connection: DatabaseConnection) => Promise<R>;

export interface UnitWriterOptions {
  readonly session: WriterSession;
  readonly clock: Clock;
  /** Told once when a flush failed: nothing more is written until the store is opened again. */
  fail(error: UndercroftError): void;
}

interface Waiting {
  readonly unit: Unit<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Outcome =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

export class UnitWriter {
  readonly #session: WriterSession;
  readonly #clock: Clock;
  readonly #fail: (error: UndercroftError) => void;
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #refusal: UndercroftError | undefined;
  readonly #watch = new IdleWatch();

  constructor(options: UnitWriterOptions) {
    this.#session = options.session;
    this.#clock = options.clock;
    this.#fail = options.fail;
  }

  /**
   * @throws UndercroftError `store.write-queue-full`, `store.unit-awaited`, `store.disk-full`, `store.sync-failed`,
   * `store.closed`, or whatever the unit throws
   */
  write<R>(unit: Unit<R>): Promise<R> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    if (this.#queue.length >= MAX_QUEUED_UNITS)
      return Promise.reject(
        unavailable(
          'store.write-queue-full',
          `${MAX_QUEUED_UNITS} writes wait for the control store already.`,
          'Try again in a moment; if it lasts, the disk is too slow for this load.',
        ),
      );
    // The unit runs in the caller's async context, not in that of whoever woke the queue.
    const inContext = AsyncLocalStorage.snapshot();
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({
        unit: (connection) => inContext(unit, connection),
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      this.#draining ??= this.#drain();
    });
  }

  /** Refuses what comes from now on and resolves once all that waits was answered. */
  async close(): Promise<void> {
    this.#refusal ??= unavailable(
      'store.closed',
      'The control store is closed.',
      'Undercroft is stopping; try again once it runs.',
    );
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        await this.#batch();
        await this.#session.rest().catch((error: unknown) => this.#giveUp(this.#session.translate(error)));
        // Whoever was answered may write again at once and so share the next batch.
        await nextTurn();
      }
    } finally {
      this.#draining = undefined;
    }
  }

  async #batch(): Promise<void> {
    const session = this.#session;
    const batch = this.#queue.splice(0, MAX_BATCH_UNITS);
    const committing: { readonly waiting: Waiting; readonly value: unknown }[] = [];
    try {
      await session.begin();
    } catch (error) {
      for (const waiting of batch) waiting.reject(session.translate(error));
      return;
    }
    const startedMs = this.#clock.monotonicMs();
    let lost: UndercroftError | undefined;
    let taken = 0;
    while (taken < batch.length && (taken === 0 || this.#clock.monotonicMs() - startedMs < MAX_BATCH_MS)) {
      const waiting = batch[taken++]!;
      const outcome = await this.#run(waiting.unit);
      if (outcome.kind === 'done') committing.push({ waiting, value: outcome.value });
      else waiting.reject(outcome.error);
      if (session.inTransaction()) continue;
      lost = session.translate(outcome.kind === 'done' ? new Error('The transaction ended by itself.') : outcome.error);
      break;
    }
    this.#queue.unshift(...batch.slice(taken));
    try {
      if (lost !== undefined) throw lost;
      if (committing.length === 0) {
        await session.rollBack();
        return;
      }
      await session.commit();
    } catch (error) {
      const translated = session.translate(error);
      for (const { waiting } of committing) waiting.reject(translated);
      if (session.inTransaction())
        await session.rollBack().catch((failure: unknown) => this.#giveUp(session.translate(failure)));
      return;
    }
    try {
      await session.flush();
    } catch (error) {
      const failure = syncFailed(error);
      for (const { waiting } of committing) waiting.reject(failure);
      this.#giveUp(failure);
      return;
    }
    for (const { waiting, value } of committing) waiting.resolve(value);
  }

  /** Runs one unit in its savepoint: kept as a whole, or as if it had never run. */
  async #run(unit: Unit<unknown>): Promise<Outcome> {
    const session = this.#session;
    try {
      await session.savepoint();
    } catch (error) {
      return { kind: 'failed', error: session.translate(error) };
    }
    const connection = new UnitConnection(
      session.connection,
      (error) => session.translate(error),
      () => this.#watch.check(),
    );
    let outcome = await this.#settle(unit, connection);
    // A failed statement dooms its unit, and its error says more than what the unit made of it.
    if (connection.failure !== undefined && (outcome.kind === 'done' || !session.inTransaction()))
      outcome = { kind: 'failed', error: connection.failure };
    connection.end(
      new UndercroftError('store.unit-ended', 'A query came after the end of its unit of work.', {
        fix: 'Await every query inside the unit.',
      }),
    );
    try {
      if (outcome.kind === 'done') await session.release();
      else if (session.inTransaction()) await session.rollBackTo();
      return outcome;
    } catch (error) {
      return { kind: 'failed', error: session.translate(error) };
    }
  }

  #settle(unit: Unit<unknown>, connection: UnitConnection): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#watch.follow(
        () => connection.running === 0,
        () => resolve({ kind: 'failed', error: unitAwaited() }),
      );
      const settled = (outcome: Outcome): void => {
        this.#watch.forget();
        resolve(outcome);
      };
      callUnit(unit, connection).then(
        (value) => settled({ kind: 'done', value }),
        (error: unknown) => settled({ kind: 'failed', error }),
      );
    });
  }

  #giveUp(error: UndercroftError): void {
    const first = this.#refusal === undefined;
    this.#refusal ??= error;
    for (const waiting of this.#queue.splice(0)) waiting.reject(error);
    if (first) this.#fail(error);
  }
}

/**
 * Notices a unit that waits for something other than its own queries: no query of its runs, all microtasks have, and
 * an immediate came round, yet it has not settled. One immediate serves all units that run in the same turn.
 */
class IdleWatch {
  #idle: (() => boolean) | undefined;
  #stalled: (() => void) | undefined;
  #armed = false;

  follow(idle: () => boolean, stalled: () => void): void {
    this.#idle = idle;
    this.#stalled = stalled;
    this.check();
  }

  forget(): void {
    this.#idle = undefined;
    this.#stalled = undefined;
  }

  check(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      if (this.#idle?.() !== true) return;
      const stalled = this.#stalled;
      this.forget();
      stalled?.();
    });
  }
}

async function callUnit(unit: Unit<unknown>, connection: DatabaseConnection): Promise<unknown> {
  return await unit(connection);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function unitAwaited(): UndercroftError {
  return new UndercroftError(
    'store.unit-awaited',
    'A unit of work awaited something other than its own queries; it was rolled back.',
    {
      fix: 'Do the other work (files, network, timers, another write) before or after the unit.',
    },
  );
}

function syncFailed(cause: unknown): UndercroftError {
  return new UndercroftError(
    'store.sync-failed',
    'The disk did not confirm a write; what it holds of it is unknown, so nothing more is written until the store is opened again.',
    { fix: 'Check the disk and the kernel log, then restart Undercroft.', cause, status: 503 },
  );
}
