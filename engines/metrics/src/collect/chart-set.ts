/**
 * The charts of one host between collecting and sending: raw numbers go in, values of whole seconds come out.
 *
 * A counter becomes a rate by what it moved between two collections, spread over the whole seconds it covers, so that
 * a collection some milliseconds late does not show as a wave.
 */
import type { Chart, MetricAlgorithm } from '@undercroft/kernel';
import { counterDelta } from './counter.ts';

/** Charts and dimensions that one host may have; what is beyond is refused and counted. */
export const MAX_CHARTS = 20_000;
export const MAX_DIMENSIONS_PER_CHART = 500;
/** Two collections closer than this make no rate. */
const MIN_INTERVAL_MS = 100;
const DEFAULT_DECIMALS = 3;

export interface DimensionDefinition {
  readonly id: string;
  readonly name?: string;
  /** @defaultValue `absolute` */
  readonly algorithm?: MetricAlgorithm;
  readonly multiplier?: number;
  readonly divisor?: number;
}

export interface ChartDefinition {
  readonly id: string;
  readonly title: string;
  readonly units: string;
  readonly family: string;
  readonly context: string;
  readonly type?: Chart['type'];
  readonly priority: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly dimensions: readonly DimensionDefinition[];
  /** Digits kept after the point: what the measurement itself resolves. @defaultValue 3 */
  readonly decimals?: number;
  /** Values above it are cut to it: a share of time cannot exceed 100 %. */
  readonly max?: number;
  /** Seconds between collections; between two of them the last value holds. @defaultValue 1 */
  readonly everyS?: number;
}

/** One chart that a collector fills. */
export class ChartHandle {
  readonly definition: ChartDefinition;
  /** What was read, by dimension. A collector writes here, then calls {@link done}. */
  readonly raw: Float64Array;
  readonly values: Float64Array;
  readonly #before: Float64Array;
  readonly #rates: Float64Array;
  readonly #row: 'none' | 'incremental' | 'absolute';
  readonly #scale: number;
  #fresh = false;
  #collectedMs = Number.NaN;

  constructor(definition: ChartDefinition) {
    const count = definition.dimensions.length;
    this.definition = definition;
    this.raw = new Float64Array(count).fill(Number.NaN);
    this.values = new Float64Array(count).fill(Number.NaN);
    this.#before = new Float64Array(count).fill(Number.NaN);
    this.#rates = new Float64Array(count).fill(Number.NaN);
    const first = definition.dimensions[0]?.algorithm;
    this.#row =
      first === 'percentage-of-incremental-row'
        ? 'incremental'
        : first === 'percentage-of-absolute-row'
          ? 'absolute'
          : 'none';
    this.#scale = 10 ** (definition.decimals ?? DEFAULT_DECIMALS);
  }

  set(index: number, value: number): void {
    this.raw[index] = value;
  }

  /** Says that {@link raw} is this tick's. */
  done(): void {
    this.#fresh = true;
  }

