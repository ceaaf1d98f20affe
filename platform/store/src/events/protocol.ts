/** What the server process and the child that holds DuckDB say to each other. Batches cross the border, not items. */
import type { CodedColumn, EventColumn, EventColumnType } from '@undercroft/kernel';
import type { CompiledQuery } from './query/compiled.ts';

export interface ChildClass {
  readonly name: string;
  readonly audit: boolean;
  readonly attributes: readonly { readonly name: string; readonly type: EventColumnType }[];
}

/** Settings of the child, all in base units. */
export interface ChildOptions {
  readonly classes: readonly ChildClass[];
  readonly hotUs: number;
  readonly hotRows: number;
  readonly retentionUs: number;
  readonly auditUs: number;
  readonly maxBytes: number;
  readonly checkpointBytes: number;
  readonly memoryMiB: number;
  readonly threads: number;
}

export type AttributeValue = string | number | boolean | null;

/** Events of one class, column by column. Times in microseconds; all arrays have `rows` items. */
export interface ColumnBatch {
  readonly class: string;
  readonly rows: number;
  readonly id: readonly string[];
  readonly timeUs: Float64Array;
  readonly receivedUs: Float64Array;
  /** One value stands for all rows. */
  readonly tenant: string | readonly string[];
  /** OCSF `severity_id`. */
  readonly severity: number | Uint8Array;
  readonly activity: string | readonly string[];
  readonly source: string | readonly string[];
  readonly asset: null | readonly (string | null)[] | CodedColumn;
  /** Further assets, see {@link OTHERS_SEPARATOR}. */
  readonly others: null | readonly (string | null)[] | CodedColumn;
  readonly message: string | readonly string[];
  /** JSON objects. */
  readonly unmapped: null | readonly (string | null)[];
  /** Attributes that at least one of the events has. */
  readonly attributes: readonly { readonly name: string; readonly values: EventColumn }[];
}

/**
 * Stands before, between and after the further assets of an event: one text column is searched three times faster
 * than a list, and an id between two separators is matched whole.
 */
export const OTHERS_SEPARATOR = '\n';

export type ToChild =
  | { readonly kind: 'open'; readonly options: ChildOptions }
  | {
      readonly kind: 'write';
      readonly request: number;
      /** Sent before, to a child that died: part of it may be stored already. */
      readonly again: boolean;
      readonly batches: readonly ColumnBatch[];
    }
  | { readonly kind: 'query'; readonly request: number; readonly query: CompiledQuery; readonly timeoutMs: number }
  | { readonly kind: 'stats'; readonly request: number }
  | { readonly kind: 'maintain'; readonly request: number; readonly nowUs: number }
  | { readonly kind: 'backup'; readonly request: number; readonly target: string }
  | { readonly kind: 'close'; readonly request: number };

export type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unable'; readonly error: ChildError }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    }
  | { readonly kind: 'done'; readonly request: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly request: number; readonly error: ChildError };

export interface ChildError {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly status: number;
}

/** What a query gives back: columns as the store has them, decoded by `query/rows.ts`. */
export interface ChildQueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ChildValue[])[];
  readonly files: number;
  readonly scannedRows: number;
  readonly warnings: readonly string[];
}

export type ChildValue = string | number | bigint | boolean | null;

export interface ChildStats {
  readonly events: number;
  readonly hotRows: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly skippedFiles: readonly { readonly path: string; readonly reason: string }[];
  readonly oldestUs?: number;
}
