/**
 * The writing side of the SQLite control store, and why its fsyncs need not hold the event loop.
 *
 * With `synchronous=FULL`, SQLite in WAL mode fsyncs the WAL inside each COMMIT, on the thread that commits. Here the
 * database is open with `synchronous=NORMAL`, where COMMIT only writes to the WAL, and {@link SqliteSession.flush}
 * calls `fdatasync` on the WAL through a descriptor of our own, on a thread of libuv's pool. A unit is acknowledged
 * after that, so what is acknowledged is exactly what FULL would have made durable before it returned:
 *
 * - All frames of the transactions of the batch were written before the `fdatasync` began.
 * - A WAL frame is valid only if every frame before it is (its checksum continues theirs), and recovery stops at the
 *   first invalid one; so unsynced frames of later transactions cannot harm synced ones, whatever part of them
 *   reached the disk.
 * - The WAL is overwritten from its start only after a checkpoint copied all of it into the database and the database
 *   was fsynced; the new header is fsynced by SQLite before the first new frame follows it (so are, in NORMAL mode,
 *   the WAL before and the database after SQLite's own checkpoints).
 *   See <https://www.sqlite.org/pragma.html#pragma_synchronous> and <https://www.sqlite.org/fileformat2.html#walformat>.
 * - Nobody sees what is not durable yet: readers are held at the last flushed commit ({@link SqliteReader}).
 *
 * Checkpoints follow the same rule. SQLite's automatic ones are off. Between two batches, once the WAL is long, a
 * connection with `synchronous=OFF` copies the pages (into the page cache: a memory copy), then the database file is
 * fdatasynced on libuv's pool while writers wait and readers go on; only after that may the next write reuse the WAL.
 * A crash in between finds the whole WAL still in place and replays it.
 *
 * The extra descriptors are safe: POSIX locks of a process on a file are dropped when any descriptor of that file is
 * closed, so the one of the database is closed after SQLite's, and SQLite takes no locks on the WAL.
 */
import type { FileHandle } from 'node:fs/promises';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Log, UndercroftError } from '@undercroft/kernel';
import type { WriterSession } from '../writer-session.ts';
import { SqliteConnection } from './connection.ts';
import { sqliteError } from './error.ts';
import type { SqliteReader } from './reader.ts';

/** WAL length after which it is copied into the database and begun anew. */
export const CHECKPOINT_PAGES = 1_000;

export interface SqliteSessionOptions {
  readonly path: string;
  /** `synchronous=NORMAL`, no automatic checkpoints. */
  readonly writer: DatabaseSync;
  /** `synchronous=OFF`; it never writes a transaction. */
  readonly checkpointer: DatabaseSync;
  readonly reader: SqliteReader;
  readonly walFile: FileHandle;
  readonly databaseFile: FileHandle;
  readonly log: Log;
  readonly checkpointPages?: number;
}

export class SqliteSession implements WriterSession {
  readonly connection: SqliteConnection;
  readonly #options: SqliteSessionOptions;
  readonly #checkpointPages: number;
  readonly #begin: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollBackTo: StatementSync;
  readonly #commit: StatementSync;
  readonly #walState: StatementSync;
  /** Pages in the WAL at which the next checkpoint is tried. */
  #checkpointAt: number;

  constructor(options: SqliteSessionOptions) {
    this.#options = options;
    this.#checkpointPages = options.checkpointPages ?? CHECKPOINT_PAGES;
    this.#checkpointAt = this.#checkpointPages;
    const { writer } = options;
    this.connection = new SqliteConnection(writer);
    this.#begin = writer.prepare('BEGIN IMMEDIATE');
    this.#savepoint = writer.prepare('SAVEPOINT unit');
    this.#release = writer.prepare('RELEASE unit');
    this.#rollBackTo = writer.prepare('ROLLBACK TO unit');
    this.#commit = writer.prepare('COMMIT');
    this.#walState = writer.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  async begin(): Promise<void> {
    this.#begin.run();
  }

  async savepoint(): Promise<void> {
    this.#savepoint.run();
  }

  async release(): Promise<void> {
    this.#release.run();
  }

  async rollBackTo(): Promise<void> {
    this.#rollBackTo.run();
    this.#release.run();
  }

  async commit(): Promise<void> {
    this.#commit.run();
  }

  async rollBack(): Promise<void> {
    this.#options.writer.exec('ROLLBACK');
  }

  inTransaction(): boolean {
    return this.#options.writer.isTransaction;
  }

  async flush(): Promise<void> {
    await this.#options.walFile.datasync();
    this.#options.reader.advance();
  }

  async rest(): Promise<void> {
    if (this.#walPages() < this.#checkpointAt) return;
    const { reader, checkpointer, databaseFile, log, path } = this.#options;
    let state: WalState;
    reader.release();
    try {
      state = checkpointer.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as unknown as WalState;
    } catch (error) {
      // The WAL still holds everything (a full disk is the likely cause); tried again when it has grown.
      log.warn({ err: sqliteError(error, path) }, 'The checkpoint of the control store was put off.');
      this.#checkpointAt = this.#walPages() + this.#checkpointPages;
      return;
    } finally {
      reader.advance();
    }
    await databaseFile.datasync();
    // A backup that runs holds part of the WAL back.
    const complete = state.busy === 0 && state.checkpointed === state.log;
    this.#checkpointAt = complete ? this.#checkpointPages : state.log + this.#checkpointPages;
  }

  translate(error: unknown): UndercroftError {
    const translated = sqliteError(error, this.#options.path);
    // What lies in the WAL may fit into the database, and then its room is free again.
    if (translated.code === 'store.disk-full') this.#checkpointAt = 1;
    return translated;
  }

  async close(): Promise<void> {
    const { checkpointer, writer, reader, walFile, databaseFile } = this.#options;
    try {
      reader.close();
      checkpointer.close();
      // The last one to close checkpoints, in NORMAL mode: with both fsyncs.
      writer.close();
    } finally {
      await walFile.close();
      await databaseFile.close();
    }
  }

  #walPages(): number {
    const { log, checkpointed } = this.#walState.get() as unknown as WalState;
    return log === checkpointed ? 0 : log;
  }
}

interface WalState {
  readonly busy: number;
  /** Pages in the WAL. */
  readonly log: number;
  /** How many of them are in the database already. */
  readonly checkpointed: number;
}
