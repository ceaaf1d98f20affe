/** Many files of records, of which few are open at a time. */
import { RecordEncoder } from '../../argus/wire/encode.ts';
import type { FlowRecord } from '../../record/record.ts';
import { RecordFile } from '../io/output.ts';
import type { ClientContext } from './run.ts';

const MAX_OPEN = 64;

export class SplitFiles {
  readonly #context: ClientContext;
  readonly #encoder = new RecordEncoder();
  readonly #open = new Map<string, RecordFile>();
  readonly #closed: (path: string) => void;

  /** @param closed called with each file that is whole */
  constructor(context: ClientContext, closed: (path: string) => void = () => undefined) {
    this.#context = context;
    this.#closed = closed;
  }

  /** @returns how many bytes the record took */
  put(path: string, record: FlowRecord): number {
    const bytes = this.#encoder.encode(record);
    let file = this.#open.get(path);
    if (file === undefined) {
      file = new RecordFile(path, this.#context.io, this.#context.greeting);
      if (this.#open.size >= MAX_OPEN) this.#closeOldest();
    } else {
      this.#open.delete(path);
    }
    // The file that was written last stands last.
    this.#open.set(path, file);
    file.put(bytes, 0, bytes.length);
    return bytes.length;
  }

  /** Files that are open, the one that rested longest first. */
  get paths(): readonly string[] {
    return [...this.#open.keys()];
  }

  flush(): void {
    for (const file of this.#open.values()) file.flush();
  }

  #closeOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    oldest[1].closeNow();
    this.#open.delete(oldest[0]);
  }

  close(path: string): void {
    const file = this.#open.get(path);
    if (file === undefined) return;
    file.closeNow();
    this.#open.delete(path);
    this.#closed(path);
  }

  closeAll(): void {
    for (const path of this.paths) this.close(path);
  }
}
