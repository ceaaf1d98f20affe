/** Numbers in columns. */
import type { Cell } from '../text/cell.ts';
import type { Style } from './field.ts';

const UNITS = ' KMGTPEZY';
const ABBREVIATED_DIGITS = 3;

/** A count, with `-H` as 1.500K. */
export function writeCount(cell: Cell, value: number, style: Style): void {
  if (style.abbreviated) writeAbbreviated(cell, value, style);
  else cell.whole(value);
}

/** A measure with the digits asked for. */
export function writeMeasure(cell: Cell, value: number, style: Style): void {
  if (style.abbreviated) writeAbbreviated(cell, value, style);
  else cell.fixed(value, style.digits);
}

/** Three digits at most, cut and not rounded below that, as ra does. */
function writeAbbreviated(cell: Cell, value: number, style: Style): void {
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  cell.fixed(rest, ABBREVIATED_DIGITS);
  if (style.digits < ABBREVIATED_DIGITS) cell.length -= ABBREVIATED_DIGITS - Math.max(0, style.digits);
  cell.byte(UNITS.charCodeAt(unit));
}
