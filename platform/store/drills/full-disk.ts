/**
 * Full disk: the stores lie on a small tmpfs that is filled up. Writes fail with `store.disk-full`, reads go on,
 * nothing acknowledged is lost, and writes work again as soon as there is space, without a restart.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { openBlobStore } from '../src/blobs/blob-store.ts';
import type { OpenControlStore } from '../src/control/control-store.ts';
import type { DrillOptions, DrillResult } from './drill.ts';
import type { Random } from './random.ts';
import { type Filled, onSmallDisks } from './small-disk.ts';
import { checkState, type DrillTables, openDrillStore, payloadOf } from './state.ts';

const DISK_MIB = 4;
/** Writes that must be refused before space comes back. */
const REFUSALS = 40;
/** Writes that must work then. They take less than the space that came back. */
const WRITES_AFTER = 10;

export function run(options: DrillOptions): Promise<DrillResult> {
  return onSmallDisks(options, { name: 'full disk', writes: 'writes', diskMiB: DISK_MIB }, fill);
}

async function fill(disk: string, prefix: string, random: Random): Promise<Filled> {
  const dataDir = join(disk, 'data');
  const ballast = join(disk, 'ballast');
  const wrong: string[] = [];
  const said: string[] = [];
  await writeFile(ballast, Buffer.alloc((512 + random.below(512)) * 1024));
  const control = await openDrillStore(dataDir, new SystemClock(), 20 + random.below(1000));
  const blobs = await openBlobStore(dataDir, silentLog);
  let refused = 0;
  let next = 0;
  const write = async (): Promise<void> => {
    const id = `${prefix}-${next++}`;
    try {
      if (random.below(10) === 0) {
        const { sha256 } = await blobs.put(`drill/${id}`, Buffer.from(payloadOf(id)));
        said.push(`blob drill/${id} ${sha256}`);
      } else {
        await writeUnit(control, id);
        said.push(`unit ${id}`);
      }
    } catch (error) {
      refused++;
      if ((error as UndercroftError).code !== 'store.disk-full')
        wrong.push(`${id} failed with ${error instanceof UndercroftError ? error.code : String(error)}`);
    }
  };
  while (refused < REFUSALS && next < 100_000) await Promise.all(Array.from({ length: 1 + random.below(8) }, write));
  if (refused === 0) wrong.push('the disk never filled up');
  const seen = await control.db<DrillTables>().selectFrom('unit').select('id').execute();
  const units = said.filter((line) => line.startsWith('unit ')).length;
  if (seen.length !== units) wrong.push(`readers see ${seen.length} units of ${units} while the disk is full`);
  await rm(ballast);
  const before = refused;
  for (let n = 0; n < WRITES_AFTER; n++) await write();
  if (refused > before) wrong.push(`${refused - before} writes were refused after space had come back`);
  await control.close();
  wrong.push(...(await checkState(dataDir, said)));
  return { refused: before, wrong };
}

async function writeUnit(control: OpenControlStore, id: string): Promise<void> {
  await control.write<void, DrillTables>(async (tx) => {
    await tx
      .insertInto('unit')
      .values({ id, payload: payloadOf(id) })
      .execute();
    await tx
      .updateTable('total')
      .set((eb) => ({ units: eb('units', '+', 1) }))
      .execute();
  });
}
