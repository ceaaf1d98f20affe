/** Records gathered by one or several rules, each of which has its own key and its own limits of time. */
import { END_S, KIND, KIND_EVENT, KIND_MANAGEMENT, START_S } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { labelText } from '../fields/payload.ts';
import type { Settings } from '../options/settings.ts';
import { addLabel } from '../record/label.ts';
import { emitBoth } from '../record/views.ts';
import { Aggregator } from './aggregator.ts';
import { emit, emitAll, type Output } from './emit.ts';
import type { ClusterRule } from './rules.ts';
import type { SortKey } from './sort.ts';

export class Clusters {
  readonly #rules: readonly { readonly rule: ClusterRule; readonly aggregator: Aggregator }[];
  readonly #keys: readonly SortKey[];
  readonly #output: Output;
  readonly #isRmon: boolean;
  readonly #isReversed: boolean;

  /**
   * @param keys the order in which the records are told
   * @param keepsKeyOnly what is not of the key is taken out of records
   */
  constructor(
    rules: readonly ClusterRule[],
    settings: Settings,
    output: Output,
    keys: readonly SortKey[],
    keepsKeyOnly = false,
  ) {
    const modes = settings.modes.map((mode) => mode.toLowerCase());
    this.#isRmon = modes.some((mode) => mode.startsWith('rmon'));
    const corrects = !modes.some((mode) => mode.startsWith('nocor'));
    this.#rules = rules.map((rule) => ({
      rule,
      aggregator: new Aggregator({ spec: rule.spec, tryReverse: corrects && !this.#isRmon, keepsKeyOnly }),
    }));
    this.#keys = keys;
    this.#output = output;
    this.#isReversed = (settings.flags.get('v') ?? 0) > 0;
  }

  add(record: FlowRecord): void {
    const kind = record.get(KIND);
    if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return;
    if (this.#isRmon) emitBoth(record, (one) => this.#addOne(one));
    else this.#addOne(record);
  }

  #addOne(record: FlowRecord): boolean {
    for (const { rule, aggregator } of this.#rules) {
      if (rule.filter !== null && !rule.filter(record)) continue;
      if (rule.label !== null && !rule.label.test(labelText(record))) continue;
      if (rule.addLabel !== '') addLabel(record, rule.addLabel);
      const hasLimits = rule.statusSeconds > 0 || rule.idleSeconds > 0;
      aggregator.add(record, hasLimits ? (found) => this.#isDone(rule, found, record) : undefined);
      if (!rule.goesOn) break;
    }
    return true;
  }

  /** Tells a record that would span or rest too long. */
  #isDone({ statusSeconds, idleSeconds }: ClusterRule, found: FlowRecord, record: FlowRecord): boolean {
    const start = timeOf(found, START_S);
    const end = timeOf(found, END_S);
    const nextStart = timeOf(record, START_S);
    const nextEnd = timeOf(record, END_S);
    const span = Math.max(end, nextEnd) - Math.min(start, nextStart);
    const rest = nextEnd < start ? start - nextEnd : Math.max(0, nextStart - end);
    const isDone = (statusSeconds > 0 && span >= statusSeconds) || (idleSeconds > 0 && rest >= idleSeconds);
    if (isDone) emit(found, this.#output);
    return isDone;
  }

  /** @param last at most so many of each rule */
  end(last: number): void {
    for (const { aggregator } of this.#rules) emitAll(aggregator, this.#keys, this.#output, last, this.#isReversed);
  }
}

function timeOf(record: FlowRecord, word: number): number {
  return record.get(word) + record.get(word + 1) / 1e9;
}
