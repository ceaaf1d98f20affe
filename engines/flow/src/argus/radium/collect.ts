/** Radium's work: records of many sources, filtered and labelled, to many outputs. */
import { CAUSE_DETAIL, KIND, KIND_MANAGEMENT } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import type { RecordFilter } from '../write/output.ts';
import type { RecordOutputs } from '../write/outputs.ts';
import type { RecordInput } from './input.ts';

/** Bit of a record's cause: it has come through a radium. */
const THROUGH_RADIUM = 0x08;

export interface CollectOptions {
  readonly filter?: RecordFilter;
  /** Adds a label to the record, in place. */
  readonly label?: (record: FlowRecord) => void;
  readonly onTrouble: (input: RecordInput, text: string) => void;
}

export interface InputCounts {
  records: number;
  /** Management records of the source: they speak of its stream, not of ours, and are not passed on. */
  management: number;
  filteredOut: number;
}

export class Collection {
  readonly counts = new Map<string, InputCounts>();
  readonly #outputs: RecordOutputs;
  readonly #options: CollectOptions;

  constructor(outputs: RecordOutputs, options: CollectOptions) {
    this.#outputs = outputs;
    this.#options = options;
  }

  /** Resolves when all inputs have ended. A failed input is told of and the others go on. */
  async run(inputs: readonly RecordInput[], signal: AbortSignal): Promise<void> {
    await Promise.all(inputs.map((input) => this.#collect(input, signal)));
  }

  async #collect(input: RecordInput, signal: AbortSignal): Promise<void> {
    const counts = { records: 0, management: 0, filteredOut: 0 };
    this.counts.set(input.name, counts);
    const { filter, label, onTrouble } = this.#options;
    const record = new FlowRecord();
    try {
      for await (const batch of input.read(signal, (text) => onTrouble(input, text))) {
        for (let index = 0; index < batch.count; index += 1) {
          record.at(batch, batch.address(index));
          if (record.get(KIND) === KIND_MANAGEMENT) {
            counts.management += 1;
            continue;
          }
          if (filter !== undefined && !filter(record)) {
            counts.filteredOut += 1;
            continue;
          }
          counts.records += 1;
          record.set(CAUSE_DETAIL, record.get(CAUSE_DETAIL) | THROUGH_RADIUM);
          label?.(record);
          this.#outputs.write(record);
        }
        await this.#outputs.flush();
        if (signal.aborted) return;
      }
    } catch (error) {
      onTrouble(input, (error as Error).message);
    }
  }
}
