/** ra's flags of a record as a text, made once for each that occurs. */
import { writeFlags } from '../ra/fields/flags.ts';
import { Cell } from '../ra/text/cell.ts';
import type { FlowRecord } from '../record/record.ts';

const PLACES = 8;
/** Printable characters: eight of them are a number that is exact. */
const CHARACTERS = 95;
const SPACE = 32;
const MAX_TEXTS = 10_000;

export class FlagTexts {
  readonly #cell = new Cell();
  readonly #texts = new Map<number, string>();

  textOf(record: FlowRecord): string {
    const cell = this.#cell;
    cell.start(0);
    writeFlags(cell, record);
    let key = 0;
    for (let place = 0; place < PLACES; place++) key = key * CHARACTERS + cell.bytes[place]! - SPACE;
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = Buffer.from(cell.bytes.subarray(0, cell.length)).toString('latin1').trimEnd();
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  }
}
