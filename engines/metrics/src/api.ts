/** Routes below `/platform/v1/metrics`. */
import {
  badRequest,
  type HostInspect,
  type MetricsQuery,
  type Route,
  route,
  toEdge,
  usFromIso,
} from '@undercroft/kernel';
import { Type } from 'typebox';
import { correlate } from './query/correlate.ts';
import type { MetricsStore } from './store/store.ts';

export interface ApiParts {
  readonly store: MetricsStore;
  readonly answers: MetricsQuery;
  readonly inspect: HostInspect;
  readonly nowS: () => number;
}

const TAG = 'metrics';
const TIME = 'ISO 8601, seconds since the epoch, or seconds relative to now (`-600`, 0).';
const Time = Type.Union([Type.String({ maxLength: 40 }), Type.Number()], { description: TIME });
const TimeText = Type.String({ maxLength: 40, description: TIME });
const Host = Type.Optional(Type.String({ maxLength: 255, description: 'Host name; the first host if absent.' }));
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }));

const ChartSchema = Type.Object({
  id: Type.String(),
  host: Type.String(),
  title: Type.String(),
  units: Type.String(),
  family: Type.String(),
  context: Type.String(),
  type: Type.String(),
  priority: Type.Number(),
  updateEveryS: Type.Number(),
  dimensions: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const QueryResult = Type.Object({
  fromS: Type.Number(),
  stepS: Type.Number(),
  series: Type.Array(
    Type.Object({
      host: Type.String(),
      chart: Type.String(),
      dimension: Type.String(),
      values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
    }),
  ),
  gaps: Type.Array(Type.Object({ fromS: Type.Number(), toS: Type.Number(), reason: Type.String() })),
});

const ProcessSchema = Type.Object({
  pid: Type.Integer(),
  ppid: Type.Integer(),
  name: Type.String(),
  command: Type.String(),
  user: Type.String(),
  cpuPercent: Type.Number(),
  rssBytes: Type.Number(),
  readBps: Type.Number(),
  writeBps: Type.Number(),
  threads: Type.Integer(),
  listens: Type.Array(Type.Integer()),
  startedAt: Type.String(),
  container: Type.Optional(Type.String()),
});

export function metricsRoutes({ store, answers, inspect, nowS }: ApiParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/metrics/charts',
      summary: 'Charts of a host, or of all hosts.',
      tag: TAG,
      query: Type.Object({ host: Type.Optional(Type.String({ maxLength: 255 })) }),
      response: Type.Object({ items: Type.Array(ChartSchema) }),
      handler: async ({ query }) => ({
        items: (await answers.charts(query.host)).map((chart) => ({ ...chart, dimensions: [...chart.dimensions] })),
      }),
    }),
    route({
      method: 'POST',
      path: '/metrics/query',
      summary: 'Values of charts over a time.',
      description:
        'Steps are whole multiples since the epoch; `values[i]` is of the step that begins at `fromS + i * stepS`, null where nothing was measured.',
      tag: TAG,
      access: { capability: 'read' },
      audit: false,
      refusals: { 404: 'There is no such host or chart.' },
      body: Type.Object(
        {
          host: Host,
          charts: Type.Array(Type.String({ maxLength: 1024 }), { minItems: 1, maxItems: 500 }),
          dimensions: Type.Optional(Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 1000 })),
          from: Time,
          to: Type.Optional(Time),
          points: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
          group: Type.Optional(
            Type.Union(['average', 'min', 'max', 'sum', 'last'].map((name) => Type.Literal(name)) as never),
          ),
        },
        { additionalProperties: false },
      ),
      response: QueryResult,
      handler: async ({ body }) => {
        const now = nowS();
        const { from, to, group, ...rest } = body as typeof body & { group?: 'average' };
        const result = await answers.query({
          ...rest,
          ...(group === undefined ? {} : { group }),
          fromS: parseTime(from, now, 'from'),
          toS: parseTime(to ?? 0, now, 'to'),
        });
        return {
          fromS: result.fromS,
          stepS: result.stepS,
          series: result.series.map((one) => ({ ...one, values: one.values as (number | null)[] })),
          gaps: [...result.gaps],
        };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/processes',
      summary: 'Processes of the agent’s host, the busiest first.',
      tag: TAG,
      query: Type.Object({ limit: Limit }),
      response: Type.Object({ items: Type.Array(ProcessSchema), total: Type.Integer() }),
      handler: async ({ query }) => {
        const { total, processes } = await inspect.processes(query.limit ?? 100);
        return {
          total,
          items: processes.map((row) => ({ ...toEdge(row), listens: [...row.listens] })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/stats',
      summary: 'What the metrics store keeps, and what it takes.',
      tag: TAG,
      response: Type.Object({
        series: Type.Number(),
        samples: Type.Number(),
        diskBytes: Type.Number(),
        ramBytes: Type.Number(),
        oldestAt: Type.Optional(Type.String()),
        tiers: Type.Array(
          Type.Object({ stepS: Type.Number(), diskBytes: Type.Number(), oldestAt: Type.Optional(Type.String()) }),
        ),
        damages: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() })),
      }),
      handler: async () => {
        const { oldestS, ...stats } = await answers.stats();
        return {
          ...stats,
          ...oldest(oldestS),
          tiers: store.tiers.map((tier) => ({
            stepS: tier.options.stepS,
            diskBytes: tier.diskBytes,
            ...oldest(tier.oldestS),
          })),
          damages: store.tiers.flatMap((tier) => tier.damages),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/correlate',
      summary: 'What moved in a window, against four times the window before it.',
      tag: TAG,
      query: Type.Object({ from: TimeText, to: Type.Optional(TimeText), host: Host, limit: Limit }),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            host: Type.String(),
            chart: Type.String(),
            dimension: Type.String(),
            score: Type.Number({ description: '0 for no difference to 1 for nothing in common.' }),
            probability: Type.Number({ description: 'Chance of such a difference by accident.' }),
            before: Type.Number(),
            during: Type.Number(),
          }),
        ),
      }),
      handler: async ({ query }) => {
        const now = nowS();
        return {
          items: await correlate(store, {
            fromS: parseTime(query.from, now, 'from'),
            toS: parseTime(query.to ?? '0', now, 'to'),
            ...(query.host === undefined ? {} : { host: query.host }),
            limit: query.limit ?? 50,
          }),
        };
      },
    }),
  ];
}

function oldest(oldestS: number | undefined): { oldestAt?: string } {
  return oldestS === undefined ? {} : { oldestAt: new Date(oldestS * 1000).toISOString() };
}

/** @returns seconds since the epoch; 0 and negative numbers are relative to now */
export function parseTime(value: string | number, nowS: number, name: string): number {
  const text = String(value);
  if (/^-?\d{1,12}(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number <= 0 ? nowS + number : number;
  }
  const us = usFromIso(text);
  if (us === undefined) {
    throw badRequest(
      'metrics.time-format',
      `${name} is ${JSON.stringify(text.slice(0, 40))}, which is no time.`,
      'Write ISO 8601 (2026-01-31T12:00:00Z), seconds since the epoch, or seconds relative to now (-600).',
    );
  }
  return us / 1_000_000;
}
