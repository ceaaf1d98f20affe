/** The ports for NetFlow, IPFIX and sFlow, each with a collector of its own: one that cannot be opened keeps none of the others shut. */
import type { FlowExporterCounters } from '@undercroft/kernel';
import { Collector, type CollectorOptions } from '../netflow/collector.ts';
import type { Exporter } from '../netflow/exporters.ts';
import type { FlowRecord } from '../record/record.ts';
import type { CollectConfig } from './config.ts';
import type { PartState } from './messages.ts';
import { SourceNames } from './origin.ts';

export type OriginSink = (record: FlowRecord, origin: string) => void;

/** Records that wait for their opposite, in each collector: 1 KiB each. */
const STITCH_CAPACITY = 16_384;

type Protocol = 'netflow' | 'ipfix' | 'sflow';
type Ports = Pick<CollectorOptions, 'netflowPort' | 'ipfixPort' | 'ipfixTcpPort' | 'sflowPort'>;

interface Listener {
  readonly protocol: Protocol;
  readonly name: string;
  readonly collector: Collector;
  trouble?: string;
}

export class Listeners {
  readonly #listeners: readonly Listener[];

  /** @param sink gets each record, good until it returns */
  constructor(config: CollectConfig, sink: OriginSink, nowMs: () => number) {
    const { listen, exporters, scaleBySampling, netflowPort, ipfixPort, sflowPort } = config;
    const sources = new SourceNames();
    const take = (record: FlowRecord): void => sink(record, sources.of(record));
    const listener = (protocol: Protocol, port: number, ports: Ports): Listener[] => {
      if (port === 0) return [];
      const options = { host: listen, allow: exporters, scaleBySampling, nowMs, stitch: { capacity: STITCH_CAPACITY } };
      return [{ protocol, name: `${protocol} ${port}`, collector: new Collector(take, { ...options, ...ports }) }];
    };
    this.#listeners = [
      ...listener('netflow', netflowPort, { netflowPort }),
      ...listener('ipfix', ipfixPort, { ipfixPort, ipfixTcpPort: ipfixPort }),
      ...listener('sflow', sflowPort, { sflowPort }),
    ];
  }

  async start(): Promise<void> {
    for (const listener of this.#listeners) {
      await listener.collector.start().catch((error: Error) => {
        listener.trouble = error.message;
      });
    }
  }

  get parts(): readonly PartState[] {
    return this.#listeners.map(({ name, trouble }) => (trouble === undefined ? { name } : { name, trouble }));
  }

  get refused(): number {
    return this.#listeners.reduce((sum, { collector }) => sum + collector.refused, 0);
  }

  get forgotten(): number {
    return this.#listeners.reduce((sum, { collector }) => sum + collector.exporters.forgotten, 0);
  }

  exporters(): readonly FlowExporterCounters[] {
    return this.#listeners.flatMap(({ protocol, collector }) =>
      collector.exporters.list().map((exporter) => countersOf(exporter, protocol)),
    );
  }

  /** Hands on what waits for its opposite. */
  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map(({ collector }) => collector.stop()));
  }
}

function countersOf({ address, state: { counters }, lastMs }: Exporter, protocol: Protocol): FlowExporterCounters {
  return {
    exporter: address,
    protocol,
    lastUs: lastMs * 1000,
    packets: counters.messages,
    bytes: counters.bytes,
    records: counters.records,
    sequenceGaps: counters.sequenceGaps,
    sequenceLost: counters.sequenceLost,
    unknownTemplates: counters.unknownTemplateSets,
    unknownDropped: counters.heldSetsDropped,
    malformed: counters.malformed,
    unsupported: counters.unsupported,
  };
}
