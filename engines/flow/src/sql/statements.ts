/** Statements of an archive's table. Each row has the whole record beside the columns, so that nothing is lost. */
import type { SqlColumn } from './columns.ts';

export interface TableShape {
  readonly columns: readonly SqlColumn[];
  /** Rows are told apart by the key of `-m`, which stands as bytes in a column of its own. */
  readonly keyed: boolean;
}

export const RECORD_COLUMN = 'record';
export const KEY_COLUMN = 'key';
export const ORDER_COLUMN = 'autoid';

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function createTable(table: string, { columns, keyed }: TableShape): readonly string[] {
  const name = quoted(table);
  const definitions = [
    `${ORDER_COLUMN} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`,
    ...columns.map((column) => `${quoted(column.name)} ${column.type}`),
    `${RECORD_COLUMN} bytea NOT NULL`,
    ...(keyed ? [`${KEY_COLUMN} bytea NOT NULL UNIQUE`] : []),
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (${definitions.join(', ')})`,
    // Records come about in the order of their time: a few pages of index for a table of any size.
    `CREATE INDEX IF NOT EXISTS ${quoted(`${table.slice(0, 50)}_stime`)} ON ${name} USING brin (stime, ltime)`,
  ];
}

/** Takes one array a column, then those of records and keys. */
export function insertRows(table: string, { columns, keyed }: TableShape): string {
  const names = [...columns.map((column) => quoted(column.name)), RECORD_COLUMN, ...(keyed ? [KEY_COLUMN] : [])];
  const types = [...columns.map((column) => column.type), 'bytea', ...(keyed ? ['bytea'] : [])];
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`);
  const replaced = names.filter((name) => name !== KEY_COLUMN).map((name) => `${name} = excluded.${name}`);
  const conflict = keyed ? ` ON CONFLICT (${KEY_COLUMN}) DO UPDATE SET ${replaced.join(', ')}` : '';
  return `INSERT INTO ${quoted(table)} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})${conflict}`;
}

/** Takes an array of keys; rows stay locked until they are written. */
export function selectByKeys(table: string): string {
  return `SELECT ${RECORD_COLUMN} FROM ${quoted(table)} WHERE ${KEY_COLUMN} = ANY($1::bytea[]) ORDER BY ${ORDER_COLUMN} FOR UPDATE`;
}

/** A name pattern of strftime's letters as a regular expression of PostgreSQL. */
export function tablePattern(table: string): string {
  const parts = table.split(/(%[EO]?.)/).map((part) => {
    if (!part.startsWith('%')) return part.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
    return part === '%%' ? '%' : '[[:alnum:]_ :.+-]+';
  });
  return `^${parts.join('')}$`;
}
