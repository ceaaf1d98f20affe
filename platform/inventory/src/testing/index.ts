/** For tests of what stands on the inventory: a real one over a real store in a temporary folder. */
import type { Clock, Module } from '@undercroft/kernel';
import { openTestStore, type TestStore } from '@undercroft/store/testing';
import { inventoryModule } from '../module.ts';
import { type Announcer, InventoryService } from '../service.ts';

export { InventoryService } from '../service.ts';

export interface TestInventory {
  readonly inventory: InventoryService;
  readonly store: TestStore;
}

export interface TestInventoryOptions {
  /** Whose tables are wanted too. */
  readonly modules?: readonly Pick<Module, 'name' | 'migrations'>[];
  readonly announce?: Announcer;
  /** An open one, instead of one of its own. */
  readonly store?: TestStore;
}

export async function openTestInventory(clock: Clock, options: TestInventoryOptions = {}): Promise<TestInventory> {
  const store =
    options.store ?? (await openTestStore({ modules: [inventoryModule, ...(options.modules ?? [])], clock }));
  const inventory = await InventoryService.open({
    control: store.control,
    clock,
    silentAfterUs: { host: 900e6, '*': 93_600e6 },
    announce: options.announce ?? Object.assign(() => {}, { split: () => {} }),
    knownObservations: 20_000,
  });
  return { inventory, store };
}
