/** Event classes of the inventory. @see https://schema.ocsf.io/ */
import type { EventClass } from '@undercroft/kernel';

const DEVICE_ATTRIBUTES = {
  'device.uid': 'string',
  'device.name': 'string',
  'device.type': 'string',
} as const;

export const inventoryEvents: readonly EventClass[] = [
  {
    name: 'device_inventory_info',
    uid: 5001,
    summary: 'An asset was seen for the first time.',
    attributes: { ...DEVICE_ATTRIBUTES, 'device.ip': 'string', 'device.hostname': 'string', observables: 'json' },
  },
  {
    name: 'device_config_state_change',
    uid: 5019,
    summary: 'Something about an asset is not as it was: an attribute, a key, a relation, its presence.',
    attributes: { ...DEVICE_ATTRIBUTES, changes: 'json' },
  },
];
