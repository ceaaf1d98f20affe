/**
 * Full disk: the event store lies on a small tmpfs that is filled up. Appends fail with `store.disk-full`, questions
 * are answered, nothing acknowledged is lost, and appends work again as soon as there is space, without a restart.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';
import type { DrillOptions, DrillResult } from './drill.ts';
import { checkEvents, messageOf, openDrillEvents } from './events-state.ts';
import type { Random } from './random.ts';
import { type Filled, onSmallDisks } from './small-disk.ts';

const DISK_MIB = 8;
/** Appends that must be refused before space comes back. */
const REFUSALS = 20;
/** Appends that must work then. */
const APPENDS_AFTER = 10;
const CALLERS = 8;
const MAX_APPENDS = 100_000;

export function run(options: DrillOptions): Promise<DrillResult> {
  return onSmallDisks(options, { name: 'events full disk', writes: 'appends', diskMiB: DISK_MIB }, fill);
}

async function fill(disk: string, prefix: string, random: Random): Promise<Filled> {
  const dataDir = join(disk, 'data');
  const ballast = join(disk, 'ballast');
  const wrong: string[] = [];
  const said: string[] = [];
  await writeFile(ballast, Buffer.alloc((DISK_MIB - 2) * 1024 * 1024 + random.below(1024) * 1024));
  const store = await openDrillEvents(dataDir);
  const events = store.events('drill');
  let refused = 0;
  let next = 0;
  const append = async (): Promise<void> => {
    const name = `${prefix}-${next++}`;
    try {
      const { id } = await events.append({ class: 'base_event', message: messageOf(name) });
      said.push(`event ${id} ${name}`);
    } catch (error) {
      refused += 1;
      if ((error as UndercroftError).code !== 'store.disk-full')
        wrong.push(`${name} failed with ${error instanceof UndercroftError ? error.code : String(error)}`);
    }
  };
  try {
    while (refused < REFUSALS && next < MAX_APPENDS) {
      await Promise.all(Array.from({ length: 1 + random.below(CALLERS) }, append));
      if (random.below(50) === 0)
        await store.maintain().catch(() => {
          // There is no room for a file: the rows stay where they are.
        });
    }
    if (refused === 0) wrong.push('the disk never filled up');
    const counted = await store.query.query({ aggregates: [{ fn: 'count' }] });
    const seen = counted.rows[0]?.['count'];
    if (seen !== said.length) wrong.push(`questions see ${seen} events of ${said.length} while the disk is full`);
    await rm(ballast);
    const before = refused;
    for (let n = 0; n < APPENDS_AFTER; n++) await append();
    if (refused > before) wrong.push(`${refused - before} appends were refused after space had come back`);
  } finally {
    await store.stop();
  }
  wrong.push(...(await checkEvents(dataDir, said)));
  return { refused, wrong };
}
