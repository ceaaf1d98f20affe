/**
 * The writing side of the PostgreSQL control store. Like SQLite's, it runs one unit at a time: a batch is one
 * transaction on one connection, which holds an advisory lock, so that the batches of several servers take turns
 * too and a unit that reads before it writes is never overtaken. COMMIT itself is durable (`synchronous_commit`).
 */
import { type UndercroftError, unavailable } from '@undercroft/kernel';
import type { DatabaseConnection } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { WriterSession } from '../writer-session.ts';
import { PostgresConnection } from './connection.ts';
import { connectionLost, postgresError } from './error.ts';

/** Key of the advisory lock: "undercft" as a 64-bit number. */
const WRITER_LOCK = 8_461_247_068_374_197_876n;

export class PostgresSession implements WriterSession {
  readonly #pool: Pool;
  #client: PoolClient | undefined;
  #connection: PostgresConnection | undefined;

  /** @param pool of one connection, which is opened again when it was lost */
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get connection(): DatabaseConnection {
    if (this.#connection === undefined) throw lost();
    return this.#connection;
  }

  async begin(): Promise<void> {
    const client = await this.#pool.connect();
    client.on('error', this.#drop);
    this.#client = client;
    this.#connection = new PostgresConnection(client);
    await this.#run(`BEGIN; SELECT pg_advisory_xact_lock(${WRITER_LOCK})`);
  }

  savepoint(): Promise<void> {
    return this.#run('SAVEPOINT unit');
  }

  release(): Promise<void> {
    return this.#run('RELEASE SAVEPOINT unit');
  }

  rollBackTo(): Promise<void> {
    return this.#run('ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit');
  }

  async commit(): Promise<void> {
    try {
      await this.#run('COMMIT');
    } catch (error) {
      if (!connectionLost(error)) throw error;
      throw unavailable(
        'store.outcome-unknown',
        'The connection to PostgreSQL broke while a write was committed; it may or may not have been kept.',
        'Look whether it was before you do it again.',
      );
    }
    this.#giveBack();
  }

  async rollBack(): Promise<void> {
    await this.#run('ROLLBACK');
    this.#giveBack();
  }

  inTransaction(): boolean {
    return this.#client !== undefined;
  }

  /** COMMIT has done it. */
  async flush(): Promise<void> {}

  async rest(): Promise<void> {}

  translate(error: unknown): UndercroftError {
    if (connectionLost(error)) this.#drop(error as Error);
    return postgresError(error);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run(text: string): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw lost();
    try {
      await client.query(text);
    } catch (error) {
      if (connectionLost(error)) this.#drop(error as Error);
      throw error;
    }
  }

  #giveBack(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#connection = undefined;
    client?.off('error', this.#drop);
    client?.release();
  }

  readonly #drop = (error: Error): void => {
    const client = this.#client;
    this.#client = undefined;
    this.#connection = undefined;
    client?.release(error);
  };
}

function lost(): UndercroftError {
  return unavailable(
    'store.unreachable',
    'The connection to PostgreSQL was lost.',
    'Try again; it is opened anew for the next write.',
  );
}
