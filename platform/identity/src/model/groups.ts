/** Groups: entities and other groups as members; policies reach members of members. No group contains itself. */
import { randomUUID } from 'node:crypto';
import { badRequest, conflict, type JsonObject, notFound, type Page, type PageRequest } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { keysetOf, pageOfRows } from './listing.ts';
import { checkName, nameTaken, parseList, parseMetadata, printList, printMetadata } from './names.ts';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';
import { requireTenant } from './tenants.ts';

/** Members of one group, of either kind. */
export const MAX_MEMBERS = 10_000;

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly metadata: JsonObject;
  /** Names. */
  readonly entities: readonly string[];
  /** Names of member groups. */
  readonly groups: readonly string[];
  readonly createdUs: number;
  readonly updatedUs: number;
}

/** What an entity has through its groups, direct and by nesting. */
export interface Membership {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly metadata: JsonObject;
}

/** Lists replace what was there; absent ones stay. */
export interface GroupPatch {
  readonly policies?: readonly string[];
  readonly metadata?: JsonObject;
  readonly entities?: readonly string[];
  readonly groups?: readonly string[];
}

type Db = Kysely<IdentityTables>;

export class Groups {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** @throws UndercroftError `identity.name`, `identity.name-taken`, `identity.group-member`, `identity.group-cycle` */
  async create(tenant: string, name: string, patch: GroupPatch): Promise<Group> {
    checkName('group', name);
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await requireTenant(tx, tenant);
      if ((await selectId(tx, tenant, name)) !== undefined) throw nameTaken('group', name);
      const id = randomUUID();
      const base = { tenant, id, name, policies: '[]', metadata: '{}', created_us: nowUs, updated_us: nowUs };
      await tx.insertInto('identity_group').values(base).execute();
      await applyPatch(tx, tenant, id, patch, nowUs);
    });
    this.parts.changes.announce();
    return this.get(tenant, name);
  }

  /** @throws UndercroftError `not-found`, `identity.group-member`, `identity.group-cycle` */
  async update(tenant: string, name: string, patch: GroupPatch): Promise<Group> {
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      const id = await selectId(tx, tenant, name);
      if (id === undefined) throw notFound('group', name);
      await applyPatch(tx, tenant, id, patch, nowUs);
    });
    this.parts.changes.announce();
    return this.get(tenant, name);
  }

  /** @throws UndercroftError `not-found` */
  async remove(tenant: string, name: string): Promise<void> {
    await this.parts.control.write(async (tx: Db) => {
      const id = await selectId(tx, tenant, name);
      if (id === undefined) throw notFound('group', name);
      await tx.deleteFrom('identity_group').where('tenant', '=', tenant).where('id', '=', id).execute();
      await tx.deleteFrom('identity_group_entity').where('tenant', '=', tenant).where('group_id', '=', id).execute();
      await tx
        .deleteFrom('identity_group_group')
        .where('tenant', '=', tenant)
        .where(({ eb, or }) => or([eb('group_id', '=', id), eb('child_id', '=', id)]))
        .execute();
    });
    this.parts.changes.announce();
  }

  /** @throws UndercroftError `not-found` */
  async get(tenant: string, name: string): Promise<Group> {
    const row = await this.db()
      .selectFrom('identity_group')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('name', '=', name)
      .executeTakeFirst();
    if (row === undefined) throw notFound('group', name);
    return (await this.withMembers(tenant, [row]))[0]!;
  }

  async list(tenant: string, page: PageRequest): Promise<Page<Group>> {
    const keyset = keysetOf(page, 'name');
    let query = this.db()
      .selectFrom('identity_group')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('name', keyset.descending ? 'desc' : 'asc')
      .limit(keyset.limit + 1);
    if (keyset.after !== undefined) query = query.where('name', keyset.descending ? '<' : '>', keyset.after);
    const rows = await query.execute();
    return pageOfRows(await this.withMembers(tenant, rows), keyset, 'name', (group) => group.name);
  }

  /** Every group that has the entity as a member, or has one that has. */
  async membershipsOf(tenant: string, entityId: string): Promise<Membership[]> {
    const direct = await this.db()
      .selectFrom('identity_group_entity')
      .select('group_id')
      .where('tenant', '=', tenant)
      .where('entity_id', '=', entityId)
      .execute();
    return this.withAncestors(
      tenant,
      direct.map((row) => row.group_id),
    );
  }

  /** Policies that members of this group have by it, its own and those of the groups it is in. */
  async policiesReached(tenant: string, name: string): Promise<string[]> {
    const id = await selectId(this.db(), tenant, name);
    if (id === undefined) throw notFound('group', name);
    return (await this.withAncestors(tenant, [id])).flatMap((group) => group.policies);
  }

  private async withAncestors(tenant: string, ids: readonly string[]): Promise<Membership[]> {
    const db = this.db();
    const found = new Set<string>();
    for (let next = [...ids]; next.length > 0; ) {
      for (const id of next) found.add(id);
      const parents = await db
        .selectFrom('identity_group_group')
        .select('group_id')
        .where('tenant', '=', tenant)
        .where('child_id', 'in', next)
        .execute();
      next = [...new Set(parents.map((row) => row.group_id))].filter((id) => !found.has(id));
    }
    if (found.size === 0) return [];
    const rows = await db
      .selectFrom('identity_group')
      .select(['id', 'name', 'policies', 'metadata'])
      .where('tenant', '=', tenant)
      .where('id', 'in', [...found])
      .orderBy('name')
      .execute();
    return rows.map((row) => ({ ...row, policies: parseList(row.policies), metadata: parseMetadata(row.metadata) }));
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }

  private async withMembers(tenant: string, rows: readonly GroupRow[]): Promise<Group[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const entities = await this.db()
      .selectFrom('identity_group_entity as member')
      .innerJoin('identity_entity as entity', (join) =>
        join.onRef('entity.tenant', '=', 'member.tenant').onRef('entity.id', '=', 'member.entity_id'),
      )
      .select(['member.group_id', 'entity.name'])
      .where('member.tenant', '=', tenant)
      .where('member.group_id', 'in', ids)
      .orderBy('entity.name')
      .execute();
    const groups = await this.db()
      .selectFrom('identity_group_group as member')
      .innerJoin('identity_group as child', (join) =>
        join.onRef('child.tenant', '=', 'member.tenant').onRef('child.id', '=', 'member.child_id'),
      )
      .select(['member.group_id', 'child.name'])
      .where('member.tenant', '=', tenant)
      .where('member.group_id', 'in', ids)
      .orderBy('child.name')
      .execute();
    const namesIn = (members: readonly { group_id: string; name: string }[], id: string) =>
      members.filter((member) => member.group_id === id).map((member) => member.name);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      policies: parseList(row.policies),
      metadata: parseMetadata(row.metadata),
      entities: namesIn(entities, row.id),
      groups: namesIn(groups, row.id),
      createdUs: row.created_us,
      updatedUs: row.updated_us,
    }));
  }
}

