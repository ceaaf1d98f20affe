/** The event store proper: DuckDB for the hot hours, Parquet after. Runs in the child process, in the store's folder. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { columnValue, type EventColumn } from '@undercroft/kernel';
import { syncFolder } from '../../files/durable.ts';
import type { ChildOptions, ChildQueryResult, ChildStats, ColumnBatch } from '../protocol.ts';
import { literal, quote } from '../query/assemble.ts';
import type { CompiledQuery } from '../query/compiled.ts';
import { backupTo } from './backup.ts';
import { DATABASE_FILE, openDatabase, WAL_FILE } from './database.ts';
import { listFiles, openFileList, PARQUET_FOLDER, sweepUnlisted } from './file-list.ts';
import { fileBytes } from './file-size.ts';
import { Ingest } from './ingest.ts';
import { Keeper } from './keeper.ts';
import { LogNames } from './log-names.ts';
import { withMemory } from './memory.ts';
import type { Notes } from './notes.ts';
import { inStore, TEMPORARY_FOLDER } from './paths.ts';
import { Reader } from './read.ts';
import { RetiredFiles } from './retired.ts';
import { readRows } from './run.ts';
import { createTable, type HotTable, openTables } from './schema.ts';
import { SkippedFiles } from './skipped.ts';

export class Engine {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #keeperConnection: DuckDBConnection;
  readonly #options: ChildOptions;
  readonly #tables: Map<string, HotTable>;
  readonly #ingest: Ingest;
  readonly #reader: Reader;
  readonly #keeper: Keeper;
  readonly #retired = new RetiredFiles();
  readonly #skipped: SkippedFiles;
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    instance: DuckDBInstance;
    writer: DuckDBConnection;
    keeperConnection: DuckDBConnection;
    tables: Map<string, HotTable>;
    options: ChildOptions;
    notes: Notes;
  }) {
    this.#instance = parts.instance;
    this.#writer = parts.writer;
    this.#keeperConnection = parts.keeperConnection;
    this.#options = parts.options;
    this.#tables = parts.tables;
    this.#skipped = new SkippedFiles(parts.notes);
    const logNames = new LogNames();
    this.#ingest = new Ingest(parts.writer, logNames);
    const shared = { tables: parts.tables, retired: this.#retired, skipped: this.#skipped };
    this.#reader = new Reader({ ...shared, instance: parts.instance });
    this.#keeper = new Keeper({
      ...shared,
      connection: parts.keeperConnection,
      options: parts.options,
      notes: parts.notes,
      logNames,
    });
  }

  /** In the working directory. @throws what DuckDB says when the folder cannot be used */
  static async open(options: ChildOptions, notes: Notes): Promise<Engine> {
    mkdirSync(inStore(PARQUET_FOLDER), { recursive: true });
    rmSync(inStore(TEMPORARY_FOLDER), { recursive: true, force: true });
    mkdirSync(inStore(TEMPORARY_FOLDER));
    await syncFolder('.');
    const { instance, connection } = await openDatabase(options, notes);
    await openFileList(connection, notes);
    const tables = await openTables(connection, options.classes);
    const listed = await listFiles(connection);
    sweepUnlisted(new Set(listed.map((file) => file.path)), notes);
    const keeperConnection = await instance.connect();
    const engine = new Engine({ instance, writer: connection, keeperConnection, tables, options, notes });
    engine.#skipped.check(listed);
    return engine;
  }

  /** Resolves once all of it is durable. In the order of the calls. */
  write(batches: readonly ColumnBatch[], again: boolean): Promise<void> {
    const result = this.#lastWrite.then(() => this.#write(batches, again));
    this.#lastWrite = result.catch(() => {
      // Told to the caller; the next one is tried all the same.
    });
    return result;
  }

  /** Sees every write that has resolved. */
  query(query: CompiledQuery, timeoutMs: number): Promise<ChildQueryResult> {
    return this.#reader.query(query, timeoutMs);
  }

  maintain(nowUs: number): Promise<void> {
    return this.#keeper.maintain(nowUs);
  }

  async backup(target: string): Promise<{ readonly files: number; readonly skippedFiles: number }> {
    await this.#lastWrite;
    return this.#keeper.inTurn(() => backupTo(this.#keeperConnection, target, this.#retired, this.#skipped));
  }

  stats(): Promise<ChildStats> {
    return this.#keeper.inTurn(async () => {
      const files = await listFiles(this.#keeperConnection);
      this.#skipped.check(files);
      let hotRows = 0;
      let fileRows = 0;
      let sizeBytes = fileBytes(DATABASE_FILE) + fileBytes(WAL_FILE);
      let oldestNs: bigint | undefined;
      for (const table of this.#tables.values()) {
        hotRows += table.rows;
        const oldest = await readRows(this.#keeperConnection, `SELECT min(time_ns) FROM ${quote(table.table)}`);
        oldestNs = earlier(oldestNs, oldest[0]?.[0] as bigint | null);
      }
      for (const file of files) {
        fileRows += file.rows;
        sizeBytes += file.bytes;
        oldestNs = earlier(oldestNs, file.minTime);
      }
      const damaged = readdirSync('.').filter((name) => name.includes('.damaged-'));
      return {
        events: hotRows + fileRows,
        hotRows,
        files: files.length,
        sizeBytes,
        skippedFiles: [
          ...this.#skipped.list(),
          ...damaged.map((path) => ({ path, reason: 'it was damaged and put aside' })),
        ],
        ...(oldestNs === undefined ? {} : { oldestUs: Number(oldestNs / 1000n) }),
      };
    });
  }

  async close(): Promise<void> {
    await this.#lastWrite;
    await this.#keeper.checkpoint();
    await this.#keeper.inTurn(async () => {
      this.#ingest.close();
      this.#writer.closeSync();
      this.#keeperConnection.closeSync();
      this.#instance.closeSync();
    });
  }

  async #write(batches: readonly ColumnBatch[], again: boolean): Promise<void> {
    const stored = again ? await this.#storedIds(batches) : new Set<string>();
    const work: { batch: ColumnBatch; table: HotTable }[] = [];
    for (const whole of batches) {
      const batch = stored.size === 0 ? whole : withoutStored(whole, stored);
      if (batch.rows > 0) work.push({ batch, table: await this.#table(batch.class) });
    }
    if (work.length > 0) await withMemory(() => this.#ingest.store(work));
    this.#keeper.checkpointIfLong();
    this.#keeper.shrinkIfFull();
  }

  async #table(className: string): Promise<HotTable> {
    const known = this.#tables.get(className);
    if (known !== undefined) return known;
    const declared = this.#options.classes.find((one) => one.name === className);
    if (declared === undefined) throw new Error(`There is no event class ${className}.`);
    const table = await createTable(this.#writer, declared);
    this.#tables.set(className, table);
    return table;
  }

  /** Which of these events a child before this one made durable without living to say so. */
  async #storedIds(batches: readonly ColumnBatch[]): Promise<Set<string>> {
    const stored = new Set<string>();
    for (const batch of batches) {
      const sources: string[] = [];
      const table = this.#tables.get(batch.class);
      if (table !== undefined) sources.push(quote(table.table));
      const files = await listFiles(this.#writer, 'WHERE class = $1 AND max_id >= $2 AND min_id <= $3', [
        batch.class,
        batch.id[0]!,
        batch.id[batch.rows - 1]!,
      ]);
      for (const file of this.#skipped.check(files))
        sources.push(`read_parquet([${literal(file.path)}], hive_partitioning = false)`);
      for (const source of sources) {
        const found = await readRows(this.#writer, `SELECT id FROM ${source} WHERE id BETWEEN $1 AND $2`, [
          batch.id[0]!,
          batch.id[batch.rows - 1]!,
        ]);
        for (const [id] of found) stored.add(String(id));
      }
    }
    return stored;
  }
}

