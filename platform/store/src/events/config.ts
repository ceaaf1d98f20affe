/** Settings of the event store (`store.events` in `undercroft.yaml`). */
import Type, { type Static } from 'typebox';

export const EventStoreConfig = Type.Object(
  {
    hotHours: Type.Number({
      default: 6,
      minimum: 0.01,
      maximum: 168,
      description: 'Hours that events stay in DuckDB before they move to Parquet.',
    }),
    hotRows: Type.Integer({
      default: 100_000,
      minimum: 1_000,
      maximum: 100_000_000,
      description: 'Rows in DuckDB above which they move to Parquet early.',
    }),
    retentionDays: Type.Number({
      default: 30,
      minimum: 0.01,
      maximum: 36_500,
      description: 'Days that events are kept.',
    }),
    auditDays: Type.Number({
      default: 365,
      minimum: 0.01,
      maximum: 36_500,
      description: 'Days that audit events (sign-ins, changes, API activity, access) are kept.',
    }),
    maxGiB: Type.Number({
      default: 10,
      minimum: 0.001,
      maximum: 1_000_000,
      description: 'Size above which the oldest events go first, audit events last.',
    }),
    queueEvents: Type.Integer({
      default: 50_000,
      minimum: 100,
      maximum: 5_000_000,
      description: 'Published events that may wait to be stored; more are dropped and counted.',
    }),
    queueRows: Type.Integer({
      default: 500_000,
      minimum: 1_000,
      maximum: 20_000_000,
      description: 'Rows of bulk classes (flows, log lines) that may wait to be stored; more are refused.',
    }),
    lingerMs: Type.Integer({
      default: 200,
      minimum: 0,
      maximum: 10_000,
      description: 'How long published events wait for company, so that they share one fsync.',
    }),
    memoryMiB: Type.Integer({
      default: 128,
      minimum: 64,
      maximum: 1_000_000,
      description: "DuckDB's memory limit; what does not fit spills to disk.",
    }),
    threads: Type.Integer({ default: 2, minimum: 1, maximum: 256, description: "DuckDB's threads." }),
    queryTimeoutMs: Type.Integer({
      default: 10_000,
      minimum: 10,
      maximum: 600_000,
      description: 'Time after which a query is stopped, unless it asks for less.',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type EventStoreConfig = Static<typeof EventStoreConfig>;
