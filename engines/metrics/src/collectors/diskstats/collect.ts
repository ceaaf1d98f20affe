/** `/proc/diskstats`: what every disk does, and all physical disks together (`system.io`). */
import { existsSync } from 'node:fs';
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector, Tick } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ByteCursor } from '../../language/bytes.ts';
import { simplePattern } from '../../language/pattern.ts';

/** Disks beyond this are left out. */
export const MAX_DISKS = 256;
/** /proc/diskstats counts in sectors of 512 bytes whatever the disk has. */
const SECTORS_IN_KIB = 2;

/** Columns after the name. @see Linux, Documentation/admin-guide/iostats.rst */
const F = {
  reads: 0,
  readsMerged: 1,
  readSectors: 2,
  readMs: 3,
  writes: 4,
  writesMerged: 5,
  writeSectors: 6,
  writeMs: 7,
  inFlight: 8,
  busyMs: 9,
  backlogMs: 10,
} as const;
const FIELDS = 11;

interface Disk {
  readonly name: string;
  readonly fields: Float64Array;
  readonly before: Float64Array;
  readonly physical: boolean;
  seen: number;
  charts: ReturnType<typeof addCharts> | undefined;
}

type Charted = Omit<ChartDefinition, 'id' | 'labels'> & { readonly prefix: string };

const CHARTS = {
  io: {
    prefix: 'disk',
    title: 'Disk I/O Bandwidth',
    units: 'KiB/s',
    family: 'io',
    context: 'disk.io',
    type: 'area',
    priority: 2000,
    decimals: 1,
    dimensions: [
      { id: 'reads', algorithm: 'incremental', divisor: SECTORS_IN_KIB },
      { id: 'writes', algorithm: 'incremental', multiplier: -1, divisor: SECTORS_IN_KIB },
    ],
  },
  ops: {
    prefix: 'disk_ops',
    title: 'Disk Completed I/O Operations',
    units: 'operations/s',
    family: 'ops',
    context: 'disk.ops',
    priority: 2010,
    decimals: 1,
    dimensions: [
      { id: 'reads', algorithm: 'incremental' },
      { id: 'writes', algorithm: 'incremental', multiplier: -1 },
    ],
  },
  qops: {
    prefix: 'disk_qops',
    title: 'Disk Current I/O Operations',
    units: 'operations',
    family: 'ops',
    context: 'disk.qops',
    priority: 2015,
    dimensions: [{ id: 'operations' }],
  },
  backlog: {
    prefix: 'disk_backlog',
    title: 'Disk Backlog',
    units: 'milliseconds',
    family: 'utilization',
    context: 'disk.backlog',
    type: 'area',
    priority: 2020,
    decimals: 1,
    dimensions: [{ id: 'backlog', algorithm: 'incremental' }],
  },
  busy: {
    prefix: 'disk_busy',
    title: 'Disk Busy Time',
    units: 'milliseconds',
    family: 'utilization',
    context: 'disk.busy',
    type: 'area',
    priority: 2030,
    decimals: 1,
    dimensions: [{ id: 'busy', algorithm: 'incremental' }],
  },
  util: {
    prefix: 'disk_util',
    title: 'Disk Utilization Time',
    units: '% of time working',
    family: 'utilization',
    context: 'disk.util',
    type: 'area',
    priority: 2040,
    decimals: 2,
    max: 100,
    dimensions: [{ id: 'utilization', algorithm: 'incremental', divisor: 10 }],
  },
  await: {
    prefix: 'disk_await',
    title: 'Average Completed I/O Operation Time',
    units: 'milliseconds/operation',
    family: 'latency',
    context: 'disk.await',
    priority: 2050,
    dimensions: [{ id: 'reads' }, { id: 'writes', multiplier: -1 }],
  },
  avgsz: {
    prefix: 'disk_avgsz',
    title: 'Average Completed I/O Operation Bandwidth',
    units: 'KiB/operation',
    family: 'io',
    context: 'disk.avgsz',
    type: 'area',
    priority: 2060,
    decimals: 1,
    dimensions: [
      { id: 'reads', divisor: SECTORS_IN_KIB },
      { id: 'writes', multiplier: -1, divisor: SECTORS_IN_KIB },
    ],
  },
  svctm: {
    prefix: 'disk_svctm',
    title: 'Average Service Time',
    units: 'milliseconds/operation',
    family: 'latency',
    context: 'disk.svctm',
    priority: 2070,
    dimensions: [{ id: 'svctm' }],
  },
  mops: {
    prefix: 'disk_mops',
    title: 'Disk Merged Operations',
    units: 'merged operations/s',
    family: 'ops',
    context: 'disk.mops',
    priority: 2080,
    decimals: 1,
    dimensions: [
      { id: 'reads', algorithm: 'incremental' },
      { id: 'writes', algorithm: 'incremental', multiplier: -1 },
    ],
  },
  iotime: {
    prefix: 'disk_iotime',
    title: 'Disk Total I/O Time',
    units: 'milliseconds/s',
    family: 'utilization',
    context: 'disk.iotime',
    type: 'area',
    priority: 2090,
    decimals: 1,
    dimensions: [
      { id: 'reads', algorithm: 'incremental' },
      { id: 'writes', algorithm: 'incremental', multiplier: -1 },
    ],
  },
} as const satisfies Record<string, Charted>;