function withoutStored(batch: ColumnBatch, stored: ReadonlySet<string>): ColumnBatch {
  const kept = batch.id.flatMap((id, row) => (stored.has(id) ? [] : [row]));
  const pick = <T>(values: ArrayLike<T>): T[] => kept.map((row) => values[row]!);
  const pickEach = <C, T>(values: C | readonly T[]): C | T[] => (Array.isArray(values) ? pick(values) : (values as C));
  const pickTexts = (values: EventColumn) => kept.map((row) => columnValue(values, row) as string | null);
  return {
    ...batch,
    rows: kept.length,
    id: pick(batch.id),
    timeUs: Float64Array.from(pick(batch.timeUs)),
    receivedUs: Float64Array.from(pick(batch.receivedUs)),
    tenant: pickEach(batch.tenant),
    severity: typeof batch.severity === 'number' ? batch.severity : Uint8Array.from(pick(batch.severity)),
    activity: pickEach(batch.activity),
    source: pickEach(batch.source),
    asset: batch.asset === null ? null : pickTexts(batch.asset),
    others: batch.others === null ? null : pickTexts(batch.others),
    message: pickEach(batch.message),
    unmapped: pickEach(batch.unmapped),
    attributes: batch.attributes.map(({ name, values }) => ({
      name,
      values: kept.map((row) => columnValue(values, row)),
    })),
  };
}

function earlier(a: bigint | undefined, b: bigint | null): bigint | undefined {
  return b === null ? a : a === undefined || b < a ? b : a;
}
