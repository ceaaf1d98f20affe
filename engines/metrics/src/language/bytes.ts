/** Reads text as bytes, without making strings: what parses /proc every second. */

const ZERO = 48;
const NINE = 57;
const SPACE = 32;
const TAB = 9;
const NEWLINE = 10;
const DOT = 46;
const MINUS = 45;

/** A position in a byte buffer. Every method stays within `end` and never throws. */
export class ByteCursor {
  buffer: Uint8Array;
  position = 0;
  end = 0;

  constructor(buffer: Uint8Array = new Uint8Array(0), length = buffer.length) {
    this.buffer = buffer;
    this.end = length;
  }

  /** Starts over on a buffer's first `length` bytes. */
  reset(buffer: Uint8Array, length: number): this {
    this.buffer = buffer;
    this.position = 0;
    this.end = Math.min(length, buffer.length);
    return this;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  skipSpaces(): void {
    const { buffer, end } = this;
    let at = this.position;
    while (at < end && (buffer[at] === SPACE || buffer[at] === TAB)) at++;
    this.position = at;
  }

  /** Past the next newline. */
  skipLine(): void {
    const at = this.buffer.indexOf(NEWLINE, this.position);
    this.position = at < 0 || at >= this.end ? this.end : at + 1;
  }

  /** Over one word and the spaces before it. */
  skipWord(): void {
    this.skipSpaces();
    const { buffer, end } = this;
    let at = this.position;
    while (at < end && buffer[at] !== SPACE && buffer[at] !== TAB && buffer[at] !== NEWLINE) at++;
    this.position = at;
  }

  skipWords(count: number): void {
    for (let i = 0; i < count; i++) this.skipWord();
  }

  /**
   * The decimal number that follows spaces on this line: digits, a sign before them, a fraction after a dot.
   * @returns NaN, without moving on, if there is none
   */
  number(): number {
    this.skipSpaces();
    const { buffer, end } = this;
    let at = this.position;
    const negative = at < end && buffer[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    while (at < end) {
      const byte = buffer[at]!;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
      at++;
    }
    if (at === first) return Number.NaN;
    if (at < end && buffer[at] === DOT) {
      at++;
      let scale = 1;
      let fraction = 0;
      while (at < end) {
        const byte = buffer[at]!;
        if (byte < ZERO || byte > NINE) break;
        if (scale < 1e15) {
          fraction = fraction * 10 + (byte - ZERO);
          scale *= 10;
        }
        at++;
      }
      value += fraction / scale;
    }
    this.position = at;
    return negative ? -value : value;
  }

  /** A number in hexadecimal digits. @returns NaN, without moving on, if there is none */
  hex(): number {
    this.skipSpaces();
    const { buffer, end } = this;
    let at = this.position;
    const first = at;
    let value = 0;
    while (at < end) {
      const digit = hexDigit(buffer[at]!);
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    if (at === first) return Number.NaN;
    this.position = at;
    return value;
  }

  /** Do the next bytes spell this? Does not move. */
  startsWith(text: Uint8Array): boolean {
    const { buffer, position } = this;
    if (position + text.length > this.end) return false;
    for (let i = 0; i < text.length; i++) if (buffer[position + i] !== text[i]) return false;
    return true;
  }

  /** The next word as a string; empty at the end of the line. */
  word(): string {
    this.skipSpaces();
    const start = this.position;
    this.skipWord();
    return this.text(start, this.position);
  }

  /** Everything up to the end of the line, which is passed. */
  line(): string {
    const start = this.position;
    this.skipLine();
    const stop =
      this.position > start && this.buffer[this.position - 1] === NEWLINE ? this.position - 1 : this.position;
    return this.text(start, stop);
  }

  /** The bytes between two positions as a string (UTF-8, wrong sequences replaced). */
  text(start: number, stop: number): string {
    return decoder.decode(this.buffer.subarray(start, stop));
  }
}

const decoder = new TextDecoder();

/** The bytes of an ASCII word. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  if (byte >= 65 && byte <= 70) return byte - 55;
  if (byte >= 97 && byte <= 102) return byte - 87;
  return -1;
}
