/**
 * DuckDB writes what it knows of its tables into blocks that are partly in use, in place, before the header that makes
 * it count. A power cut in the middle tears a block that the old header still needs, and the file does not open. So
 * those blocks are kept aside, durably, before each checkpoint, and put back if its header never came.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { replaceFile, syncFolder } from '../../files/durable.ts';
import type { Notes } from './notes.ts';
import { inStore } from './paths.ts';
import { readRows } from './run.ts';

const JOURNAL_FILE = 'events.duckdb.journal';
const DIGEST_BYTES = 32;
/** Where a block of the file begins, and that it is so long. */
const ENTRY_BYTES = 16;
/** The file begins with its own header and the two that take turns. */
const HEADERS_BYTES = 3 * 4_096;

interface Kept {
  readonly at: number;
  readonly data: Buffer;
}

export function hasJournal(): boolean {
  return existsSync(JOURNAL_FILE);
}

/** Before a checkpoint. Nothing else writes to the database file meanwhile. */
export async function keepBlocks(connection: DuckDBConnection, databaseFile: string): Promise<void> {
  const [size] = await readRows(connection, 'SELECT block_size FROM pragma_database_size()');
  const blockBytes = Number(size?.[0]);
  const blocks = await readRows(connection, 'SELECT block_id FROM pragma_metadata_info()');
  const file = openSync(databaseFile, 'r');
  try {
    const kept = [readAt(file, 0, HEADERS_BYTES)];
    for (const [id] of blocks) kept.push(readAt(file, HEADERS_BYTES + Number(id) * blockBytes, blockBytes));
    await replaceFile(inStore(JOURNAL_FILE), encode(kept));
  } finally {
    closeSync(file);
  }
}

/** After a checkpoint. If the power goes first, the header tells that it was done. */
export function dropBlocks(): void {
  rmSync(inStore(JOURNAL_FILE), { force: true });
}

/** At the start, when nobody has the file open: puts the blocks back if the checkpoint was not done. */
export async function settleJournal(databaseFile: string, notes: Notes): Promise<void> {
  const [headers, ...blocks] = decode(readFileSync(JOURNAL_FILE));
  if (headers !== undefined) {
    const file = openSync(inStore(databaseFile), 'r+');
    try {
      const now = readAt(file, 0, HEADERS_BYTES);
      if (now.data.equals(headers.data)) {
        for (const { at, data } of blocks) writeSync(file, data, 0, data.byteLength, at);
        fsyncSync(file);
        notes.log(
          'warn',
          { blocks: blocks.length },
          'A checkpoint of the event store was cut short and undone; its log has all of it',
        );
      }
    } finally {
      closeSync(file);
    }
  }
  dropBlocks();
  await syncFolder('.');
}

function readAt(file: number, at: number, length: number): Kept {
  const data = Buffer.alloc(length);
  const read = readSync(file, data, 0, length, at);
  return { at, data: data.subarray(0, read) };
}

function encode(kept: readonly Kept[]): Buffer {
  const parts = kept.flatMap(({ at, data }) => {
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeBigUInt64LE(BigInt(at), 0);
    entry.writeBigUInt64LE(BigInt(data.byteLength), 8);
    return [entry, data];
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([createHash('sha256').update(body).digest(), body]);
}

/** @returns nothing for a file that is not whole: then the checkpoint had not begun */
function decode(bytes: Buffer): Kept[] {
  const body = bytes.subarray(DIGEST_BYTES);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(0, DIGEST_BYTES))) return [];
  const kept: Kept[] = [];
  for (let at = 0; at < body.byteLength; ) {
    const length = Number(body.readBigUInt64LE(at + 8));
    kept.push({
      at: Number(body.readBigUInt64LE(at)),
      data: body.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + length),
    });
    at += ENTRY_BYTES + length;
  }
  return kept;
}
