import type { AssetKey, AssetObservation } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Announcer, InventoryService } from './service.ts';
import { openTestInventory, type TestInventory } from './testing/index.ts';

const strong = (value: string, type = 'machine-id'): AssetKey => ({ type, value, strength: 'strong' });
const ip = (value: string, site?: string): AssetKey => ({
  type: 'ip',
  value,
  strength: 'weak',
  ...(site === undefined ? {} : { site }),
});
const hostname = (value: string): AssetKey => ({ type: 'hostname', value, strength: 'weak' });
const host = (keys: readonly AssetKey[], more: Partial<AssetObservation> = {}): AssetObservation => ({
  type: 'host',
  keys,
  ...more,
});

let clock: ManualClock;
let opened: TestInventory;
let inventory: InventoryService;
let announced: string[];

beforeEach(async () => {
  clock = new ManualClock();
  announced = [];
  const announce: Announcer = Object.assign(
    (ledger: Parameters<Announcer>[0]) => void announced.push(...ledger.notes.groups.values()),
    { split: () => void announced.push('split') },
  );
  opened = await openTestInventory(clock, { announce });
  inventory = opened.inventory;
});
afterEach(() => opened.store.stop());

const see = async (source: string, ...observations: AssetObservation[]): Promise<string[]> => {
  await clock.advance(1000);
  return [...(await inventory.observe(source, observations))];
};
const namesOf = async (line: string): Promise<string[]> => {
  const page = await inventory.search(line, { sort: 'name' });
  return page.items.map((asset) => asset.name);
};

test('what cannot be kept of an observation does not lose the rest', async () => {
  const [id] = await see(
    'scan',
    host([strong('m1'), hostname('we\0b')], { name: 'we\0b', attributes: { banner: 'SSH\0' } }),
    host([strong('m2')]),
  );
  expect(await inventory.get(id!)).toMatchObject({
    name: 'we\ufffdb',
    keys: [{ value: 'm1' }],
    attributes: { banner: 'SSH\0' },
  });
  expect(await namesOf('m2')).toEqual(['m2']);
});

