/** The sensor's part: listens on the wire, sends flow records to the server, keeps packets for a while. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  type CaptureCounters,
  type Context,
  type Coverage,
  conflict,
  type FlowsWrite,
  type Log,
  type PacketsFetch,
  type Running,
} from '@undercroft/kernel';
import { Exchange } from './collect/hub.ts';
import type { FlowConfig } from './module.ts';
import { fetchPackets } from './packets/fetch.ts';
import { PacketStore } from './packets/packet-store.ts';
import { RowForwarder } from './rows/forwarder.ts';
import type { FromWire, WireOptions } from './wire/messages.ts';
import { Wire } from './wire/wire.ts';

const FEATURE = 'Flows';
const PACKETS_FEATURE = 'Packets';

export async function start(context: Context<FlowConfig>): Promise<Running> {
  const { config, log, dataDir } = context;
  const coverage = context.service('coverage');
  const store = config.packets.enabled
    ? await PacketStore.open(join(dataDir, 'packets'), config.packets.maxMiB * 1024 * 1024, log)
    : undefined;
  context.provide('packets.fetch', packetsService(store));
  coverage.report(
    store === undefined
      ? { feature: PACKETS_FEATURE, state: 'off', text: 'packets are not kept', fix: 'set flow.packets.enabled: true' }
      : { feature: PACKETS_FEATURE, state: 'ok', text: `the last ${config.packets.maxMiB} MiB are kept` },
  );
  const flows = context.service('flows.write');
  const exchange = Exchange.start(config, { coverage, log, flows, fail: (error) => context.fail(error) });
  const end = async (): Promise<void> => {
    await exchange?.stop();
    await store?.close();
  };
  if (!config.enabled) {
    coverage.report({ feature: FEATURE, state: 'off', text: 'the wire is not watched', fix: 'set flow.enabled: true' });
    return { stop: end };
  }
  const interfaces = await chosenInterfaces(config.interfaces);
  if (interfaces.length === 0) {
    coverage.report({
      feature: FEATURE,
      state: 'off',
      text: 'no interface but loopback is up',
      fix: 'name one in flow.interfaces (lo is possible)',
    });
    return { stop: end };
  }
  const group = process.pid & 0xffff;
  const wires: Wire[] = [];
  const hub = new WireHub({ coverage, log, flows, store, interfaces });
  for (let index = 0; index < config.workers; index++) {
    const feed = exchange?.feed();
    const options = optionsOf(config, interfaces, group);
    const wire: Wire = new Wire(feed === undefined ? options : { ...options, feed }, {
      message: (message) => hub.hear(message, wire, index),
      ended: (error) => context.fail(error),
    });
    wires.push(wire);
  }
  return {
    async stop() {
      await Promise.all(wires.map((wire) => wire.stop()));
      await hub.settled();
      await end();
    },
  };
}

interface WireHubParts {
  readonly coverage: Pick<Coverage, 'report'>;
  readonly log: Log;
  readonly flows: FlowsWrite;
  readonly store: PacketStore | undefined;
  readonly interfaces: readonly string[];
}

/** Hears the threads: rows go on to the server, counters together to it, trouble to Coverage. */
class WireHub {
  readonly #parts: WireHubParts;
  readonly #counters: (readonly CaptureCounters[])[] = [];
  readonly #rows: RowForwarder;
  #refused = false;

  constructor(parts: WireHubParts) {
    this.#parts = parts;
    this.#rows = new RowForwarder(parts.flows, parts.log, 'flow records');
  }

  hear(message: FromWire, wire: Wire, index: number): void {
    const { coverage, log, store } = this.#parts;
    if (message.kind === 'rows') this.#rows.write(message.rows, (rows) => wire.taken(rows));
    else if (message.kind === 'chunk') store?.add(message.chunk);
    else if (message.kind === 'counters') this.#count(message.counters, index);
    else if (message.kind === 'failed') {
      const { message: text, fix } = message;
      this.#refused = true;
      coverage.report({ feature: FEATURE, state: 'failed', text, ...(fix === undefined ? {} : { fix }) });
    } else if (message.state === 'failed') log.warn({ interface: message.name }, message.text);
    else log.info({ interface: message.name }, `the interface is ${message.state}`);
  }

  settled(): Promise<void> {
    return this.#rows.settled();
  }

  /** One line an interface, whatever the number of threads that share it. */
  #count(counters: readonly CaptureCounters[], index: number): void {
    this.#counters[index] = counters;
    if (index !== 0 || this.#refused) return;
    const together = new Map<string, CaptureCounters>();
    for (const each of this.#counters.flat()) {
      const before = together.get(each.interface);
      together.set(each.interface, before === undefined ? each : sum(before, each));
    }
    const lines = [...together.values()].map((line, place) =>
      place === 0 ? { ...line, recordsLost: line.recordsLost + this.#rows.lost } : line,
    );
    this.#parts.flows.counters(lines).catch(() => {
      // The server is away; the next ones carry the same totals.
    });
    this.#cover(lines);
  }

  #cover(lines: readonly CaptureCounters[]): void {
    const total = lines.reduce(sum);
    const lost = total.dropped + total.recordsLost;
    const where = this.#parts.interfaces.join(', ');
    this.#parts.coverage.report(
      lost > 0
        ? {
            feature: FEATURE,
            state: 'warning',
            text: `${where}: ${total.dropped} packets and ${total.recordsLost} records were lost`,
            fix: 'raise flow.ringMiB or flow.workers, or narrow flow.filter',
          }
        : {
            feature: FEATURE,
            state: 'ok',
            text: `${where}: ${total.flows} flows now${total.merged > 0 ? `; ${total.merged} of floods and scans were summed up` : ''}`,
          },
    );
  }
}

function sum(a: CaptureCounters, b: CaptureCounters): CaptureCounters {
  return {
    interface: a.interface,
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    dropped: a.dropped + b.dropped,
    flows: a.flows + b.flows,
    evicted: a.evicted + b.evicted,
    records: a.records + b.records,
    recordsLost: a.recordsLost + b.recordsLost,
    merged: a.merged + b.merged,
  };
}

function optionsOf(config: FlowConfig, interfaces: readonly string[], group: number): WireOptions {
  return {
    interfaces,
    filter: config.filter,
    promiscuous: config.promiscuous,
    intervalS: config.intervalS,
    maxFlows: Math.ceil(config.maxFlows / config.workers),
    ringMiB: config.ringMiB,
    origin: hostname(),
    inspect: config.inspect,
    places: config.places,
    ...(config.workers > 1 ? { fanout: { group } } : {}),
    ...(config.packets.enabled ? { keepBytes: config.packets.bytesPerPacket } : {}),
  };
}

/** Those that are named, or all that are up: not loopback, and not the ends of containers, whose bridge is heard. */
async function chosenInterfaces(named: readonly string[]): Promise<readonly string[]> {
  if (named.length > 0 || process.platform !== 'linux') return named;
  const { listInterfaces } = await import('@undercroft/packet/capture');
  return listInterfaces()
    .filter(({ name, up, loopback }) => up && !loopback && !name.startsWith('veth'))
    .map(({ name }) => name);
}

function packetsService(store: PacketStore | undefined): PacketsFetch {
  if (store !== undefined)
    return { fetch: (request) => fetchPackets(store, request), stats: async () => store.stats() };
  return {
    fetch: async () => {
      throw conflict('flow.packets.off', 'Packets are not kept.', 'Set flow.packets.enabled: true.');
    },
    stats: async () => ({ enabled: false, sizeBytes: 0, maxBytes: 0 }),
  };
}
