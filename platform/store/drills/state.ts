/** The state that the drills write, and what must be true of it after anything. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buffer } from 'node:stream/consumers';
import type { Clock, Migrations } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { openBlobStore } from '../src/blobs/blob-store.ts';
import { CONTROL_FOLDER, type OpenControlStore, openControlStore, SQLITE_FILE } from '../src/control/control-store.ts';

export interface DrillTables {
  unit: { id: string; payload: string };
  /** One row: how many units there are, written by each in its own transaction. */
  total: { units: number };
}

const migrations: Migrations = {
  'drill-0001-tables': {
    async up(db) {
      await db.schema
        .createTable('unit')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('payload', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('total')
        .addColumn('units', 'bigint', (column) => column.notNull())
        .execute();
      await db.insertInto('total').values({ units: 0 }).execute();
    },
  },
};

export function openDrillStore(dataDir: string, clock: Clock, checkpointPages: number): Promise<OpenControlStore> {
  return openControlStore({
    dataDir,
    config: { kind: 'sqlite' },
    clock,
    log: silentLog,
    modules: [{ name: 'drill', migrations }],
    checkpointPages,
    fail: (error) => {
      throw error;
    },
  });
}

/** Of 20 to 6,000 characters, so that units take from a part of a page to several. */
export function payloadOf(id: string): string {
  const digest = createHash('sha256').update(id).digest();
  return digest.toString('hex').repeat(1 + (digest[0]! % 90));
}

/**
 * Opens the stores on what is there and looks for what was acknowledged.
 *
 * @param said lines of the writer
 * @returns what is wrong
 */
export async function checkState(dataDir: string, said: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    const control = await openDrillStore(dataDir, new SystemClock(), 1000);
    const db = control.db<DrillTables>();
    const rows = await db.selectFrom('unit').selectAll().execute();
    const total = await db.selectFrom('total').select('units').executeTakeFirst();
    await control.close();
    if (total?.units !== rows.length)
      wrong.push(`a torn unit: ${rows.length} units, but the total says ${total?.units}`);
    const units = new Map(rows.map((row) => [row.id, row.payload]));
    for (const [id, payload] of units) if (payload !== payloadOf(id)) wrong.push(`unit ${id} has another payload`);
    const blobs = await openBlobStore(dataDir, silentLog);
    for (const line of said) {
      const [kind, name, sha256] = line.split(' ');
      if (name === undefined) continue;
      if (kind === 'unit' && !units.has(name)) wrong.push(`unit ${name} was acknowledged and is lost`);
      if (kind === 'blob') {
        const bytes = await blobs.get(name).then(buffer, () => undefined);
        if (bytes === undefined) wrong.push(`blob ${name} was acknowledged and is lost`);
        else if (createHash('sha256').update(bytes).digest('hex') !== sha256) wrong.push(`blob ${name} was changed`);
      }
    }
    const database = new DatabaseSync(join(dataDir, CONTROL_FOLDER, SQLITE_FILE));
    const [integrity] = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    database.close();
    if (integrity?.integrity_check !== 'ok') wrong.push(`integrity_check: ${integrity?.integrity_check}`);
  } catch (error) {
    wrong.push(`the stores do not open: ${error instanceof Error ? error.message : String(error)}`);
  }
  return wrong;
}
