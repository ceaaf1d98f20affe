/** Where records come in: they get their assets, are looked at as far as there is time for it, and go to the archive. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, DEFAULT_TENANT, type EventRows, type Events } from '@undercroft/kernel';
import { FLOW_CLASS } from '../archive/class.ts';
import { DNS_CLASS } from '../archive/classes-of-transactions.ts';
import { type DnsQuestion, DnsRows, type FlowRow, FlowRows } from '../archive/rows.ts';
import type { AssetNames } from './asset-names.ts';
import { assetsOf, coded } from './assets-of.ts';
import { LookBudget } from './budget.ts';

/** Rows looked at without letting others in. */
const ROWS_A_TURN = 2_048;

export interface IntakeParts {
  readonly names: AssetNames;
  readonly events: Pick<Events, 'writeRows'>;
  readonly clock: Clock;
  /** Looks at one row. */
  see(row: FlowRow): void;
  /** Looks at one name that was asked for. */
  seeQuestion(question: DnsQuestion): void;
  /** So many rows of flows went by without a look. */
  leaveOut(rows: number): void;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #budget: LookBudget;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#budget = new LookBudget(() => parts.clock.monotonicMs());
  }

  /** Rows that were looked at, and that went to the archive only. */
  get counts(): { readonly seen: number; readonly leftOut: number } {
    return this.#budget.counts;
  }

  /** Resolves once they are durable. */
  async write(input: EventRows): Promise<void> {
    const { names, events } = this.#parts;
    const tenant = input.tenant ?? DEFAULT_TENANT;
    const sources = coded(input.columns['src_endpoint.ip'], input.rows);
    const destinations = coded(input.columns['dst_endpoint.ip'], input.rows);
    await names.learn(present(sources.values, destinations.values), tenant);
    // Of what was asked and answered within flows only names are looked at.
    if (input.class === FLOW_CLASS.name) {
      const leftOut = await this.#look(input.rows, new FlowRows(input), (row) => this.#parts.see(row));
      if (leftOut > 0) this.#parts.leaveOut(leftOut);
    } else if (input.class === DNS_CLASS.name)
      await this.#look(input.rows, new DnsRows(input), (question) => this.#parts.seeQuestion(question));
    await events.writeRows({ ...input, tenant, ...assetsOf(input, sources, destinations, names) });
  }

  /** @returns rows that there was no time for */
  async #look<R>(total: number, rows: { at(index: number): R | undefined }, see: (row: R) => void): Promise<number> {
    let leftOut = 0;
    for (let from = 0; from < total; from += ROWS_A_TURN) {
      if (from > 0) await turn();
      const to = Math.min(total, from + ROWS_A_TURN);
      const step = this.#budget.step(to - from);
      const startMs = performance.now();
      let looked = 0;
      for (let index = from; step > 0 && index < to; index += step) {
        const row = rows.at(index);
        if (row !== undefined) see(row);
        looked += 1;
      }
      this.#budget.spent(to - from, looked, performance.now() - startMs);
      leftOut += to - from - looked;
    }
    return leftOut;
  }
}

function* present(...lists: readonly (readonly (string | null)[])[]): Iterable<string> {
  for (const list of lists) for (const address of list) if (address !== null) yield address;
}
