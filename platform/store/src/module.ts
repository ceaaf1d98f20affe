/** The stores: control state, events, blobs, folders of modules, and backups of all of it. */
import { defineModule } from '@undercroft/kernel';
import Type from 'typebox';
import { ControlConfig } from './control/config.ts';
import { EventStoreConfig } from './events/config.ts';

export const StoreConfig = Type.Object(
  { control: ControlConfig, events: EventStoreConfig },
  { additionalProperties: false, default: {} },
);

export const storeModule = defineModule({
  name: 'store',
  summary: 'Keeps control state, events and files; durable, backed up, migrated forward.',
  config: StoreConfig,
  roles: {
    server: {
      provides: ['store', 'events', 'events.query', 'backup'],
      load: () => import('./server.ts'),
    },
  },
});
