import type { JsonValue, Severity } from './values.ts';

/** A column type of an event class. Times are microseconds in JavaScript and nanoseconds in the store. */
export type EventColumnType = 'string' | 'bool' | 'int32' | 'int64' | 'uint16' | 'uint32' | 'float64' | 'time' | 'json';

/**
 * A class of events, declared by the module that publishes it. Name, uid and attribute names follow OCSF
 * (dotted, e.g. `src_endpoint.ip`); classes of our own use uids from 99000001 on.
 */
export interface EventClass {
  readonly name: string;
  readonly uid: number;
  readonly summary: string;
  readonly attributes: Readonly<Record<string, EventColumnType>>;
  /**
   * It comes by the thousand a second (flows, log lines): written with {@link Events.writeRows}, without messages, not
   * streamed, and asked for by its name only.
   */
  readonly bulk?: boolean;
}

/** Values of one attribute, one a row; null where a row has none. Times in microseconds. */
export type EventColumn = readonly (string | number | boolean | null)[] | NumberArray | CodedColumn | PartialColumn;
export type NumberArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Texts of which many rows share one: row `n` has `values[codes[n]]`. */
export interface CodedColumn {
  readonly values: readonly (string | null)[];
  readonly codes: Uint32Array;
}

/** Numbers that some rows lack: row `n` has `values[n]` where `present[n]` is 1. */
export interface PartialColumn {
  readonly values: NumberArray;
  readonly present: Uint8Array;
}

/** Many events of one bulk class, column by column. */
export interface EventRows {
  readonly class: string;
  readonly rows: number;
  readonly tenant?: string;
  readonly timeUs: Float64Array;
  /** The asset each row is about. */
  readonly asset?: readonly (string | null)[] | CodedColumn;
  /** Further assets of a row. */
  readonly others?: readonly (string | null)[] | CodedColumn;
  readonly columns: Readonly<Record<string, EventColumn>>;
}

/** Rows of one call of {@link Events.writeRows} at most. */
export const MAX_EVENT_ROWS = 65_536;

/** What a publisher hands in. Attributes that the class does not declare are kept in the `unmapped` JSON column. */
export interface EventInput {
  readonly class: string;
  /** OCSF activity, in lower case: `logon`, `create`, `open`, … */
  readonly activity?: string;
  /** When it happened; the receiver's clock if absent. */
  readonly timeUs?: number;
  readonly severity?: Severity;
  readonly tenant?: string;
  /** The assets it concerns, the subject first. */
  readonly assets?: readonly string[];
  /** One sentence a person reads. */
  readonly message: string;
  readonly attributes?: Readonly<Record<string, JsonValue>>;
}

/** An event as stored and as streamed. */
export interface PlatformEvent {
  /** Sortable by time of receipt, unique: 26 characters (ULID). */
  readonly id: string;
  readonly class: string;
  readonly activity: string;
  readonly timeUs: number;
  /** Stamped by the receiver. */
  readonly receivedUs: number;
  readonly severity: Severity;
  readonly tenant: string;
  /** The module that published it. */
  readonly source: string;
  readonly assets: readonly string[];
  readonly message: string;
  readonly attributes: Readonly<Record<string, JsonValue>>;
}

export type EventListener = (event: PlatformEvent) => void;

/** Where events go in. Each module gets one that stamps its own name as the source. */
export interface Events {
  /** Never blocks and never throws; a full queue drops, counts and raises a problem. */
  publish(event: EventInput): void;
  /** Resolves once the event is durable, in order with other appended ones; rejects if it cannot be. */
  append(event: EventInput): Promise<PlatformEvent>;
  /** Sees every event of this process's hub from now on. @returns unsubscribe */
  subscribe(listener: EventListener, filter?: { readonly classes?: readonly string[] }): () => void;
  /**
   * Stores many events of a bulk class; resolves once they are durable. A caller that does not wait for it is refused
   * (`events.busy`) when too many wait already.
   *
   * @throws UndercroftError `events.rows.invalid`
   */
  writeRows(rows: EventRows): Promise<void>;
  /** Events dropped since the start. The store's own only. */
  dropped?(): number;
}

/** Comparison of a query filter. `field` is a common column (`class`, `severity`, `asset`, …) or an attribute. */
export type EventFilter =
  | { readonly op: 'and' | 'or'; readonly of: readonly EventFilter[] }
  | { readonly op: 'not'; readonly of: EventFilter }
  | { readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'; readonly field: string; readonly value: JsonValue }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly JsonValue[] }
  | { readonly op: 'contains' | 'prefix'; readonly field: string; readonly value: string }
  | { readonly op: 'exists'; readonly field: string };

export type EventAggregate =
  | { readonly fn: 'count'; readonly as?: string }
  /** The sum of several fields' sums: what goes both ways. */
  | { readonly fn: 'sum'; readonly fields: readonly string[]; readonly as: string }
  | {
      readonly fn: 'sum' | 'min' | 'max' | 'avg' | 'distinct' | 'p50' | 'p95' | 'p99';
      readonly field: string;
      readonly as?: string;
    };

/** The query language as data. Compiled to SQL in one place, with bound parameters. */
export interface EventQuery {
  readonly tenant?: string;
  /** Class names; all classes if absent. */
  readonly classes?: readonly string[];
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly filter?: EventFilter;
  /** Words that must all occur in the message, in any case. */
  readonly text?: string;
  readonly groupBy?: readonly string[];
  /** Width of a time bucket; adds the group key `timeUs` (its start). */
  readonly bucketUs?: number;
  readonly aggregates?: readonly EventAggregate[];
  /** Column names, `-` before one for descending. Newest first by default. */
  readonly orderBy?: readonly string[];
  readonly limit?: number;
  /** Only events after this id, oldest first: how a tail goes on. */
  readonly afterId?: string;
}

export interface EventQueryResult {
  /** Whole events, unless the query aggregates. */
  readonly events: readonly PlatformEvent[];
  /** Rows of an aggregating query. */
  readonly rows: readonly Readonly<Record<string, JsonValue>>[];
  readonly scanned: { readonly files: number; readonly rows: number };
  readonly elapsedMs: number;
  /** What could not be read, said plainly: a torn file, a query cut short. */
  readonly warnings: readonly string[];
}

/** Where questions about events are answered. */
export interface EventsQuery {
  query(query: EventQuery, options?: { readonly timeoutMs?: number }): Promise<EventQueryResult>;
  stats(): Promise<EventStoreStats>;
}

export interface EventStoreStats {
  readonly events: number;
  readonly hotRows: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly dropped: number;
  readonly skippedFiles: readonly { readonly path: string; readonly reason: string }[];
  readonly oldestUs?: number;
}
