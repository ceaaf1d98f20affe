/** Recurring work of one module. All of it ends when the module stops. */
export interface Task {
  readonly name: string;
  /** Runs so far, failures so far, and how late the last one began. */
  readonly stats: {
    readonly runs: number;
    readonly failures: number;
    readonly overruns: number;
    readonly lateMs: number;
    readonly lastError?: string;
  };
  /** Runs it now, unless it is running. */
  trigger(): Promise<void>;
  cancel(): void;
}

export interface Scheduler {
  /**
   * Every so often, the first time after `firstMs` (default: one interval). A run that has not ended when the next is
   * due makes that one be skipped and counted. A failure is logged, counted and does not end the task.
   *
   * @param jitter share of the interval by which each run is moved at random, 0 to 1
   * @param aligned runs on whole multiples of the interval since the epoch (per-second metrics)
   */
  every(
    name: string,
    intervalMs: number,
    work: (signal: AbortSignal) => void | Promise<void>,
    options?: { readonly jitter?: number; readonly firstMs?: number; readonly aligned?: boolean },
  ): Task;
  /** By a cron pattern of five or six fields, in UTC unless a zone is given. */
  cron(
    name: string,
    pattern: string,
    work: (signal: AbortSignal) => void | Promise<void>,
    options?: { readonly timezone?: string },
  ): Task;
}
