/** Records gathered by key, within a bound, and the best of them in order. */
import { END_S, KIND, KIND_EVENT, KIND_MANAGEMENT } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { Aggregator } from '../aggregate/aggregator.ts';
import { type KeySpec, keySpec } from '../aggregate/keys.ts';
import { type SortKey, SortTable } from '../aggregate/sort.ts';
import type { Predicate } from '../filter/compile.ts';
import type { Settings } from '../options/settings.ts';
import { emitBoth } from '../record/views.ts';

/** Flows are held in about 2 KB each. */
export const MAX_FLOWS = 50_000;
/** A full table gives up the part that rested longest. */
const KEPT_WHEN_FULL = 0.8;

export interface FlowOrder {
  readonly keys: readonly SortKey[];
  readonly isReversed: boolean;
  /** What is shown of what there is. */
  readonly filter: Predicate | null;
}

export class TopFlows {
  readonly #spec: KeySpec;
  readonly #tryReverse: boolean;
  readonly #isRmon: boolean;
  readonly #limit: number;
  #aggregator: Aggregator;
  readonly #cursor = new FlowRecord();
  /** Records read, flows given up because there was no room, flows that were idle. */
  records = 0;
  dropped = 0;
  expired = 0;
  /** Latest end of a flow, seconds since 1970. */
  latestS = 0;

  constructor(settings: Pick<Settings, 'masks' | 'modes'>, limit = MAX_FLOWS) {
    const modes = settings.modes.map((mode) => mode.toLowerCase());
    this.#isRmon = modes.some((mode) => mode.startsWith('rmon'));
    this.#tryReverse = !this.#isRmon && !modes.some((mode) => mode.startsWith('nocor'));
    this.#spec = keySpec(settings.masks);
    this.#limit = limit;
    this.#aggregator = this.#fresh();
  }

  #fresh(): Aggregator {
    return new Aggregator({ spec: this.#spec, tryReverse: this.#tryReverse });
  }

  get size(): number {
    return this.#aggregator.size;
  }

  add(record: FlowRecord): void {
    const kind = record.get(KIND);
    if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return;
    this.records += 1;
    this.latestS = Math.max(this.latestS, record.get(END_S));
    if (this.#isRmon) emitBoth(record, (one) => this.#addOne(one));
    else this.#addOne(record);
  }

  #addOne(record: FlowRecord): boolean {
    this.#aggregator.add(record);
    if (this.#aggregator.size > this.#limit) {
      const kept = Math.floor(this.#limit * KEPT_WHEN_FULL);
      this.dropped += this.#aggregator.size - kept;
      this.#rebuild(this.#aggregator.numbers().slice(-kept));
    }
    return true;
  }

  /** Forgets flows that ended before a time. @param beforeS seconds since 1970 */
  expire(beforeS: number): void {
    const numbers = this.#aggregator.numbers();
    const kept = numbers.filter((number) => this.#aggregator.store.at(this.#cursor, number).get(END_S) >= beforeS);
    if (kept.length === numbers.length) return;
    this.expired += numbers.length - kept.length;
    this.#rebuild(kept);
  }

  /** Moves the flows that stay into new tables, which frees the others' room. */
  #rebuild(numbers: readonly number[]): void {
    const old = this.#aggregator;
    this.#aggregator = this.#fresh();
    const scratch = new FlowRecord();
    for (const number of numbers) this.#aggregator.add(old.store.at(scratch, number));
  }

  /** Numbers of the flows to show, best first; {@link at} reads them until the next record is added. */
  order({ keys, isReversed, filter }: FlowOrder): number[] {
    const { store } = this.#aggregator;
    const numbers = this.#aggregator.numbers().reverse();
    const shown = filter === null ? numbers : numbers.filter((number) => filter(store.at(this.#cursor, number)));
    const table = new SortTable(keys, isReversed);
    for (const number of shown) table.add(store.at(this.#cursor, number));
    return Array.from(table.order(), (row) => shown[row] as number);
  }

  at(number: number): FlowRecord {
    return this.#aggregator.store.at(this.#cursor, number);
  }
}
