/**
 * Durable commits: `node bench/store-control.ts`. The control store with 1, 32 and 256 concurrent callers, a unit of one
 * insert each, beside plain `node:sqlite` with `synchronous=FULL` and one commit an insert, on the same disk. Prints
 * medians over rounds, their spread, the ratio, and how long the event loop was held up at most.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import type { Migrations } from '@undercroft/kernel';
import { openTestStore, type TestStore } from '@undercroft/store/testing';

const ROUNDS = 5;
const ROUND_MS = 1_000;
const CALLERS = [1, 32, 256];
const PAYLOAD = 'x'.repeat(200);

interface Tables {
  row: { id: number; payload: string };
}

const migrations: Migrations = {
  'bench-0001-row': {
    async up(db) {
      await db.schema
        .createTable('row')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('payload', 'text')
        .execute();
    },
  },
};

let next = 0;
let nextPlain = 0;

const dataDir = await mkdtemp(join(tmpdir(), 'undercroft-bench-'));
try {
  const plain: number[] = [];
  const ours = new Map(CALLERS.map((callers) => [callers, [] as number[]]));
  const stalls = new Map(CALLERS.map((callers) => [callers, [] as number[]]));
  const store = await openTestStore({ dataDir, modules: [{ name: 'bench', migrations }] });
  const peer = openPlain(join(dataDir, 'plain.db'));
  // Turn about, so that a neighbour's load hits all alike.
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(plainRound(peer));
    for (const callers of CALLERS) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      ours.get(callers)!.push(await storeRound(store, callers));
      delay.disable();
      stalls.get(callers)!.push(delay.max / 1e6);
    }
  }
  await store.stop();
  peer.close();
  console.log(`node:sqlite, FULL, a commit each       ${rate(plain)}`);
  for (const callers of CALLERS) {
    const ratio = (median(ours.get(callers)!) / median(plain)).toFixed(1);
    const stallMs = median(stalls.get(callers)!).toFixed(1);
    console.log(
      `control store, ${String(callers).padStart(3)} concurrent callers  ${rate(ours.get(callers)!)}, ${ratio} times; longest hold-up ${stallMs} ms`,
    );
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function storeRound(store: TestStore, callers: number): Promise<number> {
  const startMs = performance.now();
  let commits = 0;
  const call = async (): Promise<void> => {
    while (performance.now() - startMs < ROUND_MS) {
      const id = next++;
      await store.control.write<unknown, Tables>((tx) =>
        tx.insertInto('row').values({ id, payload: PAYLOAD }).execute(),
      );
      commits++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return (commits * 1000) / (performance.now() - startMs);
}

function openPlain(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, payload TEXT)',
  );
  return database;
}

function plainRound(database: DatabaseSync): number {
  const insert = database.prepare('INSERT INTO row (id, payload) VALUES (?, ?)');
  const startMs = performance.now();
  let commits = 0;
  while (performance.now() - startMs < ROUND_MS) {
    insert.run(nextPlain++, PAYLOAD);
    commits++;
  }
  return (commits * 1000) / (performance.now() - startMs);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function rate(values: readonly number[]): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  return `${whole(median(values)).padStart(6)} commits/s (${whole(Math.min(...values))} to ${whole(Math.max(...values))})`;
}
