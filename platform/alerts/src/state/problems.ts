/** Problems and their history in the control store. */
import { decodeCursor, encodeCursor, MAX_PAGE_LIMIT, parseSort, toPage } from '@undercroft/http';
import {
  type Page,
  PROBLEM_STATES,
  type ProblemFilter,
  type ProblemState,
  tokenizeQueryLine,
} from '@undercroft/kernel';
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { HistoryLine, ProblemRecord } from '../engine/problem.ts';
import type { AlertsTables } from './tables.ts';

type Db = Kysely<AlertsTables>;

const DEFAULT_LIMIT = 100;
const ROWS_PER_INSERT = 200;
const SORT_COLUMNS = {
  openedUs: 'opened_us',
  changedUs: 'changed_us',
  state: 'state_rank',
  title: 'title',
} as const;
type SortField = keyof typeof SORT_COLUMNS;
const SORT_FIELDS = Object.keys(SORT_COLUMNS) as SortField[];
/** As the API writes them. */
export const PROBLEM_SORTS = SORT_FIELDS.map((field) => field.replace(/Us$/, 'At'));

export interface StoredLine extends HistoryLine {
  readonly tenant: string;
  readonly problem: string;
  readonly timeUs: number;
}

export async function saveProblems(tx: Db, records: readonly ProblemRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += ROWS_PER_INSERT) {
    const part = records.slice(start, start + ROWS_PER_INSERT);
    await tx
      .insertInto('alerts_problems')
      .values(part.map(rowOf))
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'id']).doUpdateSet((set) => {
          const { tenant: _, id: __, ...columns } = rowOf(part[0] as ProblemRecord);
          const names = Object.keys(columns) as (keyof typeof columns)[];
          return Object.fromEntries(names.map((name) => [name, set.ref(`excluded.${name}`)]));
        }),
      )
      .execute();
    const assets = part.flatMap(({ tenant, id, assets: ids }) =>
      [...new Set(ids)].map((asset) => ({ tenant, problem: id, asset })),
    );
    for (let at = 0; at < assets.length; at += ROWS_PER_INSERT) {
      await tx
        .insertInto('alerts_problem_assets')
        .values(assets.slice(at, at + ROWS_PER_INSERT))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }
}

export async function saveLines(tx: Db, lines: readonly StoredLine[], nextSeq: () => number): Promise<void> {
  const rows = lines.map((line) => ({
    tenant: line.tenant,
    problem: line.problem,
    seq: nextSeq(),
    time_us: line.timeUs,
    kind: line.kind,
    text: line.text,
    by_name: line.by ?? null,
  }));
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('alerts_history')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
}

export async function lastSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('alerts_history')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

/** What has to be in memory: open problems, and those that may come back or still have something to tell. */
export async function loadRecent(db: Db, closedSinceUs: number): Promise<ProblemRecord[]> {
  const rows = await db
    .selectFrom('alerts_problems')
    .selectAll()
    .where((where) =>
      where.or([
        where('closed_us', 'is', null),
        where('closed_us', '>=', closedSinceUs),
        where('notified', '!=', '{}'),
      ]),
    )
    .orderBy('opened_us')
    .execute();
  return rows.map(recordOf);
}

export async function loadProblem(db: Db, id: string): Promise<ProblemRecord | undefined> {
  const row = await db.selectFrom('alerts_problems').selectAll().where('id', '=', id).executeTakeFirst();
  return row && recordOf(row);
}

export async function loadLines(db: Db, problem: string): Promise<StoredLine[]> {
  const rows = await db
    .selectFrom('alerts_history')
    .selectAll()
    .where('problem', '=', problem)
    .orderBy('seq')
    .limit(10_000)
    .execute();
  return rows.map((row) => ({
    tenant: row.tenant,
    problem: row.problem,
    timeUs: row.time_us,
    kind: row.kind,
    text: row.text,
    ...(row.by_name === null ? {} : { by: row.by_name }),
  }));
}

/**
 * Newest first by default.
 *
 * @param words plain words that title, rule or subject must hold
 * @throws UndercroftError `http.sort`, `http.cursor`, `query.line.too-long` (400)
 */
