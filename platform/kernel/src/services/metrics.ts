import type { JsonObject } from './values.ts';

/** How a collected number becomes a value: as it is, or the change of a counter a second. */
export type MetricAlgorithm =
  | 'absolute'
  | 'incremental'
  | 'percentage-of-incremental-row'
  | 'percentage-of-absolute-row';

export interface ChartDimension {
  readonly id: string;
  readonly name: string;
}

/** A chart is what is drawn together: dimensions of one unit. Ids as Netdata writes them: `system.cpu`, `disk_space./`. */
export interface Chart {
  readonly id: string;
  readonly host: string;
  readonly title: string;
  readonly units: string;
  readonly family: string;
  /** What charts of one kind share: `disk.space`. */
  readonly context: string;
  readonly type: 'line' | 'area' | 'stacked';
  readonly priority: number;
  readonly updateEveryS: number;
  readonly dimensions: readonly ChartDimension[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * One second of one host. `values[i]` is dimension i of chart order `charts`, flattened; NaN is a missing sample.
 * `layout` numbers the definition set: when it changes, `charts` is sent along.
 */
export interface SampleBatch {
  readonly host: string;
  readonly timeUs: number;
  readonly layout: number;
  readonly charts?: readonly Chart[];
  readonly values: Float64Array;
}

export interface MetricsWrite {
  write(batch: SampleBatch): Promise<void>;
}

export interface MetricsQueryRequest {
  readonly host?: string;
  readonly charts: readonly string[];
  readonly dimensions?: readonly string[];
  readonly fromS: number;
  readonly toS: number;
  /** At most this many points a series; 0 is one a sample. */
  readonly points?: number;
  readonly group?: 'average' | 'min' | 'max' | 'sum' | 'last';
}

export interface MetricsSeries {
  readonly host: string;
  readonly chart: string;
  readonly dimension: string;
  /** One value a step from `fromS` on; null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface MetricsQueryResult {
  readonly fromS: number;
  readonly stepS: number;
  readonly series: readonly MetricsSeries[];
  /** Spans without samples that have a known reason. */
  readonly gaps: readonly { readonly fromS: number; readonly toS: number; readonly reason: string }[];
}

export interface MetricsQuery {
  hosts(): Promise<readonly string[]>;
  charts(host?: string): Promise<readonly Chart[]>;
  query(request: MetricsQueryRequest): Promise<MetricsQueryResult>;
  stats(): Promise<{
    readonly series: number;
    readonly samples: number;
    readonly diskBytes: number;
    readonly ramBytes: number;
    readonly oldestS?: number;
  }>;
}

/** A process of a host, as the agent saw it last. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly command: string;
  readonly user: string;
  /** Percent of one core. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly readBps: number;
  readonly writeBps: number;
  readonly threads: number;
  readonly listens: readonly number[];
  readonly startedUs: number;
  readonly container?: string;
}

/** A listening socket and who holds it, from /proc of the agent's host. */
export interface ListenerRow {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly pid?: number;
  readonly process?: string;
  readonly user?: string;
}

/** Facts about the agent's own host. */
export interface HostFacts {
  readonly hostname: string;
  readonly machineId: string;
  readonly attributes: JsonObject;
}

/** Provided by the agent. */
export interface HostInspect {
  facts(): Promise<HostFacts>;
  processes(limit?: number): Promise<{ readonly total: number; readonly processes: readonly ProcessRow[] }>;
  listeners(): Promise<readonly ListenerRow[]>;
}
