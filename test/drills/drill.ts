export interface DrillOptions {
  readonly rounds: number;
  readonly seed: number;
  log(line: string): void;
}

export interface Drill {
  run(options: DrillOptions): Promise<{ readonly rounds: number; readonly failures: readonly string[] }>;
}
