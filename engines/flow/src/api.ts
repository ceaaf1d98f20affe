/** Routes about flows: what goes on now, questions to the archive, packets. */
import { decodeCursor, encodeCursor, Iso8601, pageOf, parseTime, TimeInput, toPage } from '@undercroft/http';
import {
  badRequest,
  type Clock,
  FLOW_DIMENSIONS,
  FLOW_MEASURES,
  type FlowFilter,
  type PacketsFetch,
  type Route,
  route,
  toEdge,
} from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import type { FlowQuestions } from './archive/questions.ts';
import type { LiveFlows } from './live/live-flows.ts';
import type { Sensors } from './live/sensors.ts';

export const TAG = 'Flows';
/** What a question covers that names no time. */
export const DEFAULT_RANGE = '-1h';
const MAX_PACKET_BYTES = 64 * 1024 * 1024;
export const READ = { path: 'flows', capability: 'read' } as const;

const Filter = {
  from: Type.Optional(TimeInput),
  to: Type.Optional(TimeInput),
  address: Type.Optional(Type.String({ minLength: 1, maxLength: 45, description: 'Either end.' })),
  source: Type.Optional(Type.String({ minLength: 1, maxLength: 45, description: 'Who began it.' })),
  destination: Type.Optional(Type.String({ minLength: 1, maxLength: 45 })),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: "Either end's." })),
  protocol: Type.Optional(Type.String({ minLength: 1, maxLength: 20, description: '`tcp`, `udp`, `icmp`, ...' })),
  application: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  asset: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "An asset's id, the flow's subject." })),
  state: Type.Optional(Type.String({ minLength: 1, maxLength: 10, description: '`CON`, `FIN`, `RST`, ...' })),
  origin: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'The sensor or exporter.' })),
  sequence: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: "The flow's number at its origin." }),
  ),
};
const FilterQuery = Type.Object(Filter);
type FilterQuery = Static<typeof FilterQuery>;

const Dimension = Type.Union(FLOW_DIMENSIONS.map((name) => Type.Literal(name)));
const Limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100 });

const Total = Type.Object({
  key: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()])),
  bytesOut: Type.Number(),
  bytesIn: Type.Number(),
  packetsOut: Type.Number(),
  packetsIn: Type.Number(),
  records: Type.Integer(),
  firstAt: Iso8601,
  lastAt: Iso8601,
});

const FirstContactItem = Type.Object({
  source: Type.String(),
  destination: Type.String(),
  port: Type.Union([Type.Integer(), Type.Null()]),
  firstAt: Iso8601,
  lastAt: Iso8601,
  records: Type.Integer(),
  bytesOut: Type.Number(),
  bytesIn: Type.Number(),
});

const FlowItem = Type.Object({
  id: Type.String(),
  timeAt: Iso8601,
  assets: Type.Array(Type.String()),
  attributes: Type.Record(Type.String(), Type.Unknown()),
});

const LiveAnswer = Type.Object({
  timeAt: Iso8601,
  windowS: Type.Number(),
  conversations: Type.Integer(),
  uncounted: Type.Integer(),
  bitsPerSecond: Type.Number(),
  packetsPerSecond: Type.Number(),
  top: Type.Array(
    Type.Object({
      source: Type.String(),
      destination: Type.String(),
      port: Type.Union([Type.Integer(), Type.Null()]),
      protocol: Type.String(),
      application: Type.Union([Type.String(), Type.Null()]),
      bitsPerSecondOut: Type.Number(),
      bitsPerSecondIn: Type.Number(),
      packetsPerSecond: Type.Number(),
      state: Type.String(),
    }),
  ),
});

const Sensor = Type.Object({
  interface: Type.String(),
  timeAt: Iso8601,
  packets: Type.Integer(),
  bytes: Type.Integer(),
  dropped: Type.Integer(),
  flows: Type.Integer(),
  evicted: Type.Integer(),
  records: Type.Integer(),
  recordsLost: Type.Integer(),
  merged: Type.Integer({ description: 'Flows of a flood or a scan that were summed up.' }),
  packetsPerSecond: Type.Number(),
  bitsPerSecond: Type.Number(),
});

export interface FlowApiParts {
  readonly questions: FlowQuestions;
  readonly live: LiveFlows;
  readonly sensors: Sensors;
  readonly packets: PacketsFetch;
  readonly clock: Clock;
}

