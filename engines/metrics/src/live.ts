/** Sends each second to those who look at a chart, `metrics:<host>/<chart>`; costs nothing for charts nobody follows. */
import type { Chart, LiveStream } from '@undercroft/kernel';
import type { ChartEntry } from './store/catalog.ts';

const PREFIX = 'metrics:';

export class Live {
  readonly #stream: LiveStream;
  readonly #entryOf: (host: string, chart: string) => ChartEntry | undefined;
  /** Followed charts by host. */
  #followed = new Map<string, Set<string>>();
  readonly #cancel: () => void;
  /** Offsets of charts in the values, by the description they belong to. */
  readonly #offsets = new WeakMap<
    readonly Chart[],
    ReadonlyMap<string, { readonly chart: Chart; readonly at: number }>
  >();

  constructor(stream: LiveStream, entryOf: (host: string, chart: string) => ChartEntry | undefined) {
    this.#stream = stream;
    this.#entryOf = entryOf;
    this.#cancel = stream.onInterest(PREFIX, () => this.#read());
    this.#read();
  }

  /** Values go in the order of the chart's dimensions, as the list of charts gives them. */
  send(host: string, secondS: number, charts: readonly Chart[], values: Float64Array): void {
    const wanted = this.#followed.get(host);
    if (wanted === undefined) return;
    const offsets = this.#offsetsOf(charts);
    for (const id of wanted) {
      const found = offsets.get(id);
      const entry = this.#entryOf(host, id);
      if (found === undefined || entry === undefined) continue;
      const byId = new Map(found.chart.dimensions.map((dimension, i) => [dimension.id, values[found.at + i]!]));
      const v = [...entry.dimensions.keys()].map((dimension) => {
        const value = byId.get(dimension);
        return value === undefined || Number.isNaN(value) ? null : value;
      });
      const topic = `${PREFIX}${host}/${id}`;
      this.#stream.send(topic, { t: secondS, v });
    }
  }

  close(): void {
    this.#cancel();
  }

  #read(): void {
    this.#followed = new Map();
    for (const topic of this.#stream.followed(PREFIX)) {
      const slash = topic.indexOf('/');
      if (slash < 0) continue;
      const host = topic.slice(PREFIX.length, slash);
      const charts = this.#followed.get(host) ?? new Set();
      charts.add(topic.slice(slash + 1));
      this.#followed.set(host, charts);
    }
  }

  #offsetsOf(charts: readonly Chart[]) {
    let offsets = this.#offsets.get(charts);
    if (offsets === undefined) {
      let at = 0;
      const made = new Map<string, { readonly chart: Chart; readonly at: number }>();
      for (const chart of charts) {
        made.set(chart.id, { chart, at });
        at += chart.dimensions.length;
      }
      offsets = made;
      this.#offsets.set(charts, offsets);
    }
    return offsets;
  }
}
