/** `/proc/net/dev` and `/sys/class/net`: every interface, and all physical ones together (`system.net`). */
import { existsSync, readFileSync } from 'node:fs';
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector, Tick } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ByteCursor } from '../../language/bytes.ts';
import { simplePattern } from '../../language/pattern.ts';

/** Interfaces beyond this are left out. */
export const MAX_INTERFACES = 512;
/** Speed and state of the link are read this often. */
const LINK_EVERY_TICKS = 10;
const COLON = 58;

/** Columns after the name. */
const F = {
  rxBytes: 0,
  rxPackets: 1,
  rxErrors: 2,
  rxDrops: 3,
  rxFifo: 4,
  rxFrame: 5,
  multicast: 7,
  txBytes: 8,
  txPackets: 9,
  txErrors: 10,
  txDrops: 11,
  txFifo: 12,
  collisions: 13,
  carrier: 14,
} as const;
const FIELDS = 16;
const OPERSTATES = ['up', 'down', 'notpresent', 'lowerlayerdown', 'testing', 'dormant', 'unknown'];

type Charted = Omit<ChartDefinition, 'id' | 'labels' | 'family'> & { readonly prefix: string };

const IN_OUT = [
  { id: 'inbound', algorithm: 'incremental' },
  { id: 'outbound', algorithm: 'incremental', multiplier: -1 },
] as const;

const CHARTS = {
  bytes: {
    prefix: 'net',
    title: 'Bandwidth',
    units: 'kilobits/s',
    context: 'net.net',
    type: 'area',
    priority: 7000,
    decimals: 2,
    dimensions: [
      { id: 'received', algorithm: 'incremental', multiplier: 8, divisor: 1000 },
      { id: 'sent', algorithm: 'incremental', multiplier: -8, divisor: 1000 },
    ],
  },
  packets: {
    prefix: 'net_packets',
    title: 'Packets',
    units: 'packets/s',
    context: 'net.packets',
    priority: 7005,
    decimals: 1,
    dimensions: [
      { id: 'received', algorithm: 'incremental' },
      { id: 'sent', algorithm: 'incremental', multiplier: -1 },
      { id: 'multicast', algorithm: 'incremental' },
    ],
  },
  errors: {
    prefix: 'net_errors',
    title: 'Interface Errors',
    units: 'errors/s',
    context: 'net.errors',
    priority: 7006,
    decimals: 1,
    dimensions: IN_OUT,
  },
  drops: {
    prefix: 'net_drops',
    title: 'Interface Drops',
    units: 'drops/s',
    context: 'net.drops',
    priority: 7007,
    decimals: 1,
    dimensions: IN_OUT,
  },
  fifo: {
    prefix: 'net_fifo',
    title: 'Interface FIFO Buffer Errors',
    units: 'errors',
    context: 'net.fifo',
    priority: 7008,
    decimals: 1,
    dimensions: [
      { id: 'receive', algorithm: 'incremental' },
      { id: 'transmit', algorithm: 'incremental', multiplier: -1 },
    ],
  },
  events: {
    prefix: 'net_events',
    title: 'Network Interface Events',
    units: 'events/s',
    context: 'net.events',
    priority: 7009,
    decimals: 1,
    dimensions: [
      { id: 'frames', algorithm: 'incremental' },
      { id: 'collisions', algorithm: 'incremental', multiplier: -1 },
      { id: 'carrier', algorithm: 'incremental', multiplier: -1 },
    ],
  },
} as const satisfies Record<string, Charted>;

const OPERSTATE: Charted = {
  prefix: 'net_operstate',
  title: 'Interface Operational State',
  units: 'state',
  context: 'net.operstate',
  priority: 7003,
  everyS: LINK_EVERY_TICKS,
  dimensions: OPERSTATES.map((id) => ({ id })),
};
const SPEED: Charted = {
  prefix: 'net_speed',
  title: 'Interface Speed',
  units: 'kilobits/s',
  context: 'net.speed',
  priority: 7001,
  everyS: LINK_EVERY_TICKS,
  dimensions: [{ id: 'speed', multiplier: 1000 }],
};

const SYSTEM_NET: ChartDefinition = {
  id: 'system.net',
  title: 'Physical Network Interfaces Aggregated Bandwidth',
  units: 'kilobits/s',
  family: 'network',
  context: 'system.net',
  type: 'area',
  priority: 500,
  decimals: 2,
  dimensions: [
    { id: 'InOctets', name: 'received', algorithm: 'incremental', multiplier: 8, divisor: 1000 },
    { id: 'OutOctets', name: 'sent', algorithm: 'incremental', multiplier: -8, divisor: 1000 },
  ],
};

interface Interface {
  readonly name: string;
  readonly fields: Float64Array;
  readonly physical: boolean;
  readonly charts: Readonly<Record<keyof typeof CHARTS, ChartHandle | undefined>>;
  operstate: ChartHandle | undefined;
  speed: ChartHandle | undefined;
  seen: number;
}

