import type { EventInput, Events, Http, Principal, Route } from '@undercroft/kernel';
import { ManualClock, testContext } from '@undercroft/kernel/testing';
import { openTestStore } from '@undercroft/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inventoryModule } from './module.ts';
import { start } from './server.ts';
import type { InventoryService } from './service.ts';

const owner: Principal = {
  entityId: 'e1',
  name: 'ana',
  tenant: 'default',
  policies: [],
  accessor: 'a',
  kind: 'session',
  owner: true,
};
const clock = new ManualClock();
const published: EventInput[] = [];
const live: unknown[] = [];
const routes: Route[] = [];
let stop: () => Promise<void>;
let inventory: InventoryService;

beforeAll(async () => {
  const store = await openTestStore({ modules: [inventoryModule], clock });
  const events = { publish: (event: EventInput) => void published.push(event) } as unknown as Events;
  const http = {
    routes: (added: readonly Route[]) => void routes.push(...added),
    live: { send: (topic: string, data: object) => void live.push({ topic, ...data }) },
  } as unknown as Http;
  const test = testContext({
    module: 'inventory',
    clock,
    config: { silentAfterS: { host: 900, other: 9000 }, quietAttributes: ['uptime*'], knownObservations: 100 },
    services: { store, events, http },
  });
  const running = await start(test.context);
  inventory = test.provided.get('inventory') as InventoryService;
  stop = async () => {
    await running.stop?.();
    test.stop();
    await store.stop();
  };
});
afterAll(() => stop());

const call = async (method: string, path: string, request: object = {}, principal = owner): Promise<unknown> => {
  const found = routes.find((candidate) => candidate.method === method && candidate.path === path) as Route;
  return found.handler({ params: {}, query: {}, body: {}, principal, auditDetail: () => {}, ...request } as never);
};
const machine = { type: 'machine-id', value: 'm1', strength: 'strong' } as const;
const observe = (attributes: Record<string, number | string>) =>
  inventory.observe('metrics', [{ type: 'host', name: 'web-1', keys: [machine], attributes }]);

test('a new asset and a change that matters are events; one that does not matter is none, nor is seeing it again', async () => {
  const [id] = await observe({ os: 'Debian 12', uptimeS: 1 });
  await clock.advance(1000);
  await observe({ os: 'Debian 13', uptimeS: 2 });
  await observe({ os: 'Debian 13', uptimeS: 3 });
  await observe({ os: 'Debian 13', uptimeS: 3 });
  expect(published).toMatchObject([
    { class: 'device_inventory_info', activity: 'collect', assets: [id], message: 'New host: web-1' },
    {
      class: 'device_config_state_change',
      assets: [id],
      message: 'host web-1: os is now Debian 13 (was Debian 12)',
      attributes: { 'device.uid': id, changes: [{ field: 'attributes.os', before: 'Debian 12', after: 'Debian 13' }] },
    },
  ]);
  expect(live).toMatchObject([{ topic: 'assets', id, change: 'new' }, { change: 'changed' }, { change: 'changed' }]);
});

test('the routes give assets at the edge', async () => {
  const asset = await inventory.find('host', machine);
  const id = asset!.id;
  expect(await call('GET', '/assets', { query: { q: 'type:host', limit: 100 } })).toMatchObject({
    total: 1,
    items: [{ id, name: 'web-1', silent: false, firstSeenAt: '2026-01-01T00:00:00.000Z' }],
  });
  expect(await call('GET', '/assets/{id}', { params: { id }, query: { asOf: '2026-01-01T00:00:00Z' } })).toMatchObject({
    attributes: { os: 'Debian 12' },
  });
  await expect(call('GET', '/assets/{id}', { params: { id }, query: { asOf: '2025-01-01' } })).rejects.toMatchObject({
    status: 404,
    fix: 'It was first seen at 2026-01-01T00:00:00.000Z.',
  });
  expect(await call('GET', '/assets/{id}/history', { params: { id }, query: { limit: 2 } })).toMatchObject({
    items: [{ field: 'attributes.uptimeS' }, { field: 'attributes.uptimeS' }],
    total: 5,
  });
  await inventory.observe('metrics', [
    {
      type: 'port',
      keys: [{ type: 'port', value: 'm1/tcp/22', strength: 'strong' }],
      relations: [{ type: 'runs-on', target: { type: 'host', key: machine } }],
    },
  ]);
  expect(await call('GET', '/assets/{id}/relations', { params: { id } })).toMatchObject({
    items: [{ type: 'runs-on', direction: 'in', asset: { type: 'port', name: 'm1/tcp/22', present: true } }],
  });
});

test('another tenant sees nothing of it', async () => {
  const id = (await inventory.find('host', machine))!.id;
  const stranger: Principal = { ...owner, tenant: 'acme', owner: false };
  expect(await call('GET', '/assets', { query: {} }, stranger)).toMatchObject({ items: [], total: 0 });
  for (const path of ['/assets/{id}', '/assets/{id}/history', '/assets/{id}/relations']) {
    await expect(call('GET', path, { params: { id } }, stranger), path).rejects.toMatchObject({ code: 'not-found' });
  }
  await expect(call('GET', '/assets', { query: { q: 'tenant:*' } }, stranger)).rejects.toMatchObject({ status: 403 });
});
