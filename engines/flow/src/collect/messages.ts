/** What the sensor and the thread of collectors and outputs say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { EventRows, FlowExporterCounters } from '@undercroft/kernel';
import type { CollectConfig, ExportConfig, LogsConfig, ServeConfig } from './config.ts';

export interface ExchangeOptions {
  readonly collect: CollectConfig;
  readonly serve: ServeConfig;
  readonly export: ExportConfig;
  readonly logs: LogsConfig;
  /** Seconds between the reports of one flow: clients are told. */
  readonly intervalS: number;
}

/** What became of one part: a port that is listened on, a server that is read, an output. */
export interface PartState {
  readonly name: string;
  /** Why it does not work; absent when it does. */
  readonly trouble?: string;
}

/** Totals since the start. */
export interface CollectTotals {
  readonly parts: readonly PartState[];
  readonly records: number;
  /** Records that the server could not take. */
  readonly recordsLost: number;
  /** Messages and connections from addresses that are not allowed. */
  readonly refused: number;
  /** Exporters that were forgotten to make room. */
  readonly forgotten: number;
}

export interface OutputTotals {
  readonly parts: readonly PartState[];
  readonly records: number;
  /** Records of the wire that came faster than they could be taken. */
  readonly recordsLost: number;
  /** Records and messages that an output had to drop. */
  readonly dropped: number;
  readonly clients: number;
}

export type FromExchange =
  | { readonly kind: 'rows'; readonly rows: EventRows }
  | { readonly kind: 'exporters'; readonly exporters: readonly FlowExporterCounters[] }
  | { readonly kind: 'totals'; readonly collect: CollectTotals; readonly outputs: OutputTotals };

export type ToExchange =
  /** So many rows were stored or given up. */
  | { readonly kind: 'taken'; readonly rows: number }
  /** A thread that reads the wire hands its records in there. */
  | { readonly kind: 'feed'; readonly port: MessagePort }
  | { readonly kind: 'stop' };

/** Records of the wire, in Argus' format, and how many did not fit before them. */
export interface FeedChunk {
  readonly bytes: Uint8Array;
  readonly lost: number;
}
