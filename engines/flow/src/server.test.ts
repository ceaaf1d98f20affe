import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Alerts,
  AssetObservation,
  EventRows,
  Events,
  EventsQuery,
  FlowsQuery,
  FlowsWrite,
  Http,
  Inventory,
  Module,
  PacketsFetch,
  Problem,
  ProblemReport,
  Route,
  Running,
} from '@undercroft/kernel';
import { ManualClock, type TestContext, testContext } from '@undercroft/kernel/testing';
import { storeModule } from '@undercroft/store';
import { Value } from 'typebox/value';
import { afterEach, expect, it } from 'vitest';
import { FlowConfig, flowModule } from './module.ts';
import { start } from './server.ts';

const HOUR_S = 3600;
const folders: string[] = [];
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Platform {
  readonly clock: ManualClock;
  readonly write: FlowsWrite;
  readonly query: FlowsQuery;
  readonly routes: readonly Route[];
  readonly reports: ProblemReport[];
  readonly observations: AssetObservation[];
  readonly test: TestContext;
  stop(): Promise<void>;
}

/** The server with a real event store. @param open problems that an earlier run has left */
async function startPlatform(dataDir: string, clock: ManualClock, open: readonly Problem[] = []): Promise<Platform> {
  const store = await startModule(storeModule, dataDir, clock);
  const reports: ProblemReport[] = [];
  const routes: Route[] = [];
  const observations: AssetObservation[] = [];
  const alerts: Alerts = {
    report: async (all) => void reports.push(...all),
    list: async () => ({ items: open }),
    get: async () => undefined,
  };
  const inventory: Partial<Inventory> = {
    find: async (_type, key) =>
      key.value.startsWith('10.') ? ({ id: `id-${key.value}` } as Awaited<ReturnType<Inventory['find']>>) : undefined,
    observe: async (_source, all) => {
      observations.push(...all);
      return [];
    },
  };
  const test = testContext({
    module: 'flow',
    clock,
    config: Value.Default(FlowConfig, {}),
    services: {
      alerts,
      inventory: inventory as Inventory,
      events: store.test.provided.get('events') as Events,
      'events.query': store.test.provided.get('events.query') as EventsQuery,
      'packets.fetch': {} as PacketsFetch,
      http: {
        routes: (all: readonly Route[]) => void routes.push(...all),
        live: { followed: () => new Set(), send: () => undefined },
      } as unknown as Http,
    },
  });
  const running = await start(test.context);
  const stop = async (): Promise<void> => {
    await running.stop?.();
    test.stop();
    await store.running.stop?.();
    store.test.stop();
  };
  stops.push(stop);
  return {
    clock,
    test,
    reports,
    routes,
    observations,
    write: test.provided.get('flows.write') as FlowsWrite,
    query: test.provided.get('flows.query') as FlowsQuery,
    async stop() {
      stops.splice(stops.indexOf(stop), 1);
      await stop();
    },
  };
}

async function startModule(
  module: Module,
  dataDir: string,
  clock: ManualClock,
): Promise<{ readonly test: TestContext; readonly running: Running }> {
  const test = testContext({
    module: module.name,
    clock,
    dataDir,
    config: Value.Default(module.config as never, {}),
    modules: [flowModule],
  });
  const { start: startStore } = await (module.roles.server as NonNullable<typeof module.roles.server>).load();
  return { test, running: await startStore(test.context) };
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-flow-'));
  folders.push(folder);
  return folder;
}

interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly bytesOut: number;
  readonly atUs: number;
  readonly answered?: boolean;
}

function rowsOf(flows: readonly Flow[]): EventRows {
  const answered = ({ answered: yes = true }: Flow) => (yes ? 3 : 0);
  return {
    class: 'network_activity',
    rows: flows.length,
    timeUs: Float64Array.from(flows, ({ atUs }) => atUs),
    columns: {
      'src_endpoint.ip': flows.map(({ source }) => source),
      'dst_endpoint.ip': flows.map(({ destination }) => destination),
      'src_endpoint.port': Uint16Array.from(flows, (_, n) => 30_000 + (n % 30_000)),
      'dst_endpoint.port': Uint16Array.from(flows, ({ port }) => port),
      'connection_info.protocol_name': flows.map(() => 'tcp'),
      'traffic.packets_out': Float64Array.from(flows, () => 3),
      'traffic.packets_in': Float64Array.from(flows, answered),
      'traffic.bytes_out': Float64Array.from(flows, ({ bytesOut }) => bytesOut),
      'traffic.bytes_in': Float64Array.from(flows, (flow) => 100 * answered(flow)),
      'flow.app_bytes_in': Float64Array.from(flows, answered),
      'flow.state': flows.map((flow) => (answered(flow) > 0 ? 'CON' : 'REQ')),
      'flow.cause': flows.map(() => 'start'),
      'flow.origin': flows.map(() => 'test'),
    },
  };
}

