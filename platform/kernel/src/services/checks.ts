/** Runs one check once: native ones in the sensor, plugins in the agent. */
export interface CheckTarget {
  /** `plugin` runs a command line; the others are native. */
  readonly kind: 'plugin' | 'tcp' | 'http' | 'dns' | 'tls' | 'ping';
  /** Plugin: `command` (argv array). Native: the check's own options. */
  readonly options: import('./values.ts').JsonObject;
  readonly timeoutMs: number;
}

export interface CheckResult {
  readonly state: 'ok' | 'warning' | 'critical' | 'unknown';
  /** First line. */
  readonly output: string;
  readonly longOutput: string;
  readonly perfdata: readonly PerfDatum[];
  readonly startUs: number;
  readonly durationMs: number;
}

export interface PerfDatum {
  readonly label: string;
  readonly value: number | null;
  readonly uom: string;
  readonly warn?: string;
  readonly crit?: string;
  readonly min?: number;
  readonly max?: number;
}

export interface ChecksRun {
  run(target: CheckTarget): Promise<CheckResult>;
}
