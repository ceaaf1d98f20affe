/** When assets were seen last, gathered in memory and written together: seeing one again is not worth a write each. */
import type { Kysely } from 'kysely';
import { chunks } from './load.ts';
import type { InventoryTables } from './tables.ts';

export interface Seen {
  timeUs: number;
  /** Its relations were named too. */
  relations: boolean;
}

export class SeenTimes {
  #waiting = new Map<string, Seen>();
  /** Being written: still to be answered from. */
  #writing: ReadonlyMap<string, Seen> = new Map();

  get size(): number {
    return this.#waiting.size;
  }

  add(id: string, timeUs: number, relations: boolean): void {
    const seen = this.#waiting.get(id);
    if (seen === undefined) this.#waiting.set(id, { timeUs, relations });
    else {
      seen.timeUs = Math.max(seen.timeUs, timeUs);
      seen.relations ||= relations;
    }
  }

  /** @returns 0 when nothing newer than the store is known */
  of(id: string): number {
    return Math.max(this.#waiting.get(id)?.timeUs ?? 0, this.#writing.get(id)?.timeUs ?? 0);
  }

  relationsOf(id: string): number {
    const times = [this.#waiting.get(id), this.#writing.get(id)];
    return Math.max(0, ...times.map((seen) => (seen?.relations ? seen.timeUs : 0)));
  }

  take(): ReadonlyMap<string, Seen> {
    this.#writing = this.#waiting;
    this.#waiting = new Map();
    return this.#writing;
  }

  async write(tx: Kysely<InventoryTables>, times: ReadonlyMap<string, Seen>): Promise<void> {
    const byTime = new Map<number, { ids: string[]; withRelations: string[] }>();
    for (const [id, seen] of times) {
      const group = byTime.get(seen.timeUs) ?? { ids: [], withRelations: [] };
      byTime.set(seen.timeUs, group);
      group.ids.push(id);
      if (seen.relations) group.withRelations.push(id);
    }
    for (const [timeUs, { ids, withRelations }] of byTime) {
      for (const part of chunks(ids)) {
        await tx
          .updateTable('inventory_assets')
          .set({ last_seen_us: timeUs })
          .where('id', 'in', part)
          .where('last_seen_us', '<', timeUs)
          .execute();
      }
      for (const part of chunks(withRelations)) {
        await tx
          .updateTable('inventory_relations')
          .set({ last_seen_us: timeUs })
          .where('from_root', 'in', part)
          .where('ended_us', 'is', null)
          .where('last_seen_us', '<', timeUs)
          .execute();
      }
    }
  }

  done(times: ReadonlyMap<string, Seen>): void {
    if (this.#writing === times) this.#writing = new Map();
  }

  putBack(times: ReadonlyMap<string, Seen>): void {
    for (const [id, seen] of times) this.add(id, seen.timeUs, seen.relations);
    this.done(times);
  }
}
