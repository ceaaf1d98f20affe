/** Scans as they are kept: who asked for what, how it ended, and its result. */
import { randomBytes } from 'node:crypto';
import { decodeCursor, encodeCursor, toPage } from '@undercroft/http';
import type { ControlStore, Page, ScanRequest, ScanResult } from '@undercroft/kernel';
import type { ScanRow, ScanTables } from './migrations.ts';

/** Who asks for the scans that run by themselves. */
export const SCHEDULE = 'schedule';
const MAX_LOOKED_BACK = 200;

export type ScanState = 'running' | 'finished' | 'cancelled' | 'failed' | 'interrupted';

export interface ScanRun {
  readonly id: string;
  readonly requestedBy: string;
  readonly state: ScanState;
  readonly startUs: number;
  readonly endUs?: number;
  readonly request: ScanRequest;
  readonly result?: ScanResult;
}

export class ScanRuns {
  readonly #control: ControlStore;

  constructor(control: ControlStore) {
    this.#control = control;
  }

  async begin(tenant: string, requestedBy: string, request: ScanRequest, startUs: number): Promise<string> {
    // Sorts by time of asking, also across restarts.
    const id = `${Math.floor(startUs / 1000)
      .toString(36)
      .padStart(9, '0')}${randomBytes(5).toString('hex')}`;
    await this.#control.write<void, ScanTables>(async (tx) => {
      await tx
        .insertInto('scan_runs')
        .values({
          tenant,
          id,
          requested_by: requestedBy,
          state: 'running',
          start_us: startUs,
          end_us: null,
          request: JSON.stringify(request),
          result: null,
        })
        .execute();
    });
    return id;
  }

  /** @param keep finished runs that stay; older ones go */
  async end(
    tenant: string,
    id: string,
    state: ScanState,
    endUs: number,
    result: ScanResult | undefined,
    keep: number,
  ): Promise<void> {
    await this.#control.write<void, ScanTables>(async (tx) => {
      await tx
        .updateTable('scan_runs')
        .set({ state, end_us: endUs, result: result === undefined ? null : JSON.stringify(result) })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .execute();
      const oldest = await tx
        .selectFrom('scan_runs')
        .select('id')
        .where('tenant', '=', tenant)
        .orderBy('id', 'desc')
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined)
        await tx
          .deleteFrom('scan_runs')
          .where('tenant', '=', tenant)
          .where('id', '<=', oldest.id)
          .where('state', '!=', 'running')
          .execute();
    });
  }

  /** Runs that a stop of the server cut off: said so, not left running for ever. */
  async closeInterrupted(endUs: number): Promise<void> {
    await this.#control.write<void, ScanTables>(async (tx) => {
      await tx
        .updateTable('scan_runs')
        .set({ state: 'interrupted', end_us: endUs })
        .where('state', '=', 'running')
        .execute();
    });
  }

  async get(tenant: string, id: string): Promise<ScanRun | undefined> {
    const row = await this.#control
      .db<ScanTables>()
      .selectFrom('scan_runs')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? undefined : runOf(row);
  }

  /** Newest first, without their results. */
  async list(tenant: string, limit: number, cursor: string | undefined): Promise<Page<ScanRun>> {
    const before = decodeCursor(cursor, ['string'])?.[0];
    let query = this.#control
      .db<ScanTables>()
      .selectFrom('scan_runs')
      .select(['tenant', 'id', 'requested_by', 'state', 'start_us', 'end_us', 'request'])
      .where('tenant', '=', tenant);
    if (before !== undefined) query = query.where('id', '<', before as string);
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return toPage(
      rows.map((row) => runOf({ ...row, result: null })),
      limit,
      (last) => encodeCursor([last.id]),
    );
  }

  /** The finished run before this one that asked for the same; scheduled ones look at the same hosts, port by port anew. */
  async previous(tenant: string, run: ScanRun): Promise<ScanRun | undefined> {
    const earlier = await this.#control
      .db<ScanTables>()
      .selectFrom('scan_runs')
      .select(['id', 'requested_by', 'request'])
      .where('tenant', '=', tenant)
      .where('id', '<', run.id)
      .where('state', '=', 'finished')
      .orderBy('id', 'desc')
      .limit(MAX_LOOKED_BACK)
      .execute();
    const same = earlier.find(({ requested_by, request }) => {
      const asked = JSON.parse(request) as ScanRequest;
      const scheduled = requested_by === SCHEDULE && run.requestedBy === SCHEDULE;
      return String(asked.targets) === String(run.request.targets) && (scheduled || asked.ports === run.request.ports);
    });
    return same === undefined ? undefined : this.get(tenant, same.id);
  }
}

function runOf(row: ScanRow): ScanRun {
  return {
    id: row.id,
    requestedBy: row.requested_by,
    state: row.state as ScanState,
    startUs: row.start_us,
    ...(row.end_us === null ? {} : { endUs: row.end_us }),
    request: JSON.parse(row.request) as ScanRequest,
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as ScanResult }),
  };
}
