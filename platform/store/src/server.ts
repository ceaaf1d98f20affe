/** Starts the stores in the server process, in the order in which they can be trusted, and stops them in reverse. */
import { join } from 'node:path';
import { type Context, type Events, FOR_MODULE, type ForModule, type Running, type Store } from '@undercroft/kernel';
import type { Static } from 'typebox';
import { startBackups } from './backup/service.ts';
import { openBlobStore } from './blobs/blob-store.ts';
import { openControlStore } from './control/control-store.ts';
import { startEventStore } from './events/start.ts';
import { makeFolder } from './files/durable.ts';
import { checkFolderName } from './folders.ts';
import type { StoreConfig } from './module.ts';
import { takeOwnership } from './owner/owner.ts';

export async function start(context: Context<Static<typeof StoreConfig>>): Promise<Running> {
  const { dataDir, config, clock, log, modules, version } = context;
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const errors: unknown[] = [];
    // One that fails to close does not keep the others, and the lock, from being let go.
    for (const close of closing.splice(0).reverse()) await close().catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'The stores did not close.');
  };
  try {
    const ownership = await takeOwnership(dataDir);
    closing.push(() => ownership.release());
    const fail = (error: Error): void => context.fail(error);
    const control = await openControlStore({ dataDir, config: config.control, clock, log, modules, fail });
    closing.push(() => control.close());
    const blobs = await openBlobStore(dataDir, log);
    const classes = modules.flatMap((module) => module.events ?? []);
    const events = await startEventStore({ dataDir, config: config.events, clock, log, classes, fail });
    closing.push(() => events.stop());

    const copies = new Map<string, (target: string) => Promise<void>>();
    const store: Store = {
      control,
      blobs,
      async folder(name) {
        checkFolderName(name);
        const path = join(dataDir, name);
        await makeFolder(path);
        return path;
      },
      onBackup(name, copy) {
        checkFolderName(name);
        copies.set(name, copy);
      },
    };
    const own = events.events('platform');
    const perModule: Events & ForModule<Events> = {
      publish: (event) => own.publish(event),
      append: (event) => own.append(event),
      subscribe: (listener, filter) => own.subscribe(listener, filter),
      writeRows: (rows) => own.writeRows(rows),
      dropped: () => own.dropped?.() ?? 0,
      [FOR_MODULE]: (module) => events.events(module),
    };
    context.provide('store', store);
    context.provide('events', perModule);
    context.provide('events.query', events.query);
    context.provide('backup', startBackups({ dataDir, control, events, copies, clock, log, version }));
    return { stop };
  } catch (error) {
    await stop().catch((other: unknown) => log.warn({ err: other }, 'What had started did not close cleanly.'));
    throw error;
  }
}
