/** A check, how it is, and what keeps both. */
import type { CheckResult, CheckTarget, JsonObject, PerfDatum } from '@undercroft/kernel';
import type { CheckState } from './progress.ts';

export interface Check {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly kind: CheckTarget['kind'];
  readonly options: JsonObject;
  readonly intervalS: number;
  /** While a problem is soft. */
  readonly retryS: number;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly enabled: boolean;
  /** The asset it is about, where somebody said so. */
  readonly asset?: string;
  /** `built-in` ones come with the product and are not kept. */
  readonly origin: 'own' | 'built-in';
}

export interface CheckStatus extends CheckState {
  readonly lastUs: number;
  readonly durationMs: number;
  readonly output: string;
  readonly longOutput: string;
  readonly perfdata: readonly PerfDatum[];
}

export interface CheckChange {
  readonly timeUs: number;
  readonly state: string;
  readonly hard: boolean;
  readonly attempt: number;
  readonly output: string;
}

/** Where results are kept. */
export interface CheckKeeper {
  /** @param changed whether the history gets a line */
  record(tenant: string, id: string, status: CheckStatus, changed: boolean): Promise<void>;
}

/** What a result makes of a check's status. */
export function statusFrom(state: CheckState, result: CheckResult): CheckStatus {
  const { startUs, durationMs, output, longOutput, perfdata } = result;
  return { ...state, lastUs: startUs, durationMs, output, longOutput, perfdata };
}