  /**
   * Turns what was collected into the values of the second that ended at `boundaryMs`.
   * @param nowMs time of the collection on the same clock that nothing sets
   */
  evaluate(nowMs: number, boundaryMs: number): void {
    if (!this.#fresh) {
      const holdMs = (this.definition.everyS ?? 1) * 1000;
      if (holdMs <= 1000 || !(nowMs - this.#collectedMs < holdMs * 2)) this.values.fill(Number.NaN);
      return;
    }
    this.#fresh = false;
    const intervalMs = nowMs - this.#collectedMs;
    // The part of this second that the collection before still belongs to.
    const early = Math.min(1, Math.max(0, (this.#collectedMs - (boundaryMs - 1000)) / 1000));
    if (this.#row === 'absolute') this.#shares(this.raw);
    else if (this.#row === 'incremental') this.#incrementalShares(intervalMs, early);
    else this.#plain(intervalMs, early);
    this.#round();
    if (!(intervalMs < MIN_INTERVAL_MS)) {
      this.#before.set(this.raw);
      this.#collectedMs = nowMs;
    }
  }

  #plain(intervalMs: number, early: number): void {
    const { dimensions } = this.definition;
    for (let i = 0; i < dimensions.length; i++) {
      const { algorithm, multiplier = 1, divisor = 1 } = dimensions[i]!;
      const factor = multiplier / divisor;
      if (algorithm !== 'incremental') {
        this.values[i] = this.raw[i]! * factor;
        continue;
      }
      if (!(intervalMs >= MIN_INTERVAL_MS)) {
        this.values[i] = this.#rates[i]!;
        continue;
      }
      const rate = (counterDelta(this.#before[i]!, this.raw[i]!) * factor * 1000) / intervalMs;
      this.values[i] = mix(this.#rates[i]!, rate, early);
      this.#rates[i] = rate;
    }
  }

  /** Each dimension's share of what the whole row moved by. Some of the kernel's times step back a little: 0. */
  #incrementalShares(intervalMs: number, early: number): void {
    if (!(intervalMs >= MIN_INTERVAL_MS)) {
      this.values.set(this.#rates);
      return;
    }
    let total = 0;
    for (let i = 0; i < this.raw.length; i++) total += Math.max(0, this.raw[i]! - this.#before[i]!);
    for (let i = 0; i < this.raw.length; i++) {
      const delta = Math.max(0, this.raw[i]! - this.#before[i]!);
      const share = total > 0 ? (delta / total) * 100 : Number.isNaN(total) ? Number.NaN : 0;
      this.values[i] = mix(this.#rates[i]!, share, early);
      this.#rates[i] = share;
    }
  }

  #shares(row: Float64Array): void {
    let total = 0;
    for (let i = 0; i < row.length; i++) total += row[i]!;
    for (let i = 0; i < row.length; i++) this.values[i] = total === 0 ? 0 : (row[i]! / total) * 100;
  }

  #round(): void {
    const scale = this.#scale;
    const { max } = this.definition;
    for (let i = 0; i < this.values.length; i++) {
      const value = Math.round(this.values[i]! * scale) / scale + 0;
      this.values[i] = max !== undefined && value > max ? max : value;
    }
  }
}

function mix(before: number, now: number, early: number): number {
  return Number.isNaN(before) || Number.isNaN(now) ? now : before * early + now * (1 - early);
}

/** All charts of a host. A change of the set changes `layout`. */
export class ChartSet {
  readonly host: string;
  /** Charts and dimensions that were refused because the set is full. */
  refused = 0;
  #charts: ChartHandle[] = [];
  readonly #byId = new Map<string, ChartHandle>();
  #layout: number;
  #values = new Float64Array(0);
  #changed = true;

  /** @param layout number of the first layout; a random one tells two runs of an agent apart */
  constructor(host: string, layout: number) {
    this.host = host;
    this.#layout = layout;
  }

  /** Adds a chart, or takes the place of the one with its id. @returns undefined when the set is full */
  add(definition: ChartDefinition): ChartHandle | undefined {
    const old = this.#byId.get(definition.id);
    if (definition.dimensions.length > MAX_DIMENSIONS_PER_CHART || (old === undefined && this.size >= MAX_CHARTS)) {
      this.refused++;
      return undefined;
    }
    const handle = new ChartHandle(definition);
    if (old === undefined) this.#charts.push(handle);
    else this.#charts[this.#charts.indexOf(old)] = handle;
    this.#byId.set(definition.id, handle);
    this.#touch();
    return handle;
  }

  remove(handle: ChartHandle): void {
    if (this.#byId.get(handle.definition.id) !== handle) return;
    this.#byId.delete(handle.definition.id);
    this.#charts = this.#charts.filter((chart) => chart !== handle);
    this.#touch();
  }

  get(id: string): ChartHandle | undefined {
    return this.#byId.get(id);
  }

  get size(): number {
    return this.#charts.length;
  }

  get dimensions(): number {
    let count = 0;
    for (const chart of this.#charts) count += chart.definition.dimensions.length;
    return count;
  }

  get layout(): number {
    return this.#layout;
  }

  /** The definitions, in the order of the values. */
  describe(): Chart[] {
    return this.#charts.map(({ definition }) => ({
      id: definition.id,
      host: this.host,
      title: definition.title,
      units: definition.units,
      family: definition.family,
      context: definition.context,
      type: definition.type ?? 'line',
      priority: definition.priority,
      updateEveryS: 1,
      dimensions: definition.dimensions.map(({ id, name }) => ({ id, name: name ?? id })),
      ...(definition.labels === undefined ? {} : { labels: definition.labels }),
    }));
  }

  /** The values of the second that ended at `boundaryMs`, flattened. The array is used again by the next call. */
  evaluate(nowMs: number, boundaryMs: number): Float64Array {
    if (this.#changed) {
      this.#values = new Float64Array(this.dimensions);
      this.#changed = false;
    }
    let offset = 0;
    for (const chart of this.#charts) {
      chart.evaluate(nowMs, boundaryMs);
      this.#values.set(chart.values, offset);
      offset += chart.values.length;
    }
    return this.#values;
  }

  #touch(): void {
    this.#layout = (this.#layout + 1) % 0x7fffffff;
    this.#changed = true;
  }
}
