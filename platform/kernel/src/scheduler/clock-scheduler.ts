import { Cron } from 'croner';
import type { Clock } from '../clock/clock.ts';
import { UndercroftError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Scheduler, Task } from './scheduler.ts';

const MAX_TASKS = 10_000;

type Work = (signal: AbortSignal) => void | Promise<void>;

/** Runs recurring work on a clock that is handed in. */
export class ClockScheduler implements Scheduler {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #random: () => number;
  readonly #tasks = new Set<Task>();

  /** @param signal ends every task when aborted */
  constructor(clock: Clock, log: Log, signal: AbortSignal, random: () => number = Math.random) {
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
    this.#random = random;
    signal.addEventListener('abort', () => this.#cancelAll(), { once: true });
  }

  every(
    name: string,
    intervalMs: number,
    work: Work,
    options: { jitter?: number; firstMs?: number; aligned?: boolean } = {},
  ): Task {
    if (!(intervalMs > 0))
      throw new UndercroftError('kernel.interval', `Task ${name} needs an interval over 0 ms, not ${intervalMs}.`);
    const jitter = options.jitter ?? 0;
    let first = true;
    let plannedMs = this.#clock.monotonicMs();
    const delay = (): number => {
      if (options.aligned) return intervalMs - (this.#clock.nowMs() % intervalMs);
      const now = this.#clock.monotonicMs();
      if (first) plannedMs = now + (options.firstMs ?? intervalMs);
      else {
        plannedMs += intervalMs;
        // After a suspended machine or a long overrun the plan starts again from now.
        if (plannedMs < now) plannedMs = now + intervalMs - ((now - plannedMs) % intervalMs);
      }
      first = false;
      const moved = jitter === 0 ? 0 : (this.#random() * 2 - 1) * jitter * intervalMs * 0.5;
      return Math.max(0, plannedMs - now + moved);
    };
    return this.#start(name, delay, work);
  }

  cron(name: string, pattern: string, work: Work, options: { timezone?: string } = {}): Task {
    let cron: Cron;
    try {
      cron = new Cron(pattern, { timezone: options.timezone ?? 'UTC', paused: true });
    } catch (cause) {
      throw new UndercroftError(
        'kernel.cron',
        `Task ${name}: ${JSON.stringify(pattern)} is not a cron pattern: ${(cause as Error).message}`,
        {
          cause,
          fix: 'Use five fields (minute hour day month weekday) or six with seconds first, e.g. "0 2 * * *".',
        },
      );
    }
    const delay = (): number | undefined => {
      const now = this.#clock.nowMs();
      const next = cron.nextRun(new Date(now));
      return next === null ? undefined : next.getTime() - now;
    };
    return this.#start(name, delay, work);
  }

  #start(name: string, delay: () => number | undefined, work: Work): Task {
    if (this.#tasks.size >= MAX_TASKS)
      throw new UndercroftError('kernel.tasks', `More than ${MAX_TASKS} tasks of one module.`);
    const task = new RecurringTask(name, {
      clock: this.#clock,
      log: this.#log,
      signal: this.#signal,
      delay,
      work,
      ended: () => this.#tasks.delete(task),
    });
    this.#tasks.add(task);
    return task;
  }

  #cancelAll(): void {
    for (const task of [...this.#tasks]) task.cancel();
  }
}

interface TaskOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Milliseconds to the next run; undefined when there is none. */
  readonly delay: () => number | undefined;
  readonly work: Work;
  readonly ended: () => void;
}

class RecurringTask implements Task {
  readonly name: string;
  readonly stats = { runs: 0, failures: 0, overruns: 0, lateMs: 0 } as {
    runs: number;
    failures: number;
    overruns: number;
    lateMs: number;
    lastError?: string;
  };
  readonly #options: TaskOptions;
  #running: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #cancelled = false;

  constructor(name: string, options: TaskOptions) {
    this.name = name;
    this.#options = options;
    this.#plan();
  }

  trigger(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#cancelTimer?.();
    this.#options.ended();
  }

  #plan(): void {
    const { clock, delay, signal } = this.#options;
    if (this.#cancelled || signal.aborted) return;
    const delayMs = delay();
    if (delayMs === undefined) return;
    // Node's timers hold 31 bits; a longer wait is taken in steps.
    const stepMs = Math.min(delayMs, 2 ** 31 - 1);
    const dueMs = clock.monotonicMs() + stepMs;
    this.#cancelTimer = clock.after(stepMs, () => {
      if (stepMs === delayMs) {
        this.stats.lateMs = Math.max(0, clock.monotonicMs() - dueMs);
        if (this.#running !== undefined) this.stats.overruns++;
        else void this.trigger();
      }
      this.#plan();
    });
  }

  async #run(): Promise<void> {
    this.stats.runs++;
    try {
      await this.#options.work(this.#options.signal);
    } catch (error) {
      if (this.#options.signal.aborted) return;
      this.stats.failures++;
      this.stats.lastError = (error as Error).message;
      this.#options.log.error({ err: error, task: this.name }, 'task failed');
    }
  }
}