it('archives what sensors send, with its assets, and answers questions about it', async () => {
  const { write, query, clock } = await startPlatform(scratch(), new ManualClock());
  const atUs = clock.nowUs();
  await write.write(
    rowsOf([
      { source: '10.0.0.1', destination: '10.0.0.2', port: 443, bytesOut: 1_000, atUs },
      { source: '10.0.0.1', destination: '203.0.113.9', port: 443, bytesOut: 5_000, atUs },
      { source: '203.0.113.9', destination: '10.0.0.3', port: 22, bytesOut: 10, atUs },
    ]),
  );
  const { totals } = await query.top('source', 'bytes', {}, 10);
  expect(totals.map(({ key, bytesOut, records }) => [key, bytesOut, records])).toEqual([
    [['10.0.0.1'], 6_000, 2],
    [['203.0.113.9'], 10, 1],
  ]);
  const byAsset = async (asset: string) => (await query.top('source', 'bytes', { asset }, 10)).totals.length;
  expect([await byAsset('id-10.0.0.1'), await byAsset('id-10.0.0.2'), await byAsset('id-10.0.0.9')]).toEqual([1, 1, 0]);
});

it('says who contacted whom for the first time ever, newest first, and where it was cut', async () => {
  const { write, clock, routes } = await startPlatform(scratch(), new ManualClock());
  const nowUs = clock.nowUs();
  const flow = (source: string, destination: string, port: number, agoS: number): Flow => ({
    source,
    destination,
    port,
    bytesOut: 100,
    atUs: nowUs - agoS * 1e6,
  });
  await write.write(
    rowsOf([
      flow('10.0.0.1', '203.0.113.9', 443, 2 * 24 * HOUR_S),
      flow('10.0.0.1', '203.0.113.9', 443, 60),
      flow('10.0.0.1', '203.0.113.9', 22, 300),
      flow('10.0.0.1', '203.0.113.9', 22, 30),
      flow('10.0.0.2', '203.0.113.9', 443, 200),
      flow('10.0.0.3', '10.0.0.1', 80, 10),
    ]),
  );
  const firstContacts = routes.find(({ path }) => path === '/flows/first-contacts');
  const ask = async (query: object) => {
    const answer = await firstContacts?.handler({ query, principal: { tenant: 'default' } } as never);
    const { items, cut } = answer as {
      items: { source: string; port: number; records: number }[];
      cut: boolean;
    };
    return [...items.map(({ source, port, records }) => `${source} ${port} ${records}`), ...(cut ? ['cut'] : [])];
  };
  expect(await ask({ limit: 10 })).toEqual(['10.0.0.3 80 1', '10.0.0.2 443 1', '10.0.0.1 22 2']);
  expect(await ask({ limit: 2 })).toEqual(['10.0.0.3 80 1', '10.0.0.2 443 1', 'cut']);
  expect(await ask({ limit: 3 })).toHaveLength(3);
  expect(await ask({ from: '-250s', to: '-100s', limit: 10 })).toEqual(['10.0.0.2 443 1']);
  expect(await ask({ from: '-7d', limit: 10 })).toHaveLength(4);
});

it('raises a problem for a scan, closes it, and tells the inventory once an hour who talks to whom', async () => {
  const { write, clock, reports, observations, test } = await startPlatform(scratch(), new ManualClock());
  const atUs = clock.nowUs();
  const scan = Array.from({ length: 100 }, (_, n) => ({
    source: '10.0.0.66',
    destination: '10.0.0.2',
    port: n + 1,
    bytesOut: 60,
    atUs,
    answered: false,
  }));
  await write.write(rowsOf([...scan, { source: '10.0.0.1', destination: '10.0.0.2', port: 443, bytesOut: 1, atUs }]));
  await clock.advance(15_000);
  expect(reports.map(({ rule, state, assets }) => [rule, state, assets])).toContainEqual([
    'flow.scan.ports',
    'warning',
    ['id-10.0.0.66'],
  ]);
  expect(test.coverage.get('Flow detectors')).toMatchObject({ state: 'ok' });
  await clock.advance(HOUR_S * 1000);
  expect(reports.at(-1)).toMatchObject({ rule: 'flow.scan.ports', state: 'ok' });
  expect(observations).toMatchObject([
    { keys: [{ value: '10.0.0.1' }], relations: [{ type: 'talks-to', target: { key: { value: '10.0.0.2' } } }] },
  ]);
});

