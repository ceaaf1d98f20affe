/** Figures by object and bin of time, gathered out of records within bounds. */
import { END_S, KIND, KIND_EVENT, KIND_MANAGEMENT, START_S } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { RecordCutter, timeAt } from '../aggregate/cut.ts';
import { ClientError } from '../options/settings.ts';
import { UTC } from '../text/zone.ts';
import { BinEdges, type BinRule } from '../time/bins.ts';
import type { Metric } from './metrics.ts';

const US_PER_S = 1e6;
/** Widths that are tried when none is asked for: each fits into the next. */
const WIDTHS_S = [0.01, 0.1, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];
const AUTOMATIC_BINS = 400;
export const MAX_BINS = 20_000;
const MAX_CELLS = 2_000_000;
/** What objects beyond these bounds share. */
export const OTHERS = 'others';

export interface Series {
  readonly name: string;
  /** One array a metric: a value a bin, per second where the metric is a rate. */
  readonly values: readonly Float64Array[];
}

export interface Binned {
  readonly startS: number;
  readonly binS: number;
  readonly bins: number;
  readonly series: readonly Series[];
}

/** Sums and, for averages, how many there were; two numbers a metric. */
type Bins = Map<number, Float64Array>;

export class SeriesTable {
  readonly #metrics: readonly Metric[];
  readonly #nameOf: (record: FlowRecord) => string;
  readonly #fixed: BinRule | null;
  readonly #objects = new Map<string, Bins>();
  #rule: BinRule;
  #edges: BinEdges;
  #cutter: RecordCutter;
  #cells = 0;
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = 0;
  /** Records that span more bins than there may be. */
  tooLong = 0;

  /** @param rule bins as asked for; null to choose them by how long the records go on */
  constructor(metrics: readonly Metric[], nameOf: (record: FlowRecord) => string, rule: BinRule | null) {
    this.#metrics = metrics;
    this.#nameOf = nameOf;
    this.#fixed = rule;
    this.#rule = rule ?? ruleOf(WIDTHS_S[0] as number);
    this.#edges = new BinEdges(this.#rule, UTC);
    this.#cutter = new RecordCutter(this.#edges, this.#rule);
  }

  add(record: FlowRecord): void {
    const kind = record.get(KIND);
    if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return;
    const startUs = timeAt(record, START_S);
    const endUs = timeAt(record, END_S);
    if (this.#fixed === null) this.#widen(Math.min(startUs, this.#firstUs), Math.max(endUs, this.#lastUs));
    if (endUs - startUs > MAX_BINS * this.#rule.sizeUs) {
      this.tooLong += 1;
      return;
    }
    this.#firstUs = Math.min(startUs, this.#firstUs);
    this.#lastUs = Math.max(endUs, this.#lastUs);
    const name = this.#nameOf(record);
    this.#cutter.cut(record, (piece, binUs) => this.#count(name, piece, binUs));
  }

  /** Puts bins together until a span has not too many of them. */
  #widen(fromUs: number, toUs: number): void {
    const isTooFine = (): boolean => (toUs - fromUs) / this.#rule.sizeUs > AUTOMATIC_BINS;
    if (!isTooFine()) return;
    while (isTooFine()) {
      const now = this.#rule.sizeUs / US_PER_S;
      this.#rule = ruleOf(WIDTHS_S.find((width) => width > now) ?? now * 2);
    }
    this.#edges = new BinEdges(this.#rule, UTC);
    this.#cutter = new RecordCutter(this.#edges, this.#rule);
    this.#cells = 0;
    for (const [name, bins] of this.#objects) {
      const wider: Bins = new Map();
      for (const [binUs, sums] of bins) this.#add(wider, this.#edges.startOf(binUs), sums);
      this.#objects.set(name, wider);
    }
  }

