/** Collectors that are nothing but a table: which name of which file fills which dimension. */
import { KeyedLines, PairedLines } from '../language/keyed.ts';
import type { ChartDefinition, ChartHandle, DimensionDefinition } from './chart-set.ts';
import type { CollectHost, Collector } from './collector.ts';
import { ProcFile } from './proc-file.ts';

/** A chart whose dimensions name the value they are read from. */
export interface TableChart extends Omit<ChartDefinition, 'dimensions'> {
  readonly dimensions: readonly (DimensionDefinition & { readonly from: string })[];
}

export interface TableSource {
  /** Below `/proc`. */
  readonly path: string;
  /** `lines`: a name and a value a line. `pairs`: a line of names over a line of values. */
  readonly shape: 'lines' | 'pairs';
  readonly charts: readonly TableChart[];
}

interface Reader {
  readonly file: ProcFile;
  readonly table: KeyedLines | PairedLines;
  readonly charts: readonly { readonly chart: TableChart; at: Int16Array; handle: ChartHandle | undefined }[];
}

/** A chart appears with those of its dimensions that have a value: what a kernel does not count is not drawn. */
export function tableCollector(host: CollectHost, name: string, sources: readonly TableSource[]): Collector {
  const readers = sources.map((source) => openReader(host, source));
  return {
    name,
    collect() {
      for (const reader of readers) {
        const length = reader.file.read();
        const values = reader.table.parse(reader.file.buffer, length);
        for (const entry of reader.charts) fill(host, entry, values);
      }
    },
    close() {
      for (const reader of readers) {
        reader.file.close();
        for (const { handle } of reader.charts) if (handle !== undefined) host.charts.remove(handle);
      }
    },
  };
}

function openReader(host: CollectHost, source: TableSource): Reader {
  const names = [...new Set(source.charts.flatMap((chart) => chart.dimensions.map((dimension) => dimension.from)))];
  return {
    file: new ProcFile(`${host.procRoot}/${source.path}`),
    table: source.shape === 'lines' ? new KeyedLines(names) : new PairedLines(names),
    charts: source.charts.map((chart) => ({
      chart,
      at: Int16Array.from(chart.dimensions, (dimension) => names.indexOf(dimension.from)),
      handle: undefined,
    })),
  };
}

function fill(host: CollectHost, entry: Reader['charts'][number], values: Float64Array): void {
  if (entry.handle === undefined) {
    const counted = (_: unknown, i: number) => !Number.isNaN(values[entry.at[i]!]);
    const dimensions = entry.chart.dimensions.filter(counted);
    if (dimensions.length === 0) return;
    entry.handle = host.charts.add({ ...entry.chart, dimensions });
    if (entry.handle === undefined) return;
    entry.at = entry.at.filter(counted);
  }
  for (let i = 0; i < entry.at.length; i++) entry.handle.set(i, values[entry.at[i]!]!);
  entry.handle.done();
}
