/** Records into tables of an archive, many at a time. */

import { RecordEncoder } from '../argus/wire/encode.ts';
import { Aggregator } from '../ra/aggregate/aggregator.ts';
import { KeyBuffer, type KeySpec, keySpec, maskAddresses } from '../ra/aggregate/keys.ts';
import type { Settings } from '../ra/options/settings.ts';
import { reverseRecord } from '../ra/record/reverse.ts';
import { RECORD_WORDS, START_S } from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import type { ArchiveAddress } from './address.ts';
import { ColumnValues, type SqlColumn, sqlColumns } from './columns.ts';
import type { Database } from './connection.ts';
import { createTable, insertRows, quoted, RECORD_COLUMN, selectByKeys, type TableShape } from './statements.ts';
import { decodeStored } from './stored.ts';
import { type TableOf, tableNames } from './tables.ts';

/** Rows of one statement. */
const BATCH_ROWS = 2_000;
/** Records gathered by key before they are merged with those of the table. */
const MAX_GATHERED = 20_000;
/** Tables that are filled at once; the one begun first is written out to make room. */
const MAX_TABLES = 64;

interface Batch {
  readonly values: (string | null)[][];
  readonly records: Buffer[];
  readonly keys: Buffer[];
}

interface OpenTable {
  readonly name: string;
  batch: Batch;
  /** By its key, so that no statement has one key twice: the place in the batch. */
  places: Map<string, number>;
  gathered: Aggregator | undefined;
}

export class ArchiveWriter {
  /** Rows written. */
  rows = 0;
  readonly #database: Database;
  readonly #shape: TableShape;
  readonly #spec: KeySpec;
  readonly #merges: boolean;
  readonly #drops: boolean;
  readonly #tableOf: TableOf;
  readonly #values: ColumnValues;
  readonly #encoder = new RecordEncoder();
  readonly #key = new KeyBuffer();
  readonly #scratch = new FlowRecord();
  readonly #tables = new Map<string, OpenTable>();
  readonly #made = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #error: unknown;
  #waitingRows = 0;

  /**
   * `-m` gives the key (none: every record is a row of its own), `-M cache` merges records of one key as racluster does,
   * otherwise the last one stays; `-s` gives the columns, `-M time` a table for each span, `-M drop` begins tables anew.
   *
   * @throws ClientError for a key or a span that is none
   */
  constructor(database: Database, { table }: ArchiveAddress, settings: Settings) {
    const has = (mode: string): boolean => settings.modes.some((one) => one.toLowerCase() === mode);
    this.#database = database;
    this.#merges = has('cache');
    this.#drops = has('drop');
    this.#spec = keySpec(settings.masks.length === 0 && !this.#merges ? ['none'] : settings.masks);
    this.#shape = {
      columns: sqlColumns(settings.columns, this.#spec.names),
      keyed: !this.#spec.isNone,
    };
    this.#tableOf = tableNames(table, settings);
    this.#values = new ColumnValues(settings);
  }

