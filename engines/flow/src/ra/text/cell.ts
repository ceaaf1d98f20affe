/** The text of one column of one record, written as bytes before it is aligned. */
import { fixedText, scaledWhole } from './float.ts';

/** More than any value a field writes: a label or user data of 64 KB in hex. */
const CELL_BYTES = 256 * 1024;
const ZERO = 48;
const DOT = 46;
const MINUS = 45;
const HEX = '0123456789abcdef';

/** How a value that is shorter or longer than its column is treated. */
export const RIGHT = 0;
/** Left, cut with a star. */
export const LEFT = 1;
/** Left, never cut. */
export const LEFT_OPEN = 2;
/** Right, cut without a star. */
export const RIGHT_CLIP = 3;
/** Left, cut without a star, to {@link Cell.width}. */
export const LEFT_CLIP = 4;

export class Cell {
  readonly bytes = new Uint8Array(CELL_BYTES);
  length = 0;
  /** RIGHT, LEFT, ... of this value. */
  align = RIGHT;
  /** The column's width; a value may widen it. */
  width = 0;

  start(width: number): void {
    this.length = 0;
    this.align = RIGHT;
    this.width = width;
  }

  byte(code: number): void {
    if (this.length < CELL_BYTES) this.bytes[this.length++] = code;
  }

  /** Latin-1 text. */
  text(value: string): void {
    const { bytes } = this;
    const count = Math.min(value.length, CELL_BYTES - this.length);
    let at = this.length;
    for (let i = 0; i < count; i += 1) bytes[at++] = value.charCodeAt(i);
    this.length = at;
  }

  copy(source: Uint8Array, at: number, count: number): void {
    const kept = Math.min(count, CELL_BYTES - this.length, source.length - at);
    for (let i = 0; i < kept; i += 1) this.bytes[this.length + i] = source[at + i] as number;
    if (kept > 0) this.length += kept;
  }

  /** @param value whole, up to 2^53 */
  whole(value: number): void {
    if (value < 0) {
      this.byte(MINUS);
      this.whole(-value);
      return;
    }
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    this.digits(value, digits);
  }

  /** @param value whole, not negative, written with exactly `count` digits */
  digits(value: number, count: number): void {
    const { bytes } = this;
    if (this.length + count > CELL_BYTES) return;
    let at = this.length + count;
    this.length = at;
    let rest = value;
    while (rest > 0x7fffffff) {
      const tenth = Math.floor(rest / 10);
      bytes[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    rest |= 0;
    const first = this.length - count;
    while (at > first) {
      const tenth = (rest / 10) | 0;
      bytes[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
  }

  /** `%.{digits}f` */
  fixed(value: number, digits: number): void {
    const magnitude = Math.abs(value);
    const scaled = digits >= 0 && digits <= 15 ? scaledWhole(magnitude, digits) : -1;
    if (scaled < 0) {
      this.text(fixedText(value, Math.max(0, Math.min(digits, 40))));
      return;
    }
    if (value < 0 || Object.is(value, -0)) this.byte(MINUS);
    if (digits === 0) {
      this.whole(scaled);
      return;
    }
    let count = digits + 1;
    for (let limit = 10 ** count; limit <= scaled; limit *= 10) count += 1;
    const at = this.length;
    this.digits(scaled, count);
    const point = at + count - digits;
    this.bytes.copyWithin(point + 1, point, point + digits);
    this.bytes[point] = DOT;
    this.length += 1;
  }

  /** At least `count` hex digits. */
  hex(value: number, count: number): void {
    let digits = count;
    while (digits < 8 && value >>> 0 >= 16 ** digits) digits += 1;
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) this.byte(HEX.charCodeAt((value >>> shift) & 15));
  }

  toString(): string {
    return Buffer.from(this.bytes.buffer, 0, this.length).toString('latin1');
  }
}
