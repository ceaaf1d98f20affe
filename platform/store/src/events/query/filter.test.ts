import {
  DEFAULT_TENANT,
  type EventFilter,
  type EventInput,
  type JsonValue,
  SEVERITIES,
  UndercroftError,
} from '@undercroft/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_EVENT_CLASSES } from '../../testing/event-classes.ts';
import { buildRegistry } from '../registry.ts';
import { openTestStore, type TestStore } from '../testing.ts';
import { compileQuery } from './compile.ts';

const registry = buildRegistry(TEST_EVENT_CLASSES);
const NAMES = ['ada', 'Ada', 'bob', "o'neil", '%', ''];
const ASSETS = ['A', 'B', 'AB', 'a'];
const WORDS = ['signed in', 'Signed IN', 'failed', 'x"y', '100%', "'; DROP TABLE files; --"];

let opened: TestStore;
const events: (EventInput & { readonly source: string })[] = [];

beforeAll(async () => {
  opened = await openTestStore({ hotRows: 1_000 });
  const random = fc.sample(
    fc.record({
      class: fc.constantFrom('authentication', 'api_activity'),
      severity: fc.constantFrom(...SEVERITIES),
      assets: fc.subarray(ASSETS),
      message: fc.constantFrom(...WORDS),
      timeUs: fc.integer({ min: 0, max: 10 }).map((s) => s * 1_000_000),
      attributes: fc.record(
        {
          'actor.user.name': fc.constantFrom(...NAMES),
          'http_response.code': fc.integer({ min: 0, max: 5 }),
          is_mfa: fc.boolean(),
          'src_endpoint.port': fc.constantFrom(22, 80, 443),
        },
        { requiredKeys: [] },
      ),
    }),
    { numRuns: 60, seed: 7 },
  );
  for (const event of random) {
    // What a class does not declare is kept, but cannot be asked for.
    if (event.class === 'api_activity') delete event.attributes.is_mfa;
    events.push({ ...(event as EventInput), source: 'test' });
  }
  for (const event of events.slice(0, 30)) opened.store.events('test').publish(event);
  await opened.store.query.stats();
  // Half of them in Parquet, half hot.
  opened.clock.jump(12 * 3_600_000);
  await opened.store.maintain();
  for (const event of events.slice(30)) opened.store.events('test').publish(event);
  expect(await opened.store.query.stats()).toMatchObject({ events: 60, hotRows: 30 });
});
afterAll(() => opened.end());

/** What a filter means, said once more without SQL. */
function matches(event: EventInput, filter: EventFilter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.every((one) => matches(event, one));
    case 'or':
      return filter.of.some((one) => matches(event, one));
    case 'not':
      return !matches(event, filter.of);
    case 'ne':
      return !matches(event, { ...filter, op: 'eq' });
    case 'exists':
      return valuesOf(event, filter.field).length > 0;
    case 'in':
      return filter.values.some((value) => matches(event, { op: 'eq', field: filter.field, value }));
    case 'contains':
      return valuesOf(event, filter.field).some((value) =>
        String(value).toLowerCase().includes(filter.value.toLowerCase()),
      );
    case 'prefix':
      return valuesOf(event, filter.field).some((value) => String(value).startsWith(filter.value));
    default: {
      const all = valuesOf(event, filter.field);
      const own = filter.op === 'eq' ? all : all.slice(0, 1);
      const wanted = comparable(filter.field, filter.value);
      return own.some((value) => {
        const stored = comparable(filter.field, value);
        if (filter.op === 'eq') return stored === wanted;
        if (filter.op === 'lt') return stored < wanted;
        if (filter.op === 'le') return stored <= wanted;
        return filter.op === 'gt' ? stored > wanted : stored >= wanted;
      });
    }
  }
}

function valuesOf(event: EventInput, field: string): JsonValue[] {
  if (field === 'asset') return [...(event.assets ?? [])];
  if (field === 'tenant') return [DEFAULT_TENANT];
  const common = { class: event.class, severity: event.severity, message: event.message, timeUs: event.timeUs }[field];
  const value = common ?? event.attributes?.[field];
  return value === undefined ? [] : [value];
}

function comparable(field: string, value: JsonValue): string | number | boolean {
  return field === 'severity' ? SEVERITIES.indexOf(value as never) : (value as string | number | boolean);
}

const text = (field: string, values: readonly string[]): fc.Arbitrary<EventFilter> =>
  fc.oneof(
    fc.record({
      op: fc.constantFrom('eq' as const, 'ne' as const, 'lt' as const, 'le' as const, 'gt' as const, 'ge' as const),
      field: fc.constant(field),
      value: fc.constantFrom(...values),
    }),
    fc.record({ op: fc.constant('in' as const), field: fc.constant(field), values: fc.subarray([...values]) }),
    fc.record({
      op: fc.constantFrom('contains' as const, 'prefix' as const),
      field: fc.constant(field),
      value: fc.oneof(fc.constantFrom(...values), fc.constantFrom('a', 'A', 'in', '%', '_')),
    }),
    fc.record({ op: fc.constant('exists' as const), field: fc.constant(field) }),
  );
