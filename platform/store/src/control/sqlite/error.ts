/** SQLite's result codes as errors that people can act on. */
import { conflict, UndercroftError, unavailable } from '@undercroft/kernel';
import { diskFull } from '../../files/durable.ts';

/** Primary result codes, <https://www.sqlite.org/rescode.html>. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;
/** Extended ones. */
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
/** The shared memory file beside the WAL could not grow: in practice a full disk. */
const IOERR_SHMSIZE = 4874;

interface SqliteFailure extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** Extended result code. */
  readonly errcode: number;
}

/** @param path the database file, for the message */
export function sqliteError(error: unknown, path: string): UndercroftError {
  if (error instanceof UndercroftError) return error;
  if (!isSqliteFailure(error)) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    const range = code === 'ERR_OUT_OF_RANGE';
    return new UndercroftError(
      range ? 'store.number-range' : 'store.sql',
      error instanceof Error ? error.message : String(error),
      { cause: error },
    );
  }
  if (error.errcode === IOERR_SHMSIZE) return diskFull(path, error);
  switch (error.errcode & 0xff) {
    case FULL:
      return diskFull(path, error);
    case CORRUPT:
    case NOTADB:
      return corruptDatabase(path, error.message, error);
    case READONLY:
    case CANTOPEN:
      return new UndercroftError('store.folder', `${path} cannot be opened for writing (${error.message}).`, {
        fix: 'Give the user that runs Undercroft write access to the file and its folder, or name another folder with --data.',
        cause: error,
        status: 503,
      });
    case BUSY:
    case LOCKED:
      return unavailable(
        'store.locked',
        `${path} is locked by another program.`,
        'Close the program that has the file open (a backup tool, an SQLite shell); only Undercroft may write it.',
      );
    case IOERR:
      return new UndercroftError('store.io', `Reading or writing ${path} failed (${error.message}).`, {
        fix: 'Check the disk and the kernel log; the state is as of the last acknowledged write.',
        cause: error,
        status: 503,
      });
    case CONSTRAINT:
      return error.errcode === CONSTRAINT_UNIQUE || error.errcode === CONSTRAINT_PRIMARYKEY
        ? conflict('store.duplicate', error.message)
        : conflict('store.constraint', error.message);
    default:
      return new UndercroftError('store.sql', error.message, { cause: error });
  }
}

export function corruptDatabase(path: string, detail: string, cause?: unknown): UndercroftError {
  return new UndercroftError('store.corrupt', `${path} is damaged: ${detail}.`, {
    fix: 'Restore the last backup (undercroft restore FILE; it moves the damaged state aside), or a copy from the copies/ folder beside the file.',
    cause,
    status: 503,
  });
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return (error as { code?: unknown } | null)?.code === 'ERR_SQLITE_ERROR';
}
