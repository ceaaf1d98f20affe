/** The other half of compiling: a compiled query over the tables and files of the moment. Imports nothing heavy. */
import type { EventColumnType } from '@undercroft/kernel';
import type { CompiledQuery } from './compiled.ts';

/** Types of attribute columns, in tables and Parquet files alike. Times are nanoseconds. */
export const SQL_TYPES: Readonly<Record<EventColumnType, string>> = {
  string: 'VARCHAR',
  bool: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  float64: 'DOUBLE',
  time: 'BIGINT',
  json: 'VARCHAR',
};

export const COMMON_TYPES: Readonly<Record<string, string>> = {
  id: 'VARCHAR',
  time_ns: 'BIGINT',
  received_ns: 'BIGINT',
  tenant: 'VARCHAR',
  severity: 'UTINYINT',
  activity: 'VARCHAR',
  source: 'VARCHAR',
  asset: 'VARCHAR',
  others: 'VARCHAR',
  message: 'VARCHAR',
  unmapped: 'VARCHAR',
};

/** Rows of one class with one set of columns: a table, or files written alike. */
export interface QuerySource {
  readonly class: string;
  readonly from: { readonly table: string } | { readonly files: readonly string[] };
  /** SQL types of the attribute columns it has. */
  readonly columns: ReadonlyMap<string, string>;
}

export function assembleSql(query: CompiledQuery, sources: readonly QuerySource[]): string {
  return [
    `SELECT ${query.select}`,
    `FROM (${relation(query, sources)})`,
    query.where,
    query.groupBy,
    query.orderBy,
    `LIMIT ${query.grouped ? query.limit + 1 : query.limit}`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A column that files are in the order of. */
export type BoundColumn = 'time_ns' | 'id';

/** The first values of the column that the order goes by. Sorting whole events costs many times as much. */
export function assembleBounds(query: CompiledQuery, sources: readonly QuerySource[], column: BoundColumn): string {
  const orderBy = column === 'time_ns' ? 'ORDER BY time_ns DESC' : 'ORDER BY id';
  return assembleSql({ ...query, select: column, orderBy }, sources);
}

/**
 * Whole events between two known ones, in the query's order.
 *
 * @param bounds column that the order goes by; its least and greatest value are two parameters after the query's own
 */
export function assembleBetween(query: CompiledQuery, sources: readonly QuerySource[], bounds: BoundColumn): string {
  const next = query.parameters.length + 1;
  const between = `${bounds} >= $${next} AND ${bounds} <= $${next + 1}`;
  return assembleSql(
    { ...query, where: query.where === '' ? `WHERE ${between}` : `${query.where} AND ${between}` },
    sources,
  );
}

function relation(query: CompiledQuery, sources: readonly QuerySource[]): string {
  return sources.length === 0
    ? emptyRelation(query)
    : sources.map((source) => sourceSql(query, source)).join('\nUNION ALL ');
}

function sourceSql(query: CompiledQuery, source: QuerySource): string {
  const columns = [`${literal(source.class)} AS class`, ...query.common.map(quote)];
  for (const attribute of query.attributes) {
    const wanted = SQL_TYPES[attribute.type];
    const stored = source.columns.get(attribute.name);
    const name = quote(attribute.name);
    if (stored === undefined) columns.push(`CAST(NULL AS ${wanted}) AS ${name}`);
    else columns.push(stored === wanted ? name : `TRY_CAST(${name} AS ${wanted}) AS ${name}`);
  }
  const from =
    'table' in source.from
      ? quote(source.from.table)
      : `read_parquet([${source.from.files.map(literal).join(', ')}], hive_partitioning = false)`;
  return `SELECT ${columns.join(', ')} FROM ${from}`;
}

function emptyRelation(query: CompiledQuery): string {
  const columns = [
    'CAST(NULL AS VARCHAR) AS class',
    ...query.common.map((name) => `CAST(NULL AS ${COMMON_TYPES[name]}) AS ${quote(name)}`),
    ...query.attributes.map(({ name, type }) => `CAST(NULL AS ${SQL_TYPES[type]}) AS ${quote(name)}`),
  ];
  return `SELECT ${columns.join(', ')} WHERE false`;
}

/** For names and paths of our own making. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
