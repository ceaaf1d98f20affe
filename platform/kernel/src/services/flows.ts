import type { EventRows } from './events.ts';

/** Counters of one interface that is listened on, since it was opened. */
export interface CaptureCounters {
  readonly interface: string;
  readonly packets: number;
  readonly bytes: number;
  /** Lost in the kernel, because its ring was full. */
  readonly dropped: number;
  readonly flows: number;
  /** Flows pushed out because the table was full. */
  readonly evicted: number;
  /** Records made, and records that the server could not take. */
  readonly records: number;
  readonly recordsLost: number;
  /** Flows that came to nothing and were summed up, because a flood or a scan made too many of them. */
  readonly merged: number;
}

/** What one exporter of flow records has sent to a collector since it started, and what of it could not be used. */
export interface FlowExporterCounters {
  /** Address of the exporter; of a stream that the collector has asked for, `host:port`. */
  readonly exporter: string;
  readonly protocol: 'netflow' | 'ipfix' | 'sflow' | 'argus';
  /** When it was last heard of; absent when never. */
  readonly lastUs?: number;
  /** Messages: datagrams, and messages of a stream. Argus' streams have none. */
  readonly packets: number;
  readonly bytes: number;
  readonly records: number;
  /** Steps in the numbers of its messages, and what they say was lost: flows, or packets, as the protocol counts. */
  readonly sequenceGaps: number;
  readonly sequenceLost: number;
  /** Sets of records that came before what describes them, and those that were given up for it. */
  readonly unknownTemplates: number;
  readonly unknownDropped: number;
  readonly malformed: number;
  readonly unsupported: number;
  /** Why a stream is not connected. */
  readonly trouble?: string;
}

/** Where a sensor's flow records go in: the server adds what it knows and archives them. */
export interface FlowsWrite {
  /** Resolves once they are durable. */
  write(rows: EventRows): Promise<void>;
  /** What the sensor sees and loses. */
  counters(counters: readonly CaptureCounters[]): Promise<void>;
  /** What the sensor's collectors get, all exporters each time. */
  exporters(exporters: readonly FlowExporterCounters[]): Promise<void>;
}

/** Which packets are wanted: those of one flow, or of one address, in a span of time. */
export interface PacketsRequest {
  readonly fromUs: number;
  readonly toUs: number;
  readonly addresses: readonly string[];
  readonly ports?: readonly number[];
  readonly protocol?: number;
  /** Bytes of the answer at most. */
  readonly maxBytes: number;
}

export interface PacketsStats {
  readonly enabled: boolean;
  readonly oldestUs?: number;
  readonly newestUs?: number;
  readonly sizeBytes: number;
  readonly maxBytes: number;
}

/** The rolling store of packets, which lies with the sensor. */
export interface PacketsFetch {
  /** @returns a capture file (pcapng) */
  fetch(request: PacketsRequest): Promise<Uint8Array>;
  stats(): Promise<PacketsStats>;
}

export const FLOW_DIMENSIONS = [
  'source',
  'destination',
  'pair',
  'conversation',
  'port',
  'protocol',
  'application',
  'asset',
  'process',
  'path',
  'country',
] as const;
export type FlowDimension = (typeof FLOW_DIMENSIONS)[number];
export const FLOW_MEASURES = ['bytes', 'packets', 'flows'] as const;
export type FlowMeasure = (typeof FLOW_MEASURES)[number];

/** What narrows a question about flows. */
export interface FlowFilter {
  readonly tenant?: string;
  readonly fromUs?: number;
  readonly toUs?: number;
  /** Either end. */
  readonly address?: string;
  readonly source?: string;
  readonly destination?: string;
  /** Either end's port. */
  readonly port?: number;
  readonly protocol?: string;
  readonly application?: string;
  readonly asset?: string;
  readonly state?: string;
  /** The sensor or exporter, and with `sequence` one flow of it. */
  readonly origin?: string;
  readonly sequence?: number;
}

export interface FlowTotal {
  /** Values of the dimension, in order: of a pair source and destination, of a port protocol and number, ... */
  readonly key: readonly (string | number | null)[];
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly records: number;
  readonly firstUs: number;
  readonly lastUs: number;
}

export interface FlowsQuery {
  top(
    by: FlowDimension,
    measure: FlowMeasure,
    filter: FlowFilter,
    limit: number,
  ): Promise<{
    readonly totals: readonly FlowTotal[];
    readonly elapsedMs: number;
    readonly warnings: readonly string[];
  }>;
}
