/** What people set: downtimes, routes, contacts. Few rows, read whole. */
import type { JsonObject, ProblemState } from '@undercroft/kernel';
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { Downtime } from '../engine/downtime.ts';
import type { Period } from '../language/period.ts';
import type { AlertsTables } from './tables.ts';

type Db = Kysely<AlertsTables>;

export interface Route {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly match: {
    readonly states: readonly ProblemState[];
    /** A search line of the inventory; one of the problem's assets must match. */
    readonly assets?: string;
    readonly source?: string;
    /** With `*`: `metrics.filesystem.*`. */
    readonly rule?: string;
  };
  readonly period?: Period;
  readonly contacts: readonly string[];
  readonly delayS: number;
  readonly repeatS: number;
  readonly recovery: boolean;
  readonly escalations: readonly { readonly afterS: number; readonly contacts: readonly string[] }[];
}

export interface Contact {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly channel: string;
  /** Without its secrets. */
  readonly settings: JsonObject;
  /** Secret settings by name, each encrypted. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Notifications a minute beyond which one digest is sent instead. */
  readonly perMinute: number;
}

export async function loadDowntimes(db: Db): Promise<Downtime[]> {
  const rows = await db.selectFrom('alerts_downtimes').selectAll().where('ended_us', 'is', null).execute();
  return rows.map(downtimeOf);
}

/** Newest first; those that are over too. */
export async function listDowntimes(db: Db, tenant: string, limit: number): Promise<Downtime[]> {
  const rows = await db
    .selectFrom('alerts_downtimes')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('created_us', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(downtimeOf);
}

export async function saveDowntime(tx: Db, downtime: Downtime): Promise<void> {
  const row: Insertable<AlertsTables['alerts_downtimes']> = {
    tenant: downtime.tenant,
    id: downtime.id,
    kind: downtime.kind,
    scope: JSON.stringify(downtime.scope),
    from_us: downtime.fromUs,
    until_us: downtime.untilUs,
    duration_us: downtime.durationUs ?? null,
    comment: downtime.comment,
    by_name: downtime.by,
    created_us: downtime.createdUs,
    started_us: downtime.startedUs ?? null,
    ended_us: downtime.endedUs ?? null,
    cancelled_by: downtime.cancelledBy ?? null,
  };
  const { started_us, ended_us, cancelled_by } = row;
  await tx
    .insertInto('alerts_downtimes')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ started_us, ended_us, cancelled_by }))
    .execute();
}

/** In the order in which people have put them. */
export async function loadRoutes(db: Db): Promise<Route[]> {
  const rows = await db.selectFrom('alerts_routes').selectAll().orderBy('position').orderBy('id').execute();
  return rows.map((row) => ({ ...JSON.parse(row.definition), id: row.id, tenant: row.tenant }));
}

export async function saveRoute(tx: Db, route: Route, position: number): Promise<void> {
  const { id, tenant, ...definition } = route;
  const row = { tenant, id, position, definition: JSON.stringify(definition) };
  await tx
    .insertInto('alerts_routes')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ definition: row.definition }))
    .execute();
}

export async function loadContacts(db: Db): Promise<Contact[]> {
  const rows = await db.selectFrom('alerts_contacts').selectAll().orderBy('name').execute();
  return rows.map((row) => ({ ...JSON.parse(row.definition), id: row.id, tenant: row.tenant, name: row.name }));
}

export async function saveContact(tx: Db, contact: Contact): Promise<void> {
  const { id, tenant, name, ...rest } = contact;
  const definition = JSON.stringify(rest);
  await tx
    .insertInto('alerts_contacts')
    .values({ tenant, id, name, definition })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ name, definition }))
    .execute();
}

function downtimeOf(row: Selectable<AlertsTables['alerts_downtimes']>): Downtime {
  return {
    id: row.id,
    tenant: row.tenant,
    kind: row.kind,
    scope: JSON.parse(row.scope),
    fromUs: row.from_us,
    untilUs: row.until_us,
    ...(row.duration_us === null ? {} : { durationUs: row.duration_us }),
    comment: row.comment,
    by: row.by_name,
    createdUs: row.created_us,
    ...(row.started_us === null ? {} : { startedUs: row.started_us }),
    ...(row.ended_us === null ? {} : { endedUs: row.ended_us }),
    ...(row.cancelled_by === null ? {} : { cancelledBy: row.cancelled_by }),
  };
}
