/** `/proc/meminfo`: RAM, swap, what is available, committed, dirty, and what the kernel itself holds. */
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import type { TableChart } from '../../collect/table.ts';
import { tableCollector } from '../../collect/table.ts';
import { KeyedLines } from '../../language/keyed.ts';

const KIB_IN_MIB = 1024;

/** A chart of lines as they are, in MiB. */
function mib(
  chart: Omit<TableChart, 'units' | 'dimensions'>,
  dimensions: Readonly<Record<string, string>>,
): TableChart {
  return {
    ...chart,
    units: 'MiB',
    dimensions: Object.entries(dimensions).map(([id, from]) => ({ id, from, divisor: KIB_IN_MIB })),
  };
}

const CHARTS: readonly TableChart[] = [
  mib(
    {
      id: 'mem.available',
      title: 'Available RAM for applications',
      family: 'overview',
      context: 'mem.available',
      type: 'area',
      priority: 1010,
    },
    { avail: 'MemAvailable' },
  ),
  mib(
    {
      id: 'mem.committed',
      title: 'Committed (Allocated) Memory',
      family: 'overview',
      context: 'mem.committed',
      type: 'area',
      priority: 1030,
    },
    { Committed_AS: 'Committed_AS' },
  ),
  mib(
    { id: 'mem.writeback', title: 'Writeback Memory', family: 'writeback', context: 'mem.writeback', priority: 1100 },
    {
      Dirty: 'Dirty',
      Writeback: 'Writeback',
      FuseWriteback: 'WritebackTmp',
      NfsWriteback: 'NFS_Unstable',
      Bounce: 'Bounce',
    },
  ),
  mib(
    {
      id: 'mem.kernel',
      title: 'Memory Used by Kernel',
      family: 'kernel',
      context: 'mem.kernel',
      type: 'stacked',
      priority: 1101,
    },
    {
      Slab: 'Slab',
      KernelStack: 'KernelStack',
      PageTables: 'PageTables',
      VmallocUsed: 'VmallocUsed',
      Percpu: 'Percpu',
      KReclaimable: 'KReclaimable',
    },
  ),
  mib(
    {
      id: 'mem.slab',
      title: 'Reclaimable Kernel Memory',
      family: 'slab',
      context: 'mem.slab',
      type: 'stacked',
      priority: 1200,
    },
    { reclaimable: 'SReclaimable', unreclaimable: 'SUnreclaim' },
  ),
  mib(
    {
      id: 'mem.reclaiming',
      title: 'Memory Reclaiming',
      family: 'reclaiming',
      context: 'mem.reclaiming',
      priority: 1210,
    },
    {
      active: 'Active',
      inactive: 'Inactive',
      active_anon: 'Active(anon)',
      inactive_anon: 'Inactive(anon)',
      active_file: 'Active(file)',
      inactive_file: 'Inactive(file)',
      unevictable: 'Unevictable',
      mlocked: 'Mlocked',
    },
  ),
  mib(
    {
      id: 'mem.thp',
      title: 'Transparent HugePages Memory',
      family: 'hugepages',
      context: 'mem.thp',
      type: 'stacked',
      priority: 1251,
    },
    { anonymous: 'AnonHugePages', shmem: 'ShmemHugePages' },
  ),
  mib(
    {
      id: 'mem.directmaps',
      title: 'Direct Memory Mappings',
      family: 'overview',
      context: 'mem.directmaps',
      type: 'stacked',
      priority: 1260,
    },
    { '4k': 'DirectMap4k', '2m': 'DirectMap2M', '4m': 'DirectMap4M', '1g': 'DirectMap1G' },
  ),
];

const RAM: ChartDefinition = {
  id: 'system.ram',
  title: 'System RAM',
  units: 'MiB',
  family: 'ram',
  context: 'system.ram',
  type: 'stacked',
  priority: 200,
  dimensions: ['free', 'used', 'cached', 'buffers'].map((id) => ({ id, divisor: KIB_IN_MIB })),
};
const SWAP: ChartDefinition = {
  id: 'system.swap',
  title: 'System Swap',
  units: 'MiB',
  family: 'swap',
  context: 'system.swap',
  type: 'stacked',
  priority: 201,
  dimensions: ['free', 'used'].map((id) => ({ id, divisor: KIB_IN_MIB })),
};
const NAMES = ['MemTotal', 'MemFree', 'Cached', 'Buffers', 'SReclaimable', 'Shmem', 'SwapTotal', 'SwapFree'];

export function meminfoCollector(host: CollectHost): Collector {
  const table = tableCollector(host, 'meminfo', [{ path: 'meminfo', shape: 'lines', charts: CHARTS }]);
  const file = new ProcFile(`${host.procRoot}/meminfo`);
  const lines = new KeyedLines(NAMES);
  const ram = host.charts.add(RAM);
  let swap: ChartHandle | undefined;
  return {
    name: 'meminfo',
    collect(tick) {
      table.collect(tick);
      const length = file.read();
      const [total, free, cache, buffers, reclaimable, shared, swapTotal, swapFree] = lines.parse(
        file.buffer,
        length,
      ) as unknown as readonly [number, number, number, number, number, number, number, number];
      // Shared memory cannot be given back: it counts as used, as Netdata counts it.
      const cached = cache + orZero(reclaimable) - orZero(shared);
      if (ram !== undefined) {
        ram.set(0, free);
        ram.set(1, total - free - cached - buffers);
        ram.set(2, cached);
        ram.set(3, buffers);
        ram.done();
      }
      if (swap === undefined && swapTotal > 0) swap = host.charts.add(SWAP);
      if (swap !== undefined) {
        swap.set(0, swapFree);
        swap.set(1, swapTotal - swapFree);
        swap.done();
      }
    },
    close() {
      table.close();
      file.close();
      for (const handle of [ram, swap]) if (handle !== undefined) host.charts.remove(handle);
    },
  };
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
