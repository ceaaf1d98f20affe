/**
 * Files of `name value` lines (meminfo, vmstat, sockstat): which line holds which name is learnt once, then only
 * checked, so that a read makes no garbage.
 */
import { ascii, ByteCursor } from './bytes.ts';

const NEWLINE = 10;
const COLON = 58;

export class KeyedLines {
  /** One value a name, in the order given; NaN where the file has no such line. */
  readonly values: Float64Array;
  readonly #names: readonly Uint8Array[];
  /** Index of the name that the line holds, -1 for a line nobody asked for. */
  #lines: Int16Array = new Int16Array(0);
  readonly #cursor = new ByteCursor();

  constructor(names: readonly string[]) {
    this.#names = names.map(ascii);
    this.values = new Float64Array(names.length).fill(Number.NaN);
  }

  /** Parses the first `length` bytes into {@link values}. */
  parse(buffer: Uint8Array, length: number): Float64Array {
    if (!this.#parseKnown(buffer, length)) {
      this.#learn(buffer, length);
      this.#parseKnown(buffer, length);
    }
    return this.values;
  }

  #parseKnown(buffer: Uint8Array, length: number): boolean {
    const cursor = this.#cursor.reset(buffer, length);
    this.values.fill(Number.NaN);
    for (let line = 0; line < this.#lines.length; line++) {
      if (cursor.done) return false;
      const index = this.#lines[line]!;
      if (index >= 0) {
        if (!this.#holds(cursor, this.#names[index]!)) return false;
        cursor.position += this.#names[index]!.length;
        if (buffer[cursor.position] === COLON) cursor.position++;
        this.values[index] = cursor.number();
      }
      cursor.skipLine();
    }
    return this.#lines.length > 0;
  }

  #holds(cursor: ByteCursor, name: Uint8Array): boolean {
    if (!cursor.startsWith(name)) return false;
    const after = cursor.buffer[cursor.position + name.length];
    return after === COLON || after === 32 || after === 9;
  }

  #learn(buffer: Uint8Array, length: number): void {
    const cursor = this.#cursor.reset(buffer, length);
    const lines: number[] = [];
    let last = 0;
    while (!cursor.done) {
      const index = this.#names.findIndex((name) => this.#holds(cursor, name));
      lines.push(index);
      if (index >= 0) last = lines.length;
      cursor.skipLine();
    }
    this.#lines = Int16Array.from(lines.slice(0, last));
  }
}

/**
 * Files of paired lines, names over values (`/proc/net/snmp`, `/proc/net/netstat`): `Tcp: ActiveOpens …` over
 * `Tcp: 63 …`. Names are written `Tcp.ActiveOpens`.
 */
export class PairedLines {
  readonly values: Float64Array;
  readonly #names: readonly string[];
  #layout: { readonly bytes: Uint8Array; readonly columns: Int16Array }[] = [];
  readonly #cursor = new ByteCursor();

  constructor(names: readonly string[]) {
    this.#names = names;
    this.values = new Float64Array(names.length).fill(Number.NaN);
  }

  parse(buffer: Uint8Array, length: number): Float64Array {
    const cursor = this.#cursor.reset(buffer, length);
    this.values.fill(Number.NaN);
    for (let pair = 0; !cursor.done; pair++) {
      const start = cursor.position;
      cursor.skipLine();
      const columns = this.#columns(pair, buffer, start, cursor.position);
      cursor.skipWord();
      for (let column = 0; column < columns.length; column++) {
        const value = cursor.number();
        if (Number.isNaN(value)) break;
        const index = columns[column]!;
        if (index >= 0) this.values[index] = value;
      }
      cursor.skipLine();
    }
    return this.values;
  }

  /** Name indexes of one header line, from last time if its bytes are the same. */
  #columns(pair: number, buffer: Uint8Array, start: number, stop: number): Int16Array {
    const known = this.#layout[pair];
    if (known !== undefined && sameBytes(known.bytes, buffer, start, stop)) return known.columns;
    const bytes = buffer.slice(start, stop);
    const cursor = new ByteCursor(bytes);
    const prefix = cursor.word().replace(/:$/, '');
    const columns: number[] = [];
    while (!cursor.done && bytes[cursor.position] !== NEWLINE) {
      const word = cursor.word();
      if (word === '') break;
      columns.push(this.#names.indexOf(`${prefix}.${word}`));
    }
    const learnt = { bytes, columns: Int16Array.from(columns) };
    this.#layout[pair] = learnt;
    return learnt.columns;
  }
}

function sameBytes(known: Uint8Array, buffer: Uint8Array, start: number, stop: number): boolean {
  if (known.length !== stop - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== buffer[start + i]) return false;
  return true;
}