export function netdevCollector(host: CollectHost): Collector {
  const file = new ProcFile(`${host.procRoot}/net/dev`);
  const cursor = new ByteCursor();
  const excluded = simplePattern(host.options.excludeInterfaces);
  const interfaces = new Map<string, Interface>();
  const lines: { readonly name: Uint8Array; readonly entry: Interface | undefined }[] = [];
  let systemNet: ChartHandle | undefined;

  function lineOf(index: number, start: number, stop: number): Interface | undefined {
    const known = lines[index];
    if (known !== undefined && sameName(known.name, cursor.buffer, start, stop)) return known.entry;
    const name = cursor.text(start, stop);
    let entry = interfaces.get(name);
    if (entry === undefined && !excluded(name) && interfaces.size < MAX_INTERFACES) {
      entry = openInterface(host, name);
      interfaces.set(name, entry);
    }
    lines[index] = { name: cursor.buffer.slice(start, stop), entry };
    return entry;
  }

  function remove(entry: Interface): void {
    for (const handle of [...Object.values(entry.charts), entry.operstate, entry.speed]) {
      if (handle !== undefined) host.charts.remove(handle);
    }
    interfaces.delete(entry.name);
  }

  return {
    name: 'netdev',
    collect(tick: Tick) {
      const length = file.read();
      cursor.reset(file.buffer, length);
      cursor.skipLine();
      cursor.skipLine();
      let received = 0;
      let sent = 0;
      let physical = false;
      let line = 0;
      for (; !cursor.done; line++) {
        cursor.skipSpaces();
        const start = cursor.position;
        const colon = lastColon(cursor);
        if (colon < 0) break;
        const entry = lineOf(line, start, colon);
        cursor.position = colon + 1;
        if (entry !== undefined) {
          for (let i = 0; i < FIELDS; i++) entry.fields[i] = cursor.number();
          if (entry.physical) {
            physical = true;
            received += entry.fields[F.rxBytes]!;
            sent += entry.fields[F.txBytes]!;
          }
          fill(entry);
          if (tick.count - entry.seen >= LINK_EVERY_TICKS || entry.seen === 0 || tick.count % LINK_EVERY_TICKS === 0) {
            readLink(host, entry);
          }
          entry.seen = tick.count;
        }
        cursor.skipLine();
      }
      lines.length = line;
      if (physical) {
        systemNet ??= host.charts.add(SYSTEM_NET);
        systemNet?.set(0, received);
        systemNet?.set(1, sent);
        systemNet?.done();
      }
      for (const entry of interfaces.values()) if (entry.seen !== tick.count) remove(entry);
    },
    close() {
      file.close();
      for (const entry of [...interfaces.values()]) remove(entry);
      if (systemNet !== undefined) host.charts.remove(systemNet);
    },
  };
}

/** The name ends at the last colon of the line: an alias (`eth0:1`) has one in its name. */
function lastColon(cursor: ByteCursor): number {
  let found = -1;
  for (let at = cursor.position; at < cursor.end; at++) {
    const byte = cursor.buffer[at];
    if (byte === 10) break;
    if (byte === COLON) found = at;
  }
  return found;
}

function openInterface(host: CollectHost, name: string): Interface {
  const physical = !existsSync(`${host.sysRoot}/devices/virtual/net/${name}`);
  const labels = { device: name, interface_type: physical ? 'real' : 'virtual' };
  const add = ({ prefix, ...chart }: Charted) =>
    host.charts.add({ ...chart, id: `${prefix}.${name}`, family: name, labels });
  return {
    name,
    fields: new Float64Array(FIELDS),
    physical,
    charts: {
      bytes: add(CHARTS.bytes),
      packets: add(CHARTS.packets),
      errors: add(CHARTS.errors),
      drops: add(CHARTS.drops),
      fifo: add(CHARTS.fifo),
      events: add(CHARTS.events),
    },
    operstate: undefined,
    speed: undefined,
    seen: 0,
  };
}

function fill({ fields: f, charts: c }: Interface): void {
  c.bytes?.set(0, f[F.rxBytes]!);
  c.bytes?.set(1, f[F.txBytes]!);
  c.packets?.set(0, f[F.rxPackets]!);
  c.packets?.set(1, f[F.txPackets]!);
  c.packets?.set(2, f[F.multicast]!);
  c.errors?.set(0, f[F.rxErrors]!);
  c.errors?.set(1, f[F.txErrors]!);
  c.drops?.set(0, f[F.rxDrops]!);
  c.drops?.set(1, f[F.txDrops]!);
  c.fifo?.set(0, f[F.rxFifo]!);
  c.fifo?.set(1, f[F.txFifo]!);
  c.events?.set(0, f[F.rxFrame]!);
  c.events?.set(1, f[F.collisions]!);
  c.events?.set(2, f[F.carrier]!);
  for (const handle of Object.values(c)) handle?.done();
}

function readLink(host: CollectHost, entry: Interface): void {
  const state = readWord(`${host.sysRoot}/class/net/${entry.name}/operstate`);
  if (state !== undefined) {
    entry.operstate ??= addLink(host, entry, OPERSTATE);
    for (let i = 0; i < OPERSTATES.length; i++) entry.operstate?.set(i, OPERSTATES[i] === state ? 1 : 0);
    entry.operstate?.done();
  }
  const speedMbps = Number(readWord(`${host.sysRoot}/class/net/${entry.name}/speed`));
  if (speedMbps > 0) {
    entry.speed ??= addLink(host, entry, SPEED);
    entry.speed?.set(0, speedMbps);
    entry.speed?.done();
  }
}

function addLink(host: CollectHost, entry: Interface, { prefix, ...chart }: Charted): ChartHandle | undefined {
  return host.charts.add({
    ...chart,
    id: `${prefix}.${entry.name}`,
    family: entry.name,
    labels: { device: entry.name },
  });
}

/** A virtual interface answers the question for its speed with an error: it has none. */
function readWord(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function sameName(known: Uint8Array, buffer: Uint8Array, start: number, stop: number): boolean {
  if (known.length !== stop - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== buffer[start + i]) return false;
  return true;
}
