/** Tables of the hot hours: one a class, made when its first event comes, widened when the class gains attributes. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ChildClass } from '../protocol.ts';
import { COMMON_TYPES, quote, SQL_TYPES } from '../query/assemble.ts';
import { readRows } from './run.ts';

export interface HotColumn {
  readonly name: string;
  readonly sqlType: string;
}

export interface HotTable {
  readonly class: ChildClass;
  readonly table: string;
  readonly columns: readonly HotColumn[];
  /** SQL types of the attribute columns. */
  readonly attributes: ReadonlyMap<string, string>;
  rows: number;
}

const TABLE_PREFIX = 'hot_';

export function tableName(className: string): string {
  return TABLE_PREFIX + className;
}

/** Tables that are there, with the columns that their classes have now. */
export async function openTables(
  connection: DuckDBConnection,
  classes: readonly ChildClass[],
): Promise<Map<string, HotTable>> {
  const tables = new Map<string, HotTable>();
  const found = await readRows(
    connection,
    'SELECT table_name FROM duckdb_tables() WHERE NOT internal AND starts_with(table_name, $1) ORDER BY 1',
    [TABLE_PREFIX],
  );
  for (const [name] of found) {
    const className = String(name).slice(TABLE_PREFIX.length);
    // A class that nobody declares any more is still there to be asked for, with the columns that all have.
    const declared = classes.find((one) => one.name === className) ?? { name: className, audit: true, attributes: [] };
    await widen(connection, declared);
    tables.set(className, await readTable(connection, declared));
  }
  return tables;
}

/** @returns the class's table, made if it is not there. Not inside a transaction that also writes. */
export async function createTable(connection: DuckDBConnection, declared: ChildClass): Promise<HotTable> {
  const common = Object.entries(COMMON_TYPES).map(([name, type]) => `${quote(name)} ${type}`);
  const own = declared.attributes.map(({ name, type }) => `${quote(name)} ${SQL_TYPES[type]}`);
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${quote(tableName(declared.name))} (${[...common, ...own].join(', ')})`,
  );
  return readTable(connection, declared);
}

async function widen(connection: DuckDBConnection, declared: ChildClass): Promise<void> {
  const table = tableName(declared.name);
  const present = new Map((await readColumns(connection, table)).map((column) => [column.name, column.sqlType]));
  for (const { name, type } of declared.attributes) {
    const stored = present.get(name);
    if (stored === undefined)
      await connection.run(`ALTER TABLE ${quote(table)} ADD COLUMN ${quote(name)} ${SQL_TYPES[type]}`);
    else if (stored !== SQL_TYPES[type])
      // Values that the new type cannot hold are gone from the hot hours; the files keep theirs.
      await connection.run(
        `ALTER TABLE ${quote(table)} ALTER ${quote(name)} TYPE ${SQL_TYPES[type]} USING TRY_CAST(${quote(name)} AS ${SQL_TYPES[type]})`,
      );
  }
}

async function readTable(connection: DuckDBConnection, declared: ChildClass): Promise<HotTable> {
  const table = tableName(declared.name);
  const columns = await readColumns(connection, table);
  const counted = await readRows(connection, `SELECT count(*) FROM ${quote(table)}`);
  return {
    class: declared,
    table,
    columns,
    attributes: attributeTypes(columns),
    rows: Number(counted[0]?.[0] ?? 0),
  };
}

async function readColumns(connection: DuckDBConnection, table: string): Promise<HotColumn[]> {
  const result = await readRows(
    connection,
    'SELECT column_name, data_type FROM duckdb_columns() WHERE NOT internal AND table_name = $1 ORDER BY column_index',
    [table],
  );
  return result.map(([name, type]) => ({ name: String(name), sqlType: String(type) }));
}

export function attributeTypes(columns: readonly HotColumn[]): Map<string, string> {
  return new Map(columns.filter(({ name }) => !(name in COMMON_TYPES)).map(({ name, sqlType }) => [name, sqlType]));
}