it('archives the names that are asked for, and raises a problem when they carry data', async () => {
  const { write, clock, reports } = await startPlatform(scratch(), new ManualClock());
  const names = Array.from({ length: 150 }, (_, n) => `${'abcdefghijklmnopqrstuvwxyz'.repeat(2)}${n}.t.example.com`);
  await write.write({
    class: 'dns_activity',
    rows: names.length,
    timeUs: new Float64Array(names.length).fill(clock.nowUs()),
    columns: {
      'src_endpoint.ip': names.map(() => '10.0.0.5'),
      'dst_endpoint.ip': names.map(() => '10.0.0.53'),
      'query.hostname': names,
    },
  });
  await clock.advance(15_000);
  expect(reports).toMatchObject([
    { rule: 'flow.dns.tunnel', subject: '10.0.0.5 example.com', assets: ['id-10.0.0.5'], state: 'warning' },
  ]);
});

it('knows after a restart what was usual, and closes what no longer holds', async () => {
  const folder = scratch();
  const clock = new ManualClock();
  const first = await startPlatform(folder, clock);
  const startUs = clock.nowUs() - 3 * 24 * HOUR_S * 1e6;
  const habit: Flow[] = [];
  for (let window = 0; window < 3 * 24 * 6; window++)
    habit.push({
      source: '10.0.0.5',
      destination: '203.0.113.9',
      port: 443,
      bytesOut: 300e6,
      atUs: startUs + window * 600e6,
    });
  // A server that is called, and calls two places itself; and one that calls many.
  for (let day = 1; day <= 8; day++) {
    const atUs = clock.nowUs() - day * 24 * HOUR_S * 1e6;
    const calls = (source: string, destination: string): Flow => ({
      source,
      destination,
      port: 443,
      bytesOut: 9,
      atUs,
    });
    habit.push(calls('10.0.0.1', '10.0.0.20'), calls('10.0.0.20', '198.51.100.1'), calls('10.0.0.20', '192.0.2.1'));
    for (let n = 0; n < 30; n++) habit.push(calls('10.0.0.21', `198.18.${n}.1`));
  }
  for (let host = 0; host < 6; host++)
    habit.push({ source: '10.0.0.7', destination: `10.0.1.${host}`, port: 22, bytesOut: 100, atUs: startUs });
  await first.write.write(rowsOf(habit));
  await first.stop();

  const left = { rule: 'flow.beacon', subject: '10.0.0.8 198.51.100.1:443', state: 'warning' } as Problem;
  const { write, reports } = await startPlatform(folder, clock, [
    { ...left, title: 'a beacon', detail: '', next: '', attributes: {} },
  ]);
  // The archive is asked in the background.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const atUs = clock.nowUs();
  const again = habit.slice(-6).map((flow) => ({ ...flow, atUs }));
  const other = again.map((flow, n) => ({ ...flow, destination: `10.0.2.${n}` }));
  await write.write(rowsOf([...again, { ...(habit[0] as Flow), atUs }]));
  await clock.advance(15_000);
  expect(reports).toEqual([]);
  await write.write(rowsOf(other));
  await clock.advance(15_000);
  expect(reports.map(({ rule }) => rule)).toEqual(['flow.lateral']);
  const fresh = { destination: '203.0.113.200', port: 8443, bytesOut: 9, atUs: clock.nowUs() };
  await write.write(rowsOf(['10.0.0.20', '10.0.0.21', '10.0.0.22'].map((source) => ({ ...fresh, source }))));
  await clock.advance(15_000);
  expect(reports.filter(({ rule }) => rule === 'flow.first-contact')).toMatchObject([
    {
      subject: '10.0.0.20',
      title: '10.0.0.20 contacted 203.0.113.200 port 8443 outside for the first time',
      detail: expect.stringContaining('in 8 days, it had contacted 2 places outside'),
    },
  ]);
  await clock.advance(HOUR_S * 1000);
  expect(reports).toContainEqual(
    expect.objectContaining({ rule: 'flow.beacon', subject: '10.0.0.8 198.51.100.1:443', state: 'ok' }),
  );
});
