/** Records of many exporters as rows of the archive: each row has its exporter as its origin. */
import type { EventRows } from '@undercroft/kernel';
import { FlowColumns } from '../archive/columns.ts';
import type { FlowRecord } from '../record/record.ts';

export class OriginRows {
  readonly #columns: FlowColumns;
  readonly #codes: Uint32Array;
  readonly #known = new Map<string, number>();

  /** @param capacity rows of one batch at most */
  constructor(capacity: number) {
    this.#columns = new FlowColumns('', capacity);
    this.#codes = new Uint32Array(capacity);
  }

  get isFull(): boolean {
    return this.#columns.full;
  }

  /** Reads the record as ra does, which may turn it round in place; management records are passed over. */
  add(record: FlowRecord, origin: string): void {
    const row = this.#columns.rows;
    this.#columns.add(record);
    if (this.#columns.rows === row) return;
    let code = this.#known.get(origin);
    if (code === undefined) {
      code = this.#known.size;
      this.#known.set(origin, code);
    }
    this.#codes[row] = code;
  }

  /** What was gathered, and starts anew. @returns undefined if there is nothing */
  take(): EventRows | undefined {
    const rows = this.#columns.take();
    if (rows === undefined) return undefined;
    const origin = { values: [...this.#known.keys()], codes: this.#codes.slice(0, rows.rows) };
    this.#known.clear();
    return { ...rows, columns: { ...rows.columns, 'flow.origin': origin } };
  }
}