  /** @param bytes the record as it was read */
  add(record: FlowRecord, bytes: Uint8Array): void {
    const table = this.#table(this.#tableOf(record.get(START_S)));
    if (!this.#shape.keyed) {
      this.#put(table, record, bytes, undefined);
      return;
    }
    if (this.#merges) {
      table.gathered ??= this.#aggregator();
      table.gathered.add(record);
      this.#waitingRows += 1;
      if (table.gathered.size >= MAX_GATHERED) this.#send(table);
      return;
    }
    maskAddresses(record, this.#spec);
    this.#put(table, record, bytes, this.#keyOf(record));
  }

  /** Resolves when there is room for more. @throws ClientError what the database has said */
  async ready(): Promise<void> {
    if (this.#waitingRows < BATCH_ROWS) return;
    await this.flush();
  }

  /** Writes what has gathered. */
  async flush(): Promise<void> {
    for (const table of this.#tables.values()) this.#send(table);
    await this.#work;
    if (this.#error !== undefined) throw this.#error;
  }

  #aggregator(): Aggregator {
    return new Aggregator({ spec: this.#spec, tryReverse: true });
  }

  #table(name: string): OpenTable {
    let table = this.#tables.get(name);
    if (table !== undefined) return table;
    if (this.#tables.size >= MAX_TABLES) {
      const [oldest] = this.#tables.values();
      if (oldest !== undefined) {
        this.#send(oldest);
        this.#tables.delete(oldest.name);
      }
    }
    table = { name, batch: emptyBatch(this.#shape.columns), places: new Map(), gathered: undefined };
    this.#tables.set(name, table);
    return table;
  }

  #put(table: OpenTable, record: FlowRecord, bytes: Uint8Array, key: Buffer | undefined): void {
    const { batch } = table;
    let place = batch.records.length;
    if (key !== undefined) {
      const text = key.toString('latin1');
      place = table.places.get(text) ?? place;
      table.places.set(text, place);
      batch.keys[place] = key;
    }
    for (const [index, column] of this.#shape.columns.entries())
      (batch.values[index] as (string | null)[])[place] = this.#values.of(column, record);
    batch.records[place] = Buffer.from(bytes);
    this.#waitingRows += 1;
    if (batch.records.length >= BATCH_ROWS) this.#send(table);
  }

  /** The table's rows so far are written, after those before them. */
  #send(table: OpenTable): void {
    const { name, batch, gathered } = table;
    table.batch = emptyBatch(this.#shape.columns);
    table.places = new Map();
    table.gathered = undefined;
    if (batch.records.length === 0 && gathered === undefined) return;
    this.#waitingRows = 0;
    this.#work = this.#work
      .then(async () => {
        if (this.#error !== undefined) return;
        await this.#make(name);
        if (gathered === undefined) await this.#insert(name, batch);
        else await this.#merge(name, gathered);
      })
      .catch((error: unknown) => {
        this.#error ??= error;
      });
  }

  async #make(name: string): Promise<void> {
    if (this.#made.has(name)) return;
    if (this.#drops) await this.#database.query(`DROP TABLE IF EXISTS ${quoted(name)}`);
    for (const statement of createTable(name, this.#shape)) await this.#database.query(statement);
    this.#made.add(name);
  }

  async #insert(name: string, { values, records, keys }: Batch): Promise<void> {
    const arrays: unknown[] = [...values, records];
    if (this.#shape.keyed) arrays.push(keys);
    await this.#database.query(insertRows(name, this.#shape), arrays);
    this.rows += records.length;
  }

  /** Adds what was gathered to what the table has under the same keys, in one transaction. */
  async #merge(name: string, gathered: Aggregator): Promise<void> {
    const keys = new Set<string>();
    for (const record of gathered.records()) {
      keys.add(this.#keyOf(record).toString('latin1'));
      // The table may have it from the other end.
      this.#scratch.words.set(record.words.subarray(record.base, record.base + RECORD_WORDS));
      reverseRecord(this.#scratch);
      keys.add(this.#keyOf(this.#scratch).toString('latin1'));
    }
    const { query } = this.#database;
    await query('BEGIN');
    try {
      const wanted = [...keys].map((key) => Buffer.from(key, 'latin1'));
      const stored = await query<{ readonly record: Buffer }>(selectByKeys(name), [wanted]);
      const merged = this.#aggregator();
      for (const row of stored) {
        const record = decodeStored(row[RECORD_COLUMN]);
        if (record !== null) merged.add(record);
      }
      for (const record of gathered.records()) merged.add(record);
      let batch = emptyBatch(this.#shape.columns);
      for (const record of merged.records()) {
        for (const [index, column] of this.#shape.columns.entries())
          (batch.values[index] as (string | null)[]).push(this.#values.of(column, record));
        batch.keys.push(this.#keyOf(record));
        batch.records.push(Buffer.from(this.#encoder.encode(record)));
        if (batch.records.length < BATCH_ROWS) continue;
        await this.#insert(name, batch);
        batch = emptyBatch(this.#shape.columns);
      }
      if (batch.records.length > 0) await this.#insert(name, batch);
      await query('COMMIT');
    } catch (error) {
      await query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  #keyOf(record: FlowRecord): Buffer {
    const key = this.#key;
    key.read(record, this.#spec);
    return Buffer.from(new Uint8Array(key.words.buffer, key.words.byteOffset, key.length * 4));
  }
}

function emptyBatch(columns: readonly SqlColumn[]): Batch {
  return { values: columns.map(() => []), records: [], keys: [] };
}
