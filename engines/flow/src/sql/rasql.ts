/** rasql: ra over tables of PostgreSQL that rasqlinsert has written. */
import { Readable } from 'node:stream';
import type { Program } from '../program.ts';
import { runClient } from '../ra/client/run.ts';
import { say } from '../ra/client/say.ts';
import { parseSettings } from '../ra/options/parse.ts';
import { ClientError, type Settings } from '../ra/options/settings.ts';
import { startRa } from '../ra/ra.ts';
import { isArchiveAddress, parseArchiveAddress } from './address.ts';
import { type Database, openDatabase } from './connection.ts';
import { readArchive } from './reader.ts';

export const run: Program = async (argv, io) => {
  const databases: Database[] = [];
  // What is wrong with the rest of the command line, the client says itself.
  const settings = settingsOf(argv, io.env);
  const addresses = settings?.files.filter(isArchiveAddress) ?? [];
  if (settings === undefined || addresses.length === 0) {
    if (settings === undefined || settings.files.length > 0) return runClient('rasql', argv, io, startRa);
    say(io, 'rasql', '-r postgresql://user@host/database/table is missing');
    return 1;
  }
  if (settings.writes.some(({ path }) => isArchiveAddress(path))) {
    say(io, 'rasql', '-w: rasqlinsert writes into tables');
    return 1;
  }
  let failure: unknown;
  async function* records(range: Settings['timeRange']): AsyncGenerator<Uint8Array> {
    try {
      for (const text of addresses) {
        const address = parseArchiveAddress(text);
        const database = await openDatabase(address, io.env);
        databases.push(database);
        yield* readArchive(database, address, range);
      }
    } catch (error) {
      failure = error;
    }
  }
  const stdin = Readable.from(records(settings.timeRange), { objectMode: false }) as typeof io.stdin;
  try {
    const code = await runClient('rasql', fromStandardInput(argv), { ...io, stdin }, startRa);
    if (failure === undefined) return code;
    if (!(failure instanceof ClientError)) throw failure;
    say(io, 'rasql', failure.message);
    return failure.exitCode;
  } finally {
    stdin.destroy();
    await Promise.all(databases.map((database) => database.end()));
  }
};

function settingsOf(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings | undefined {
  try {
    return parseSettings(argv, { env });
  } catch {
    return undefined;
  }
}

/** Addresses become `-`: the first of them gives the records of all, the others find it empty. */
function fromStandardInput(argv: readonly string[]): string[] {
  return argv.map((word) => {
    const [, option = '', address = ''] = /^(-r)?(.*)$/s.exec(word) ?? [];
    return isArchiveAddress(address) ? `${option}-` : word;
  });
}
