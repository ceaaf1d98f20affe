/** Where a client's records go: to the terminal as lines, or to files. */
import { KIND, KIND_MANAGEMENT } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { RecordSource } from '../io/records.ts';
import { RecordPrinter } from './printer.ts';
import type { ClientContext } from './run.ts';
import { RecordFiles } from './writer.ts';

export class Outlet {
  readonly #printer: RecordPrinter;
  readonly #files: RecordFiles | null;

  private constructor(printer: RecordPrinter, files: RecordFiles | null) {
    this.#printer = printer;
    this.#files = files;
  }

  static async open(context: ClientContext): Promise<Outlet> {
    return new Outlet(new RecordPrinter(context.settings, context.out), await RecordFiles.open(context));
  }

  /** The record as it was read. @returns false when no more is wanted */
  pass(record: FlowRecord, source: RecordSource): boolean {
    if (this.#files === null) return this.#printer.print(record, source.offset);
    this.#files.writeSource(record, source);
    return true;
  }

  /** The record as it is now; management records stay what they were. @returns false when no more is wanted */
  put(record: FlowRecord, source: RecordSource): boolean {
    if (this.#files === null || record.get(KIND) === KIND_MANAGEMENT) return this.pass(record, source);
    this.#files.write(record);
    return true;
  }

  async close(): Promise<void> {
    this.#printer.end();
    await this.#files?.close();
  }
}