export function flowRoutes({ questions, live, sensors, packets, clock }: FlowApiParts): readonly Route[] {
  const filterOf = (query: FilterQuery, tenant: string): FlowFilter => {
    const { from, to, ...rest } = query;
    const nowUs = clock.nowUs();
    const fromUs = parseTime(from ?? DEFAULT_RANGE, 'from', nowUs);
    const toUs = parseTime(to, 'to', nowUs);
    const filter = Object.fromEntries(
      Object.entries(rest).filter(([name, value]) => name in Filter && value !== undefined),
    );
    return { ...filter, tenant, ...(fromUs === undefined ? {} : { fromUs }), ...(toUs === undefined ? {} : { toUs }) };
  };
  return [
    route({
      method: 'GET',
      path: '/flows',
      summary: 'Flow records, newest first',
      tag: TAG,
      access: READ,
      query: Type.Object({ ...Filter, limit: Limit, cursor: Type.Optional(Type.String({ maxLength: 500 })) }),
      response: pageOf(FlowItem),
      async handler({ query, principal }) {
        const after = decodeCursor(query.cursor, ['number', 'string'], 'flows') as [number, string] | undefined;
        const records = await questions.page(filterOf(query, principal.tenant), query.limit + 1, after);
        const page = toPage(records, query.limit, (last) => encodeCursor([last.timeUs, last.id], 'flows'));
        return {
          ...page,
          items: page.items.map(({ id, timeUs, assets, attributes }) => toEdge({ id, timeUs, assets, attributes })),
        } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/top',
      summary: 'Who and what moves most',
      tag: TAG,
      access: READ,
      query: Type.Object({
        ...Filter,
        by: Type.Optional(Dimension),
        measure: Type.Optional(Type.Union(FLOW_MEASURES.map((name) => Type.Literal(name)))),
        limit: Limit,
      }),
      response: Type.Object({
        items: Type.Array(Total),
        elapsedMs: Type.Number(),
        warnings: Type.Array(Type.String()),
      }),
      async handler({ query, principal }) {
        const { by = 'source', measure = 'bytes', limit } = query;
        const { totals, ...rest } = await questions.top(by, measure, filterOf(query, principal.tenant), limit);
        return { items: totals.map((one) => toEdge(one)), ...rest } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/first-contacts',
      summary: 'Who contacted whom on which port for the first time ever, as far as flows are kept; newest first',
      tag: TAG,
      access: READ,
      query: Type.Object({ from: Filter.from, to: Filter.to, limit: Limit }),
      response: Type.Object({
        items: Type.Array(FirstContactItem),
        cut: Type.Boolean({ description: 'There are more than `limit`, all of them older: ask with an earlier `to`.' }),
        warnings: Type.Array(Type.String()),
      }),
      async handler({ query, principal }) {
        const { limit, ...range } = query;
        const { fromUs = 0, ...until } = filterOf(range, principal.tenant);
        const { contacts, ...rest } = await questions.firstContacts({ ...until, fromUs }, limit);
        return { items: contacts.map((one) => toEdge(one)), ...rest } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/timeline',
      summary: 'Bytes and flows over time, together or by one dimension',
      tag: TAG,
      access: READ,
      query: Type.Object({
        ...Filter,
        by: Type.Optional(Dimension),
        stepS: Type.Integer({ minimum: 1, maximum: 86_400, default: 60 }),
      }),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            timeAt: Iso8601,
            key: Type.Union([Type.String(), Type.Number(), Type.Null()]),
            bytesOut: Type.Number(),
            bytesIn: Type.Number(),
            records: Type.Integer(),
          }),
        ),
      }),
      async handler({ query, principal }) {
        const buckets = await questions.timeline(query.by, filterOf(query, principal.tenant), query.stepS * 1e6);
        return { items: buckets.map((bucket) => toEdge(bucket)) } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/live',
      summary: 'Conversations of the last seconds; the live topic `flows` says the same again and again',
      tag: TAG,
      access: READ,
      query: Type.Object({ limit: Limit }),
      response: LiveAnswer,
      handler: async ({ query }) => toEdge(live.summary(query.limit, clock.nowUs())) as never,
    }),
    route({
      method: 'GET',
      path: '/flows/sensors',
      summary: 'Interfaces that are listened on, with what they lost',
      tag: TAG,
      access: READ,
      response: Type.Object({ items: Type.Array(Sensor) }),
      handler: async () => ({ items: sensors.list().map((sensor) => toEdge(sensor)) }) as never,
    }),
    route({
      method: 'GET',
      path: '/flows/packets',
      summary: 'Packets between two addresses, or of one, as a capture file',
      description: 'From the rolling store of packets, if that is switched on (`flow.packets.enabled`).',
      tag: TAG,
      audit: true,
      query: Type.Object({
        from: TimeInput,
        to: TimeInput,
        address: Type.Array(Type.String({ minLength: 1, maxLength: 45 }), { minItems: 1, maxItems: 2 }),
        port: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), { maxItems: 2 })),
        protocol: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
      }),
      response: Type.String({ format: 'binary' }),
      contentType: 'application/vnd.tcpdump.pcap',
      refusals: { 409: 'Packets are not kept (`flow.packets.enabled`).' },
      async handler({ query, auditDetail }) {
        const nowUs = clock.nowUs();
        const fromUs = parseTime(query.from, 'from', nowUs) ?? nowUs;
        const toUs = parseTime(query.to, 'to', nowUs) ?? nowUs;
        if (toUs <= fromUs) throw badRequest('flow.packets.range', '`to` is not after `from`.');
        auditDetail(`packets of ${query.address.join(' and ')}`);
        return packets.fetch({
          fromUs,
          toUs,
          addresses: query.address,
          ...(query.port === undefined ? {} : { ports: query.port }),
          ...(query.protocol === undefined ? {} : { protocol: query.protocol }),
          maxBytes: MAX_PACKET_BYTES,
        });
      },
    }),
  ];
}
