/** What the inventory adds to the platform: its tables, settings, events, routes, and the `assets` command. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { inventoryEvents } from './events.ts';
import { inventoryMigrations } from './state/migrations.ts';

export const InventoryConfig = Type.Object(
  {
    silentAfterS: Type.Object(
      {
        host: Type.Integer({ default: 900, minimum: 10, description: 'Seconds unseen after which a host is silent.' }),
        other: Type.Integer({
          default: 93_600,
          minimum: 10,
          description: 'Seconds unseen after which any other asset is silent; 93600 is a day and two hours.',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    quietAttributes: Type.Array(Type.String({ minLength: 1 }), {
      default: ['uptime*', 'load*', '*UsedBytes', '*FreeBytes', 'usedBytes', 'freeBytes', '*Percent', 'pid', 'ppid'],
      description: 'Attributes, with `*`, whose changes are kept in the history but raise no event.',
    }),
    knownObservations: Type.Integer({
      default: 20_000,
      minimum: 100,
      description: 'Repeated observations that are recognised without a query. One takes about 200 bytes of memory.',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type InventoryConfig = Static<typeof InventoryConfig>;

export const inventoryModule = defineModule({
  name: 'inventory',
  summary: 'Assets of every source, their keys, relations and history.',
  config: InventoryConfig,
  migrations: inventoryMigrations,
  events: inventoryEvents,
  permissions: {
    assets: 'List and search assets.',
    'assets/facets': 'Count assets by type and source.',
    'assets/+': 'Read one asset, also as it was.',
    'assets/+/history': 'Read what changed about an asset.',
    'assets/+/relations': 'Read what an asset is related to.',
    'assets/+/split': 'Undo a merge of two assets.',
  },
  commands: [
    {
      name: 'assets',
      summary: 'Search the inventory, show an asset.',
      load: () => import('./cli.ts'),
    },
  ],
  roles: {
    server: {
      requires: ['store', 'events', 'http'],
      provides: ['inventory'],
      load: () => import('./server.ts'),
    },
  },
});
