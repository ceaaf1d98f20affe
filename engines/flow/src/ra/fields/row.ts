/** Lines of columns: aligned in fixed widths, or separated by a character. */
import type { FlowRecord } from '../../record/record.ts';
import { Cell, LEFT, LEFT_CLIP, LEFT_OPEN, RIGHT, RIGHT_CLIP } from '../text/cell.ts';
import type { Position, Style } from './field.ts';
import { dataColumnWidth } from './payload.ts';
import type { Column } from './table.ts';

const SPACE = 32;
const STAR = 42;
const DOT = 46;
const NEWLINE = 10;
const BACKSLASH = 92;
/** A line is not longer; what is beyond is left out. */
const MAX_LINE_BYTES = 1024 * 1024;

export interface RowFormat {
  /** `-c`: the character between columns, widths are then ignored; 0 for columns of fixed width. */
  readonly delimiter: number;
  /** Columns as wide as their values without a delimiter (RA_FIELD_WIDTH="variable"). */
  readonly variable: boolean;
  /** Quote around each value, 0 for none. */
  readonly quote: number;
  /** Between an address and its port, a dot. */
  readonly dotBeforePort: boolean;
}

const ADDRESS_OF_PORT = new Map([
  ['sport', 'saddr'],
  ['dport', 'daddr'],
]);

export class RowWriter {
  /** The line last written, without a newline. */
  readonly line = Buffer.alloc(MAX_LINE_BYTES);
  readonly #cell = new Cell();
  readonly #columns: readonly Column[];
  readonly #widths: readonly number[];
  readonly #dotted: readonly boolean[];
  readonly #style: Style;
  readonly #format: RowFormat;

  constructor(columns: readonly Column[], style: Style, format: RowFormat) {
    this.#columns = columns;
    this.#style = style;
    this.#format = format;
    this.#widths = columns.map(({ field, width }) => width + (field.kind === 'time' ? timeDigits(style) : 0));
    this.#dotted = columns.map(
      ({ field }, at) =>
        format.dotBeforePort && at > 0 && ADDRESS_OF_PORT.get(field.name) === columns[at - 1]?.field.name,
    );
  }

  /** The names above the columns, with a newline's worth of nothing behind. */
  header(): string {
    const names = this.#columns.map(({ field, width }, at) =>
      headerText(field, this.#widths[at] ?? width, this.#style),
    );
    const { delimiter, quote } = this.#format;
    if (delimiter !== 0) {
      const separator = String.fromCharCode(delimiter);
      const words = names.map((name) => name.trim()).filter((name) => name !== '');
      const mark = quote === 0 ? '' : String.fromCharCode(quote);
      return words.map((word) => `${mark}${word}${mark}`).join(separator);
    }
    return this.#format.variable ? names.map((name) => `${name.trim()} `).join('') : names.join('');
  }

  /** @returns how many bytes of {@link line} are the record's line, a newline included */
  write(record: FlowRecord, position: Position): number {
    const { delimiter } = this.#format;
    return this.#endLine(delimiter === 0 ? this.#writeFixed(record, position) : this.#writeDelimited(record, position));
  }

  #endLine(length: number): number {
    const { line } = this;
    const { delimiter } = this.#format;
    let end = length;
    while (end > 0 && isSpace(line[end - 1] as number)) end -= 1;
    if (delimiter !== 0 && end > 0 && line[end - 1] === delimiter) end -= 1;
    line[end] = NEWLINE;
    return end + 1;
  }

  #writeFixed(record: FlowRecord, position: Position): number {
    const { line } = this;
    const cell = this.#cell;
    let at = 0;
    for (let i = 0; i < this.#columns.length; i += 1) {
      const { field } = this.#columns[i] as Column;
      cell.start(this.#widths[i] as number);
      field.write(cell, record, this.#style, position);
      if (cell.length + cell.width + at + 2 > MAX_LINE_BYTES) break;
      if (this.#dotted[i] && cell.length > 0 && line[at - 1] === SPACE && cell.align !== RIGHT) line[at - 1] = DOT;
      at = this.#format.variable ? putAll(line, at, cell) : putAligned(line, at, cell);
      line[at++] = SPACE;
    }
    return at;
  }

  #writeDelimited(record: FlowRecord, position: Position): number {
    const { line } = this;
    const { delimiter, quote } = this.#format;
    const cell = this.#cell;
    let at = 0;
    for (let i = 0; i < this.#columns.length; i += 1) {
      const { field, width } = this.#columns[i] as Column;
      cell.start(width);
      field.write(cell, record, this.#style, position);
      if (cell.length * 2 + at + width + 4 > MAX_LINE_BYTES) break;
      if (field.kind === 'direction') for (let pad = cell.length; pad > 0 && pad < width; pad += 1) line[at++] = SPACE;
      if (field.kind === 'flags') cell.byte(SPACE);
      else while (cell.length > 0 && isSpace(cell.bytes[cell.length - 1] as number)) cell.length -= 1;
      at = quote === 0 ? putAll(line, at, cell) : putQuoted(line, at, cell, quote);
      line[at++] = delimiter;
    }
    return at;
  }
}

function timeDigits(style: Style): number {
  return style.clock.hasFraction ? style.digits : 0;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13);
}