  #count(name: string, piece: FlowRecord, binUs: number): void {
    const sums = new Float64Array(this.#metrics.length * 2);
    for (const [at, { read }] of this.#metrics.entries()) {
      const value = read(piece);
      if (!Number.isFinite(value)) continue;
      sums[at * 2] = value;
      sums[at * 2 + 1] = 1;
    }
    const isFull = this.#cells >= MAX_CELLS;
    const known = this.#objects.get(name);
    const hasRoom = known?.has(binUs) || !isFull;
    this.#add(this.#binsOf(hasRoom ? name : OTHERS), binUs, sums);
  }

  #binsOf(name: string): Bins {
    let bins = this.#objects.get(name);
    if (bins === undefined) {
      bins = new Map();
      this.#objects.set(name, bins);
    }
    return bins;
  }

  #add(bins: Bins, binUs: number, sums: Float64Array): void {
    const found = bins.get(binUs);
    if (found === undefined) {
      this.#cells += 1;
      bins.set(binUs, sums);
      return;
    }
    for (let i = 0; i < sums.length; i += 1) found[i] = (found[i] as number) + (sums[i] as number);
  }

  /**
   * @param most objects that stand by themselves, the largest first; the rest is one
   * @returns null when there are no records
   * @throws ClientError when the records go on for too many bins
   */
  result(most: number): Binned | null {
    if (this.#objects.size === 0) return null;
    const { sizeUs } = this.#rule;
    const startUs = this.#edges.startOf(this.#firstUs);
    const bins = Math.floor((this.#edges.startOf(this.#lastUs) - startUs) / sizeUs + 0.5) + 1;
    if (bins > MAX_BINS) throw new ClientError(`${bins} bins of ${sizeUs / US_PER_S} s are too many: wider ones by -M`);
    const ranked = [...this.#objects].sort(([, one], [, other]) => this.#weight(other) - this.#weight(one));
    const named = ranked.filter(([name]) => name !== OTHERS);
    const rest = [...named.slice(most), ...ranked.filter(([name]) => name === OTHERS)];
    const shape = { startUs, sizeUs, bins };
    const series = named.slice(0, most).map(([name, one]) => ({ name, values: this.#values([one], shape) }));
    if (rest.length > 0)
      series.push({
        name: OTHERS,
        values: this.#values(
          rest.map(([, one]) => one),
          shape,
        ),
      });
    return { startS: startUs / US_PER_S, binS: sizeUs / US_PER_S, bins: shape.bins, series };
  }

  #weight(bins: Bins): number {
    let weight = 0;
    for (const sums of bins.values()) for (let i = 0; i < sums.length; i += 2) weight += sums[i] as number;
    return weight;
  }

  #values(
    objects: readonly Bins[],
    { startUs, sizeUs, bins }: { startUs: number; sizeUs: number; bins: number },
  ): Float64Array[] {
    const sums = this.#metrics.map(() => new Float64Array(bins));
    const counts = this.#metrics.map(() => new Float64Array(bins));
    for (const one of objects) {
      for (const [binUs, cell] of one) {
        const bin = Math.round((binUs - startUs) / sizeUs);
        if (bin < 0 || bin >= bins) continue;
        for (const at of this.#metrics.keys()) {
          const sum = sums[at] as Float64Array;
          const count = counts[at] as Float64Array;
          sum[bin] = (sum[bin] as number) + (cell[at * 2] as number);
          count[bin] = (count[bin] as number) + (cell[at * 2 + 1] as number);
        }
      }
    }
    const seconds = sizeUs / US_PER_S;
    return this.#metrics.map(({ isRate }, at) =>
      (sums[at] as Float64Array).map((sum, bin) => sum / (isRate ? seconds : Math.max(1, counts[at]?.[bin] as number))),
    );
  }
}

function ruleOf(seconds: number): BinRule {
  const sizeUs = Math.round(seconds * US_PER_S);
  return { mode: 'time', limit: 0, value: seconds, unit: 's', sizeUs, hard: false, zero: true, modify: true };
}
