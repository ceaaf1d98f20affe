/**
 * The reading side of the SQLite control store: a second connection, opened read-only, held in a read transaction at
 * the last commit that is durable. What a reader has seen, a power cut cannot take back.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { UndercroftError } from '@undercroft/kernel';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { SqliteConnection } from './connection.ts';
import { sqliteError } from './error.ts';

export class SqliteReader implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  readonly #path: string;
  readonly #touch: StatementSync;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
    this.#path = path;
    this.#touch = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1');
  }

  /** From now on sees everything that is committed now. */
  advance(): void {
    this.release();
    this.#database.exec('BEGIN');
    // BEGIN alone takes no snapshot.
    this.#touch.get();
  }

  /** Lets go of the WAL. Between this and `advance` a query sees the newest commit. */
  release(): void {
    if (this.#database.isTransaction) this.#database.exec('COMMIT');
  }

  close(): void {
    this.#database.close();
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.#connection.executeQuery<R>(query);
    } catch (error) {
      if ((((error as { errcode?: number }).errcode ?? 0) & 0xff) === 8) throw readOnlyHandle();
      throw sqliteError(error, this.#path);
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery<R>();
  }
}

export function readOnlyHandle(): UndercroftError {
  return new UndercroftError('store.read-only', 'db() is for reading; this statement writes.', {
    fix: 'Run it inside store.control.write(unit), on the handle the unit is given.',
  });
}
