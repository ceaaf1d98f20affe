/** rasqlinsert: records into a table of PostgreSQL, with ra's fields as columns. */
import type { Program } from '../program.ts';
import { type Client, type ClientContext, runClient } from '../ra/client/run.ts';
import type { Predicate } from '../ra/filter/compile.ts';
import { ClientError } from '../ra/options/settings.ts';
import { KIND, KIND_EVENT, KIND_MANAGEMENT } from '../record/layout.ts';
import { isArchiveAddress, parseArchiveAddress } from './address.ts';
import { type Database, openDatabase } from './connection.ts';
import { ArchiveWriter } from './writer.ts';

export const run: Program = async (argv, io) => {
  const databases: Database[] = [];
  try {
    return await runClient('rasqlinsert', argv, io, (context) => start(context, databases));
  } finally {
    await Promise.all(databases.map((database) => database.end()));
  }
};

interface Target {
  readonly writer: ArchiveWriter;
  readonly filter: Predicate | null;
}

async function start({ settings, io, compile }: ClientContext, databases: Database[]): Promise<Client> {
  const targets: Target[] = [];
  for (const { path, filter } of settings.writes) {
    if (!isArchiveAddress(path)) throw new ClientError(`-w ${path}: want postgresql://user@host/database/table`);
    const address = parseArchiveAddress(path);
    const database = await openDatabase(address, io.env);
    databases.push(database);
    const writer = new ArchiveWriter(database, address, settings);
    targets.push({ writer, filter: filter === '' ? null : await compile(filter) });
  }
  if (targets.length === 0) throw new ClientError('-w postgresql://user@host/database/table is missing');
  let failure: unknown;
  return {
    record(record, { bytes, at, length }) {
      const kind = record.get(KIND);
      if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return true;
      for (const { writer, filter } of targets) {
        if (filter === null || filter(record)) writer.add(record, bytes.subarray(at, at + length));
      }
      return failure === undefined;
    },
    async ready() {
      for (const { writer } of targets) await writer.ready();
    },
    tick() {
      for (const { writer } of targets)
        writer.flush().catch((error: unknown) => {
          failure = error;
        });
    },
    async end() {
      for (const { writer } of targets) await writer.flush();
    },
  };
}
