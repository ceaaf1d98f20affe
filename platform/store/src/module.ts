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
  events: [
    {
      name: 'application_lifecycle',
      uid: 6002,
      summary: 'A part of the platform itself started, ended or failed.',
      attributes: { 'app.name': 'string', 'app.version': 'string' },
    },
  ],
  roles: {
    server: {
      provides: ['store', 'events', 'events.query', 'backup'],
      load: () => import('./server.ts'),
    },
  },
});
