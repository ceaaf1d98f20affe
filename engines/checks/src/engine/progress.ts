/**
 * How a check's state moves from one result to the next: soft until it has been bad often enough, then hard.
 *
 * @see Nagios Core manual, "State Types"
 */
import type { CheckResult } from '@undercroft/kernel';

export interface CheckState {
  readonly state: CheckResult['state'];
  readonly hard: boolean;
  /** 1 to the most; counts results that were not ok in a row. */
  readonly attempt: number;
  /** When the present state began. */
  readonly sinceUs: number;
}

export function nextState(
  before: CheckState | undefined,
  result: Pick<CheckResult, 'state' | 'startUs'>,
  maxAttempts: number,
): CheckState {
  const { state, startUs } = result;
  const sinceUs = before?.state === state ? before.sinceUs : startUs;
  if (state === 'ok') return { state, hard: true, attempt: 1, sinceUs };
  // Changing between problem states goes on counting; what is hard stays hard until it is ok.
  const attempt =
    before === undefined || before.state === 'ok'
      ? 1
      : before.hard
        ? maxAttempts
        : Math.min(maxAttempts, before.attempt + 1);
  return { state, hard: attempt >= maxAttempts, attempt, sinceUs };
}
