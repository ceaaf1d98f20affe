/** Columns of rows of events, whatever their form: how long, and what a row has. */
import type { CodedColumn, EventColumn, PartialColumn } from './events.ts';

export function isCoded(column: EventColumn): column is CodedColumn {
  return 'codes' in column;
}

export function isPartial(column: EventColumn): column is PartialColumn {
  return 'present' in column;
}

/** @returns rows that it has; -1 if its parts differ in length */
export function columnLength(column: EventColumn): number {
  if (isCoded(column)) return column.codes.length;
  if (!isPartial(column)) return column.length;
  return column.values.length === column.present.length ? column.values.length : -1;
}

export function columnValue(column: EventColumn, row: number): string | number | boolean | null {
  if (isCoded(column)) return column.values[column.codes[row] ?? -1] ?? null;
  if (isPartial(column)) return column.present[row] === 1 ? (column.values[row] ?? null) : null;
  return column[row] ?? null;
}
