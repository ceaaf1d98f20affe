/**
 * Moves rows from the hot hours to Parquet, merges small files, and lets go what is too old or too much. One thing at
 * a time, on a connection of its own, while events come in and queries run.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ChildOptions } from '../protocol.ts';
import { literal, quote } from '../query/assemble.ts';
import { Background } from './background.ts';
import { dropBlocks, keepBlocks } from './checkpoint-journal.ts';
import { DATABASE_FILE, WAL_FILE, withSideDatabase } from './database.ts';
import { addToList, dropFromList, type ListedFile, listFiles } from './file-list.ts';
import { fileBytes, freeBytes } from './file-size.ts';
import type { LogNames } from './log-names.ts';
import { withMemory } from './memory.ts';
import type { Notes } from './notes.ts';
import { writeParquet } from './parquet-writer.ts';
import { planMerges } from './plan-merges.ts';
import { planRetention } from './plan-retention.ts';
import type { RetiredFiles } from './retired.ts';
import { readRows, runStatement } from './run.ts';
import type { HotTable } from './schema.ts';
import type { SkippedFiles } from './skipped.ts';

const NS_PER_US = 1000n;
const DAY_NS = 86_400_000_000_000n;
const HOUR_US = 3_600_000_000;
const END_OF_TIME = 2n ** 63n - 1n;
/** Files are cut at a quarter of short hot times, at whole hours of long ones: not one a minute. */
const STEPS_OF_HOT_TIME = 4;
/** Classes with less than this share of the rows stay when the row limit is passed: their files would be tiny. */
const LEAST_SHARE = 0.02;
const CHECKPOINT_SPARE_BYTES = 4 * 1024 * 1024;
/** No further merge in one maintenance after so many rows: meanwhile queries are slower. */
const MERGE_ROWS_A_RUN = 500_000;

export interface KeeperParts {
  readonly connection: DuckDBConnection;
  readonly tables: ReadonlyMap<string, HotTable>;
  readonly options: ChildOptions;
  readonly logNames: LogNames;
  readonly retired: RetiredFiles;
  readonly skipped: SkippedFiles;
  readonly notes: Notes;
}

