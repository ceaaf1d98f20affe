/**
 * The outbox: notifications that were decided and are not sent yet. Written in the same unit of work as the decision,
 * so that none is lost; marked after it was sent, so that a crash in between sends it once more with the same id.
 */
import type { Kysely } from 'kysely';
import type { Message } from '../engine/message.ts';
import type { AlertsTables } from './tables.ts';

type Db = Kysely<AlertsTables>;

export interface OutboxItem {
  readonly id: string;
  readonly tenant: string;
  readonly contact: string;
  readonly route: string;
  readonly problem: string;
  readonly kind: string;
  readonly message: Message;
  readonly createdUs: number;
  readonly dueUs: number;
  readonly attempts: number;
  readonly state: 'waiting' | 'sent' | 'failed' | 'dropped';
  readonly lastError?: string;
  readonly sentUs?: number;
  readonly digest?: string;
}

export interface OutboxChange {
  readonly state: OutboxItem['state'];
  readonly dueUs?: number;
  readonly attempts?: number;
  readonly error?: string;
  readonly sentUs?: number;
  readonly digest?: string;
}

const MAX_ERROR_LENGTH = 500;
const MAX_DUE = 1000;

export async function addToOutbox(tx: Db, items: readonly OutboxItem[]): Promise<void> {
  for (const item of items) {
    await tx
      .insertInto('alerts_outbox')
      .values({
        tenant: item.tenant,
        id: item.id,
        contact: item.contact,
        route: item.route,
        problem: item.problem,
        kind: item.kind,
        payload: JSON.stringify(item.message),
        created_us: item.createdUs,
        due_us: item.dueUs,
        attempts: item.attempts,
        state: item.state,
        last_error: item.lastError ?? null,
        sent_us: item.sentUs ?? null,
        digest: item.digest ?? null,
      })
      .execute();
  }
}

/** Oldest first. */
export async function dueItems(db: Db, nowUs: number): Promise<OutboxItem[]> {
  const rows = await db
    .selectFrom('alerts_outbox')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('due_us', '<=', nowUs)
    .orderBy('id')
    .limit(MAX_DUE)
    .execute();
  return rows.map(itemOf);
}

export async function markItems(tx: Db, items: readonly OutboxItem[], change: OutboxChange): Promise<void> {
  for (const item of items) {
    await tx
      .updateTable('alerts_outbox')
      .set({
        state: change.state,
        ...(change.dueUs === undefined ? {} : { due_us: change.dueUs }),
        ...(change.attempts === undefined ? {} : { attempts: change.attempts }),
        ...(change.error === undefined ? {} : { last_error: change.error.slice(0, MAX_ERROR_LENGTH) }),
        ...(change.sentUs === undefined ? {} : { sent_us: change.sentUs }),
        ...(change.digest === undefined ? {} : { digest: change.digest }),
      })
      .where('tenant', '=', item.tenant)
      .where('id', '=', item.id)
      .execute();
  }
}

/** Newest first. */
export async function listOutbox(db: Db, tenant: string, limit: number): Promise<OutboxItem[]> {
  const rows = await db
    .selectFrom('alerts_outbox')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(itemOf);
}

export async function countFailed(db: Db, sinceUs: number): Promise<number> {
  const row = await db
    .selectFrom('alerts_outbox')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('state', '=', 'failed')
    .where('created_us', '>=', sinceUs)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** What was sent or given up before that time is forgotten. */
export async function pruneOutbox(tx: Db, beforeUs: number): Promise<void> {
  await tx.deleteFrom('alerts_outbox').where('state', '!=', 'waiting').where('created_us', '<', beforeUs).execute();
}

function itemOf(row: AlertsTables['alerts_outbox']): OutboxItem {
  return {
    id: row.id,
    tenant: row.tenant,
    contact: row.contact,
    route: row.route,
    problem: row.problem,
    kind: row.kind,
    message: JSON.parse(row.payload),
    createdUs: row.created_us,
    dueUs: row.due_us,
    attempts: row.attempts,
    state: row.state,
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    ...(row.sent_us === null ? {} : { sentUs: row.sent_us }),
    ...(row.digest === null ? {} : { digest: row.digest }),
  };
}
