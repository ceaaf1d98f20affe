/** What is watched and what is not: every feature has a line, and says what it costs and how to mend it. */
export interface CoverageLine {
  /** `Metrics`, `Scans`, … as the console shows it. */
  readonly feature: string;
  readonly state: 'ok' | 'warning' | 'off' | 'failed';
  readonly text: string;
  /** The exact command or setting that changes it. */
  readonly fix?: string;
}

export interface Coverage {
  /** The same feature again replaces its line. */
  report(line: CoverageLine): void;
  lines(): readonly CoverageLine[];
  subscribe(listener: (line: CoverageLine) => void): () => void;
}
