/** Flapping: a thing that changes its state too often is said to flap, once, instead of told at every change. */
import type { ProblemState } from '@undercroft/kernel';

/** Results looked back on; between them lie 20 possible changes. */
export const MAX_FLAP_RESULTS = 21;
const OLDEST_WEIGHT = 0.75;
const NEWEST_WEIGHT = 1.25;

export interface FlapThresholds {
  /** Percent at or above which flapping begins. */
  readonly high: number;
  /** Percent at or below which it ends. */
  readonly low: number;
}

/**
 * Percent of state change over the last results, recent changes weighing more: the weights rise evenly from 0.75 to
 * 1.25.
 *
 * @param states results from oldest to newest, at most {@link MAX_FLAP_RESULTS}; what is missing was ok
 * @returns percent, 0 to 100
 * @see Nagios Core manual, "Detection and Handling of State Flapping"
 */
export function flapPercent(states: readonly ProblemState[]): number {
  const changes = MAX_FLAP_RESULTS - 1;
  const missing = MAX_FLAP_RESULTS - states.length;
  let sum = 0;
  for (let change = 1; change <= changes; change++) {
    const before = states[change - 1 - missing] ?? 'ok';
    const after = states[change - missing] ?? 'ok';
    if (before !== after) sum += OLDEST_WEIGHT + ((change - 1) * (NEWEST_WEIGHT - OLDEST_WEIGHT)) / (changes - 1);
  }
  return (sum * 100) / changes;
}

export function pushResult(states: readonly ProblemState[], state: ProblemState): readonly ProblemState[] {
  return [...states.slice(-(MAX_FLAP_RESULTS - 1)), state];
}

/** Nothing in the window but one state: more of the same changes nothing. */
export function isSteady(states: readonly ProblemState[]): boolean {
  return states.length === MAX_FLAP_RESULTS && states.every((state) => state === states[0]);
}
