/** Records out of tables of an archive, as a stream that ra's clients read like a file. */
import { greetingRecord } from '../ra/io/greeting.ts';
import { ClientError } from '../ra/options/settings.ts';
import type { TimeRange } from '../ra/time/range.ts';
import type { ArchiveAddress } from './address.ts';
import type { Database } from './connection.ts';
import { ORDER_COLUMN, quoted, RECORD_COLUMN, tablePattern } from './statements.ts';

const FETCH_ROWS = 2_000;
/** Records are looked at again by the client; this much more is asked of the database. */
const MARGIN_S = 1;

/**
 * The records of a table, or of all tables whose names fit its letters of strftime, oldest name first.
 *
 * @param range of `-t`; what the database can tell of it narrows the question
 * @throws ClientError when there is no such table
 */
export async function* readArchive(
  database: Database,
  { table }: ArchiveAddress,
  range: TimeRange | undefined,
): AsyncGenerator<Uint8Array> {
  const tables = await database.query<{ readonly name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND pg_table_is_visible(oid)
     AND relname ~ $1 ORDER BY relname`,
    [tablePattern(table)],
  );
  if (tables.length === 0) throw new ClientError(`${table}: there is no such table`);
  yield greetingRecord();
  for (const { name } of tables) yield* readTable(database, name, range);
}

async function* readTable({ query }: Database, name: string, range: TimeRange | undefined): AsyncGenerator<Uint8Array> {
  const isNarrow = range !== undefined && !range.negated && range.wild.size === 0;
  // A record that goes on past the range, or began before it, belongs to it as well.
  const where = isNarrow ? ' WHERE stime <= to_timestamp($2) AND (ltime IS NULL OR ltime >= to_timestamp($1))' : '';
  const values = isNarrow ? [range.from - MARGIN_S, range.to + MARGIN_S] : [];
  await query('BEGIN READ ONLY');
  await query(
    `DECLARE records NO SCROLL CURSOR FOR SELECT ${RECORD_COLUMN} FROM ${quoted(name)}${where} ORDER BY ${ORDER_COLUMN}`,
    values,
  );
  for (;;) {
    const rows = await query<{ readonly record: Buffer }>(`FETCH ${FETCH_ROWS} FROM records`);
    if (rows.length === 0) break;
    yield Buffer.concat(rows.map((row) => row.record));
  }
  await query('COMMIT');
}
