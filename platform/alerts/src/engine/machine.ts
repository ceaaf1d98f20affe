/**
 * The state machine of one watched thing: soft and hard states, attempts, flapping. Pure: a result in, the next state
 * and what it means out.
 */
import type { ProblemState } from '@undercroft/kernel';
import { type FlapThresholds, flapPercent, pushResult } from './flap.ts';

export interface Machine {
  readonly state: ProblemState;
  readonly hard: boolean;
  /** Bad results in a row, at most `maxAttempts`; the soft recovery counts one more. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** The last results, oldest first; see `flap.ts`. */
  readonly results: readonly ProblemState[];
  readonly flapping: boolean;
}

export interface Step {
  readonly machine: Machine;
  /** The state, or its hardness, is another than before. */
  readonly changed: boolean;
  /** An attempt more, still soft. */
  readonly counted: boolean;
  /** A hard state that was not there before: people are told. */
  readonly becameHard: boolean;
  /** Ok after a problem; `hard` of the machine says whether it had been a hard one. */
  readonly recovered: boolean;
  readonly flap: 'started' | 'stopped' | undefined;
}

export const NEVER_SEEN: Machine = {
  state: 'ok',
  hard: true,
  attempt: 1,
  maxAttempts: 1,
  results: [],
  flapping: false,
};

/**
 * - A bad result counts attempts; at `maxAttempts` the state is hard. Changing between bad states does not begin anew.
 * - Another bad state while hard is hard at once.
 * - Ok ends it: softly, with one attempt more, if it never was hard; with the last attempt if it was.
 *
 * @param maxAttempts bad results in a row until the state is hard, from 1
 */
export function step(
  before: Machine,
  state: ProblemState,
  options: { readonly maxAttempts: number; readonly flap: FlapThresholds | undefined },
): Step {
  const maxAttempts = Math.max(1, options.maxAttempts);
  const results = pushResult(before.results, state);
  const flapping = options.flap === undefined ? false : flaps(before.flapping, results, options.flap);
  const next = advance(before, state, maxAttempts);
  return {
    machine: { ...next, state, maxAttempts, results, flapping },
    changed: state !== before.state || next.hard !== before.hard,
    counted: state !== 'ok' && !next.hard && next.attempt !== before.attempt,
    becameHard: state !== 'ok' && next.hard && (!before.hard || state !== before.state),
    recovered: state === 'ok' && before.state !== 'ok',
    flap: flapping === before.flapping ? undefined : flapping ? 'started' : 'stopped',
  };
}

function advance(before: Machine, state: ProblemState, maxAttempts: number): { hard: boolean; attempt: number } {
  if (state === 'ok') {
    if (before.state === 'ok') return { hard: true, attempt: 1 };
    return before.hard ? { hard: true, attempt: before.attempt } : { hard: false, attempt: before.attempt + 1 };
  }
  if (before.state !== 'ok' && before.hard) return { hard: true, attempt: before.attempt };
  const attempt = before.state === 'ok' ? 1 : Math.min(before.attempt + 1, maxAttempts);
  return { hard: attempt >= maxAttempts, attempt };
}

function flaps(before: boolean, results: readonly ProblemState[], thresholds: FlapThresholds): boolean {
  const percent = flapPercent(results);
  return before ? percent > thresholds.low : percent >= thresholds.high;
}
