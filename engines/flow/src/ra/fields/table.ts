/** All columns by name, and the lists of columns that `-s` makes of them. */
import { ADDRESS_FIELDS } from './addresses.ts';
import { COUNTER_FIELDS } from './counters.ts';
import type { Field } from './field.ts';
import { FLAG_FIELDS } from './flags.ts';
import { IDENTITY_FIELDS } from './identity.ts';
import { JITTER_FIELDS } from './jitter.ts';
import { LINK_FIELDS } from './link.ts';
import { PAYLOAD_FIELDS } from './payload.ts';
import { STATE_FIELDS } from './state.ts';
import { TCP_FIELDS } from './tcp.ts';
import { TIME_FIELDS } from './times.ts';

const MAX_COLUMNS = 256;
const MAX_WIDTH = 65536;

export const FIELDS: ReadonlyMap<string, Field> = new Map(
  [
    ...TIME_FIELDS,
    ...IDENTITY_FIELDS,
    ...ADDRESS_FIELDS,
    ...FLAG_FIELDS,
    ...STATE_FIELDS,
    ...LINK_FIELDS,
    ...COUNTER_FIELDS,
    ...TCP_FIELDS,
    ...JITTER_FIELDS,
    ...PAYLOAD_FIELDS,
  ].map((field) => [field.name, field]),
);

export interface Column {
  readonly field: Field;
  readonly width: number;
}

export const DEFAULT_COLUMNS: readonly Column[] = columnsOf(
  'stime flgs proto saddr sport dir daddr dport pkts bytes state'.split(' '),
);

function columnsOf(names: readonly string[]): Column[] {
  return names.map((name) => ({ field: FIELDS.get(name) as Field, width: FIELDS.get(name)?.width as number }));
}

/**
 * Applies the words of `-s`: `field`, `field:width`, `+field`, `+2field` (at that place), `-field`. A list whose first
 * word has no sign replaces what was there; words that are no field are left out, as ra does.
 */
export function selectColumns(words: readonly string[], current: readonly Column[]): Column[] {
  const names = words.flatMap((text) => text.split(/[ ,]+/)).filter((text) => text !== '');
  const columns = /^[+-]/.test(names[0] ?? '+') ? [...current] : [];
  const widths = new Map<string, number>();
  for (const name of names) {
    const [, sign, position, field, width] = /^([+-]?)(\d*)([a-z]+)(?::(\d+))?/.exec(name) ?? [];
    const found = FIELDS.get(field ?? '');
    if (found === undefined) continue;
    if (width !== undefined) widths.set(found.name, Math.min(Number(width), MAX_WIDTH));
    const column = { field: found, width: widths.get(found.name) ?? found.width };
    const at = columns.findIndex((other) => other.field === found);
    if (sign === '-') columns.splice(at < 0 ? columns.length : at, 1);
    else if (sign === '+' && position !== '') columns.splice(Math.min(Number(position), columns.length), 0, column);
    else columns.push(column);
  }
  return columns.slice(0, MAX_COLUMNS);
}
