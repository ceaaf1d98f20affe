/**
 * What a chart draws: columns of one time axis, kept in place while live samples come in. Times are epoch seconds.
 * A missing sample is null, never zero, never bridged.
 */

/** The most columns a chart keeps in view; more points than pixels are not drawn. */
export const MAX_POINTS = 4000;

export interface Gap {
  readonly fromS: number;
  readonly toS: number;
  readonly reason: string;
}

export interface SeriesInput {
  readonly id: string;
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface SeriesData {
  readonly fromS: number;
  readonly stepS: number;
  readonly series: readonly SeriesInput[];
  readonly gaps: readonly Gap[];
}

type Listener = () => void;

/**
 * A window over one chart's samples. `append` folds live samples into steps of the window's width (their mean), so
 * that a six-second step of an hour's view grows like the ones that the server computed.
 */
export class SeriesBuffer {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  stepS: number;
  /** Start of the first step. */
  fromS: number;
  gaps: readonly Gap[];
  /** Grows with every change; a drawer compares it. */
  version = 0;
  readonly times: number[] = [];
  readonly columns: (number | null)[][];
  #openAt = Number.NaN;
  #openCount = 0;
  readonly #listeners = new Set<Listener>();

  constructor(data: SeriesData) {
    this.fromS = data.fromS;
    this.stepS = Math.max(data.stepS, 1e-3);
    this.gaps = data.gaps;
    this.ids = data.series.map((one) => one.id);
    this.names = data.series.map((one) => one.name);
    this.columns = data.series.map((one) => [...one.values]);
    const length = Math.max(0, ...this.columns.map((column) => column.length));
    for (let i = 0; i < length; i++) this.times.push(data.fromS + i * this.stepS);
    for (const column of this.columns) while (column.length < length) column.push(null);
  }

  /**
   * One live sample. Samples older than the last step are ignored: the server has already told of them.
   *
   * @param timeS when it was measured
   * @param values by series of this buffer; null or not a number where nothing was measured
   * @returns steps left empty before it
   */
  append(timeS: number, values: readonly (number | null | undefined)[]): number {
    if (this.columns.length === 0) return 0;
    let empty = 0;
    const start = this.fromS + Math.floor((timeS - this.fromS) / this.stepS + 1e-9) * this.stepS;
    const last = this.times.at(-1);
    if (last !== undefined && start < last) return 0;
    if (start !== last) {
      for (let at = last === undefined ? start : last + this.stepS; at < start - this.stepS / 2; at += this.stepS) {
        if ((start - at) / this.stepS > MAX_POINTS) at = start - MAX_POINTS * this.stepS;
        this.#push(at, undefined);
        empty++;
      }
      this.#push(start, values);
      this.#openAt = start;
      this.#openCount = 1;
    } else {
      const seen = this.#openAt === start ? this.#openCount : 1;
      for (const [i, column] of this.columns.entries()) {
        const value = finite(values[i]);
        if (value === null) continue;
        const before = column.at(-1) ?? null;
        column[column.length - 1] = before === null ? value : before + (value - before) / (seen + 1);
      }
      this.#openAt = start;
      this.#openCount = seen + 1;
    }
    this.#changed();
    return empty;
  }

  /**
   * Puts a newer answer in place, so that whoever draws goes on drawing the same buffer. Live samples beyond its end
   * stay.
   *
   * @returns false if it is an answer about other series or of other steps; nothing is then changed
   */
  replace(data: SeriesData): boolean {
    const same = data.series.length === this.ids.length && data.series.every(({ id }, i) => id === this.ids[i]);
    if (!same || Math.max(data.stepS, 1e-3) !== this.stepS) return false;
    const next = new SeriesBuffer(data);
    const end = next.times.at(-1) ?? Number.NEGATIVE_INFINITY;
    for (const [i, timeS] of this.times.entries()) {
      if (timeS <= end) continue;
      next.append(
        timeS,
        this.columns.map((column) => column[i]),
      );
    }
    this.fromS = next.fromS;
    this.gaps = next.gaps;
    this.times.splice(0, this.times.length, ...next.times);
    for (const [i, column] of this.columns.entries()) column.splice(0, column.length, ...next.columns[i]!);
    this.#changed();
    return true;
  }

  /** Forgets what is older; keeps one step before, so that the line enters from the edge. */
  dropBefore(timeS: number): void {
    let drop = 0;
    while (drop + 1 < this.times.length && this.times[drop + 1]! < timeS) drop++;
    drop = Math.max(drop, this.times.length - MAX_POINTS);
    if (drop <= 0) return;
    this.times.splice(0, drop);
    for (const column of this.columns) column.splice(0, drop);
    this.fromS = this.times[0] ?? timeS;
  }

  /** The index of the step that holds that time; -1 outside. */
  indexAt(timeS: number): number {
    if (this.times.length === 0) return -1;
    const index = Math.floor((timeS - this.times[0]!) / this.stepS + 1e-9);
    return index < 0 || index >= this.times.length ? -1 : index;
  }

  /** The last value of a column that was measured, not more than three steps old. */
  latest(column: number): number | null {
    const values = this.columns[column];
    if (values === undefined) return null;
    for (let i = values.length - 1; i >= Math.max(0, values.length - 4); i--) {
      const value = values[i];
      if (value !== null && value !== undefined) return value;
    }
    return null;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #push(timeS: number, values: readonly (number | null | undefined)[] | undefined): void {
    this.times.push(timeS);
    for (const [i, column] of this.columns.entries()) column.push(finite(values?.[i]));
  }

  #changed(): void {
    this.version++;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Spans of one step or more without any sample, with the reason where one is known.
 *
 * @param known reasons given with the data; a span that overlaps one takes its words
 */
export function findGaps(
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  stepS: number,
  known: readonly Gap[],
): readonly Gap[] {
  const gaps: Gap[] = [];
  let from = -1;
  for (let i = 0; i <= times.length; i++) {
    const missing = i < times.length && columns.every((column) => (column[i] ?? null) === null);
    if (missing && from < 0) from = i;
    if (!missing && from >= 0) {
      const inside = from > 0 && i < times.length;
      const fromS = times[from]!;
      const toS = i < times.length ? times[i]! : times[times.length - 1]! + stepS;
      const reason = known.find((gap) => gap.fromS < toS && gap.toS > fromS)?.reason;
      if (inside || reason !== undefined) gaps.push({ fromS, toS, reason: reason ?? 'no samples' });
      from = -1;
    }
  }
  return gaps;
}

function finite(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : value;
}
