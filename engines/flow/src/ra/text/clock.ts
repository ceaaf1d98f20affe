/** Times of records, by a format, with the last whole second remembered: neighbours share it. */
import type { Cell } from './cell.ts';
import { strftime } from './strftime.ts';
import type { Zone } from './zone.ts';

export const DEFAULT_TIME_FORMAT = '%T.%f';
const DOT = 46;

export class ClockText {
  readonly hasFraction: boolean;
  readonly #zone: Zone;
  readonly #digits: number;
  readonly #asUnix: boolean;
  readonly #before: string;
  readonly #after: string;
  #second = Number.NaN;
  #head = '';
  #tail = '';

  /**
   * @param format strftime's, with `%f` for the fraction
   * @param digits of the fraction, 0 to 6
   * @param asUnix seconds since 1970 instead of the format
   */
  constructor(format: string, zone: Zone, digits: number, asUnix: boolean) {
    this.#zone = zone;
    this.#digits = Math.max(0, Math.min(digits, 6));
    this.#asUnix = asUnix;
    const at = format.indexOf('%f');
    const withoutFraction = this.#digits === 0 && at > 0 && format[at - 1] === '.' ? at - 1 : at;
    this.#before = at < 0 ? format : format.slice(0, withoutFraction);
    this.#after = at < 0 ? '' : format.slice(at + 2);
    this.hasFraction = asUnix || at >= 0;
  }

  write(cell: Cell, second: number, microsecond: number): void {
    if (second !== this.#second) {
      this.#second = second;
      this.#head = this.#asUnix ? String(second >>> 0) : strftime(this.#before, second, this.#zone);
      this.#tail = this.#asUnix ? '' : strftime(this.#after, second, this.#zone);
    }
    cell.text(this.#head);
    if (this.hasFraction && this.#digits > 0) {
      if (this.#asUnix) cell.byte(DOT);
      cell.digits(Math.floor(microsecond / 10 ** (6 - this.#digits)), this.#digits);
    }
    cell.text(this.#tail);
  }
}
