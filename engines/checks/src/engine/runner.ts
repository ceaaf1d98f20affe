/** Runs every check in its turn, and makes states, problems and live updates of the results. */
import {
  type Alerts,
  type CheckResult,
  type ChecksRun,
  type Clock,
  conflict,
  type LiveStream,
  type Log,
  notFound,
  type ProblemReport,
  toEdge,
} from '@undercroft/kernel';
import { type Check, type CheckKeeper, type CheckStatus, statusFrom } from './check.ts';
import { nextState } from './progress.ts';
import { phaseMs, Schedule } from './schedule.ts';

export interface RunnerParts {
  readonly store: CheckKeeper;
  readonly native: ChecksRun;
  readonly plugins: ChecksRun;
  readonly alerts: Alerts;
  readonly live: LiveStream;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxConcurrent: number;
  /** The asset a check is about, where one is known. */
  assetOf(check: Check): Promise<string | undefined>;
}

export interface CheckView extends Check {
  readonly status?: CheckStatus;
  readonly nextUs?: number;
  readonly running: boolean;
}

export class Runner {
  readonly #parts: RunnerParts;
  readonly #checks = new Map<string, Check>();
  readonly #statuses: Map<string, CheckStatus>;
  readonly #schedule = new Schedule();
  readonly #underWay = new Set<string>();
  #cancelTimer: (() => void) | undefined;
  #latenessMs = 0;
  #stopped = false;

  /** @param statuses from the last life of the server: states and attempts go on where they were */
  constructor(parts: RunnerParts, checks: readonly Check[], statuses: Map<string, CheckStatus>) {
    this.#parts = parts;
    this.#statuses = statuses;
    for (const check of checks) this.put(check);
  }