function putAll(line: Buffer, from: number, cell: Cell): number {
  let at = from;
  for (let i = 0; i < cell.length; i += 1) line[at++] = cell.bytes[i] as number;
  return at;
}

function putQuoted(line: Buffer, from: number, cell: Cell, quote: number): number {
  let at = from;
  line[at++] = quote;
  for (let i = 0; i < cell.length; i += 1) {
    if (cell.bytes[i] === quote) line[at++] = BACKSLASH;
    line[at++] = cell.bytes[i] as number;
  }
  line[at++] = quote;
  return at;
}

function putAligned(line: Buffer, from: number, cell: Cell): number {
  const { bytes, length, width, align } = cell;
  let at = from;
  if (length >= width) {
    const kept = align === LEFT_OPEN ? length : width;
    for (let i = 0; i < kept; i += 1) line[at++] = bytes[i] as number;
    if (length > width && (align === RIGHT || align === LEFT) && width > 0) line[at - 1] = STAR;
    return at;
  }
  const padding = width - length;
  if (align === RIGHT || align === RIGHT_CLIP) for (let i = 0; i < padding; i += 1) line[at++] = SPACE;
  for (let i = 0; i < length; i += 1) line[at++] = bytes[i] as number;
  if (align === LEFT || align === LEFT_OPEN || align === LEFT_CLIP) {
    for (let i = 0; i < padding; i += 1) line[at++] = SPACE;
  }
  return at;
}

/** Names that ra centres rather than aligns. */
const CENTRED = new Set(['seq', 'rank', 'binnum', 'bins']);
const RMON_HEADERS = new Map([
  ['saddr', 'Host'],
  ['smac', 'Mac'],
  ['spkts', 'OutPkts'],
  ['dpkts', 'InPkts'],
  ['sbytes', 'OutBytes'],
  ['dbytes', 'InBytes'],
]);

function headerText(field: Column['field'], width: number, style: Style): string {
  const name = (style.rmon ? RMON_HEADERS.get(field.name) : undefined) ?? field.header;
  if (field.kind === 'data') return dataHeader(name, width, style);
  if (CENTRED.has(field.name)) {
    const side = ' '.repeat(Math.max(1, Math.floor((width - name.length) / 2)));
    const isRank = field.name === 'rank';
    return `${side}${name}${side}${isRank ? '' : ' '}${width % 2 === 0 ? ' ' : ''}`;
  }
  return `${name.slice(0, width).padStart(width)} `;
}

function dataHeader(name: string, width: number, style: Style): string {
  const encoded = dataColumnWidth(width, style) - 8 - (width >= 10 ? 1 : 0) - (width >= 100 ? 1 : 0);
  const around = encoded + (width > 10 ? 1 : 0);
  const side = ' '.repeat(Math.max(1, Math.floor(around / 2)));
  return `${side}${name}${side} ${around % 2 === 1 ? ' ' : ''}`;
}