interface GroupRow {
  id: string;
  name: string;
  policies: string;
  metadata: string;
  created_us: number;
  updated_us: number;
}

async function selectId(db: Db, tenant: string, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('identity_group')
    .select('id')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id;
}

async function applyPatch(tx: Db, tenant: string, id: string, patch: GroupPatch, nowUs: number): Promise<void> {
  await tx
    .updateTable('identity_group')
    .set({
      updated_us: nowUs,
      ...(patch.policies === undefined ? {} : { policies: printList(patch.policies) }),
      ...(patch.metadata === undefined ? {} : { metadata: printMetadata(patch.metadata) }),
    })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute();
  if (patch.entities !== undefined) {
    const members = await idsOf(tx, 'identity_entity', tenant, patch.entities);
    await tx.deleteFrom('identity_group_entity').where('tenant', '=', tenant).where('group_id', '=', id).execute();
    for (const entityId of members)
      await tx.insertInto('identity_group_entity').values({ tenant, group_id: id, entity_id: entityId }).execute();
  }
  if (patch.groups !== undefined) {
    const members = await idsOf(tx, 'identity_group', tenant, patch.groups);
    await tx.deleteFrom('identity_group_group').where('tenant', '=', tenant).where('group_id', '=', id).execute();
    await refuseCycle(tx, tenant, id, members);
    for (const childId of members)
      await tx.insertInto('identity_group_group').values({ tenant, group_id: id, child_id: childId }).execute();
  }
}

async function idsOf(
  tx: Db,
  table: 'identity_entity' | 'identity_group',
  tenant: string,
  names: readonly string[],
): Promise<string[]> {
  const wanted = [...new Set(names)];
  if (wanted.length > MAX_MEMBERS)
    throw badRequest(
      'identity.group-member',
      `A group has at most ${MAX_MEMBERS} members; these are ${wanted.length}.`,
    );
  if (wanted.length === 0) return [];
  const rows = await tx
    .selectFrom(table)
    .select(['id', 'name'])
    .where('tenant', '=', tenant)
    .where('name', 'in', wanted)
    .execute();
  const missing = wanted.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0)
    throw badRequest(
      'identity.group-member',
      `There is no ${table === 'identity_entity' ? 'entity' : 'group'} ${missing.map((name) => JSON.stringify(name)).join(', ')}.`,
      'Create it first, or leave it out.',
    );
  return rows.map((row) => row.id);
}

/** Walks down from the new members; the group itself must not be met. */
async function refuseCycle(tx: Db, tenant: string, id: string, members: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  let next = [...members];
  while (next.length > 0) {
    if (next.includes(id))
      throw conflict(
        'identity.group-cycle',
        'The group would contain itself.',
        'Take the group that leads back to it out of its members.',
      );
    for (const each of next) seen.add(each);
    const rows = await tx
      .selectFrom('identity_group_group')
      .select('child_id')
      .where('tenant', '=', tenant)
      .where('group_id', 'in', next)
      .execute();
    next = [...new Set(rows.map((row) => row.child_id))].filter((each) => !seen.has(each));
  }
}
