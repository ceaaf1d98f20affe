/** A thread's side of rows on their way to the archive: so many may be under way, what comes beyond is lost and counted. */
import type { EventRows } from '@undercroft/kernel';

export class RowSender {
  readonly #most: number;
  readonly #tell: (rows: EventRows) => void;
  #underWay = 0;
  #lost = 0;

  /** @param most rows under way */
  constructor(most: number, tell: (rows: EventRows) => void) {
    this.#most = most;
    this.#tell = tell;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get lost(): number {
    return this.#lost;
  }

  /** @param rows nothing is sent where there are none */
  send(rows: EventRows | undefined): void {
    if (rows === undefined) return;
    if (this.#underWay >= this.#most) {
      this.#lost += rows.rows;
      return;
    }
    this.#underWay += rows.rows;
    this.#tell(rows);
  }

  /** So many were stored, or given up. */
  taken(rows: number): void {
    this.#underWay -= rows;
  }
}
