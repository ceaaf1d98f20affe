/**
 * Search over a large inventory: `node bench/inventory.ts [assets]`. Prints the median and worst of each search line;
 * the aim is under 100 ms with 100,000 assets.
 */
import { openTestInventory } from '@undercroft/inventory/testing';
import type { AssetObservation } from '@undercroft/kernel';
import { SystemClock } from '@undercroft/kernel/testing';

const ASSETS = Number(process.argv[2] ?? 100_000);
const PORTS_PER_HOST = 4;
const PORTS = [22, 80, 443, 3306, 5432, 6379, 8080, 9090];
const SYSTEMS = ['Debian GNU/Linux 12', 'Debian GNU/Linux 13', 'Ubuntu 24.04', 'Alpine 3.22', 'Windows Server 2025'];
const RUNS = 15;
const LINES = [
  '',
  'type:host',
  'type:host port:22',
  'type:host port:22 seen:<1h name:web* attr.os:debian',
  'type:host -port:22 attr.cores:>=16',
  'name:web-12*',
  'ip:10.1.2.*',
  'alpine 10.0',
  'is:silent',
  'source:scan type:port port:8000-9999',
];

const { inventory, store } = await openTestInventory(new SystemClock());
try {
  const hosts = Math.ceil(ASSETS / (PORTS_PER_HOST + 1));
  const fillMs = await timed(async () => {
    for (let first = 0; first < hosts; first += 200) {
      const batch = Array.from({ length: Math.min(200, hosts - first) }, (_, index) => hostWithPorts(first + index));
      await inventory.observe('scan', batch.flat());
    }
  });
  const { total } = await inventory.search('');
  print(`filled ${total} assets`, `${Math.round(((total ?? 0) / fillMs) * 1000)} new assets/s`);

  const repeated = hostWithPorts(1);
  await inventory.observe('scan', repeated);
  const times = await measured(async () => void (await inventory.observe('scan', repeated)));
  print(`observe ${repeated.length} unchanged`, `${median(times).toFixed(3)} ms`);

  for (const line of LINES) {
    const search = await measured(async () => void (await inventory.search(line, { limit: 100 })));
    const facets = await measured(async () => void (await inventory.facets(line)));
    const found = (await inventory.search(line, { limit: 1 })).total;
    print(
      JSON.stringify(line),
      `search ${median(search).toFixed(1)} ms (worst ${Math.max(...search).toFixed(1)}), facets ${median(facets).toFixed(1)} ms, ${found} found`,
    );
  }
} finally {
  await store.stop();
}

function hostWithPorts(number: number): AssetObservation[] {
  const id = `machine-${number}`;
  const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const numbers = Array.from(
    { length: PORTS_PER_HOST },
    (_, index) => PORTS[(number + index * 3) % PORTS.length] as number,
  );
  const key = (port: number) => ({ type: 'port', value: `${id}/tcp/${port}`, strength: 'strong' as const });
  const host: AssetObservation = {
    type: 'host',
    name: `${number % 3 === 0 ? 'web' : 'app'}-${number}`,
    keys: [
      { type: 'machine-id', value: id, strength: 'strong' },
      { type: 'ip', value: address, strength: 'weak' },
    ],
    attributes: {
      os: SYSTEMS[number % SYSTEMS.length] as string,
      kernel: '6.12.48',
      cores: 2 ** (number % 7),
      memoryBytes: 2 ** (30 + (number % 6)),
      addresses: [address],
    },
    relations: numbers.map((port) => ({ type: 'exposes', target: { type: 'port', key: key(port) } })),
  };
  const ports = numbers.map((port) => ({
    type: 'port',
    name: `${address}:${port}`,
    keys: [key(port)],
    attributes: { protocol: 'tcp', port, service: port === 22 ? 'ssh' : 'http' },
  }));
  return [host, ...ports];
}

async function measured(work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await timed(work));
  return times;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function print(what: string, result: string): void {
  process.stdout.write(`${what.padEnd(60)} ${result}\n`);
}
