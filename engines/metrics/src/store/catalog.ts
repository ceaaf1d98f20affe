/**
 * Which charts and series there are, and their numbers: a file of lines, each with its checksum, written before any
 * sample that uses them, and written anew as a whole when the store opens.
 */
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Chart } from '@undercroft/kernel';
import { AppendFile } from './append-file.ts';
import { syncFolder } from './tier.ts';

/** Series that one store may have; what is beyond is refused and counted. */
export const MAX_SERIES = 200_000;
/** Dimensions that one chart may ever have had. */
export const MAX_DIMENSIONS = 1000;
const DAY_S = 86_400;

export interface DimensionEntry {
  readonly id: string;
  name: string;
  readonly series: number;
}

export interface ChartEntry {
  /** As described last; its dimensions are in {@link dimensions}. */
  chart: Chart;
  /** All it ever had, in the order in which they came. */
  readonly dimensions: Map<string, DimensionEntry>;
  /** Last second that is known to have had a sample. */
  lastS: number;
}

type Line =
  | { readonly k: 'chart'; readonly chart: Chart; readonly lastS: number }
  | { readonly k: 'series'; readonly n: number; readonly host: string; readonly chart: string; readonly id: string };

export class Catalog {
  refused = 0;
  /** Lines that could not be read. */
  damagedLines = 0;
  readonly #hosts = new Map<string, Map<string, ChartEntry>>();
  #file!: AppendFile;
  #nextSeries = 0;
  #series = 0;

  private constructor() {}

  /** @param keepFromS charts without a sample since then are forgotten */
  static async open(path: string, keepFromS: number): Promise<Catalog> {
    const catalog = new Catalog();
    if (existsSync(path)) catalog.#read(await readFile(path, 'utf8'));
    catalog.#forget(keepFromS);
    await catalog.#rewrite(path);
    return catalog;
  }

  get series(): number {
    return this.#series;
  }

  hosts(): string[] {
    return [...this.#hosts.keys()].sort();
  }

  charts(host: string): ReadonlyMap<string, ChartEntry> {
    return this.#hosts.get(host) ?? new Map();
  }

  chart(host: string, id: string): ChartEntry | undefined {
    return this.#hosts.get(host)?.get(id);
  }

  /**
   * Takes a chart as its host describes it now.
   * @returns series numbers by its dimensions; -1 for one that was refused
   */
  define(chart: Chart, nowS: number): number[] {
    let charts = this.#hosts.get(chart.host);
    if (charts === undefined) {
      charts = new Map();
      this.#hosts.set(chart.host, charts);
    }
    let entry = charts.get(chart.id);
    const described = JSON.stringify(chart);
    if (entry === undefined || JSON.stringify(entry.chart) !== described) {
      if (entry === undefined) {
        entry = { chart, dimensions: new Map(), lastS: nowS };
        charts.set(chart.id, entry);
      }
      entry.chart = chart;
      this.#append({ k: 'chart', chart, lastS: nowS });
    }
    entry.lastS = Math.max(entry.lastS, nowS);
    return chart.dimensions.map(({ id, name }) => this.#dimension(entry, id, name));
  }

  /** Notes that charts live; once a day it is written down, so that no restart takes them for forgotten. */
  seen(host: string, charts: readonly Chart[], second: number): void {
    for (const { id } of charts) {
      const entry = this.chart(host, id);
      if (entry === undefined) continue;
      const newDay = Math.floor(second / DAY_S) !== Math.floor(entry.lastS / DAY_S);
      entry.lastS = Math.max(entry.lastS, second);
      if (newDay) this.#append({ k: 'chart', chart: entry.chart, lastS: second });
    }
  }

  /** Puts new lines on their way to the disk. */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #dimension(entry: ChartEntry, id: string, name: string): number {
    const known = entry.dimensions.get(id);
    if (known !== undefined) {
      known.name = name;
      return known.series;
    }
    if (this.#series >= MAX_SERIES || entry.dimensions.size >= MAX_DIMENSIONS) {
      this.refused++;
      return -1;
    }
    const series = this.#nextSeries++;
    this.#series++;
    entry.dimensions.set(id, { id, name, series });
    this.#append({ k: 'series', n: series, host: entry.chart.host, chart: entry.chart.id, id });
    return series;
  }

  #append(line: Line): void {
    this.#file.append(encodeLine(line));
  }

  #read(text: string): void {
    for (const raw of text.split('\n')) {
      if (raw === '') continue;
      const line = decodeLine(raw);
      if (line === undefined) this.damagedLines++;
      else this.#apply(line);
    }
  }

  #apply(line: Line): void {
    if (line.k === 'chart') {
      const charts = this.#hosts.get(line.chart.host) ?? new Map<string, ChartEntry>();
      this.#hosts.set(line.chart.host, charts);
      const entry = charts.get(line.chart.id);
      if (entry === undefined)
        charts.set(line.chart.id, { chart: line.chart, dimensions: new Map(), lastS: line.lastS });
      else {
        entry.chart = line.chart;
        entry.lastS = Math.max(entry.lastS, line.lastS);
      }
      return;
    }
    this.#nextSeries = Math.max(this.#nextSeries, line.n + 1);
    const entry = this.chart(line.host, line.chart);
    if (entry === undefined || entry.dimensions.has(line.id)) return;
    const name = entry.chart.dimensions.find(({ id }) => id === line.id)?.name ?? line.id;
    entry.dimensions.set(line.id, { id: line.id, name, series: line.n });
    this.#series++;
  }

  #forget(keepFromS: number): void {
    for (const [host, charts] of this.#hosts) {
      for (const [id, entry] of charts) {
        if (entry.lastS >= keepFromS) continue;
        charts.delete(id);
        this.#series -= entry.dimensions.size;
      }
      if (charts.size === 0) this.#hosts.delete(host);
    }
  }

  async #rewrite(path: string): Promise<void> {
    const aside = join(dirname(path), `${basename(path)}.new`);
    const lines: Uint8Array[] = [];
    for (const charts of this.#hosts.values()) {
      for (const { chart, dimensions, lastS } of charts.values()) {
        lines.push(encodeLine({ k: 'chart', chart, lastS }));
        for (const { id, series } of dimensions.values()) {
          lines.push(encodeLine({ k: 'series', n: series, host: chart.host, chart: chart.id, id }));
        }
      }
    }
    const bytes = Buffer.concat(lines);
    const handle = await open(aside, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
    this.#file = await AppendFile.open(path, bytes.length);
  }
}

function encodeLine(line: Line): Buffer {
  const json = JSON.stringify(line);
  return Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
}

function decodeLine(raw: string): Line | undefined {
  const json = raw.slice(9);
  if (crc32(json).toString(16).padStart(8, '0') !== raw.slice(0, 8)) return undefined;
  try {
    return JSON.parse(json) as Line;
  } catch {
    return undefined;
  }
}