describe('keys', () => {
  test('two sources that name the same strong key speak of one asset', async () => {
    const [a] = await see('metrics', host([strong('m1'), hostname('web-1')], { attributes: { cores: 8 } }));
    const [b] = await see('cloud', host([strong('m1'), strong('i-1', 'cloud-id')], { attributes: { region: 'eu' } }));
    expect(b).toBe(a);
    expect(await inventory.get(a!)).toMatchObject({
      name: 'web-1',
      sources: ['cloud', 'metrics'],
      attributes: { cores: 8, region: 'eu' },
    });
  });

  test('an address alone does not merge two that strong keys tell apart; it moves', async () => {
    const [a] = await see('metrics', host([strong('m1'), hostname('one'), ip('10.0.0.5')]));
    const movedAtUs = clock.nowUs() + 1e6;
    const [b] = await see('metrics', host([strong('m2'), hostname('two'), ip('10.0.0.5')]));
    expect(b).not.toBe(a);
    expect((await inventory.find('host', ip('10.0.0.5')))?.id).toBe(b);
    expect((await inventory.asOf(a!, movedAtUs - 1))?.keys.map((key) => key.value)).toContain('10.0.0.5');
    expect((await inventory.get(a!))?.keys.map((key) => key.value)).toEqual(['m1', 'one']);
  });

  test('a strong key adopts an asset known by a weak one', async () => {
    const [scanned] = await see('scan', host([ip('10.0.0.5')], { attributes: { os: 'linux' } }));
    const [named] = await see('metrics', host([strong('m1'), ip('10.0.0.5')]));
    expect(named).toBe(scanned);
  });

  test('an asset known by a weak key becomes part of the one whose strong key is named with it', async () => {
    const [named] = await see('metrics', host([strong('m1'), hostname('web-1')], { attributes: { os: 'Debian' } }));
    const [scanned] = await see('scan', host([ip('10.0.0.5')], { attributes: { ttl: 64 } }));
    expect(scanned).not.toBe(named);
    await see('metrics', host([strong('m1'), hostname('web-1'), ip('10.0.0.5')]));
    expect(await inventory.get(scanned!)).toMatchObject({
      id: named,
      sources: ['metrics', 'scan'],
      attributes: { os: 'Debian', ttl: 64 },
    });
    expect(announced).toContain('merged');
  });

  test('another hostname on the same address is another host', async () => {
    const [alpha] = await see('scan', host([ip('10.0.0.5'), hostname('alpha')]));
    const [beta] = await see('scan', host([ip('10.0.0.5'), hostname('beta')]));
    expect(beta).not.toBe(alpha);
    expect((await inventory.find('host', ip('10.0.0.5')))?.name).toBe('beta');
    const [again] = await see('scan', host([ip('10.0.0.9'), hostname('alpha.example.org')], { name: 'alpha' }));
    expect((await inventory.get(again!))?.name).toBe('alpha');
  });

  test('a scan does not take an address from a host that names itself', async () => {
    const [agent] = await see('metrics', host([strong('m1'), hostname('one'), ip('10.0.0.5')]));
    const [other] = await see('scan', host([ip('10.0.0.5'), hostname('other')]));
    expect(other).not.toBe(agent);
    expect((await inventory.find('host', ip('10.0.0.5')))?.id).toBe(agent);
    await clock.advance(2 * 3600_000);
    await see('scan', host([ip('10.0.0.5'), hostname('other')]));
    expect((await inventory.find('host', ip('10.0.0.5')))?.id).toBe(other);
  });

  test('the same private address is another host at another site and in another tenant', async () => {
    const ids = await see(
      'scan',
      host([ip('10.0.0.5')]),
      host([ip('10.0.0.5', 'berlin')]),
      host([ip('10.0.0.5')], { tenant: 'acme' }),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test('a source that knows the host by a strong key says all of its addresses', async () => {
    const [id] = await see('metrics', host([strong('m1'), ip('10.0.0.5'), ip('10.0.0.6')]));
    await see('metrics', host([strong('m1'), ip('10.0.0.6'), ip('10.0.0.7')]));
    expect((await inventory.get(id!))?.keys.map((key) => key.value)).toEqual(['m1', '10.0.0.6', '10.0.0.7']);
    await see('scan', host([ip('10.0.0.7')]));
    expect((await inventory.get(id!))?.keys.map((key) => key.value)).toEqual(['m1', '10.0.0.6', '10.0.0.7']);
  });

  test('keys are compared in their normal form', async () => {
    const [a] = await see('scan', host([{ type: 'mac', value: '52-54-00-AA-BB-CC', strength: 'strong' }]));
    const [b] = await see('flow', host([{ type: 'MAC', value: '52:54:00:aa:bb:cc', strength: 'strong' }]));
    expect(b).toBe(a);
  });

  test('an observation without a key is refused, and nothing of its batch is written', async () => {
    await expect(see('scan', host([ip('10.0.0.5')]), host([]))).rejects.toMatchObject({
      code: 'inventory.observation',
    });
    expect((await inventory.search('')).total).toBe(0);
  });
});

describe('merge and split', () => {
  test('a split gives each its own again, and later observations do not merge them again', async () => {
    const [a] = await see('metrics', host([strong('m1')], { name: 'a', attributes: { os: 'Debian' } }));
    const [b] = await see(
      'cloud',
      host([strong('c1', 'cloud-id')], { name: 'b', attributes: { os: 'Ubuntu', zone: 'x' } }),
    );
    const before = [await inventory.get(a!), await inventory.get(b!)];
    const [merged] = await see('cloud', host([strong('m1'), strong('c1', 'cloud-id')]));
    expect(merged).toBe(a);
    expect(await inventory.get(b!)).toMatchObject({ id: a, attributes: { zone: 'x' } });
    const history = await inventory.history(a!);
    expect(history.find((change) => change.field === 'merged')?.after).toBe(b);

    await inventory.split(a!, b!, 'ana');
    const [afterA, afterB] = [await inventory.get(a!), await inventory.get(b!)];
    expect({ ...afterA, lastSeenUs: 0, sources: [] }).toEqual({ ...before[0], lastSeenUs: 0, sources: [] });
    expect(afterB).toEqual(before[1]);

    await see('cloud', host([strong('m1'), strong('c1', 'cloud-id')]));
    expect((await inventory.get(b!))?.id).toBe(b);
    await expect(inventory.split(a!, b!)).rejects.toMatchObject({ code: 'inventory.not-merged', status: 409 });
  });

  test('a split stays after a restart', async () => {
    const [a] = await see('x', host([strong('m1')]));
    const [b] = await see('x', host([strong('m2')]));
    await see('x', host([strong('m1'), strong('m2')]));
    await inventory.split(a!, b!);
    const { inventory: again } = await openTestInventory(clock, { store: opened.store });
    await again.observe('x', [host([strong('m1'), strong('m2')])]);
    expect((await again.get(b!))?.id).toBe(b);
  });

  test('relations follow a merge and its split', async () => {
    const [a] = await see('x', host([strong('m1')]));
    const volume = { type: 'volume', key: strong('v1', 'uuid') };
    const [b] = await see('x', host([strong('m2')], { relations: [{ type: 'exposes', target: volume }] }));
    const disk = (await inventory.find('volume', volume.key))!.id;
    await see('x', host([strong('m1'), strong('m2')]));
    expect(await inventory.relations(a!)).toMatchObject([{ type: 'exposes', fromId: a, toId: disk }]);
    await inventory.split(a!, b!);
    expect(await inventory.relations(a!)).toEqual([]);
    expect(await inventory.relations(disk)).toMatchObject([{ fromId: b, toId: disk }]);
  });
});

describe('attributes', () => {
  test('a source that names the asset by a strong key beats one that does not; null takes a value back', async () => {
    const [id] = await see(
      'metrics',
      host([strong('m1'), ip('10.0.0.5')], { attributes: { os: 'Debian 13', cores: 4 } }),
    );
    await see('scan', host([ip('10.0.0.5')], { attributes: { os: 'linux', ttl: 64 } }));
    expect((await inventory.get(id!))?.attributes).toEqual({ cores: 4, os: 'Debian 13', ttl: 64 });
    await see('metrics', host([strong('m1'), ip('10.0.0.5')], { attributes: { os: null } }));
    expect((await inventory.get(id!))?.attributes).toEqual({ cores: 4, os: 'linux', ttl: 64 });
  });

  test('an older observation does not undo a newer one', async () => {
    const [id] = await see('scan', host([ip('10.0.0.5')], { attributes: { os: 'new' } }));
    await see('scan', host([ip('10.0.0.5')], { attributes: { os: 'old' }, timeUs: clock.nowUs() - 3600e6 }));
    expect((await inventory.get(id!))?.attributes).toEqual({ os: 'new' });
  });

  test('every change is kept, and the asset can be seen as it was', async () => {
    const [id] = await see('scan', host([ip('10.0.0.5')], { name: 'web', attributes: { os: 'Debian 12' } }));
    const firstUs = clock.nowUs();
    await see('scan', host([ip('10.0.0.5')], { attributes: { os: 'Debian 13', kernel: '6.12' } }));
    const secondUs = clock.nowUs();
    await see('scan', host([ip('10.0.0.5')], { present: false }));
    expect(await inventory.history(id!)).toMatchObject([
      { source: 'scan', field: 'created', after: { name: 'web', present: true, attributes: { os: 'Debian 12' } } },
      { field: 'keys.ip', before: null, after: '10.0.0.5' },
      { timeUs: secondUs, field: 'attributes.os', before: 'Debian 12', after: 'Debian 13' },
      { field: 'attributes.kernel', before: null, after: '6.12' },
      { field: 'present', before: true, after: false },
    ]);
    expect(await inventory.asOf(id!, firstUs)).toMatchObject({
      attributes: { os: 'Debian 12' },
      present: true,
      name: 'web',
    });
    expect(await inventory.asOf(id!, secondUs)).toMatchObject({ attributes: { os: 'Debian 13', kernel: '6.12' } });
    expect(await inventory.asOf(id!, clock.nowUs())).toEqual(await inventory.get(id!));
    expect(await inventory.asOf(id!, firstUs - 1)).toBeUndefined();
  });
});

describe('relations', () => {
  test('a new home ends the old one', async () => {
    const on = (machine: string) => ({ type: 'runs-on' as const, target: { type: 'host', key: strong(machine) } });
    const [vm] = await see('cloud', { type: 'vm', keys: [strong('vm1')], relations: [on('h1')] });
    await see('cloud', { type: 'vm', keys: [strong('vm1')], relations: [on('h2')] });
    const h2 = (await inventory.find('host', strong('h2')))!.id;
    expect(await inventory.relations(vm!)).toMatchObject([{ type: 'runs-on', fromId: vm, toId: h2 }]);
    expect((await inventory.history(vm!)).filter((change) => change.field === 'relations.runs-on')).toHaveLength(3);
  });
});

describe('what does not change', () => {
  /** Units of work that the run writes. */
  const units = async (run: () => Promise<unknown>): Promise<number> => {
    const { control } = opened.store;
    const { write } = control;
    let count = 0;
    Object.assign(control, {
      write: (unit: Parameters<typeof write>[0]) => {
        count++;
        return write(unit);
      },
    });
    await run();
    Object.assign(control, { write });
    return count;
  };

  test('is not written again; when it was seen is, once a minute', async () => {
    const observations = [
      host([strong('m1'), ip('10.0.0.5')], { attributes: { os: 'Debian' } }),
      { type: 'port', keys: [strong('m1/tcp/22', 'port')], attributes: { port: 22 } },
    ];
    const [id] = await see('metrics', ...observations);
    const eventsBefore = announced.length;
    expect(
      await units(async () => {
        for (let second = 0; second < 60; second++) await see('metrics', ...observations);
      }),
    ).toBe(0);
    expect((await inventory.get(id!))?.lastSeenUs).toBe(clock.nowUs());
    expect(await units(() => inventory.flushSeen())).toBe(1);
    expect(await units(() => inventory.flushSeen())).toBe(0);
    expect(announced.length).toBe(eventsBefore);
  });

  test('goes unseen by readers of a failed write', async () => {
    await see('metrics', host([strong('m1')], { attributes: { os: 'a' } }));
    const failing = opened.store.control.write;
    Object.assign(opened.store.control, { write: async () => Promise.reject(new Error('disk full')) });
    await expect(see('metrics', host([strong('m1')], { attributes: { os: 'b' } }))).rejects.toThrow('disk full');
    Object.assign(opened.store.control, { write: failing });
    expect((await inventory.find('host', strong('m1')))?.attributes).toEqual({ os: 'a' });
    await see('metrics', host([strong('m1')], { attributes: { os: 'b' } }));
    expect((await inventory.find('host', strong('m1')))?.attributes).toEqual({ os: 'b' });
  });
});

describe('search', () => {
  beforeEach(async () => {
    const port = (machine: string, number: number, present = true): AssetObservation => ({
      type: 'port',
      name: `${machine}:${number}`,
      keys: [strong(`${machine}/tcp/${number}`, 'port')],
      attributes: { port: number, protocol: 'tcp' },
      present,
    });
    const exposes = (machine: string, ...numbers: number[]) =>
      numbers.map((number) => ({
        type: 'exposes' as const,
        target: { type: 'port', key: strong(`${machine}/tcp/${number}`, 'port') },
      }));
    await see(
      'scan',
      host([strong('m1'), ip('10.0.0.1')], {
        name: 'web-1',
        attributes: { os: 'Debian GNU/Linux', cores: 8 },
        relations: exposes('m1', 22, 443),
      }),
      host([strong('m2'), ip('10.0.0.2')], {
        name: 'web-2',
        attributes: { os: 'Alpine', cores: 2 },
        relations: exposes('m2', 443, 8080),
      }),
      port('m1', 22),
      port('m1', 443),
      port('m2', 443),
      port('m2', 8080, false),
    );
    await see('metrics', host([strong('m1')], { attributes: { tags: ['Edge', 'prod'] } }));
    await see('scan', host([strong('m3')], { name: 'old_db', tenant: 'acme' }));
  });

  test.each([
    ['type:host', ['web-1', 'web-2']],
    ['type:host port:22', ['web-1']],
    ['type:host -port:22', ['web-2']],
    ['type:host port:400-500', ['web-1', 'web-2']],
    ['type:host port:8080', []],
    ['type:port is:gone', ['m2:8080']],
    ['port:>=443 type:port', ['m1:443', 'm2:443']],
    ['name:web*', ['web-1', 'web-2']],
    ['name:b-1', ['web-1']],
    ['attr.os:debian', ['web-1']],
    ['attr.os:"Alpine"', ['web-2']],
    ['attr.os:alp*', ['web-2']],
    ['attr.cores:>2', ['web-1']],
    ['attr.cores:<=2', ['web-2']],
    ['attr.tags:edge', ['web-1']],
    ['source:metrics', ['web-1']],
    ['ip:10.0.0.2', ['web-2']],
    ['ip:10.0.0.*', ['web-1', 'web-2']],
    ['key.machine-id:m2', ['web-2']],
    ['10.0.0.1', ['web-1']],
    ['alpine', ['web-2']],
    ['tenant:acme', ['old_db']],
    ['tenant:* type:host', ['old_db', 'web-1', 'web-2']],
    ['tenant:acme name:d_b', []],
    ['type:host,vm -web-1', ['web-2']],
    ["name:%' or '1'='1", []],
  ])('%s', async (line, names) => {
    expect(await namesOf(line)).toEqual(names);
  });

  test('by age, and silence', async () => {
    await clock.advance(30 * 60_000);
    expect(await namesOf('type:host is:silent')).toEqual(['web-1', 'web-2']);
    await see('metrics', host([strong('m1')], { attributes: { tags: ['Edge', 'prod'] } }));
    await inventory.flushSeen();
    expect(await namesOf('type:host seen:<10m')).toEqual(['web-1']);
    expect(await namesOf('type:host seen:>10m')).toEqual(['web-2']);
    expect(await namesOf('type:host is:silent')).toEqual(['web-2']);
    expect(await namesOf('type:host first:>1d')).toEqual([]);
  });

  test('counts by type and source', async () => {
    expect(await inventory.facets('')).toEqual({
      total: 5,
      types: [
        { value: 'port', count: 3 },
        { value: 'host', count: 2 },
      ],
      sources: [
        { value: 'scan', count: 5 },
        { value: 'metrics', count: 1 },
      ],
    });
  });

  test.each(['name', '-name', 'type', '-lastSeenUs', 'firstSeenAt'])(
    'pages by %s give each asset once',
    async (sort) => {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page: Awaited<ReturnType<typeof inventory.search>> = await inventory.search('is:any', {
          sort,
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        });
        names.push(...page.items.map((asset) => asset.name));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(names.toSorted()).toEqual(['m1:22', 'm1:443', 'm2:443', 'm2:8080', 'web-1', 'web-2']);
      if (sort === '-name') expect(names).toEqual(names.toSorted().toReversed());
    },
  );

  test('a cursor of another search is refused', async () => {
    const { next } = await inventory.search('type:port', { limit: 1 });
    await expect(inventory.search('type:host', { cursor: next! })).rejects.toMatchObject({ code: 'http.cursor' });
  });
});

describe('properties', () => {
  const keyArb = fc.oneof(
    fc.integer({ min: 1, max: 5 }).map((n) => strong(`m${n}`)),
    fc.integer({ min: 1, max: 3 }).map((n) => strong(`c${n}`, 'cloud-id')),
    fc.integer({ min: 1, max: 4 }).map((n) => ip(`10.0.0.${n}`)),
    fc.integer({ min: 1, max: 3 }).map((n) => hostname(`h${n}`)),
  );
  const observationArb = fc
    .record({
      keys: fc.array(keyArb, { minLength: 1, maxLength: 3 }),
      os: fc.constantFrom('a', 'b', null),
      present: fc.boolean(),
      source: fc.constantFrom('scan', 'metrics'),
    })
    .map(({ keys, os, present, source }) => ({ source, observation: host(keys, { attributes: { os }, present }) }));

  let tenants = 0;
  /** Each run has a tenant of its own, and with it an empty inventory. */
  const nextTenant = (): string => `tenant-${tenants++}`;

  /** Which strong keys belong together, as sorted text. */
  const partition = async (
    all: readonly AssetObservation[],
    order: readonly { source: string; observation: AssetObservation }[],
  ) => {
    const tenant = nextTenant();
    for (const { source, observation } of order) await inventory.observe(source, [{ ...observation, tenant }]);
    const groups = new Map<string, Set<string>>();
    for (const key of all.flatMap((observation) => observation.keys)) {
      if (key.strength !== 'strong') continue;
      const asset = await inventory.find('host', key, tenant);
      groups.set(asset!.id, (groups.get(asset!.id) ?? new Set()).add(`${key.type} ${key.value}`));
    }
    return [...groups.values()].map((keys) => [...keys].sort().join()).sort();
  };

  test('the order of observations does not change what strong keys belong together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(observationArb, { minLength: 2, maxLength: 7 })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
          ),
        async ([list, shuffled]) => {
          const all = list.map(({ observation }) => observation);
          expect(await partition(all, shuffled)).toEqual(await partition(all, list));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('splitting undoes merging', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observationArb, { minLength: 1, maxLength: 6 }), async (list) => {
        const tenant = nextTenant();
        const observe = async (observation: AssetObservation) => {
          await clock.advance(1000);
          return (await inventory.observe('x', [{ ...observation, tenant }]))[0] as string;
        };
        const a = await observe(host([strong('left')], { name: 'left', attributes: { os: 'l' } }));
        const b = await observe(host([strong('right')], { name: 'right', attributes: { os: 'r', only: 1 } }));
        for (const { observation } of list) await observe(observation);
        const strip = async () => ({
          left: { ...(await inventory.get(a)), lastSeenUs: 0 },
          right: { ...(await inventory.get(b)), lastSeenUs: 0 },
          relations: await inventory.relations(a),
        });
        const before = await strip();
        await observe(host([strong('left'), strong('right')]));
        expect((await inventory.get(b))?.id).toBe(a);
        await inventory.split(a, b);
        expect(await strip()).toEqual(before);
      }),
      { numRuns: 20 },
    );
  });

  test('as of now is what is, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observationArb, { minLength: 1, maxLength: 10 }), async (list) => {
        const tenant = nextTenant();
        const ids = new Set<string>();
        for (const { source, observation } of list) {
          await clock.advance(1000);
          for (const id of await inventory.observe(source, [{ ...observation, tenant }])) ids.add(id);
        }
        for (const id of ids) {
          const now = await inventory.get(id);
          const past = await inventory.asOf(id, clock.nowUs());
          const byText = (asset: typeof now) => ({
            ...asset,
            keys: asset?.keys.map((key) => JSON.stringify(key)).sort(),
          });
          expect(byText(past)).toEqual(byText(now));
        }
      }),
      { numRuns: 30 },
    );
  });
});
