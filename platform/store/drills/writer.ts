/**
 * The program that the drills kill: writes units of work and blobs as fast as it can and says each one that was
 * acknowledged, `unit <id>` or `blob <name> <sha256>`, a line each.
 *
 * Arguments: state folder, seed, units to write (0: until killed), WAL pages between checkpoints.
 */
import { writeSync } from 'node:fs';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { openBlobStore } from '../src/blobs/blob-store.ts';
import { seeded } from './random.ts';
import { type DrillTables, openDrillStore, payloadOf } from './state.ts';

/** Units under way at once. */
const CALLERS = 16;
/** One write in so many is a blob. */
const BLOB_EVERY = 40;

const [dataDir, seedText, countText, checkpointPages] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Name the state folder.');
const seed = Number(seedText);
const count = Number(countText);
const random = seeded(seed);
const control = await openDrillStore(dataDir, new SystemClock(), Number(checkpointPages));
const blobs = await openBlobStore(dataDir, silentLog);
const say = (line: string): void => void writeSync(1, `${line}\n`);

let begun = 0;
async function caller(): Promise<void> {
  while (count === 0 || begun < count) {
    const id = `${seed}-${begun++}`;
    if (random.below(BLOB_EVERY) === 0) {
      const { sha256 } = await blobs.put(`drill/${id}`, Buffer.from(payloadOf(id).repeat(3)));
      say(`blob drill/${id} ${sha256}`);
    }
    const changesMind = random.below(20) === 0;
    try {
      await control.write<void, DrillTables>(async (tx) => {
        await tx
          .insertInto('unit')
          .values({ id, payload: payloadOf(id) })
          .execute();
        await tx
          .updateTable('total')
          .set((eb) => ({ units: eb('units', '+', 1) }))
          .execute();
        if (changesMind) throw new ChangedMind();
      });
      say(`unit ${id}`);
    } catch (error) {
      if (!(error instanceof ChangedMind)) throw error;
    }
  }
}

class ChangedMind extends Error {}

await Promise.all(Array.from({ length: CALLERS }, caller));
await control.close();
