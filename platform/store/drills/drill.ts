export interface DrillOptions {
  readonly rounds: number;
  /** The same seed makes the same choices. */
  readonly seed: number;
  log(line: string): void;
}

export interface DrillResult {
  /** Rounds that ran: none where the machine cannot do it, which is then logged. */
  readonly rounds: number;
  readonly failures: readonly string[];
}
