/** A store in a folder of its own, for tests of this folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, EventClass, Log } from '@undercroft/kernel';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import { TEST_EVENT_CLASSES } from '../testing/event-classes.ts';
import type { EventStoreConfig } from './config.ts';
import { type EventStore, startEventStore } from './start.ts';

export const TEST_CONFIG: EventStoreConfig = {
  hotHours: 6,
  hotRows: 1_000_000,
  retentionDays: 30,
  auditDays: 365,
  maxGiB: 10,
  queueEvents: 50_000,
  queueRows: 500_000,
  lingerMs: 200,
  memoryMiB: 128,
  threads: 1,
  queryTimeoutMs: 10_000,
};

export interface TestStore {
  readonly dataDir: string;
  readonly clock: ManualClock;
  readonly failures: Error[];
  readonly logged: { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly store: EventStore;
  /** Stops it and starts it again on the same folder. */
  reopen(config?: Partial<EventStoreConfig>, classes?: readonly EventClass[]): Promise<EventStore>;
  /** Stops it and removes the folder. */
  end(): Promise<void>;
}

export async function openTestStore(
  config: Partial<EventStoreConfig> = {},
  options: { readonly classes?: readonly EventClass[]; readonly clock?: Clock } = {},
): Promise<TestStore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'undercroft-events-'));
  const clock = new ManualClock();
  const failures: Error[] = [];
  const logged: { level: string; message: string; fields: object }[] = [];
  const write = (level: string) => (fields: object, message: string) => void logged.push({ level, message, fields });
  const log: Log = { ...silentLog, info: write('info'), warn: write('warn'), error: write('error') };
  const start = (settings: Partial<EventStoreConfig>, classes: readonly EventClass[]) =>
    startEventStore({
      dataDir,
      clock: options.clock ?? clock,
      log,
      classes,
      config: { ...TEST_CONFIG, ...settings },
      fail: (error) => failures.push(error),
    });
  let store = await start(config, options.classes ?? TEST_EVENT_CLASSES);
  return {
    dataDir,
    clock,
    failures,
    logged,
    get store() {
      return store;
    },
    async reopen(changed = {}, classes = options.classes ?? TEST_EVENT_CLASSES) {
      await store.stop();
      store = await start({ ...config, ...changed }, classes);
      return store;
    },
    async end() {
      await store.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
