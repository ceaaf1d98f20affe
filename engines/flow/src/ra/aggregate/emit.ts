/** Gathered records out of a client: sorted, counted, printed or written. */
import { FlowRecord } from '../../record/record.ts';
import type { RecordPrinter } from '../client/printer.ts';
import type { RecordFiles } from '../client/writer.ts';
import type { Aggregator } from './aggregator.ts';
import { type SortKey, SortTable } from './sort.ts';

export interface Output {
  readonly printer: RecordPrinter;
  readonly files: RecordFiles | null;
}

/** @returns false when the output wants no more */
export function emit(record: FlowRecord, { printer, files }: Output): boolean {
  if (files === null) return printer.print(record);
  files.write(record);
  return true;
}

/** @param last at most so many, as -N says */
export function emitAll(
  aggregator: Aggregator,
  keys: readonly SortKey[],
  output: Output,
  last: number,
  isReversed = false,
): void {
  const numbers = aggregator.numbers();
  const cursor = new FlowRecord();
  const table = new SortTable(keys, isReversed);
  if (keys.length > 0) for (const number of numbers) table.add(aggregator.store.at(cursor, number));
  const order = keys.length > 0 ? table.order() : numbers.keys();
  let count = 0;
  for (const row of order) {
    if (count >= last) return;
    count += 1;
    if (!emit(aggregator.store.at(cursor, numbers[row] as number), output)) return;
  }
}
