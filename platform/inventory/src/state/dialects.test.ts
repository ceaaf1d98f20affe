/** The same questions answered by PostgreSQL as by SQLite. */
import type { AssetObservation } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { findPostgres, openTestStore, startPostgres } from '@undercroft/store/testing';
import { expect, test } from 'vitest';
import { inventoryModule } from '../module.ts';
import { openTestInventory, type TestInventory } from '../testing/index.ts';

const postgres = await findPostgres();

const key = (value: string) => ({ type: 'machine-id', value, strength: 'strong' as const });
const ip = (value: string) => ({ type: 'ip', value, strength: 'weak' as const });
const port = { type: 'port', key: { type: 'port', value: 'm1/tcp/22', strength: 'strong' as const } };
const BATCHES: readonly (readonly AssetObservation[])[] = [
  [
    {
      type: 'host',
      name: 'Web',
      keys: [key('m1'), ip('10.0.0.1')],
      attributes: { os: 'Debian', cores: 8 },
      relations: [{ type: 'exposes', target: port }],
    },
    { type: 'port', keys: [port.key], attributes: { port: 22 } },
    { type: 'host', keys: [ip('10.0.0.2')], attributes: { os: 'linux' } },
  ],
  [{ type: 'host', name: 'Web', keys: [key('m1'), ip('10.0.0.1'), ip('10.0.0.2')], attributes: { os: 'Debian 13' } }],
  [{ type: 'host', keys: [key('m2'), ip('10.0.0.2')], present: false }],
];
const LINES = [
  '',
  'is:any',
  'type:host port:22',
  'name:web',
  'attr.cores:>4',
  'attr.os:deb*',
  'ip:10.0.0.*',
  'web',
  'source:scan is:gone',
  'seen:<1h',
];

/** Everything that can be asked, ids replaced by their order. */
async function story({ inventory }: TestInventory, clock: ManualClock): Promise<unknown> {
  const ids: string[] = [];
  for (const batch of BATCHES) {
    await clock.advance(1000);
    ids.push(...(await inventory.observe('scan', batch)));
  }
  await inventory.flushSeen();
  const web = ids[0] as string;
  const told = {
    searches: await Promise.all(
      LINES.map(async (line) => [line, await inventory.search(line, { sort: 'lastSeenUs' })]),
    ),
    facets: await inventory.facets('is:any'),
    history: await inventory.history(web),
    relations: await inventory.relations(web),
    past: await inventory.asOf(web, clock.nowUs() - 2e6),
  };
  await inventory.split(web, ids[2] as string);
  const text = JSON.stringify({ told, after: [await inventory.get(web), await inventory.get(ids[2] as string)] });
  const order = [...new Set(text.match(/[0-9A-HJKMNP-TV-Z]{26}/g))];
  return JSON.parse(
    order
      .reduce((all, id, index) => all.replaceAll(id, `id-${index}`), text)
      .replaceAll(/"next":"[^"]*"/g, '"next":""'),
  );
}

test.skipIf('absent' in postgres)('PostgreSQL and SQLite tell the same story', async () => {
  const server = await startPostgres((postgres as { bin: string }).bin);
  try {
    const clocks = [new ManualClock(), new ManualClock()] as const;
    const sqlite = await openTestInventory(clocks[0]);
    const store = await openTestStore({
      modules: [inventoryModule],
      clock: clocks[1],
      control: { kind: 'postgres', url: await server.emptyDatabase(), password: server.password },
    });
    const other = await openTestInventory(clocks[1], { store });
    expect(await story(other, clocks[1])).toEqual(await story(sqlite, clocks[0]));
    await store.stop();
    await sqlite.store.stop();
  } finally {
    await server.stop();
  }
});
