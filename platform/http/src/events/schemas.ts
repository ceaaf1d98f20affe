/** Events at the edge. */
import { SEVERITIES } from '@undercroft/kernel';
import Type from 'typebox';
import { Iso8601, TimeInput } from '../lists/time.ts';

export const SeveritySchema = Type.Enum(SEVERITIES);

export const EventSchema = Type.Object({
  id: Type.String(),
  class: Type.String(),
  activity: Type.String(),
  timeAt: Iso8601,
  receivedAt: Iso8601,
  severity: SeveritySchema,
  tenant: Type.String(),
  source: Type.String({ description: 'The module that published it.' }),
  assets: Type.Array(Type.String(), { description: 'Assets it concerns, the subject first.' }),
  message: Type.String(),
  attributes: Type.Record(Type.String(), Type.Unknown()),
});

const FieldName = Type.String({ minLength: 1, maxLength: 120, pattern: '^[A-Za-z_][A-Za-z0-9_.]*$' });
const Scalar = Type.Union([Type.String({ maxLength: 4096 }), Type.Number(), Type.Boolean(), Type.Null()]);

export const EventFilterSchema = Type.Cyclic(
  {
    EventFilter: Type.Union([
      Type.Object({
        op: Type.Enum(['and', 'or']),
        of: Type.Array(Type.Ref('EventFilter'), { minItems: 1, maxItems: 100 }),
      }),
      Type.Object({ op: Type.Literal('not'), of: Type.Ref('EventFilter') }),
      Type.Object({
        op: Type.Enum(['eq', 'ne', 'lt', 'le', 'gt', 'ge']),
        field: FieldName,
        value: Scalar,
      }),
      Type.Object({ op: Type.Literal('in'), field: FieldName, values: Type.Array(Scalar, { maxItems: 1000 }) }),
      Type.Object({
        op: Type.Enum(['contains', 'prefix']),
        field: FieldName,
        value: Type.String({ maxLength: 4096 }),
      }),
      Type.Object({ op: Type.Literal('exists'), field: FieldName }),
    ]),
  },
  'EventFilter',
);

const Alias = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]{0,59}$' });

export const EventQueryBody = Type.Object({
  q: Type.Optional(
    Type.String({ maxLength: 4096, description: 'A line as the console takes it; adds to the filter.' }),
  ),
  classes: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 100 })),
  from: Type.Optional(TimeInput),
  to: Type.Optional(TimeInput),
  filter: Type.Optional(EventFilterSchema),
  text: Type.Optional(Type.String({ maxLength: 1024, description: 'Words that must all occur in the message.' })),
  groupBy: Type.Optional(Type.Array(FieldName, { maxItems: 10 })),
  bucketS: Type.Optional(Type.Number({ minimum: 0.001, maximum: 31_536_000, description: 'Width of a time bucket.' })),
  aggregates: Type.Optional(
    Type.Array(
      Type.Union([
        Type.Object({ fn: Type.Literal('count'), as: Type.Optional(Alias) }),
        Type.Object({
          fn: Type.Enum(['sum', 'min', 'max', 'avg', 'distinct', 'p50', 'p95', 'p99']),
          field: FieldName,
          as: Type.Optional(Alias),
        }),
      ]),
      { maxItems: 20 },
    ),
  ),
  orderBy: Type.Optional(
    Type.Array(Type.String({ pattern: '^-?[A-Za-z_][A-Za-z0-9_.]*$', maxLength: 121 }), { maxItems: 10 }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  afterId: Type.Optional(Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{26}$' })),
});

export const EventQueryAnswer = Type.Object({
  events: Type.Array(EventSchema),
  rows: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  scanned: Type.Object({ files: Type.Integer(), rows: Type.Integer() }),
  elapsedMs: Type.Number(),
  warnings: Type.Array(Type.String()),
});
