/** Records gathered within bins of time, of count or of bytes. */
import { DESTINATION_BYTES, KIND, KIND_EVENT, KIND_MANAGEMENT, SOURCE_BYTES } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { Settings } from '../options/settings.ts';
import { emitBoth } from '../record/views.ts';
import type { BinEdges, BinRule } from '../time/bins.ts';
import { Clusters } from './clusters.ts';
import { RecordCutter } from './cut.ts';
import type { Output } from './emit.ts';
import type { ClusterRule } from './rules.ts';
import type { SortKey } from './sort.ts';
import { beginAggregate } from './statistics.ts';

export interface BinnedOptions {
  readonly rule: BinRule;
  readonly edges: BinEdges;
  readonly clusterRules: readonly ClusterRule[];
  readonly settings: Settings;
  readonly output: Output;
  readonly keys: readonly SortKey[];
  /** Tells a bin in which nothing was. */
  readonly emptyBin: (startUs: number, endUs: number) => void;
}

export class BinnedClusters {
  readonly #options: BinnedOptions;
  readonly #cutter: RecordCutter;
  readonly #bins = new Map<number, Clusters>();
  readonly #isRmon: boolean;
  #filled = 0;
  #rank = 0;
  /** Bins that began before this were told. */
  #toldUs = Number.NEGATIVE_INFINITY;
  /** Records of bins that were told. */
  late = 0;

  constructor(options: BinnedOptions) {
    this.#options = options;
    this.#cutter = new RecordCutter(options.edges, options.rule);
    this.#isRmon = options.settings.modes.some((mode) => /^rmon/i.test(mode));
  }

  add(record: FlowRecord): void {
    const kind = record.get(KIND);
    if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return;
    if (!this.#isRmon) {
      this.#addOne(record);
      return;
    }
    emitBoth(record, (one) => {
      this.#addOne(one);
      return true;
    });
  }

  #addOne(record: FlowRecord): void {
    const { mode } = this.#options.rule;
    if (mode === 'count' || mode === 'size') this.#addByFill(record, mode);
    else {
      // Statistics of durations are about whole records.
      beginAggregate(record);
      this.#cutter.cut(record, (piece, bin) => this.#put(bin, piece));
    }
  }

  /** A bin is full when enough records or bytes went into it. */
  #addByFill(record: FlowRecord, mode: 'count' | 'size'): void {
    const { limit } = this.#options.rule;
    const amount = mode === 'count' ? 1 : record.getWide(SOURCE_BYTES) + record.getWide(DESTINATION_BYTES);
    if (this.#filled > 0 && this.#filled + amount > limit) {
      this.#rank += 1;
      this.#filled = 0;
    }
    this.#filled += amount;
    this.#put(this.#rank, record);
  }

  #put(bin: number, record: FlowRecord): void {
    if (bin < this.#toldUs) {
      this.late += 1;
      return;
    }
    let clusters = this.#bins.get(bin);
    if (clusters === undefined) {
      const { clusterRules, settings, output, keys } = this.#options;
      clusters = new Clusters(
        clusterRules,
        { ...settings, modes: settings.modes.filter((one) => !/^rmon/i.test(one)) },
        output,
        keys,
        true,
      );
      this.#bins.set(bin, clusters);
    }
    clusters.add(record);
  }

  /**
   * Tells all bins that ended, in order.
   *
   * @param untilUs microseconds since 1970, or none for all
   */
  tell(untilUs = Number.POSITIVE_INFINITY): void {
    const { rule, edges, emptyBin } = this.#options;
    const isTime = rule.mode === 'time';
    let expected = this.#toldUs;
    for (const bin of [...this.#bins.keys()].sort((one, other) => one - other)) {
      const end = isTime ? edges.endOf(bin) : bin;
      if (isTime && end > untilUs) break;
      if (isTime && rule.zero && Number.isFinite(expected)) this.#tellEmpty(expected, bin, edges, emptyBin);
      this.#bins.get(bin)?.end(Number.POSITIVE_INFINITY);
      this.#bins.delete(bin);
      expected = end;
    }
    if (isTime && Number.isFinite(untilUs)) this.#toldUs = Math.max(this.#toldUs, expected);
  }

  #tellEmpty(from: number, to: number, edges: BinEdges, emptyBin: BinnedOptions['emptyBin']): void {
    for (let start = from; start < to; ) {
      const end = edges.endOf(start);
      emptyBin(start, end);
      start = end;
    }
  }
}
