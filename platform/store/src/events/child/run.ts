/** Statements with bound values of the right types: left to itself, the client binds a BigInt as HUGEINT, 30 times slower. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { SqlParameter } from '../query/compiled.ts';

/** @returns rows, once all of them are there */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
  values: readonly SqlParameter[] = [],
): Promise<DuckDBValue[][]> {
  const reader = await connection.runAndReadAll(sql, [...values], values.map(parameterType));
  return reader.getRows();
}

export async function runStatement(
  connection: DuckDBConnection,
  sql: string,
  values: readonly SqlParameter[] = [],
): Promise<void> {
  await connection.run(sql, [...values], values.map(parameterType));
}

function parameterType(value: SqlParameter): DuckDBType {
  switch (typeof value) {
    case 'bigint':
      return BIGINT;
    case 'number':
      return DOUBLE;
    case 'boolean':
      return BOOLEAN;
    default:
      return VARCHAR;
  }
}
