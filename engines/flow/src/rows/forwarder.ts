/** The sensor's side of rows on their way to the archive: hands on what its threads send, and tells them when it is there. */
import type { EventRows, FlowsWrite, Log } from '@undercroft/kernel';

export class RowForwarder {
  readonly #flows: FlowsWrite;
  readonly #log: Log;
  readonly #what: string;
  readonly #writing = new Set<Promise<void>>();
  #lost = 0;

  /** @param what the rows are, for the log: `flow records` */
  constructor(flows: FlowsWrite, log: Log, what: string) {
    this.#flows = flows;
    this.#log = log;
    this.#what = what;
  }

  /** Rows that the server did not take. */
  get lost(): number {
    return this.#lost;
  }

  /** @param taken called when they are stored or given up */
  write(rows: EventRows, taken: (rows: number) => void): void {
    const written = this.#flows
      .write(rows)
      .catch((error: unknown) => {
        if (this.#lost === 0) this.#log.warn({ err: error }, `${this.#what} could not be stored and are lost`);
        this.#lost += rows.rows;
      })
      .finally(() => {
        this.#writing.delete(written);
        taken(rows.rows);
      });
    this.#writing.add(written);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }
}
