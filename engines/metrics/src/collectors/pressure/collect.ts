/** `/proc/pressure`: the share of time in which work stood still for want of processor, memory or disk. */
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ascii, ByteCursor } from '../../language/bytes.ts';

interface Resource {
  readonly file: string;
  readonly label: string;
  readonly family: string;
  readonly priority: number;
  /** The kernel reports `full` of the whole machine's processors as zero: it says nothing. */
  readonly full: boolean;
}

const RESOURCES: readonly Resource[] = [
  { file: 'cpu', label: 'CPU', family: 'cpu', priority: 100, full: false },
  { file: 'memory', label: 'Memory', family: 'ram', priority: 200, full: true },
  { file: 'io', label: 'I/O', family: 'disk', priority: 150, full: true },
];
const KINDS = [ascii('some '), ascii('full ')];

/** What one line says. */
export interface PressureLine {
  avg10: number;
  avg60: number;
  avg300: number;
  totalUs: number;
}

/** Reads `avg10=5.64 avg60=2.29 avg300=1.50 total=21737036` into `out`. @see Linux, Documentation/accounting/psi.rst */
export function parsePressure(cursor: ByteCursor, out: PressureLine): void {
  out.avg10 = afterEquals(cursor);
  out.avg60 = afterEquals(cursor);
  out.avg300 = afterEquals(cursor);
  out.totalUs = afterEquals(cursor);
}

function afterEquals(cursor: ByteCursor): number {
  while (!cursor.done) {
    const byte = cursor.buffer[cursor.position];
    if (byte === 10) return Number.NaN;
    cursor.position++;
    if (byte === 61) return cursor.number();
  }
  return Number.NaN;
}

function shareChart(resource: Resource, kind: 'some' | 'full'): ChartDefinition {
  const id = `system.${resource.file}_${kind}_pressure`;
  return {
    id,
    title: `${resource.label} ${kind} pressure`,
    units: 'percentage',
    family: resource.family,
    context: id,
    priority: resource.priority + (kind === 'some' ? 40 : 50),
    decimals: 2,
    dimensions: [10, 60, 300].map((seconds) => ({ id: `${kind} ${seconds}` })),
  };
}

function stallChart(resource: Resource, kind: 'some' | 'full'): ChartDefinition {
  const id = `system.${resource.file}_${kind}_pressure_stall_time`;
  return {
    id,
    title: `${resource.label} ${kind} pressure stall time`,
    units: 'ms',
    family: resource.family,
    context: id,
    priority: resource.priority + (kind === 'some' ? 45 : 55),
    decimals: 2,
    dimensions: [{ id: 'time', algorithm: 'incremental', divisor: 1000 }],
  };
}

export function pressureCollector(host: CollectHost): Collector {
  const cursor = new ByteCursor();
  const line: PressureLine = { avg10: 0, avg60: 0, avg300: 0, totalUs: 0 };
  const readers = RESOURCES.map((resource) => ({
    file: new ProcFile(`${host.procRoot}/pressure/${resource.file}`, 512),
    kinds: (resource.full ? (['some', 'full'] as const) : (['some'] as const)).map((kind) => ({
      word: KINDS[kind === 'some' ? 0 : 1]!,
      definitions: [shareChart(resource, kind), stallChart(resource, kind)] as const,
      share: undefined as ChartHandle | undefined,
      stall: undefined as ChartHandle | undefined,
    })),
  }));
  return {
    name: 'pressure',
    collect() {
      for (const reader of readers) {
        const length = reader.file.read();
        cursor.reset(reader.file.buffer, length);
        while (!cursor.done) {
          for (const kind of reader.kinds) {
            if (!cursor.startsWith(kind.word)) continue;
            parsePressure(cursor, line);
            kind.share ??= host.charts.add(kind.definitions[0]);
            kind.stall ??= host.charts.add(kind.definitions[1]);
            kind.share?.set(0, line.avg10);
            kind.share?.set(1, line.avg60);
            kind.share?.set(2, line.avg300);
            kind.share?.done();
            kind.stall?.set(0, line.totalUs);
            kind.stall?.done();
          }
          cursor.skipLine();
        }
      }
    },
    close() {
      for (const reader of readers) {
        reader.file.close();
        for (const { share, stall } of reader.kinds) {
          for (const handle of [share, stall]) if (handle !== undefined) host.charts.remove(handle);
        }
      }
    },
  };
}
