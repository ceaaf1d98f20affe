/** Kysely's view of one PostgreSQL connection. */
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { ClientBase } from 'pg';
import { bindParameter } from '../parameter.ts';
import { streamRefused } from '../unit-connection.ts';

export class PostgresConnection implements DatabaseConnection {
  readonly #client: ClientBase;
  /** The end of the query before: a connection runs one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: ClientBase) {
    this.#client = client;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = this.#last.then(() => this.#run<R>(query));
    this.#last = result.catch(() => {});
    return result;
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator; streaming is refused
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw streamRefused();
  }

  async #run<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.#client.query(query.sql, query.parameters.map(bindParameter));
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) };
  }
}
