/** What tests of any module use as its store: the real one, in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log, Module, Store } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { openBlobStore } from '../blobs/blob-store.ts';
import type { ControlConfig } from '../control/config.ts';
import { openControlStore } from '../control/control-store.ts';
import { makeFolder } from '../files/durable.ts';
import { checkFolderName } from '../folders.ts';

export { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';

export interface TestStoreOptions {
  /** Whose migrations are run. */
  readonly modules?: readonly Pick<Module, 'name' | 'migrations'>[];
  /** SQLite if absent. */
  readonly control?: ControlConfig;
  /** Kept by `stop` when given. */
  readonly dataDir?: string;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface TestStore extends Store {
  readonly dataDir: string;
  stop(): Promise<void>;
}

export async function openTestStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'undercroft-store-')));
  const log = options.log ?? silentLog;
  const control = await openControlStore({
    dataDir,
    config: options.control ?? { kind: 'sqlite' },
    clock: options.clock ?? new SystemClock(),
    log,
    modules: options.modules ?? [],
    fail: (error) => {
      throw error;
    },
  });
  return {
    dataDir,
    control,
    blobs: await openBlobStore(dataDir, log),
    async folder(name) {
      checkFolderName(name);
      await makeFolder(join(dataDir, name));
      return join(dataDir, name);
    },
    onBackup: () => {},
    async stop() {
      await control.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