  /** Adds a check or takes its changed definition. */
  put(check: Check): void {
    const key = keyOf(check);
    const known = this.#checks.has(key);
    this.#checks.set(key, check);
    if (!check.enabled) this.#schedule.delete(key);
    else if (!known || this.#schedule.dueMs(key) === undefined) this.#schedule.set(key, this.#firstDue(check));
    this.#arm();
  }

  remove(check: Check): void {
    const key = keyOf(check);
    this.#checks.delete(key);
    this.#statuses.delete(key);
    this.#schedule.delete(key);
    // What it said no longer stands.
    void this.#report({ ...this.#problem(check, undefined), state: 'ok' });
  }

  views(tenant: string): CheckView[] {
    return [...this.#checks.values()].filter((check) => check.tenant === tenant).map((check) => this.#view(check));
  }

  /** @throws UndercroftError `not-found` */
  view(tenant: string, id: string): CheckView {
    return this.#view(this.#find(tenant, id));
  }

  /** Runs it now, and gives the result. @throws UndercroftError when it is running already */
  async runNow(tenant: string, id: string): Promise<CheckView> {
    const check = this.#find(tenant, id);
    if (this.#underWay.has(keyOf(check)))
      throw conflict('checks.running', 'The check is running already.', 'Wait for its result.');
    await this.#run(check);
    return this.#view(check);
  }

  /** How late checks began, as the worst of the last minute shows it. */
  get latenessMs(): number {
    return this.#latenessMs;
  }

  get size(): number {
    return this.#checks.size;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #find(tenant: string, id: string): Check {
    const check = this.#checks.get(`${tenant}/${id}`);
    if (check === undefined) throw notFound('check', id);
    return check;
  }

  /** A check never run goes soon; the others keep their place in the interval. */
  #firstDue(check: Check): number {
    const { clock } = this.#parts;
    const key = keyOf(check);
    if (this.#statuses.get(key) === undefined)
      return clock.monotonicMs() + phaseMs(key, Math.min(check.intervalS * 1000, 5_000));
    return clock.monotonicMs() + phaseMs(key, check.intervalS * 1000);
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const next = this.#schedule.nextMs();
    if (this.#stopped || next === undefined || this.#underWay.size >= this.#parts.maxConcurrent) return;
    this.#cancelTimer = this.#parts.clock.after(Math.max(0, next - this.#parts.clock.monotonicMs()), () =>
      this.#startDue(),
    );
  }

  #startDue(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    while (this.#underWay.size < this.#parts.maxConcurrent) {
      const dueMs = this.#schedule.nextMs();
      const key = this.#schedule.take(nowMs);
      if (key === undefined || dueMs === undefined) break;
      this.#latenessMs = Math.max(nowMs - dueMs, this.#latenessMs * 0.9);
      const check = this.#checks.get(key);
      if (check !== undefined && !this.#underWay.has(key)) void this.#run(check);
    }
    this.#arm();
  }

  async #run(check: Check): Promise<void> {
    const key = keyOf(check);
    this.#underWay.add(key);
    try {
      const result = await this.#attempt(check);
      // Deleted or switched off meanwhile: the result is nobody's.
      if (result !== undefined && this.#checks.get(key) === check) await this.#take(check, result);
    } catch (error) {
      this.#parts.log.error({ err: error, check: check.name }, 'a check result could not be kept');
    } finally {
      this.#underWay.delete(key);
      const now = this.#checks.get(key);
      if (now?.enabled) {
        const status = this.#statuses.get(key);
        const soft = status !== undefined && status.state !== 'ok' && !status.hard;
        this.#schedule.set(key, this.#parts.clock.monotonicMs() + (soft ? now.retryS : now.intervalS) * 1000);
      }
      this.#arm();
    }
  }

  /** @returns undefined when the process that runs checks is away: that says nothing of what is checked */
  async #attempt(check: Check): Promise<CheckResult | undefined> {
    const runner = check.kind === 'plugin' ? this.#parts.plugins : this.#parts.native;
    try {
      return await runner.run({ kind: check.kind, options: check.options, timeoutMs: check.timeoutMs });
    } catch (error) {
      this.#parts.log.warn({ err: error, check: check.name }, 'a check could not be run');
      return undefined;
    }
  }

  async #take(check: Check, result: CheckResult): Promise<void> {
    const key = keyOf(check);
    const before = this.#statuses.get(key);
    const status = statusFrom(nextState(before, result, check.maxAttempts), result);
    const changed = before === undefined || before.state !== status.state || before.hard !== status.hard;
    this.#statuses.set(key, status);
    await this.#parts.store.record(check.tenant, check.id, status, changed);
    this.#parts.live.send('checks', toEdge(this.#view(check)), { key, tenant: check.tenant });
    // A check that has always been well is no problem to close.
    if (before !== undefined || status.state !== 'ok')
      await this.#report(this.#problem(check, status, await this.#parts.assetOf(check)));
  }

  #problem(check: Check, status: CheckStatus | undefined, asset?: string): ProblemReport {
    const output = status?.output ?? '';
    return {
      source: 'checks',
      rule: `checks.${check.kind}`,
      subject: check.id,
      tenant: check.tenant,
      ...(asset === undefined ? {} : { assets: [asset] }),
      state: status?.state ?? 'ok',
      title: `${check.name}: ${output}`.slice(0, 300),
      detail: status?.longOutput ?? '',
      maxAttempts: check.maxAttempts,
      evidence: status === undefined ? [] : [{ timeUs: status.lastUs, source: 'checks', text: output }],
      attributes: { check: check.id },
    };
  }

  async #report(report: ProblemReport): Promise<void> {
    await this.#parts.alerts
      .report([report])
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'a check result could not be reported'));
  }

  #view(check: Check): CheckView {
    const key = keyOf(check);
    const status = this.#statuses.get(key);
    const dueMs = this.#schedule.dueMs(key);
    const { clock } = this.#parts;
    return {
      ...check,
      ...(status === undefined ? {} : { status }),
      ...(dueMs === undefined ? {} : { nextUs: Math.round(clock.nowUs() + (dueMs - clock.monotonicMs()) * 1000) }),
      running: this.#underWay.has(key),
    };
  }
}

function keyOf(check: Check): string {
  return `${check.tenant}/${check.id}`;
}