const ordered = (field: string, values: readonly JsonValue[]): fc.Arbitrary<EventFilter> =>
  fc.oneof(
    fc.record({
      op: fc.constantFrom('eq' as const, 'ne' as const, 'lt' as const, 'le' as const, 'gt' as const, 'ge' as const),
      field: fc.constant(field),
      value: fc.constantFrom(...values),
    }),
    fc.record({ op: fc.constant('exists' as const), field: fc.constant(field) }),
  );
const leaf = fc.oneof(
  text('asset', ASSETS),
  text('message', WORDS),
  text('actor.user.name', NAMES),
  text('class', ['authentication', 'api_activity']),
  ordered('severity', SEVERITIES),
  ordered('timeUs', [0, 3_000_000, 3_000_001]),
  ordered('http_response.code', [0, 2, 2.5, 5]),
  ordered('src_endpoint.port', [22, 80, 70_000]),
  fc.record({
    op: fc.constantFrom('eq' as const, 'ne' as const),
    field: fc.constant('is_mfa'),
    value: fc.boolean(),
  }),
);
const tree = fc.letrec<{ filter: EventFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ op: fc.constant('not' as const), of: tie('filter') }),
  ) as fc.Arbitrary<EventFilter>,
})).filter;

test('any filter gives the rows that plain JavaScript gives', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (filter) => {
      const found = await opened.store.query.query({ filter, limit: 1_000 });
      const expected = events.filter((event) => matches(event, filter));
      expect(found.events.map(shape).sort()).toEqual(expected.map(shape).sort());
    }),
    { numRuns: 80 },
  );
});

function shape(event: EventInput): string {
  const { class: name, severity, assets, message, timeUs, attributes } = event;
  const sorted = Object.fromEntries(Object.entries(attributes ?? {}).sort());
  return JSON.stringify({ name, severity, assets, message, timeUs, attributes: sorted });
}

test('nothing whatever makes the compiler throw anything but its typed error', () => {
  const keys = ['classes', 'fromUs', 'toUs', 'filter', 'text', 'groupBy', 'bucketUs', 'aggregates', 'orderBy', 'limit'];
  const anything = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true });
  const nearlyFilter = fc.record({
    op: fc.oneof(fc.constantFrom('and', 'not', 'eq', 'in', 'contains', 'exists'), anything),
    of: fc.oneof(fc.array(leaf), anything),
    field: fc.oneof(fc.constantFrom('asset', 'severity', 'message', 'timeUs', 'is_mfa'), anything),
    value: anything,
    values: fc.oneof(fc.array(anything), anything),
  });
  const query = fc.oneof(
    anything,
    fc.dictionary(fc.constantFrom(...keys, 'tenant', 'afterId'), anything),
    fc.record({ filter: nearlyFilter }),
    fc.record({ aggregates: fc.array(fc.record({ fn: anything, field: anything, as: anything })) }),
  );
  fc.assert(
    fc.property(query, (input) => {
      try {
        compileQuery(input as never, registry);
      } catch (error) {
        expect(error).toBeInstanceOf(UndercroftError);
        expect((error as UndercroftError).status).toBe(400);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what looks like SQL is only a value', async () => {
  const attacks = ["' OR 1=1 --", '"; DROP TABLE files; --', '$1', "'); COPY files TO '/tmp/x'; --", '\\', '%'];
  for (const value of attacks) {
    for (const op of ['eq', 'contains', 'prefix'] as const) {
      const filter: EventFilter = { op, field: 'message', value };
      const found = await opened.store.query.query({ filter, limit: 1_000 });
      expect(found.events).toHaveLength(events.filter((event) => matches(event, filter)).length);
    }
    for (const query of [
      { filter: { op: 'eq', field: value, value: 1 } as EventFilter },
      { groupBy: [value] },
      { orderBy: [`-${value}`] },
      { aggregates: [{ fn: 'max', field: value } as const] },
    ])
      await expect(opened.store.query.query(query)).rejects.toMatchObject({
        code: 'events.query.unknown-field',
        status: 400,
      });
    const named = await opened.store.query.query({ aggregates: [{ fn: 'count', as: value }] });
    expect(named.rows).toEqual([{ [value]: events.length }]);
  }
  expect((await opened.store.query.stats()).events).toBe(events.length);
});

test('an unknown field names those that were meant', async () => {
  const filter: EventFilter = { op: 'eq', field: 'actor.user.nam', value: 'ada' };
  await expect(opened.store.query.query({ filter })).rejects.toMatchObject({
    code: 'events.query.unknown-field',
    fix: expect.stringContaining('actor.user.name'),
  });
  await expect(opened.store.query.query({ classes: ['authentification'] })).rejects.toMatchObject({
    code: 'events.query.unknown-class',
    fix: expect.stringContaining('authentication'),
  });
});
