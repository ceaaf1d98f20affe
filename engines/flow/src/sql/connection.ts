/** One connection to the database of an archive. The password comes from PGPASSWORD or ~/.pgpass. */
import { Client } from 'pg';
import { ClientError } from '../ra/options/settings.ts';
import type { ArchiveAddress } from './address.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

export interface Database {
  /** @throws ClientError with what the server says */
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  end(): Promise<void>;
}

/** @throws ClientError when it cannot be reached */
export async function openDatabase(
  { host, port, user, database }: ArchiveAddress,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Database> {
  const password = env['PGPASSWORD'];
  const client = new Client({
    database,
    application_name: 'undercroft flow',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  });
  // A connection that breaks while nothing is asked shows at the next question.
  client.on('error', () => {});
  await told(client.connect(), `database ${database}`);
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows } = await told(client.query(text, [...values]), `database ${database}`);
      return rows as Row[];
    },
    end: () => client.end().catch(() => {}),
  };
}

async function told<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string };
    throw new ClientError(`${where}: ${message || code || 'cannot be reached'}`);
  }
}
