import { PROBLEM_STATES, type ProblemState } from '@undercroft/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flapPercent, MAX_FLAP_RESULTS, pushResult } from './flap.ts';
import { type Machine, NEVER_SEEN, step } from './machine.ts';

const FLAP = { low: 20, high: 30 };
const LETTERS: Readonly<Record<string, ProblemState>> = {
  O: 'ok',
  N: 'notice',
  W: 'warning',
  C: 'critical',
  U: 'unknown',
};

/** `CCO` at most 3 attempts: the log a Nagios would write, `-` where it writes nothing. */
function log(results: string, maxAttempts: number): string[] {
  let machine = NEVER_SEEN;
  return [...results].map((letter) => {
    const {
      machine: next,
      changed,
      counted,
    } = step(machine, LETTERS[letter] as ProblemState, { maxAttempts, flap: undefined });
    const said = changed || counted || next.state !== machine.state;
    machine = next;
    return said ? `${next.state};${next.hard ? 'HARD' : 'SOFT'};${next.attempt}` : '-';
  });
}

describe('soft and hard states', () => {
  test.each([
    ['CCO', 3, ['critical;SOFT;1', 'critical;SOFT;2', 'ok;SOFT;3'], 'a soft recovery counts one more'],
    ['WCW', 3, ['warning;SOFT;1', 'critical;SOFT;2', 'warning;HARD;3'], 'another bad state does not count anew'],
    ['CCCC', 3, ['critical;SOFT;1', 'critical;SOFT;2', 'critical;HARD;3', '-'], 'a repeated hard state says nothing'],
    [
      'WWWC',
      3,
      ['warning;SOFT;1', 'warning;SOFT;2', 'warning;HARD;3', 'critical;HARD;3'],
      'hard to another is hard at once',
    ],
    [
      'CCCOC',
      3,
      ['critical;SOFT;1', 'critical;SOFT;2', 'critical;HARD;3', 'ok;HARD;3', 'critical;SOFT;1'],
      'a hard recovery keeps the attempt, then counting begins anew',
    ],
    ['OOC', 3, ['-', '-', 'critical;SOFT;1'], 'the first ok says nothing'],
    ['CO', 1, ['critical;HARD;1', 'ok;HARD;1'], 'one attempt is hard at once'],
    ['COC', 2, ['critical;SOFT;1', 'ok;SOFT;2', 'critical;SOFT;1'], 'a soft recovery begins anew'],
    [
      'NWCU',
      1,
      ['notice;HARD;1', 'warning;HARD;1', 'critical;HARD;1', 'unknown;HARD;1'],
      'each bad state is a state of its own',
    ],
  ])('%s of %i: %j', (results, maxAttempts, lines, _why) => {
    expect(log(results, maxAttempts)).toEqual(lines);
  });
});

describe('flapping', () => {
  const alternate = (count: number): ProblemState[] =>
    Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 'critical' : 'ok'));

  test('rises and falls as Nagios measures it', () => {
    let states: readonly ProblemState[] = Array.from({ length: MAX_FLAP_RESULTS }, () => 'ok');
    const percents: number[] = [];
    for (const state of alternate(8)) {
      states = pushResult(states, state);
      percents.push(Number(flapPercent(states).toFixed(2)));
    }
    expect(percents).toEqual([6.25, 12.37, 18.36, 24.21, 29.93, 35.53, 40.99, 46.32]);
    const falling: number[] = [];
    for (let repeat = 0; repeat < 16; repeat++) {
      states = pushResult(states, 'ok');
      falling.push(Number(flapPercent(states).toFixed(2)));
    }
    expect(falling.slice(0, 2)).toEqual([45.26, 44.21]);
    expect(falling.slice(11)).toEqual([33.68, 29.01, 24.47, 20.07, 15.79]);
  });

  test('starts at the high threshold and ends at the low one', () => {
    let machine: Machine = NEVER_SEEN;
    const flaps: string[] = [];
    for (const state of [...alternate(8), ...Array.from({ length: 20 }, () => 'ok' as const)]) {
      const next = step(machine, state, { maxAttempts: 1, flap: FLAP });
      flaps.push(next.flap ?? '-');
      machine = next.machine;
    }
    expect(flaps.indexOf('started')).toBe(5);
    expect(flaps.indexOf('stopped')).toBe(8 + 15);
    expect(flaps.filter((flap) => flap !== '-')).toEqual(['started', 'stopped']);
  });
});

describe('whatever the results', () => {
  const results = fc.array(fc.constantFrom(...PROBLEM_STATES), { maxLength: 60 });
  const attempts = fc.integer({ min: 1, max: 6 });

  test('hard is reached by so many bad results in a row, and only then', () => {
    fc.assert(
      fc.property(results, attempts, (states, maxAttempts) => {
        let machine: Machine = NEVER_SEEN;
        let bad = 0;
        for (const state of states) {
          const before = machine;
          const next = step(machine, state, { maxAttempts, flap: FLAP });
          machine = next.machine;
          bad = state === 'ok' ? 0 : bad + 1;
          if (state !== 'ok') expect(machine.hard).toBe(bad >= maxAttempts);
          if (state !== 'ok') expect(machine.attempt).toBe(Math.min(bad, maxAttempts));
          if (next.becameHard) expect(before.hard && before.state === state).toBe(false);
          expect(machine.state).toBe(state);
        }
      }),
    );
  });

  test('every recovery of a hard problem follows one time that it became hard', () => {
    fc.assert(
      fc.property(results, attempts, (states, maxAttempts) => {
        let machine: Machine = NEVER_SEEN;
        let told = false;
        for (const state of states) {
          const next = step(machine, state, { maxAttempts, flap: undefined });
          if (next.becameHard) told = true;
          if (next.recovered) {
            expect(next.machine.hard).toBe(told);
            told = false;
          }
          machine = next.machine;
        }
      }),
    );
  });

  test('percent stays within 0 and 100, and a steady thing stops flapping', () => {
    fc.assert(
      fc.property(results, fc.constantFrom(...PROBLEM_STATES), (states, last) => {
        let machine: Machine = NEVER_SEEN;
        for (const state of states) {
          machine = step(machine, state, { maxAttempts: 1, flap: FLAP }).machine;
          expect(flapPercent(machine.results)).toBeGreaterThanOrEqual(0);
          expect(flapPercent(machine.results)).toBeLessThanOrEqual(100);
        }
        for (let repeat = 0; repeat < MAX_FLAP_RESULTS; repeat++) {
          machine = step(machine, last, { maxAttempts: 1, flap: FLAP }).machine;
        }
        expect(machine.flapping).toBe(false);
      }),
    );
  });
});
