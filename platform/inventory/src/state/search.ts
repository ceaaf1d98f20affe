/** Answers a search line in SQL: conditions on the narrow asset table, the rest by indexed sub-queries. */
import {
  type Expression,
  type ExpressionBuilder,
  expressionBuilder,
  type Kysely,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import type { AssetQuery, NumberRange, Term, TextPattern } from '../language/query.ts';
import type { InventoryTables } from './tables.ts';

type Db = Kysely<InventoryTables>;
type Where = ExpressionBuilder<InventoryTables, 'inventory_assets'>;
type Condition = Expression<SqlBool>;

export interface SearchSettings {
  readonly nowUs: number;
  /** Undefined: all tenants. */
  readonly tenant: string | undefined;
  /** Age after which an asset is silent, by type; `*` is every other type. */
  readonly silentAfterUs: Readonly<Record<string, number>>;
}

export const SORT_COLUMNS = {
  name: 'name',
  type: 'type',
  firstSeenUs: 'first_seen_us',
  lastSeenUs: 'last_seen_us',
} as const;
export type SortField = keyof typeof SORT_COLUMNS;

export interface SearchPage {
  readonly limit: number;
  readonly sort: SortField;
  readonly descending: boolean;
  /** Sort value and id of the last item of the page before. */
  readonly after?: readonly [string | number, string];
}

export interface Found {
  /** At most `limit + 1` roots with their sort values. */
  readonly rows: readonly { readonly id: string; readonly value: string | number }[];
  /** Of all pages; only with the first one. */
  readonly total?: number;
}

/**
 * Conditions that are looked up in other tables cost the most, so then the matches are gathered once, for the page and
 * the total alike; otherwise the page stops early in an index and the total is counted apart.
 */
export async function searchIds(db: Db, query: AssetQuery, settings: SearchSettings, page: SearchPage): Promise<Found> {
  const column = SORT_COLUMNS[page.sort];
  const direction = page.descending ? 'desc' : 'asc';
  const first = page.after === undefined;
  const matches = db
    .selectFrom('inventory_assets')
    .select(['id', `${column} as value`])
    .where((where) => where.and(conditions(where, query, settings)));
  if (first && query.terms.some(({ kind }) => kind === 'key' || kind === 'attribute' || kind === 'port')) {
    const rows = await db
      .with(
        (cte) => cte('matched').materialized(),
        () => matches,
      )
      .selectFrom('matched')
      .select((matched) => [
        'id',
        'value',
        matched.selectFrom('matched').select(matched.fn.countAll().as('n')).as('total'),
      ])
      .orderBy('value', direction)
      .orderBy('id', direction)
      .limit(page.limit + 1)
      .execute();
    return { rows, total: Number(rows[0]?.total ?? 0) };
  }
  const rows = await (page.after === undefined ? matches : beyond(matches, column, page.descending, page.after))
    .orderBy(column, direction)
    .orderBy('id', direction)
    .limit(page.limit + 1)
    .execute();
  return { rows, ...(first ? { total: await countMatches(db, query, settings) } : {}) };
}

function beyond<O>(
  matches: SelectQueryBuilder<InventoryTables, 'inventory_assets', O>,
  column: (typeof SORT_COLUMNS)[SortField],
  descending: boolean,
  [value, id]: readonly [string | number, string],
) {
  const op = descending ? '<' : '>';
  return matches.where((where) =>
    where.or([where(column, op, value), where.and([where(column, '=', value), where('id', op, id)])]),
  );
}

async function countMatches(db: Db, query: AssetQuery, settings: SearchSettings): Promise<number> {
  const row = await db
    .selectFrom('inventory_assets')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((where) => where.and(conditions(where, query, settings)))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many match, by type and by set of sources. */
export async function countKinds(
  db: Db,
  query: AssetQuery,
  settings: SearchSettings,
): Promise<{ readonly type: string; readonly sources: string; readonly count: number }[]> {
  const rows = await db
    .selectFrom('inventory_assets')
    .select(({ fn }) => ['type', 'sources', fn.countAll<number>().as('count')])
    .where((where) => where.and(conditions(where, query, settings)))
    .groupBy(['type', 'sources'])
    .execute();
  return rows.map((row) => ({ type: row.type, sources: row.sources, count: Number(row.count) }));
}

function conditions(where: Where, query: AssetQuery, settings: SearchSettings): Condition[] {
  const { tenant } = settings;
  const all: Condition[] = [];
  if (tenant !== undefined) all.push(where('inventory_assets.tenant', '=', tenant));
  all.push(where('inventory_assets.live', '=', 1));
  if (query.presence !== 'any') all.push(where('inventory_assets.present', '=', query.presence === 'present' ? 1 : 0));
  const types = onlyTypes(query);
  for (const term of query.terms) {
    const condition =
      term.kind === 'port' ? portCondition(where, term.ranges, settings, types) : termCondition(where, term, settings);
    all.push(term.negated ? where.not(condition) : condition);
  }
  return all;
}

/** The types a line is limited to, if it names them whole. */
function onlyTypes(query: AssetQuery): readonly string[] | undefined {
  const term = query.terms.find(({ kind, negated }) => kind === 'type' && !negated);
  if (term?.kind !== 'type' || term.values.some(({ match }) => match !== 'exact')) return undefined;
  return term.values.map(({ text }) => text);
}

/** An asset that is such a port, or a host that exposes one; only the half that the types leave possible is looked up. */
function portCondition(
  where: Where,
  ranges: readonly NumberRange[],
  settings: SearchSettings,
  types: readonly string[] | undefined,
): Condition {
  const is = where('inventory_assets.id', 'in', withPort(settings, ranges));
  if (types?.every((type) => type === 'port')) return is;
  const exposes = where('inventory_assets.id', 'in', exposingPort(settings, ranges));
  return types?.every((type) => type === 'host') ? exposes : where.or([is, exposes]);
}

function termCondition(where: Where, term: Exclude<Term, { kind: 'port' }>, settings: SearchSettings): Condition {
  switch (term.kind) {
    case 'type':
      return where.or(term.values.map((pattern) => textCondition(sql.ref('inventory_assets.type'), pattern, false)));
    case 'id':
      return where.or(
        term.values.map((pattern) => textCondition(sql`lower(${sql.ref('inventory_assets.id')})`, pattern, false)),
      );
    case 'source':
      return where.or(term.values.map((pattern) => sourceCondition(pattern)));
    case 'name':
      return textCondition(sql.ref('inventory_assets.name'), term.pattern, true);
    case 'text':
      return textCondition(sql.ref('inventory_assets.search_text'), anywhere(term.pattern), false);
    case 'seen':
      return ageCondition('inventory_assets.last_seen_us', term, settings.nowUs);
    case 'first':
      return ageCondition('inventory_assets.first_seen_us', term, settings.nowUs);
    case 'silent':
      return silentCondition(where, settings);
    case 'key':
      return where('inventory_assets.id', 'in', keysMatching(settings, term));
    case 'attribute':
      return where('inventory_assets.id', 'in', attributesMatching(settings, term));
  }
}

function keysMatching(settings: SearchSettings, term: Extract<Term, { kind: 'key' }>) {
  const query = expressionBuilder<InventoryTables>().selectFrom('inventory_keys').select('inventory_keys.root');
  return ofTenant(query, 'inventory_keys.tenant', settings)
    .where('inventory_keys.type', '=', term.type)
    .where('inventory_keys.to_us', 'is', null)
    .where(
      term.pattern.match === 'exact'
        ? expressionBuilder<InventoryTables, 'inventory_keys'>().or([
            expressionBuilder<InventoryTables, 'inventory_keys'>()('inventory_keys.value', '=', term.pattern.text),
            textCondition(sql`lower(${sql.ref('inventory_keys.value')})`, term.pattern, false),
          ])
        : textCondition(sql.ref('inventory_keys.value'), term.pattern, true),
    );
}

function attributesMatching(settings: SearchSettings, term: Extract<Term, { kind: 'attribute' }>) {
  const query = expressionBuilder<InventoryTables>()
    .selectFrom('inventory_attributes')
    .select('inventory_attributes.root')
    .where('inventory_attributes.name', '=', term.name)
    .where('inventory_attributes.winner', '=', 1);
  return ofTenant(query, 'inventory_attributes.tenant', settings).where(
    term.range === undefined
      ? textCondition(sql.ref('inventory_attributes.match_text'), term.pattern, false)
      : numberCondition(term.range),
  );
}

function withPort(settings: SearchSettings, ranges: readonly NumberRange[]) {
  const where = expressionBuilder<InventoryTables, 'inventory_attributes'>();
  const query = expressionBuilder<InventoryTables>()
    .selectFrom('inventory_attributes')
    .select('inventory_attributes.root')
    .where('inventory_attributes.name', '=', 'port')
    .where('inventory_attributes.winner', '=', 1)
    .where(where.or(ranges.map(numberCondition)));
  return ofTenant(query, 'inventory_attributes.tenant', settings);
}

/** Hosts that expose an asset with such a port which is still there. */
function exposingPort(settings: SearchSettings, ranges: readonly NumberRange[]) {
  const where = expressionBuilder<InventoryTables, 'inventory_attributes'>();
  const query = expressionBuilder<InventoryTables>()
    .selectFrom('inventory_attributes')
    .innerJoin('inventory_relations as exposes', 'exposes.to_root', 'inventory_attributes.root')
    .innerJoin('inventory_assets as target', (join) =>
      join
        .onRef('target.tenant', '=', 'inventory_attributes.tenant')
        .onRef('target.id', '=', 'inventory_attributes.root'),
    )
    .select('exposes.from_root')
    .where('inventory_attributes.name', '=', 'port')
    .where('inventory_attributes.winner', '=', 1)
    .where(where.or(ranges.map(numberCondition)))
    .where('exposes.type', '=', 'exposes')
    .where('exposes.ended_us', 'is', null)
    .where('target.present', '=', 1);
  return ofTenant(query, 'inventory_attributes.tenant', settings);
}

function ofTenant<Q extends { where(column: never, op: '=', value: never): Q }>(
  query: Q,
  column: string,
  settings: SearchSettings,
): Q {
  return settings.tenant === undefined ? query : query.where(column as never, '=', settings.tenant as never);
}

function numberCondition(range: NumberRange): Condition {
  const where = expressionBuilder<InventoryTables, 'inventory_attributes'>();
  const column = 'inventory_attributes.match_number';
  if (range.min !== undefined && range.min === range.max) return where(column, '=', range.min);
  const bounds: Condition[] = [];
  if (range.min !== undefined) bounds.push(where(column, range.exclusive ? '>' : '>=', range.min));
  if (range.max !== undefined) bounds.push(where(column, range.exclusive ? '<' : '<=', range.max));
  return where.and(bounds);
}

function ageCondition(column: string, term: { olderMs?: number; youngerMs?: number }, nowUs: number): Condition {
  if (term.youngerMs !== undefined)
    return sql<SqlBool>`${sql.ref(column)} >= ${Math.round(nowUs - term.youngerMs * 1000)}`;
  return sql<SqlBool>`${sql.ref(column)} < ${Math.round(nowUs - (term.olderMs ?? 0) * 1000)}`;
}

function silentCondition(where: Where, settings: SearchSettings): Condition {
  const { '*': otherUs, ...byType } = settings.silentAfterUs;
  const types = Object.keys(byType);
  const cases = Object.entries(byType).map(([type, afterUs]) =>
    where.and([
      where('inventory_assets.type', '=', type),
      where('inventory_assets.last_seen_us', '<', Math.round(settings.nowUs - afterUs)),
    ]),
  );
  if (otherUs !== undefined) {
    const rest = where('inventory_assets.last_seen_us', '<', Math.round(settings.nowUs - otherUs));
    cases.push(types.length === 0 ? rest : where.and([where('inventory_assets.type', 'not in', types), rest]));
  }
  return where.or(cases);
}

function sourceCondition(pattern: TextPattern): Condition {
  const text = pattern.match === 'glob' ? likeOf(pattern.text) : escapeLike(pattern.text);
  return sql<SqlBool>`${sql.ref('inventory_assets.sources')} like ${`%,${text},%`} escape '\\'`;
}

function anywhere(pattern: TextPattern): TextPattern {
  return pattern.match === 'glob' ? { text: `*${pattern.text}*`, match: 'glob' } : { ...pattern, match: 'contains' };
}

/** @param mixed whether the column holds capital letters */
function textCondition(column: Expression<unknown>, pattern: TextPattern, mixed: boolean): Condition {
  const value = mixed ? sql`lower(${column})` : column;
  if (pattern.match === 'exact') return sql<SqlBool>`${value} = ${pattern.text}`;
  const like = pattern.match === 'glob' ? likeOf(pattern.text) : `%${escapeLike(pattern.text)}%`;
  return sql<SqlBool>`${value} like ${like} escape '\\'`;
}

function likeOf(glob: string): string {
  return escapeLike(glob).replaceAll('*', '%').replaceAll('?', '_');
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
