/** Time, handed in everywhere, so that a test can run a day in a millisecond. */
export interface Clock {
  /** UTC milliseconds since the epoch. */
  nowMs(): number;
  /** UTC microseconds since the epoch. Never goes back within one process by less than a clock step. */
  nowUs(): number;
  /** Milliseconds of a clock that nothing sets; only differences mean something. */
  monotonicMs(): number;
  /** Calls back once. @returns cancel */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after the delay; rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
