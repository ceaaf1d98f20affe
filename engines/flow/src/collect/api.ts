/** The route about exporters: who sends flow records here, and what of them could not be used. */
import { Iso8601 } from '@undercroft/http';
import { type FlowExporterCounters, type Route, route, toEdge } from '@undercroft/kernel';
import Type from 'typebox';

const Exporter = Type.Object({
  exporter: Type.String({ description: 'Address; of a stream that is read from a server, host:port.' }),
  protocol: Type.Union(
    ['netflow', 'ipfix', 'sflow', 'argus'].map((name) => Type.Literal(name)),
    {
      description: 'The port it came to: NetFlow and IPFIX are understood on both of theirs.',
    },
  ),
  lastAt: Type.Optional(Iso8601),
  packets: Type.Integer(),
  bytes: Type.Integer(),
  records: Type.Integer(),
  sequenceGaps: Type.Integer(),
  sequenceLost: Type.Integer({ description: 'Flows or packets that numbers say were lost, as the protocol counts.' }),
  unknownTemplates: Type.Integer({ description: 'Sets that came before their template.' }),
  unknownDropped: Type.Integer({ description: 'Of these, those given up.' }),
  malformed: Type.Integer(),
  unsupported: Type.Integer(),
  trouble: Type.Optional(Type.String({ description: 'Why a stream is not connected.' })),
});

/** The last that a sensor has told. */
export class ExporterList {
  #exporters: readonly FlowExporterCounters[] = [];

  update(exporters: readonly FlowExporterCounters[]): void {
    this.#exporters = exporters;
  }

  list(): readonly FlowExporterCounters[] {
    return this.#exporters;
  }
}

export function exporterRoutes(exporters: ExporterList): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/flows/exporters',
      summary: 'Exporters of NetFlow, IPFIX, sFlow and Argus that are collected from, with what was lost',
      tag: 'Flows',
      access: { path: 'flows', capability: 'read' },
      response: Type.Object({ items: Type.Array(Exporter) }),
      handler: async () => ({ items: exporters.list().map((exporter) => toEdge(exporter)) }) as never,
    }),
  ];
}
