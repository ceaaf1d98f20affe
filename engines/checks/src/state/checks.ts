/** Checks as they are kept: what is asked, how it is, and when that changed. */
import type { ControlStore, JsonObject, PerfDatum } from '@undercroft/kernel';
import type { Check, CheckChange, CheckKeeper, CheckStatus } from '../engine/check.ts';
import type { CheckHistoryRow, CheckRow, CheckStatusRow, CheckTables } from './migrations.ts';

export const MAX_HISTORY = 1_000;

export class CheckStore implements CheckKeeper {
  readonly #control: ControlStore;

  constructor(control: ControlStore) {
    this.#control = control;
  }

  async all(): Promise<Check[]> {
    return (await this.#control.db<CheckTables>().selectFrom('checks').selectAll().orderBy('name').execute()).map(
      checkOf,
    );
  }

  async save(check: Check, createdUs: number): Promise<void> {
    const row: CheckRow = {
      tenant: check.tenant,
      id: check.id,
      name: check.name,
      kind: check.kind,
      options: JSON.stringify(check.options),
      interval_s: check.intervalS,
      retry_s: check.retryS,
      max_attempts: check.maxAttempts,
      timeout_ms: check.timeoutMs,
      enabled: check.enabled ? 1 : 0,
      asset: check.asset ?? null,
      created_us: createdUs,
    };
    const { tenant: _tenant, id: _id, created_us: _created, ...changed } = row;
    await this.#control.write<void, CheckTables>(async (tx) => {
      await tx
        .insertInto('checks')
        .values(row)
        .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(changed))
        .execute();
    });
  }

  async delete(tenant: string, id: string): Promise<void> {
    await this.#control.write<void, CheckTables>(async (tx) => {
      for (const table of ['checks', 'check_status', 'check_history'] as const)
        await tx.deleteFrom(table).where('tenant', '=', tenant).where('id', '=', id).execute();
    });
  }

  async statuses(): Promise<Map<string, CheckStatus>> {
    const rows = await this.#control.db<CheckTables>().selectFrom('check_status').selectAll().execute();
    return new Map(rows.map((row) => [`${row.tenant}/${row.id}`, statusOf(row)]));
  }

  async record(tenant: string, id: string, status: CheckStatus, changed: boolean): Promise<void> {
    const row: CheckStatusRow = {
      tenant,
      id,
      state: status.state,
      hard: status.hard ? 1 : 0,
      attempt: status.attempt,
      since_us: status.sinceUs,
      last_us: status.lastUs,
      duration_ms: status.durationMs,
      output: status.output,
      long_output: status.longOutput,
      perfdata: JSON.stringify(status.perfdata),
    };
    const { tenant: _tenant, id: _id, ...values } = row;
    await this.#control.write<void, CheckTables>(async (tx) => {
      await tx
        .insertInto('check_status')
        .values(row)
        .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(values))
        .execute();
      if (!changed) return;
      const line: CheckHistoryRow = {
        tenant,
        id,
        time_us: status.lastUs,
        state: row.state,
        hard: row.hard,
        attempt: row.attempt,
        output: row.output,
      };
      await tx
        .insertInto('check_history')
        .values(line)
        .onConflict((conflict) => conflict.columns(['tenant', 'id', 'time_us']).doNothing())
        .execute();
    });
  }

  /** Newest first; one change before the range comes along, so that the state at its start is known. */
  async history(tenant: string, id: string, fromUs: number, toUs: number): Promise<CheckChange[]> {
    const base = this.#control
      .db<CheckTables>()
      .selectFrom('check_history')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id);
    const within = await base
      .where('time_us', '>=', fromUs)
      .where('time_us', '<=', toUs)
      .orderBy('time_us', 'desc')
      .limit(MAX_HISTORY)
      .execute();
    const before = await base.where('time_us', '<', fromUs).orderBy('time_us', 'desc').limit(1).execute();
    return [...within, ...before].map(({ time_us, state, hard, attempt, output }) => ({
      timeUs: time_us,
      state,
      hard: hard === 1,
      attempt,
      output,
    }));
  }

  async forget(beforeUs: number): Promise<void> {
    await this.#control.write<void, CheckTables>(async (tx) => {
      await tx.deleteFrom('check_history').where('time_us', '<', beforeUs).execute();
    });
  }
}

function checkOf(row: CheckRow): Check {
  return {
    tenant: row.tenant,
    id: row.id,
    name: row.name,
    kind: row.kind as Check['kind'],
    options: JSON.parse(row.options) as JsonObject,
    intervalS: row.interval_s,
    retryS: row.retry_s,
    maxAttempts: row.max_attempts,
    timeoutMs: row.timeout_ms,
    enabled: row.enabled === 1,
    ...(row.asset === null ? {} : { asset: row.asset }),
    origin: 'own',
  };
}

function statusOf(row: CheckStatusRow): CheckStatus {
  return {
    state: row.state as CheckStatus['state'],
    hard: row.hard === 1,
    attempt: row.attempt,
    sinceUs: row.since_us,
    lastUs: row.last_us,
    durationMs: row.duration_ms,
    output: row.output,
    longOutput: row.long_output,
    perfdata: JSON.parse(row.perfdata) as PerfDatum[],
  };
}
