/**
 * The one place where a query becomes SQL. Values are bound, never written; identifiers come from declarations, never
 * from the query; columns of the result go by their position.
 */
import { badRequest, type EventAggregate, type EventQuery, type UndercroftError } from '@undercroft/kernel';
import { COMMON_COLUMNS, type EventRegistry } from '../registry.ts';
import type { CompiledQuery, QueryOutput } from './compiled.ts';
import { type Field, quoteName } from './fields.ts';
import { compileFilter, StatementScope } from './filter.ts';
import { nearNames } from './near.ts';
import { shown } from './values.ts';

export const DEFAULT_EVENTS = 100;
export const DEFAULT_GROUPS = 1_000;
export const MAX_RESULTS = 10_000;
const MAX_TEXT_WORDS = 32;
const MAX_GROUP_FIELDS = 8;
const MAX_AGGREGATES = 32;
const MAX_ORDER_FIELDS = 8;

/** @throws UndercroftError 400 `events.query.…` whatever is handed in */
export function compileQuery(query: EventQuery, registry: EventRegistry): CompiledQuery {
  if (typeof query !== 'object' || query === null) throw wrongQuery('it is no object');
  const scope = new StatementScope(registry);
  const classes = chosenClasses(query, registry);
  const range = timeRange(query);
  const where = conditions(query, range, scope);
  const aggregating = query.aggregates !== undefined || query.groupBy !== undefined || query.bucketUs !== undefined;
  const statement = aggregating ? groupedStatement(query, scope) : eventStatement(query, classes, scope);
  const fields = [...scope.fields.values()];
  return {
    ...statement,
    classes,
    ...(query.tenant === undefined ? {} : { tenant: query.tenant }),
    ...range,
    ...(query.afterId === undefined ? {} : { afterId: query.afterId }),
    attributes: fields.flatMap((field) =>
      field.attribute === undefined ? [] : [{ name: field.column, type: field.attribute }],
    ),
    common: fields
      .filter((field) => field.attribute === undefined && field.column !== 'class')
      .map((one) => one.column),
    where: where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`,
    parameters: scope.parameters,
  };
}

type Statement = Pick<
  CompiledQuery,
  'select' | 'groupBy' | 'orderBy' | 'limit' | 'walk' | 'outputs' | 'grouped' | 'notes'
>;

function chosenClasses(query: EventQuery, registry: EventRegistry): string[] {
  const ordinary = () => [...registry.classes.values()].filter((one) => !one.bulk).map((one) => one.name);
  if (query.classes === undefined) return ordinary();
  if (!Array.isArray(query.classes)) throw wrongQuery('"classes" is no list');
  if (query.classes.length === 0) return ordinary();
  for (const name of query.classes) {
    if (typeof name === 'string' && registry.classes.has(name)) continue;
    const near = typeof name === 'string' ? nearNames(name, registry.classes.keys()) : [];
    throw badRequest(
      'events.query.unknown-class',
      `There is no event class ${shown(name)}.`,
      near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Event classes: GET /platform/v1/events/classes.',
    );
  }
  return [...new Set(query.classes)];
}

function timeRange(query: EventQuery): { fromNs?: bigint; toNs?: bigint } {
  const fromNs = timeNs(query.fromUs, 'fromUs');
  const toNs = timeNs(query.toUs, 'toUs');
  return { ...(fromNs === undefined ? {} : { fromNs }), ...(toNs === undefined ? {} : { toNs }) };
}

function timeNs(us: unknown, name: string): bigint | undefined {
  if (us === undefined) return undefined;
  if (typeof us !== 'number' || !Number.isSafeInteger(us)) throw wrongQuery(`"${name}" is no time: ${shown(us)}`);
  return BigInt(us) * 1000n;
}

function conditions(query: EventQuery, range: { fromNs?: bigint; toNs?: bigint }, scope: StatementScope): string[] {
  const where: string[] = [];
  if (query.tenant !== undefined)
    where.push(`${scope.field('tenant').sql} = ${scope.bind(text(query.tenant, 'tenant'))}`);
  if (range.fromNs !== undefined) where.push(`${scope.field('timeUs').sql} >= ${scope.bind(range.fromNs)}`);
  if (range.toNs !== undefined) where.push(`${scope.field('timeUs').sql} < ${scope.bind(range.toNs)}`);
  if (query.afterId !== undefined)
    where.push(`${scope.field('id').sql} > ${scope.bind(text(query.afterId, 'afterId'))}`);
  if (query.filter !== undefined) where.push(compileFilter(query.filter, scope));
  if (query.text !== undefined) {
    const words = text(query.text, 'text')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length > MAX_TEXT_WORDS) throw wrongQuery(`"text" has more than ${MAX_TEXT_WORDS} words`);
    for (const value of words) where.push(compileFilter({ op: 'contains', field: 'message', value }, scope));
  }
  return where;
}

function eventStatement(query: EventQuery, classes: readonly string[], scope: StatementScope): Statement {
  for (const column of COMMON_COLUMNS)
    scope.fields.set(column, { name: column, kind: 'text', column, sql: quoteName(column) });
  const outputs: QueryOutput[] = ['class', ...COMMON_COLUMNS].map((name) => ({ name, type: 'common' as const }));
  for (const name of classes) {
    for (const attribute of scope.registry.classes.get(name)!.attributes) scope.field(attribute.name);
  }
  for (const field of scope.fields.values()) {
    if (
      field.attribute !== undefined &&
      classes.some((name) => scope.registry.classes.get(name)!.columns.has(field.column))
    )
      outputs.push({ name: field.name, type: field.attribute });
  }
  const order = orderFields(query, (name) => scope.field(name).sql);
  const { limit, notes } = resultLimit(query, DEFAULT_EVENTS);
  return {
    select: outputs.map((output) => quoteName(output.name)).join(', '),
    groupBy: '',
    ...eventOrder(query, order),
    limit,
    notes,
    outputs,
    grouped: false,
  };
}

function eventOrder(
  query: EventQuery,
  order: readonly { sql: string; descending: boolean }[],
): Pick<CompiledQuery, 'orderBy' | 'walk'> {
  const first = order[0];
  if (first === undefined && query.afterId !== undefined) return { orderBy: 'ORDER BY id', walk: 'oldest-id' };
  const newest = first === undefined || (order.length === 1 && first.sql === '"time_ns"' && first.descending);
  if (newest) return { orderBy: 'ORDER BY time_ns DESC, id DESC', walk: 'newest' };
  const last = `id ${first.descending ? 'DESC' : 'ASC'}`;
  return { orderBy: `ORDER BY ${[...order.map(orderTerm), last].join(', ')}` };
}

function groupedStatement(query: EventQuery, scope: StatementScope): Statement {
  const keys: { sql: string; output: QueryOutput }[] = [];
  if (query.bucketUs !== undefined) {
    const bucketUs: unknown = query.bucketUs;
    if (typeof bucketUs !== 'number' || !Number.isSafeInteger(bucketUs) || bucketUs < 1 || bucketUs > 9e12)
      throw wrongQuery(`"bucketUs" is no width: ${shown(bucketUs)}`);
    const time = scope.field('timeUs').sql;
    keys.push({
      sql: `${time} - ${time} % ${scope.bind(BigInt(bucketUs) * 1000n)}`,
      output: { name: 'timeUs', type: 'time' },
    });
  }
  for (const name of list(query.groupBy, 'groupBy', MAX_GROUP_FIELDS)) {
    const field = scope.field(name);
    keys.push({ sql: field.sql, output: { name: field.name, type: outputType(field) } });
  }
  const values = list(query.aggregates ?? [{ fn: 'count' }], 'aggregates', MAX_AGGREGATES).map((aggregate) =>
    compileAggregate(aggregate as EventAggregate, scope),
  );
  const columns = [...keys, ...values];
  if (columns.length === 0) throw wrongQuery('it asks for no column');
  const names = columns.map((column) => column.output.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrongQuery(`two columns would be called ${JSON.stringify(twice)}; name one with "as"`);
  const order = orderFields(query, (name) => {
    const index = names.indexOf(name === 'time' || name === 'timeAt' ? 'timeUs' : name);
    if (index === -1)
      throw badRequest(
        'events.query.unknown-field',
        `The result has no column ${shown(name)}.`,
        `It has ${names.join(', ')}.`,
      );
    return String(index + 1);
  });
  // The keys make the order of equal rows the same every time.
  const terms = [...order.map(orderTerm), ...keys.map((_, index) => `${index + 1} NULLS LAST`)];
  return {
    select: columns.map((column) => column.sql).join(', '),
    groupBy: keys.length === 0 ? '' : `GROUP BY ${keys.map((_, index) => index + 1).join(', ')}`,
    orderBy: terms.length === 0 ? '' : `ORDER BY ${terms.join(', ')}`,
    ...resultLimit(query, DEFAULT_GROUPS),
    outputs: columns.map((column) => column.output),
    grouped: true,
  };
}

const NUMBERS = new Set(['number', 'time']);
const PERCENTILES: Readonly<Record<string, string>> = { p50: '0.5', p95: '0.95', p99: '0.99' };

function compileAggregate(aggregate: EventAggregate, scope: StatementScope): { sql: string; output: QueryOutput } {
  if (typeof aggregate !== 'object' || aggregate === null) throw wrongQuery(`${shown(aggregate)} is no aggregate`);
  const as = aggregate.as;
  if (as !== undefined && (typeof as !== 'string' || as === '' || as.length > 120))
    throw wrongQuery('"as" is a name of at most 120 characters');
  if (aggregate.fn === 'count') return { sql: 'count(*)', output: { name: as ?? 'count', type: 'number' } };
  if (!['sum', 'avg', 'min', 'max', 'distinct', 'p50', 'p95', 'p99'].includes(aggregate.fn))
    throw wrongQuery(`there is no aggregate ${shown(aggregate.fn)}`);
  if ('fields' in aggregate) return compileSum(list(aggregate.fields, 'fields', MAX_GROUP_FIELDS), as, scope);
  const field = scope.field(aggregate.field);
  const name = as ?? `${aggregate.fn}_${field.name}`;
  switch (aggregate.fn) {
    case 'distinct':
      return { sql: `count(DISTINCT ${field.sql})`, output: { name, type: 'number' } };
    case 'min':
    case 'max':
      return { sql: `${aggregate.fn}(${field.sql})`, output: { name, type: outputType(field) } };
    case 'sum':
    case 'avg':
      if (field.kind !== 'number') throw wrongQuery(`${field.name} is no number, so it has no ${aggregate.fn}`);
      return { sql: `${aggregate.fn}(CAST(${field.sql} AS DOUBLE))`, output: { name, type: 'number' } };
    default:
      if (!NUMBERS.has(field.kind)) throw wrongQuery(`${field.name} is no number, so it has no ${aggregate.fn}`);
      return {
        sql: `quantile_cont(CAST(${field.sql} AS DOUBLE), ${PERCENTILES[aggregate.fn]})`,
        output: { name, type: field.kind === 'time' ? 'time' : 'number' },
      };
  }
}

/** A row without one of them counts the others. */
function compileSum(
  names: readonly unknown[],
  as: string | undefined,
  scope: StatementScope,
): { sql: string; output: QueryOutput } {
  if (as === undefined || names.length === 0) throw wrongQuery('a sum of fields names them, and itself with "as"');
  const sums = names.map((name) => {
    const field = scope.field(text(name, 'fields'));
    if (field.kind !== 'number') throw wrongQuery(`${field.name} is no number, so it has no sum`);
    return `coalesce(sum(CAST(${field.sql} AS DOUBLE)), 0)`;
  });
  return { sql: sums.join(' + '), output: { name: as, type: 'number' } };
}

function outputType(field: Field): QueryOutput['type'] {
  if (field.kind === 'severity') return 'severity';
  if (field.kind === 'time') return 'time';
  return field.attribute ?? 'string';
}

function orderFields(query: EventQuery, resolve: (name: string) => string): { sql: string; descending: boolean }[] {
  return list(query.orderBy, 'orderBy', MAX_ORDER_FIELDS).map((entry) => {
    const name = text(entry, 'orderBy');
    const descending = name.startsWith('-');
    return { sql: resolve(descending ? name.slice(1) : name), descending };
  });
}

function orderTerm(order: { sql: string; descending: boolean }): string {
  return `${order.sql} ${order.descending ? 'DESC' : 'ASC'} NULLS LAST`;
}

function resultLimit(query: EventQuery, byDefault: number): { limit: number; notes: string[] } {
  const limit: unknown = query.limit ?? byDefault;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1)
    throw wrongQuery(`"limit" is no whole number from 1: ${shown(limit)}`);
  if (limit <= MAX_RESULTS) return { limit, notes: [] };
  return { limit: MAX_RESULTS, notes: [`At most ${MAX_RESULTS} results are given at once, not ${limit}.`] };
}

function list(value: unknown, name: string, most: number): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > most) throw wrongQuery(`"${name}" is no list of at most ${most}`);
  // A hole becomes undefined, which is then refused as any other wrong value.
  return Array.from(value);
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > 65_536) throw wrongQuery(`"${name}" is no text: ${shown(value)}`);
  return value;
}

function wrongQuery(what: string): UndercroftError {
  return badRequest('events.query.wrong', `The query is wrong: ${what}.`);
}
