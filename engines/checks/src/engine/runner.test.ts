import type { Alerts, CheckResult, ProblemReport } from '@undercroft/kernel';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import { openTestStore, type TestStore } from '@undercroft/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckStore } from '../state/checks.ts';
import { checksMigrations } from '../state/migrations.ts';
import type { Check } from './check.ts';
import { nextState } from './progress.ts';
import { Runner } from './runner.ts';

const CHECK: Check = {
  tenant: 'default',
  id: 'c1',
  name: 'Web',
  kind: 'http',
  options: {},
  intervalS: 60,
  retryS: 10,
  maxAttempts: 3,
  timeoutMs: 5_000,
  enabled: true,
  origin: 'own',
};

describe('nextState', () => {
  const walk = (states: readonly CheckResult['state'][], most = 3): string[] => {
    let state: ReturnType<typeof nextState> | undefined;
    return states.map((each, index) => {
      state = nextState(state, { state: each, startUs: index }, most);
      return `${state.state} ${state.hard ? 'hard' : 'soft'} ${state.attempt}`;
    });
  };
  it.each([
    [
      ['ok', 'critical', 'critical', 'critical', 'critical', 'ok'],
      ['ok hard 1', 'critical soft 1', 'critical soft 2', 'critical hard 3', 'critical hard 3', 'ok hard 1'],
    ],
    [
      ['warning', 'critical', 'warning', 'critical'],
      ['warning soft 1', 'critical soft 2', 'warning hard 3', 'critical hard 3'],
    ],
    [
      ['critical', 'ok', 'critical'],
      ['critical soft 1', 'ok hard 1', 'critical soft 1'],
    ],
  ] as const)('%j', (states, expected) => expect(walk(states)).toEqual(expected));

  it('is hard at once when one attempt is enough', () => expect(walk(['unknown'], 1)).toEqual(['unknown hard 1']));
});

describe('Runner', () => {
  let store: TestStore;
  let clock: ManualClock;
  let reports: ProblemReport[];
  let ran: { id: string; atS: number }[];
  let answer: (options: Readonly<Record<string, unknown>>) => CheckResult['state'] | Error;
  beforeEach(async () => {
    store = await openTestStore({ modules: [{ name: 'checks', migrations: checksMigrations }] });
    clock = new ManualClock();
    reports = [];
    ran = [];
    answer = () => 'ok';
  });
  afterEach(() => store.stop());

  const build = async (checks: readonly Check[], maxConcurrent = 64): Promise<Runner> => {
    const checkStore = new CheckStore(store.control);
    for (const check of checks) await checkStore.save(check, 0);
    const native = {
      run: async ({ options }: { options: Readonly<Record<string, unknown>> }): Promise<CheckResult> => {
        ran.push({ id: String(options['id'] ?? 'c1'), atS: Math.ceil(clock.monotonicMs() / 1000) });
        const state = answer(options);
        if (state instanceof Error) throw state;
        return { state, output: `it is ${state}`, longOutput: '', perfdata: [], startUs: clock.nowUs(), durationMs: 1 };
      },
    };
    return new Runner(
      {
        store: checkStore,
        native,
        plugins: native,
        alerts: { report: async (each: readonly ProblemReport[]) => void reports.push(...each) } as Alerts,
        live: { send: () => {}, followed: () => new Set(), onInterest: () => () => {} },
        clock,
        log: silentLog,
        maxConcurrent,
        assetOf: async () => 'host-1',
      },
      await checkStore.all(),
      await checkStore.statuses(),
    );
  };
  /** A result is kept on a real disk: each step of the handed-in clock waits for what the one before began. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await store.control.write(async () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const advance = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      if (ran.at(-1)?.atS === clock.monotonicMs() / 1000) await settled();
    }
  };

  it('runs on its interval, and sooner while a problem is soft', async () => {
    const runner = await build([CHECK]);
    answer = () => 'critical';
    await advance(60);
    runner.stop();
    const gaps = ran.slice(1).map((run, index) => run.atS - (ran[index]?.atS ?? 0));
    expect(gaps).toEqual([10, 10]);
    expect(runner.view('default', 'c1').status).toMatchObject({ state: 'critical', hard: true, attempt: 3 });
    expect(reports.at(-1)).toMatchObject({
      source: 'checks',
      subject: 'c1',
      state: 'critical',
      title: 'Web: it is critical',
      assets: ['host-1'],
      maxAttempts: 3,
    });
  });

  it('goes on with states and attempts after a restart', async () => {
    const first = await build([CHECK]);
    answer = () => 'critical';
    await first.runNow('default', 'c1');
    await first.runNow('default', 'c1');
    first.stop();
    const second = await build([]);
    expect(second.view('default', 'c1').status).toMatchObject({ state: 'critical', hard: false, attempt: 2 });
    expect((await second.runNow('default', 'c1')).status).toMatchObject({ hard: true, attempt: 3 });
    second.stop();
  });

  it('keeps the result it has when nobody can run the check', async () => {
    const runner = await build([CHECK]);
    await runner.runNow('default', 'c1');
    answer = () => new Error('the sensor is away');
    await runner.runNow('default', 'c1');
    runner.stop();
    expect(runner.view('default', 'c1').status?.state).toBe('ok');
  });

  it('keeps a history of changes only', async () => {
    const runner = await build([{ ...CHECK, maxAttempts: 1 }]);
    for (const state of ['ok', 'ok', 'critical', 'critical', 'ok'] as const) {
      answer = () => state;
      await runner.runNow('default', 'c1');
      await clock.advance(1);
    }
    runner.stop();
    const history = await new CheckStore(store.control).history('default', 'c1', 0, Number.MAX_SAFE_INTEGER);
    expect(history.map(({ state }) => state)).toEqual(['ok', 'critical', 'ok']);
  });

  it('closes the problem of a check that is deleted', async () => {
    const runner = await build([CHECK]);
    runner.remove(runner.view('default', 'c1'));
    expect(reports.at(-1)).toMatchObject({ subject: 'c1', state: 'ok' });
    expect(() => runner.view('default', 'c1')).toThrow('no check "c1"');
    runner.stop();
  });
});
