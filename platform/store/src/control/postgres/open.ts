/** Opens the PostgreSQL control store: one connection that writes, a few that read. */
import type { Log } from '@undercroft/kernel';
import { type ClientConfig, Pool, type PoolConfig } from 'pg';
import type { PostgresTarget } from '../config.ts';
import { handle, postgresDialect } from '../handle.ts';
import type { OpenDialect } from '../open-dialect.ts';
import { readOnlyHandle } from '../sqlite/reader.ts';
import { PostgresConnection } from './connection.ts';
import { dumpDatabase } from './dump.ts';
import { postgresError } from './error.ts';
import { plainTypes } from './numbers.ts';
import { PostgresSession } from './session.ts';

const MAX_READERS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of a reader. A migration may take as long as it takes. */
const STATEMENT_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;

export interface OpenPostgresOptions {
  readonly target: PostgresTarget;
  readonly log: Log;
}

/** @throws UndercroftError `store.unreachable` */
export async function openPostgres(options: OpenPostgresOptions): Promise<OpenDialect> {
  const { target, log } = options;
  const writers = new Pool({ ...common(target), max: 1, options: '-c synchronous_commit=on' });
  const readers = new Pool({
    ...common(target),
    max: MAX_READERS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: '-c default_transaction_read_only=on',
  });
  for (const pool of [writers, readers])
    pool.on('error', (error) => log.warn({ err: error }, 'A connection to PostgreSQL was lost.'));
  const session = new PostgresSession(writers);
  try {
    await warnOfSettings(readers, log);
  } catch (error) {
    await Promise.all([writers.end(), readers.end()]);
    throw postgresError(error);
  }
  const db = handle(postgresDialect, async (use) => {
    const client = await readers.connect().catch((error: unknown) => {
      throw postgresError(error);
    });
    try {
      return await use(new PostgresConnection(client));
    } catch (error) {
      if ((error as { code?: string }).code === '25006') throw readOnlyHandle();
      throw postgresError(error);
    } finally {
      client.release();
    }
  });
  return {
    name: 'postgres',
    dialect: postgresDialect,
    session,
    db,
    copy: (file) => dumpDatabase(target, file),
    async close() {
      await Promise.all([session.close(), readers.end()]);
    },
  };
}

function common(target: PostgresTarget): PoolConfig {
  return { ...clientConfig(target), idleTimeoutMillis: IDLE_TIMEOUT_MS };
}

function clientConfig(target: PostgresTarget): ClientConfig {
  return {
    connectionString: addressWithPassword(target),
    application_name: 'undercroft',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    keepAlive: true,
    types: plainTypes as NonNullable<ClientConfig['types']>,
  };
}

/** `pg` takes a password beside an address only as part of it. */
function addressWithPassword(target: PostgresTarget): string {
  const url = new URL(target.url);
  if (target.password !== undefined) url.password = encodeURIComponent(target.password);
  return url.href;
}

/** Settings of the server under which something promised does not hold. */
async function warnOfSettings(readers: Pool, log: Log): Promise<void> {
  const { rows } = await readers.query<{ fsync: string; collation: string; encoding: string }>(
    `SELECT current_setting('fsync') AS fsync, datcollate AS collation, pg_encoding_to_char(encoding) AS encoding
       FROM pg_database WHERE datname = current_database()`,
  );
  const { fsync, collation, encoding } = rows[0]!;
  if (fsync !== 'on') log.warn({ fsync }, 'PostgreSQL runs with fsync off: a power cut can lose acknowledged writes.');
  if (collation !== 'C' && !collation.startsWith('C.'))
    log.warn(
      { collation },
      "The database does not sort by code point; create it with LOCALE 'C' to sort as everywhere else.",
    );
  if (encoding !== 'UTF8') log.warn({ encoding }, 'The database is not UTF-8; create it with ENCODING UTF8.');
}
