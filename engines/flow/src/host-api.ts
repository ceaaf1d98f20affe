/** Routes about one address, and about what is kept: what the console needs beside the questions of everybody. */
import { Iso8601, parseTime, TimeInput } from '@undercroft/http';
import { type Clock, type PacketsFetch, type Route, route, toEdge } from '@undercroft/kernel';
import Type from 'typebox';
import { DEFAULT_RANGE, READ, TAG } from './api.ts';
import type { HostQuestion, HostQuestions } from './archive/host.ts';

const Host = {
  address: Type.String({ minLength: 1, maxLength: 45 }),
  from: Type.Optional(TimeInput),
  to: Type.Optional(TimeInput),
};
const Role = Type.Union([Type.Literal('calls'), Type.Literal('called')], {
  description: 'Who began: the address calls, or is called.',
});
const Contact = {
  peer: Type.String(),
  role: Role,
  firstAt: Iso8601,
  lastAt: Iso8601,
  records: Type.Integer(),
  bytesOut: Type.Number({ description: 'What the address sent, whoever began.' }),
  bytesIn: Type.Number(),
};

export interface HostApiParts {
  readonly hosts: HostQuestions;
  readonly packets: PacketsFetch;
  readonly clock: Clock;
  readonly localNetworks: readonly string[];
}

export function hostRoutes({ hosts, packets, clock, localNetworks }: HostApiParts): readonly Route[] {
  const questionOf = (query: { address: string; from?: string; to?: string }, tenant: string): HostQuestion => {
    const nowUs = clock.nowUs();
    const fromUs = parseTime(query.from ?? DEFAULT_RANGE, 'from', nowUs) ?? nowUs;
    const toUs = parseTime(query.to, 'to', nowUs);
    return { address: query.address, tenant, fromUs, ...(toUs === undefined ? {} : { toUs }) };
  };
  return [
    route({
      method: 'GET',
      path: '/flows/contacts',
      summary: 'Whom an address met for the first time ever, as far as flows are kept',
      tag: TAG,
      access: READ,
      query: Type.Object({ ...Host, limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }) }),
      response: Type.Object({ items: Type.Array(Type.Object(Contact)) }),
      async handler({ query, principal }) {
        const contacts = await hosts.firstContacts(questionOf(query, principal.tenant), query.limit);
        return { items: contacts.map((one) => toEdge(one)) } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/lanes',
      summary: 'The largest conversations of an address, each over time',
      tag: TAG,
      access: READ,
      query: Type.Object({
        ...Host,
        stepS: Type.Integer({ minimum: 1, maximum: 86_400, default: 60 }),
        limit: Type.Integer({ minimum: 1, maximum: 40, default: 16 }),
      }),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            ...Contact,
            port: Type.Union([Type.Integer(), Type.Null()]),
            protocol: Type.String(),
            steps: Type.Array(Type.Object({ timeAt: Iso8601, bytesOut: Type.Number(), bytesIn: Type.Number() })),
          }),
        ),
      }),
      async handler({ query, principal }) {
        const lanes = await hosts.lanes(questionOf(query, principal.tenant), query.limit, query.stepS * 1e6);
        return { items: lanes.map((one) => toEdge(one)) } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/flows/setup',
      summary: 'Which networks are inside, and which packets are kept',
      tag: TAG,
      access: READ,
      response: Type.Object({
        localNetworks: Type.Array(Type.String()),
        packets: Type.Object({
          enabled: Type.Boolean(),
          oldestAt: Type.Optional(Iso8601),
          newestAt: Type.Optional(Iso8601),
          sizeBytes: Type.Number(),
          maxBytes: Type.Number(),
        }),
      }),
      async handler() {
        return { localNetworks: [...localNetworks], packets: toEdge(await packets.stats()) } as never;
      },
    }),
  ];
}
