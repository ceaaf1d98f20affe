/** The files of `-w`, each with its own filter. */
import { RecordEncoder } from '../../argus/wire/encode.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { Predicate } from '../filter/compile.ts';
import { RecordFile } from '../io/output.ts';
import type { RecordSource } from '../io/records.ts';
import type { ClientContext } from './run.ts';

export class RecordFiles {
  readonly #targets: readonly { readonly file: RecordFile; readonly filter: Predicate | null }[];
  readonly #encoder = new RecordEncoder();

  constructor(targets: readonly { readonly file: RecordFile; readonly filter: Predicate | null }[]) {
    this.#targets = targets;
  }

  /** @returns null when nothing is to be written */
  static async open({ settings, io, compile, greeting }: ClientContext): Promise<RecordFiles | null> {
    if (settings.writes.length === 0) return null;
    const targets = settings.writes.map(async ({ path, filter }) => ({
      file: new RecordFile(path, io, greeting),
      filter: filter === '' ? null : await compile(filter),
    }));
    return new RecordFiles(await Promise.all(targets));
  }

  /** No file has a filter of its own, so that bytes are enough. */
  get takesAll(): boolean {
    return this.#targets.every(({ filter }) => filter === null);
  }

  writeBytes({ bytes, at, length }: RecordSource): void {
    for (const { file } of this.#targets) file.put(bytes, at, length);
  }

  /** The record as it was read. */
  writeSource(record: FlowRecord, source: RecordSource): void {
    for (const { file, filter } of this.#targets) {
      if (filter === null || filter(record)) file.put(source.bytes, source.at, source.length);
    }
  }

  /** The record as it is now. */
  write(record: FlowRecord): void {
    let bytes: Uint8Array | undefined;
    for (const { file, filter } of this.#targets) {
      if (filter !== null && !filter(record)) continue;
      bytes ??= this.#encoder.encode(record);
      file.put(bytes, 0, bytes.length);
    }
  }

  async close(): Promise<void> {
    for (const { file } of this.#targets) {
      file.open();
      await file.close();
    }
  }
}
