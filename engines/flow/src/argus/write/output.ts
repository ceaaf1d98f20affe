/** Where records go. */
import type { FlowRecord } from '../../record/record.ts';

/** Takes records one after another; bounded, and says what it had to drop. */
export interface RecordOutput {
  /**
   * @param record as it is in memory, for filters
   * @param bytes the same, encoded; valid until the call returns
   */
  write(record: FlowRecord, bytes: Uint8Array): void;
  /** Resolves when there is room again; errors of writing end here. */
  flush(): Promise<void>;
  close(): Promise<void>;
  readonly dropped: number;
}

export type RecordFilter = (record: FlowRecord) => boolean;

/** An expression of ra's filter language. @throws UndercroftError when it is none */
export type FilterCompiler = (text: string) => RecordFilter;
