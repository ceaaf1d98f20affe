/** `postgresql://user@host:port/database/table`: where an archive of records is. */
import { ClientError } from '../ra/options/settings.ts';

export interface ArchiveAddress {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database: string;
  /** May have strftime's letters: one table for each span of time. */
  readonly table: string;
}

const MAX_NAME_BYTES = 63;

export function isArchiveAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/**
 * @param text the host may be absent (PGHOST, or the local socket), and so may the user
 * @throws ClientError for what is no such address, and for one with a password in it, which all users of the machine see
 */
export function parseArchiveAddress(text: string): ArchiveAddress {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^@/:]+)(:[^@]*)?@)?(?:\[([^\]]+)\]|([^:/?]+))?(?::(\d{1,5}))?\/([^/?]+)\/([^/?]+)(?:\?host=([^&]+))?$/.exec(
      text,
    );
  if (match === null) throw new ClientError('want postgresql://user@host/database/table');
  const [, user, password, bracketed, plain, port, database, table, socket] = match;
  if (password !== undefined) {
    throw new ClientError('a password on the command line is seen by all: put it into PGPASSWORD or ~/.pgpass');
  }
  const host = socket ?? bracketed ?? plain;
  const name = table as string;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new ClientError(`${name}: a table's name has 63 bytes at most`);
  return {
    database: database as string,
    table: name,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(user === undefined ? {} : { user }),
  };
}