const SYSTEM_IO: ChartDefinition = {
  id: 'system.io',
  title: 'Disk I/O',
  units: 'KiB/s',
  family: 'disk',
  context: 'system.io',
  type: 'area',
  priority: 150,
  decimals: 1,
  dimensions: [
    { id: 'in', name: 'reads', algorithm: 'incremental', divisor: SECTORS_IN_KIB },
    { id: 'out', name: 'writes', algorithm: 'incremental', multiplier: -1, divisor: SECTORS_IN_KIB },
  ],
};

export function diskstatsCollector(host: CollectHost): Collector {
  const file = new ProcFile(`${host.procRoot}/diskstats`);
  const cursor = new ByteCursor();
  const excluded = simplePattern(host.options.excludeDisks);
  const disks = new Map<string, Disk>();
  /** The disks in the order of the file's lines, as last time; undefined for a line that is left out. */
  const lines: { readonly name: Uint8Array; readonly disk: Disk | undefined }[] = [];
  let systemIo: ChartHandle | undefined;

  function lineOf(index: number, start: number, stop: number): Disk | undefined {
    const known = lines[index];
    if (known !== undefined && sameName(known.name, cursor.buffer, start, stop)) return known.disk;
    const name = cursor.text(start, stop);
    const wanted = !excluded(name) && disks.size < MAX_DISKS && !isPartition(host.sysRoot, name);
    let disk = disks.get(name);
    if (disk === undefined && wanted) {
      disk = {
        name,
        fields: new Float64Array(FIELDS),
        before: new Float64Array(FIELDS).fill(Number.NaN),
        physical: !/^(loop|ram|zram|dm-|md|nbd)/.test(name),
        seen: 0,
        charts: undefined,
      };
      disks.set(name, disk);
    }
    lines[index] = { name: cursor.buffer.slice(start, stop), disk };
    return disk;
  }

  return {
    name: 'diskstats',
    collect(tick: Tick) {
      const length = file.read();
      cursor.reset(file.buffer, length);
      let readSectors = 0;
      let writeSectors = 0;
      let line = 0;
      for (; !cursor.done; line++) {
        cursor.skipWords(2);
        cursor.skipSpaces();
        const start = cursor.position;
        cursor.skipWord();
        const disk = lineOf(line, start, cursor.position);
        if (disk !== undefined) {
          for (let i = 0; i < FIELDS; i++) disk.fields[i] = cursor.number();
          disk.seen = tick.count;
          if (disk.physical) {
            readSectors += disk.fields[F.readSectors]!;
            writeSectors += disk.fields[F.writeSectors]!;
          }
          fill(host, disk);
        }
        cursor.skipLine();
      }
      lines.length = line;
      systemIo ??= host.charts.add(SYSTEM_IO);
      systemIo?.set(0, readSectors);
      systemIo?.set(1, writeSectors);
      systemIo?.done();
      for (const disk of disks.values()) {
        if (disk.seen === tick.count) continue;
        for (const handle of Object.values(disk.charts ?? {})) if (handle !== undefined) host.charts.remove(handle);
        disks.delete(disk.name);
      }
    },
    close() {
      file.close();
      for (const disk of disks.values()) {
        for (const handle of Object.values(disk.charts ?? {})) if (handle !== undefined) host.charts.remove(handle);
      }
      if (systemIo !== undefined) host.charts.remove(systemIo);
    },
  };
}