export async function listProblems(db: Db, filter: ProblemFilter, words = ''): Promise<Page<ProblemRecord>> {
  const sort = parseSort(filter.sort?.replace(/At$/, 'Us'), SORT_FIELDS, '-openedUs');
  const column = SORT_COLUMNS[sort.field];
  const scope = JSON.stringify([sort, { ...filter, cursor: '', limit: 0 }, words]);
  const after = decodeCursor(filter.cursor, [sort.field === 'title' ? 'string' : 'number', 'string'], scope);
  const limit = Math.min(Math.max(filter.limit ?? DEFAULT_LIMIT, 1), MAX_PAGE_LIMIT);

  let query = db.selectFrom('alerts_problems');
  if (filter.tenant !== undefined) query = query.where('tenant', '=', filter.tenant);
  if (filter.open !== undefined) query = query.where('closed_us', filter.open ? 'is' : 'is not', null);
  if (filter.states !== undefined) query = query.where('state', 'in', filter.states);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.toUs !== undefined) query = query.where('opened_us', '<=', filter.toUs);
  const { fromUs, asset } = filter;
  if (fromUs !== undefined) {
    query = query.where((where) => where.or([where('closed_us', 'is', null), where('closed_us', '>=', fromUs)]));
  }
  if (asset !== undefined) {
    query = query.where('id', 'in', (where) =>
      where.selectFrom('alerts_problem_assets').select('problem').where('asset', '=', asset),
    );
  }
  for (const token of tokenizeQueryLine(words)) {
    const text = `${token.key === undefined ? '' : `${token.key}${token.op}`}${token.value}`.toLowerCase();
    const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(sql<boolean>`search_text ${sql.raw(token.negated ? 'not like' : 'like')} ${like} escape '\\'`);
  }
  const total =
    after === undefined
      ? Number((await query.select(({ fn }) => fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
      : undefined;
  if (after !== undefined) {
    const [value, id] = after as [string | number, string];
    const beyond = sort.descending ? '<' : '>';
    query = query.where((where) =>
      where.or([where(column, beyond, value), where.and([where(column, '=', value), where('id', beyond, id)])]),
    );
  }
  const direction = sort.descending ? 'desc' : 'asc';
  const rows = await query
    .selectAll()
    .orderBy(column, direction)
    .orderBy('id', direction)
    .limit(limit + 1)
    .execute();
  const page = toPage(rows, limit, (last) => encodeCursor([last[column], last.id], scope), total);
  return { ...page, items: page.items.map(recordOf) };
}

function rowOf(record: ProblemRecord): Insertable<AlertsTables['alerts_problems']> {
  const { machine } = record;
  return {
    tenant: record.tenant,
    id: record.id,
    source: record.source,
    rule: record.rule,
    subject: record.subject,
    assets: JSON.stringify(record.assets),
    state: machine.state,
    state_rank: PROBLEM_STATES.indexOf(machine.state),
    hard: machine.hard ? 1 : 0,
    attempt: machine.attempt,
    max_attempts: machine.maxAttempts,
    results: JSON.stringify(machine.results),
    flapping: machine.flapping ? 1 : 0,
    title: record.title,
    detail: record.detail,
    next: record.next,
    evidence: JSON.stringify(record.evidence),
    attributes: JSON.stringify(record.attributes),
    depends_on: JSON.stringify(record.dependsOn),
    opened_us: record.openedUs,
    changed_us: record.changedUs,
    last_report_us: record.lastReportUs,
    closed_us: record.closedUs ?? null,
    acknowledged: record.acknowledged === undefined ? null : JSON.stringify(record.acknowledged),
    notified: JSON.stringify(record.notified),
    search_text: `${record.title}\n${record.rule}\n${record.subject}\n${record.source}`.toLowerCase(),
  };
}

function recordOf(row: Selectable<AlertsTables['alerts_problems']>): ProblemRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    source: row.source,
    rule: row.rule,
    subject: row.subject,
    assets: JSON.parse(row.assets),
    machine: {
      state: row.state as ProblemState,
      hard: row.hard === 1,
      attempt: row.attempt,
      maxAttempts: row.max_attempts,
      results: JSON.parse(row.results),
      flapping: row.flapping === 1,
    },
    title: row.title,
    detail: row.detail,
    next: row.next,
    evidence: JSON.parse(row.evidence),
    attributes: JSON.parse(row.attributes),
    dependsOn: JSON.parse(row.depends_on),
    openedUs: row.opened_us,
    changedUs: row.changed_us,
    lastReportUs: row.last_report_us,
    ...(row.closed_us === null ? {} : { closedUs: row.closed_us }),
    ...(row.acknowledged === null ? {} : { acknowledged: JSON.parse(row.acknowledged) }),
    notified: JSON.parse(row.notified),
  };
}