export class Keeper {
  readonly #parts: KeeperParts;
  #last: Promise<unknown> = Promise.resolve();
  readonly #shrinking: Background;
  readonly #checkpointing: Background;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#shrinking = new Background(parts.notes, 'Events could not be moved to Parquet; they stay where they are');
    this.#checkpointing = new Background(parts.notes, 'The event log could not be folded in');
  }

  /** What is due at that time: moves, merges, retention. */
  maintain(nowUs: number): Promise<void> {
    return this.#inTurn(async () => {
      const cutUs = this.#hotCutUs(nowUs);
      for (const table of this.#parts.tables.values()) {
        if (table.rows > 0) await withMemory(() => this.#moveToParquet(table, BigInt(cutUs) * NS_PER_US));
      }
      await this.#merge(nowUs);
      await this.#retain(nowUs);
    });
  }

  /** Empties the hot tables when they hold more rows than the limit. Called after each commit. */
  shrinkIfFull(): void {
    if (this.#hotRows() > this.#parts.options.hotRows)
      this.#shrinking.begin(() => this.#inTurn(() => withMemory(() => this.#shrink())));
  }

  /** Folds the log into the database file when it is long. Called after each commit. */
  checkpointIfLong(): void {
    if (fileBytes(WAL_FILE) >= this.#parts.options.checkpointBytes)
      this.#checkpointing.begin(() => this.#inTurn(() => withMemory(() => this.#checkpoint())));
  }

  /** For the end: the next start has no log to read. */
  checkpoint(): Promise<void> {
    return this.#inTurn(() => this.#checkpoint());
  }

  /** Runs when nothing else of the keeper does. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {
      // Told to the caller; the next one runs all the same.
    });
    return result;
  }

  async #checkpoint(): Promise<void> {
    // DuckDB does not survive a checkpoint that finds the disk full; the log, as long as it may be, does no harm.
    if (freeBytes() < fileBytes(WAL_FILE) + CHECKPOINT_SPARE_BYTES) return;
    await keepBlocks(this.#parts.connection, DATABASE_FILE);
    try {
      await this.#parts.connection.run('CHECKPOINT');
      dropBlocks();
    } catch (error) {
      // A commit is under way: after the next one it is tried again.
      if (!/other write transactions|cannot checkpoint/i.test(String(error))) throw error;
    }
  }

  #hotRows(): number {
    let rows = 0;
    for (const table of this.#parts.tables.values()) rows += table.rows;
    return rows;
  }

  #hotCutUs(nowUs: number): number {
    const { hotUs } = this.#parts.options;
    const stepUs = Math.max(1, Math.min(HOUR_US, Math.floor(hotUs / STEPS_OF_HOT_TIME)));
    return Math.floor((nowUs - hotUs) / stepUs) * stepUs;
  }

  /**
   * Moves all there is, not an older part: a row group that loses all its rows is dropped by the next checkpoint, one
   * that loses some is written anew, while writers wait.
   */
  async #shrink(): Promise<void> {
    const total = this.#hotRows();
    for (const table of this.#parts.tables.values()) {
      if (table.rows >= total * LEAST_SHARE) await this.#moveToParquet(table, END_OF_TIME);
    }
    await this.#checkpoint();
  }

  /** The rows received before that, in one transaction with the list that takes over from them. */
  async #moveToParquet(table: HotTable, beforeNs: bigint): Promise<void> {
    const { connection } = this.#parts;
    const from = `FROM ${quote(table.table)} WHERE received_ns < $1`;
    const moved = await this.#replace(async (written) => {
      const groups = await readRows(
        connection,
        `SELECT tenant, received_ns // ${DAY_NS} AS day ${from} GROUP BY ALL ORDER BY ALL`,
        [beforeNs],
      );
      for (const [tenant, day] of groups as [string, bigint][]) {
        const rows = `${from} AND tenant = $2 AND received_ns >= $3 AND received_ns < $4`;
        const values = [beforeNs, tenant, day * DAY_NS, (day + 1n) * DAY_NS];
        const select = `SELECT ${await this.#usedColumns(table, rows, values)} ${rows}`;
        const place = { tenant, class: table.class.name, day: dayName(day) };
        await written(await writeParquet(connection, select, values, place));
      }
      if (groups.length > 0) await runStatement(connection, `DELETE ${from}`, [beforeNs]);
    });
    for (const file of moved) table.rows -= file.rows;
  }

  /** Most attributes of a class are in few of its events: a column without a value is left out of the file. */
  async #usedColumns(table: HotTable, rows: string, values: readonly (string | bigint)[]): Promise<string> {
    const names = table.columns.map((column) => quote(column.name));
    const counts = names.map((name) => `count(${name})`).join(', ');
    const [used] = await readRows(this.#parts.connection, `SELECT ${counts} ${rows}`, values);
    return names
      .filter((_, index) => used?.[index] !== 0n || !table.attributes.has(table.columns[index]!.name))
      .join(', ');
  }

  async #merge(nowUs: number): Promise<void> {
    const files = this.#parts.skipped.check(await listFiles(this.#parts.connection));
    const today = dayName((BigInt(nowUs) * NS_PER_US) / DAY_NS);
    let rows = 0;
    for (const inputs of planMerges(files, today)) {
      await withMemory(() => this.#mergeFiles(inputs));
      rows += inputs.reduce((sum, file) => sum + file.rows, 0);
      if (rows >= MERGE_ROWS_A_RUN) return;
    }
  }

  async #mergeFiles(inputs: readonly ListedFile[]): Promise<void> {
    const { connection } = this.#parts;
    const paths = inputs.map((file) => file.path);
    const { tenant, class: className, day } = inputs[0]!;
    await this.#replace(async (written) => {
      const select = `SELECT * FROM read_parquet([${paths.map(literal).join(', ')}], hive_partitioning = false, union_by_name = true)`;
      const place = { tenant, class: className, day };
      const merged = await withSideDatabase((side) => writeParquet(side, select, [], place, paths));
      await written(merged);
      const rows = inputs.reduce((sum, file) => sum + file.rows, 0);
      if (merged.rows !== rows)
        throw new Error(`${merged.rows} of ${rows} events were read while merging ${paths.join(', ')}`);
      await dropFromList(connection, paths);
    });
    this.#parts.retired.retire(paths);
  }

  async #retain(nowUs: number): Promise<void> {
    const { connection, options, notes } = this.#parts;
    const leaving = planRetention(await listFiles(connection), nowUs, options);
    if (leaving.length === 0) return;
    const paths = leaving.map((file) => file.path);
    await this.#replace(() => dropFromList(connection, paths));
    this.#parts.retired.retire(paths);
    this.#parts.skipped.forget(paths);
    const events = leaving.reduce((sum, file) => sum + file.rows, 0);
    notes.log('info', { files: paths.length, events }, 'Events beyond retention were removed');
  }

  /**
   * Changes what counts, in one transaction. Durable when it returns.
   *
   * @param work calls `written` for each new file, which lists it
   * @returns the new files
   */
  async #replace(work: (written: (file: ListedFile) => Promise<void>) => Promise<void>): Promise<ListedFile[]> {
    const { connection, logNames, retired } = this.#parts;
    const files: ListedFile[] = [];
    await connection.run('BEGIN TRANSACTION');
    try {
      await work((file) => {
        files.push(file);
        return addToList(connection, file);
      });
    } catch (error) {
      await connection.run('ROLLBACK');
      retired.retire(files.map((file) => file.path));
      throw error;
    }
    // If this fails, only the next start knows whether it holds. It sweeps the files if it does not.
    await connection.run('COMMIT');
    await logNames.sync();
    return files;
  }
}

/** @param day days since the epoch */
function dayName(day: bigint): string {
  return new Date(Number(day) * 86_400_000).toISOString().slice(0, 10);
}
