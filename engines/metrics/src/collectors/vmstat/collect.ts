/** `/proc/vmstat`: page faults, paging, swapping, out-of-memory kills. */
import type { CollectHost, Collector } from '../../collect/collector.ts';
import type { TableChart } from '../../collect/table.ts';
import { tableCollector } from '../../collect/table.ts';

/** The kernel counts swapped pages; all machines that Node 24 is built for use 4 KiB unless told otherwise. */
const PAGE_KIB = 4;

const CHARTS: readonly TableChart[] = [
  {
    id: 'mem.pgfaults',
    title: 'Memory Page Faults',
    units: 'faults/s',
    family: 'page faults',
    context: 'mem.pgfaults',
    priority: 1050,
    decimals: 1,
    dimensions: [
      { id: 'minor', from: 'pgfault', algorithm: 'incremental' },
      { id: 'major', from: 'pgmajfault', algorithm: 'incremental', multiplier: -1 },
    ],
  },
  {
    id: 'system.pgpgio',
    title: 'Memory Paged from/to disk',
    units: 'KiB/s',
    family: 'disk',
    context: 'system.pgpgio',
    type: 'area',
    priority: 151,
    decimals: 1,
    dimensions: [
      { id: 'in', from: 'pgpgin', algorithm: 'incremental' },
      { id: 'out', from: 'pgpgout', algorithm: 'incremental', multiplier: -1 },
    ],
  },
  {
    id: 'mem.swapio',
    title: 'Swap I/O',
    units: 'KiB/s',
    family: 'swap',
    context: 'mem.swapio',
    type: 'area',
    priority: 1038,
    decimals: 1,
    dimensions: [
      { id: 'in', from: 'pswpin', algorithm: 'incremental', multiplier: PAGE_KIB },
      { id: 'out', from: 'pswpout', algorithm: 'incremental', multiplier: -PAGE_KIB },
    ],
  },
  {
    id: 'mem.oom_kill',
    title: 'Out of Memory Kills',
    units: 'kills/s',
    family: 'OOM kills',
    context: 'mem.oom_kill',
    priority: 1020,
    dimensions: [{ id: 'kills', from: 'oom_kill', algorithm: 'incremental' }],
  },
];

export function vmstatCollector(host: CollectHost): Collector {
  return tableCollector(host, 'vmstat', [{ path: 'vmstat', shape: 'lines', charts: CHARTS }]);
}