/** A disk that never did anything (unused loop and RAM devices) has no charts. */
function fill(host: CollectHost, disk: Disk): void {
  const { fields: f, before: b } = disk;
  if (disk.charts === undefined) {
    if (f[F.reads] === 0 && f[F.writes] === 0) return;
    disk.charts = addCharts(host, disk.name);
  }
  const c = disk.charts;
  c.io?.set(0, f[F.readSectors]!);
  c.io?.set(1, f[F.writeSectors]!);
  c.ops?.set(0, f[F.reads]!);
  c.ops?.set(1, f[F.writes]!);
  c.qops?.set(0, f[F.inFlight]!);
  c.backlog?.set(0, f[F.backlogMs]!);
  c.busy?.set(0, f[F.busyMs]!);
  c.util?.set(0, f[F.busyMs]!);
  c.mops?.set(0, f[F.readsMerged]!);
  c.mops?.set(1, f[F.writesMerged]!);
  c.iotime?.set(0, f[F.readMs]!);
  c.iotime?.set(1, f[F.writeMs]!);
  const reads = f[F.reads]! - b[F.reads]!;
  const writes = f[F.writes]! - b[F.writes]!;
  c.await?.set(0, per(f[F.readMs]! - b[F.readMs]!, reads));
  c.await?.set(1, per(f[F.writeMs]! - b[F.writeMs]!, writes));
  c.avgsz?.set(0, per(f[F.readSectors]! - b[F.readSectors]!, reads));
  c.avgsz?.set(1, per(f[F.writeSectors]! - b[F.writeSectors]!, writes));
  c.svctm?.set(0, per(f[F.busyMs]! - b[F.busyMs]!, reads + writes));
  b.set(f);
  for (const handle of Object.values(c)) handle?.done();
}

/** An average over operations: 0 when there were none, unknown when a counter went back. */
function per(amount: number, operations: number): number {
  if (operations === 0) return 0;
  return amount < 0 || operations < 0 ? Number.NaN : amount / operations;
}

function addCharts(host: CollectHost, name: string): Readonly<Record<keyof typeof CHARTS, ChartHandle | undefined>> {
  const add = ({ prefix, ...chart }: Charted) =>
    host.charts.add({ ...chart, id: `${prefix}.${name}`, labels: { device: name } });
  return {
    io: add(CHARTS.io),
    ops: add(CHARTS.ops),
    qops: add(CHARTS.qops),
    backlog: add(CHARTS.backlog),
    busy: add(CHARTS.busy),
    util: add(CHARTS.util),
    await: add(CHARTS.await),
    avgsz: add(CHARTS.avgsz),
    svctm: add(CHARTS.svctm),
    mops: add(CHARTS.mops),
    iotime: add(CHARTS.iotime),
  };
}

/** /sys/block lists whole disks only. Without /sys the name decides: `sda1`, `nvme0n1p1`. */
function isPartition(sysRoot: string, name: string): boolean {
  if (existsSync(`${sysRoot}/block`)) return !existsSync(`${sysRoot}/block/${name.replaceAll('/', '!')}`);
  return /^([shv]d[a-z]+|xvd[a-z]+)\d+$/.test(name) || /^(nvme\d+n\d+|mmcblk\d+)p\d+$/.test(name);
}

function sameName(known: Uint8Array, buffer: Uint8Array, start: number, stop: number): boolean {
  if (known.length !== stop - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== buffer[start + i]) return false;
  return true;
}
