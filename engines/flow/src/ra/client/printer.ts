/** Prints records line by line as the settings ask, with names above. */
import { KIND, KIND_EVENT, KIND_MANAGEMENT } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { Position } from '../fields/field.ts';
import { shownData } from '../fields/payload.ts';
import type { RowWriter } from '../fields/row.ts';
import type { Column } from '../fields/table.ts';
import type { Settings } from '../options/settings.ts';
import type { Sink } from './sink.ts';
import { rowsOf, styleOf } from './style.ts';
import { TaggedWriter } from './tagged.ts';

const HEX_LINE_BYTES = 16;

export class RecordPrinter {
  readonly #settings: Settings;
  readonly #out: Sink;
  readonly #rows: RowWriter;
  readonly #tagged: TaggedWriter | null;
  readonly #columns: readonly Column[];
  readonly #position: Position = { offset: 0, rank: 0 };
  #labels = 0;

  constructor(settings: Settings, out: Sink, columns: readonly Column[] = settings.columns) {
    this.#settings = settings;
    this.#out = out;
    this.#columns = columns;
    this.#rows = rowsOf(settings, columns);
    this.#tagged = settings.xml || settings.json ? new TaggedWriter(settings, columns, styleOf(settings)) : null;
  }

  /** @returns false when no more records are wanted */
  print(record: FlowRecord, offset = 0): boolean {
    const { quiet, printManagement, printEvents, output } = this.#settings;
    const kind = record.get(KIND);
    if (quiet) return true;
    if (kind === KIND_MANAGEMENT && !printManagement) return true;
    if (kind === KIND_EVENT && !printEvents) return true;
    this.header();
    this.#position.offset = offset;
    if (kind !== KIND_MANAGEMENT && kind !== KIND_EVENT) this.#position.rank += 1;
    const { rank } = this.#position;
    if (rank > output.last) return false;
    if (rank < output.first) return true;
    this.#line(record);
    return true;
  }

  /** The names above the columns, as often as asked for. */
  header(): void {
    const every = this.#settings.labelEvery;
    if (every === 0 || this.#tagged !== null) return;
    const isDue = every < 0 ? this.#labels === 0 : this.#labels % every === 0;
    this.#labels += 1;
    if (isDue) this.#out.text(`${this.#rows.header()}\n`);
  }

  #line(record: FlowRecord): void {
    if (this.#tagged !== null) {
      this.#out.text(this.#tagged.record(record, this.#position));
      return;
    }
    const count = this.#rows.write(record, this.#position);
    this.#out.write(this.#rows.line, 0, count);
    if (this.#settings.printer === 'hex') this.#dump(record);
  }

  /** User data in hex, below its record. */
  #dump(record: FlowRecord): void {
    for (const { field, width } of this.#columns) {
      if (field.kind !== 'data') continue;
      const data = Buffer.from(shownData(record, field.name === 'suser', width));
      if (data.length > 0) this.#out.text(`\n${hexLines(data)}`);
    }
    this.#out.text('\n');
  }

  end(): void {
    if (this.#tagged !== null) this.#out.text(this.#tagged.end());
  }
}

function hexLines(data: Buffer): string {
  let text = '';
  for (let at = 0; at < data.length; at += HEX_LINE_BYTES) {
    const line = data.subarray(at, at + HEX_LINE_BYTES);
    const pairs = line
      .toString('hex')
      .replace(/(.{4})/g, ' $1')
      .replace(/(..)$/, '$1');
    const shown = line.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    text += `      0x${at.toString(16).padStart(4, '0')}\t${pairs}\t${shown}\n`;
  }
  return text;
}
