/** Routes about events. They are here and not with the event store, which stands below the listener. */
import {
  type Clock,
  type EventQuery,
  type EventsQuery,
  type Module,
  type Page,
  type Route,
  route,
  toEdge,
} from '@undercroft/kernel';
import Type from 'typebox';
import { decodeCursor, encodeCursor } from '../lists/cursor.ts';
import { pageOf, pageQuery, parseSort, toPage } from '../lists/page.ts';
import { Iso8601, parseTime, TimeInput } from '../lists/time.ts';
import { histogramOf, MAX_BUCKETS } from './histogram.ts';
import { allOf, eventQueryOf, pageAfter } from './query.ts';
import { EventQueryAnswer, EventQueryBody, EventSchema, SeveritySchema } from './schemas.ts';

const QUERY_TIMEOUT_MS = 20_000;
const READ = { path: 'events', capability: 'read' } as const;

const filters = {
  q: Type.Optional(
    Type.String({ maxLength: 4096, description: '`severity:high class:authentication asset:ID words`' }),
  ),
  class: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 100 })),
  severity: Type.Optional(Type.Array(SeveritySchema, { maxItems: 7 })),
  asset: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(TimeInput),
  to: Type.Optional(TimeInput),
};

export function eventRoutes(options: {
  readonly events: EventsQuery;
  readonly clock: Clock;
  readonly modules: readonly Module[];
}): readonly Route[] {
  const { events, clock, modules } = options;
  return [
    route({
      method: 'GET',
      path: '/events',
      summary: 'List events, newest first',
      tag: 'events',
      query: pageQuery(filters, ['timeAt']),
      response: pageOf(EventSchema),
      async handler({ query, principal }) {
        const sort = parseSort(query.sort, ['timeAt'], '-timeAt');
        const scope = sort.descending ? 'desc' : 'asc';
        const after = decodeCursor(query.cursor, ['number', 'string'], scope) as [number, string] | undefined;
        const asked = eventQueryOf(query, principal.tenant, clock.nowUs());
        const result = await events.query(
          { ...pageAfter(asked, after, sort.descending), limit: query.limit + 1 },
          { timeoutMs: QUERY_TIMEOUT_MS },
        );
        return toEdge(
          toPage(result.events, query.limit, (last) => encodeCursor([last.timeUs, last.id], scope)),
        ) as unknown as Page<EdgeEvent> & { items: EdgeEvent[] };
      },
    }),
    route({
      method: 'POST',
      path: '/events/query',
      summary: 'Ask about events: filter, group, aggregate',
      tag: 'events',
      access: READ,
      audit: false,
      body: EventQueryBody,
      response: EventQueryAnswer,
      async handler({ body, principal }) {
        const result = await events.query(queryOfBody(body, principal.tenant, clock.nowUs()), {
          timeoutMs: QUERY_TIMEOUT_MS,
        });
        return toEdge(result) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/events/classes',
      summary: 'List the classes of events and their attributes',
      tag: 'events',
      access: READ,
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            name: Type.String(),
            uid: Type.Integer({ description: 'Class uid of OCSF.' }),
            summary: Type.String(),
            module: Type.String(),
            attributes: Type.Record(Type.String(), Type.String()),
          }),
        ),
      }),
      async handler() {
        return {
          items: modules.flatMap((module) =>
            (module.events ?? []).map(({ name, uid, summary, attributes }) => ({
              name,
              uid,
              summary,
              module: module.name,
              attributes: { ...attributes },
            })),
          ),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/events/stats',
      summary: 'How many events are kept, and in what space',
      tag: 'events',
      access: READ,
      response: Type.Object({
        events: Type.Integer(),
        hotRows: Type.Integer(),
        files: Type.Integer(),
        sizeBytes: Type.Integer(),
        dropped: Type.Integer(),
        skippedFiles: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() })),
        oldestAt: Type.Optional(Iso8601),
      }),
      async handler() {
        return toEdge(await events.stats()) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/events/histogram',
      summary: 'Count events over time by severity',
      tag: 'events',
      access: READ,
      query: Type.Object({
        ...filters,
        buckets: Type.Integer({
          minimum: 1,
          maximum: MAX_BUCKETS,
          default: 60,
          description: 'About so many; steps are round.',
        }),
      }),
      response: Type.Object({
        stepS: Type.Number(),
        fromAt: Iso8601,
        series: Type.Array(Type.Object({ severity: SeveritySchema, counts: Type.Array(Type.Integer()) })),
      }),
      async handler({ query, principal }) {
        const nowUs = clock.nowUs();
        const asked = eventQueryOf(query, principal.tenant, nowUs);
        return (await histogramOf(events, asked, query.buckets, nowUs, QUERY_TIMEOUT_MS)) as never;
      },
    }),
  ];
}

type EdgeEvent = import('typebox').Static<typeof EventSchema>;

function queryOfBody(body: import('typebox').Static<typeof EventQueryBody>, tenant: string, nowUs: number): EventQuery {
  const { q, from, to, bucketS, filter, classes, text, ...rest } = body;
  const line = eventQueryOf({ ...(q === undefined ? {} : { q }) }, tenant, nowUs);
  const fromUs = parseTime(from, 'from', nowUs);
  const toUs = parseTime(to, 'to', nowUs);
  const whole = allOf([line.filter, filter as EventQuery['filter']]);
  const words = [line.text, text].filter(Boolean).join(' ');
  return {
    ...(rest as Pick<EventQuery, 'groupBy' | 'aggregates' | 'orderBy' | 'limit' | 'afterId'>),
    tenant,
    ...((classes ?? line.classes) === undefined ? {} : { classes: classes ?? line.classes ?? [] }),
    ...(fromUs === undefined ? {} : { fromUs }),
    ...(toUs === undefined ? {} : { toUs }),
    ...(whole === undefined ? {} : { filter: whole }),
    ...(words === '' ? {} : { text: words }),
    ...(bucketS === undefined ? {} : { bucketUs: Math.round(bucketS * 1e6) }),
  };
}
