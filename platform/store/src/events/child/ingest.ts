/** Column batches into DuckDB's own chunks, and one commit that makes them durable. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { EventColumn } from '@undercroft/kernel';
import type { ColumnBatch } from '../protocol.ts';
import type { LogNames } from './log-names.ts';
import type { HotColumn, HotTable } from './schema.ts';
import { type Fill, fillColumn, fillNothing, fillOne, fillThousandfold } from './vectors.ts';

/** Rows of one of DuckDB's chunks. */
const CHUNK_ROWS = 2048;

const TYPES: Readonly<Record<string, DuckDBType>> = {
  VARCHAR,
  BOOLEAN,
  INTEGER,
  BIGINT,
  USMALLINT,
  UINTEGER,
  DOUBLE,
  UTINYINT,
};

export class Ingest {
  readonly #connection: DuckDBConnection;
  readonly #logNames: LogNames;
  readonly #appenders = new Map<string, DuckDBAppender>();

  constructor(connection: DuckDBConnection, logNames: LogNames) {
    this.#connection = connection;
    this.#logNames = logNames;
  }

  /** All of it durable, or nothing of it. */
  async store(batches: readonly { readonly batch: ColumnBatch; readonly table: HotTable }[]): Promise<void> {
    await this.#connection.run('BEGIN TRANSACTION');
    try {
      for (const { batch, table } of batches) {
        const appender = await this.#appender(table);
        appendBatch(appender, batch, table);
        appender.flushSync();
      }
      await this.#connection.run('COMMIT');
    } catch (error) {
      this.#forgetAppenders();
      await this.#connection.run('ROLLBACK').catch(() => {
        // The commit itself failed: there is no transaction left to roll back.
      });
      throw error;
    }
    for (const { batch, table } of batches) table.rows += batch.rows;
    await this.#logNames.sync();
  }

  close(): void {
    this.#forgetAppenders();
  }

  async #appender(table: HotTable): Promise<DuckDBAppender> {
    const known = this.#appenders.get(table.table);
    if (known !== undefined) return known;
    const appender = await this.#connection.createAppender(table.table);
    this.#appenders.set(table.table, appender);
    return appender;
  }

  #forgetAppenders(): void {
    for (const appender of this.#appenders.values()) {
      try {
        appender.clear();
        appender.closeSync();
      } catch {
        // It failed before and holds nothing that is wanted.
      }
    }
    this.#appenders.clear();
  }
}

function appendBatch(appender: DuckDBAppender, batch: ColumnBatch, table: HotTable): void {
  const fills = table.columns.map((column) => columnFill(batch, column, table));
  const types = table.columns.map((column) => TYPES[column.sqlType]!);
  for (let start = 0; start < batch.rows; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, batch.rows - start);
    const chunk = DuckDBDataChunk.create(types, rows);
    for (let index = 0; index < fills.length; index++) {
      const vector = chunk.getColumnVector(index);
      fills[index]!(vector, start, rows);
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
}

function columnFill(batch: ColumnBatch, column: HotColumn, table: HotTable): Fill {
  const { name } = column;
  switch (name) {
    case 'id':
      return fillColumn(batch.id);
    case 'time_ns':
      return fillThousandfold(batch.timeUs);
    case 'received_ns':
      return fillThousandfold(batch.receivedUs);
    case 'severity':
    case 'tenant':
    case 'activity':
    case 'source':
    case 'asset':
    case 'others':
    case 'message':
    case 'unmapped': {
      const values = batch[name];
      if (values === null) return fillNothing;
      return typeof values === 'object' ? fillColumn(values) : fillOne(values);
    }
    default:
      return attributeFill(batch, column, table);
  }
}

function attributeFill(batch: ColumnBatch, column: HotColumn, table: HotTable): Fill {
  const values: EventColumn | undefined = batch.attributes.find((one) => one.name === column.name)?.values;
  if (values === undefined) return fillNothing;
  const type = table.class.attributes.find((one) => one.name === column.name)?.type;
  return type === 'time' ? fillThousandfold(values) : fillColumn(values);
}
