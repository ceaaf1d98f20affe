/** Whose record it is, as text: asked for each record, written out once for each source. */
import { writeSourceId } from '../ra/fields/identity.ts';
import { Cell } from '../ra/text/cell.ts';
import { SOURCE_ID, SOURCE_ID_KIND } from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';

const MAX_TEXTS = 4096;

export class SourceNames {
  readonly #cell = new Cell();
  readonly #texts = new Map<string, string>();
  readonly #prefix: string;

  /** @param prefix put before each, with a slash; of a record without source id it is all */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  of(record: FlowRecord): string {
    const kind = record.get(SOURCE_ID_KIND);
    if (kind === 0) return this.#prefix;
    const { words, base } = record;
    const at = base + SOURCE_ID;
    const key = `${kind} ${words[at]} ${words[at + 1]} ${words[at + 2]} ${words[at + 3]}`;
    let text = this.#texts.get(key);
    if (text === undefined) {
      this.#cell.start(0);
      writeSourceId(this.#cell, record);
      // What a peer calls itself ends in columns and on screens.
      const id = this.#cell.toString().replace(/[^!-~]/g, '');
      text = this.#prefix === '' ? id : `${this.#prefix}/${id}`;
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  }
}
