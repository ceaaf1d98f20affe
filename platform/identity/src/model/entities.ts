/** Entities (whoever acts: people and machines) and their aliases (how an entity is known at one way of signing in). */
import { randomUUID } from 'node:crypto';
import { type JsonObject, notFound, type Page, type PageRequest } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { keysetOf, pageOfRows } from './listing.ts';
import { checkName, nameTaken, parseList, parseMetadata, printList, printMetadata } from './names.ts';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';
import { requireTenant } from './tenants.ts';

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly metadata: JsonObject;
  readonly disabled: boolean;
  readonly createdUs: number;
  readonly updatedUs: number;
}

export interface Alias {
  readonly id: string;
  readonly mount: string;
  readonly name: string;
  readonly entityId: string;
  readonly metadata: JsonObject;
  readonly createdUs: number;
}

export interface EntityPatch {
  readonly policies?: readonly string[];
  readonly metadata?: JsonObject;
  readonly disabled?: boolean;
}

type Db = Kysely<IdentityTables>;
type EntityRow = Awaited<ReturnType<typeof selectEntity>>;

export class Entities {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** @throws UndercroftError `identity.name`, `identity.name-taken` */
  async create(tenant: string, name: string, patch: EntityPatch = {}): Promise<Entity> {
    const nowUs = this.parts.clock.nowUs();
    const entity = await this.parts.control.write((tx: Db) => insertEntity(tx, tenant, name, patch, nowUs));
    this.parts.changes.announce();
    return entity;
  }

  /** @throws UndercroftError `not-found` */
  async get(tenant: string, id: string): Promise<Entity> {
    const row = await selectEntity(this.db(), tenant, id);
    if (row === undefined) throw notFound('entity', id);
    return toEntity(row);
  }

  async find(tenant: string, id: string): Promise<Entity | undefined> {
    const row = await selectEntity(this.db(), tenant, id);
    return row === undefined ? undefined : toEntity(row);
  }

  async list(tenant: string, page: PageRequest): Promise<Page<Entity>> {
    const keyset = keysetOf(page, 'name');
    let query = this.db()
      .selectFrom('identity_entity')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('name', keyset.descending ? 'desc' : 'asc')
      .limit(keyset.limit + 1);
    if (keyset.after !== undefined) query = query.where('name', keyset.descending ? '<' : '>', keyset.after);
    const rows = await query.execute();
    return pageOfRows(rows.map(toEntity), keyset, 'name', (entity) => entity.name);
  }

  /** @throws UndercroftError `not-found` */
  async update(tenant: string, id: string, patch: EntityPatch): Promise<Entity> {
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write((tx: Db) => updateEntity(tx, tenant, id, patch, nowUs));
    this.parts.changes.announce();
    return this.get(tenant, id);
  }

  /** Removes the entity with all that signs it in. @throws UndercroftError `not-found` */
  async remove(tenant: string, id: string): Promise<void> {
    await this.parts.control.write((tx: Db) => deleteEntity(tx, tenant, id));
    this.parts.changes.announce();
  }

  async aliases(tenant: string, entityId: string): Promise<Alias[]> {
    const rows = await this.db()
      .selectFrom('identity_alias')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('entity_id', '=', entityId)
      .orderBy('mount')
      .orderBy('name')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      mount: row.mount,
      name: row.name,
      entityId: row.entity_id,
      metadata: parseMetadata(row.metadata),
      createdUs: row.created_us,
    }));
  }

  /** @throws UndercroftError `not-found`, `identity.name-taken` */
  async addAlias(
    tenant: string,
    entityId: string,
    mount: string,
    name: string,
    metadata: JsonObject = {},
  ): Promise<string> {
    const nowUs = this.parts.clock.nowUs();
    const id = await this.parts.control.write(async (tx: Db) => {
      if ((await selectEntity(tx, tenant, entityId)) === undefined) throw notFound('entity', entityId);
      return insertAlias(tx, tenant, entityId, mount, name, metadata, nowUs);
    });
    this.parts.changes.announce();
    return id;
  }

  /** @throws UndercroftError `not-found` */
  async removeAlias(tenant: string, id: string): Promise<void> {
    const removed = await this.parts.control.write((tx: Db) =>
      tx.deleteFrom('identity_alias').where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw notFound('alias', id);
    this.parts.changes.announce();
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

/** Within a unit of work. @throws UndercroftError `identity.name`, `identity.name-taken` */
export async function insertEntity(
  tx: Db,
  tenant: string,
  name: string,
  patch: EntityPatch,
  nowUs: number,
): Promise<Entity> {
  checkName('entity', name);
  await requireTenant(tx, tenant);
  const taken = await tx
    .selectFrom('identity_entity')
    .select('id')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken('entity', name);
  const row = {
    tenant,
    id: randomUUID(),
    name,
    policies: printList(patch.policies ?? []),
    metadata: printMetadata(patch.metadata ?? {}),
    disabled: patch.disabled === true ? 1 : 0,
    created_us: nowUs,
    updated_us: nowUs,
  };
  await tx.insertInto('identity_entity').values(row).execute();
  return toEntity(row);
}

export async function insertAlias(
  tx: Db,
  tenant: string,
  entityId: string,
  mount: string,
  name: string,
  metadata: JsonObject,
  nowUs: number,
): Promise<string> {
  const taken = await tx
    .selectFrom('identity_alias')
    .select('id')
    .where('tenant', '=', tenant)
    .where('mount', '=', mount)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken(`alias at ${mount}`, name);
  const id = randomUUID();
  await tx
    .insertInto('identity_alias')
    .values({ tenant, id, mount, name, entity_id: entityId, metadata: printMetadata(metadata), created_us: nowUs })
    .execute();
  return id;
}

export async function updateEntity(
  tx: Db,
  tenant: string,
  id: string,
  patch: EntityPatch,
  nowUs: number,
): Promise<void> {
  const updated = await tx
    .updateTable('identity_entity')
    .set({
      updated_us: nowUs,
      ...(patch.policies === undefined ? {} : { policies: printList(patch.policies) }),
      ...(patch.metadata === undefined ? {} : { metadata: printMetadata(patch.metadata) }),
      ...(patch.disabled === undefined ? {} : { disabled: patch.disabled ? 1 : 0 }),
    })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) throw notFound('entity', id);
}

export async function deleteEntity(tx: Db, tenant: string, id: string): Promise<void> {
  const removed = await tx
    .deleteFrom('identity_entity')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (removed.numDeletedRows === 0n) throw notFound('entity', id);
  const tables = [
    'identity_alias',
    'identity_group_entity',
    'identity_user',
    'identity_totp',
    'identity_recovery_code',
    'identity_token',
    'identity_session',
  ] as const;
  for (const table of tables)
    await tx.deleteFrom(table).where('tenant', '=', tenant).where('entity_id', '=', id).execute();
}

function selectEntity(db: Db, tenant: string, id: string) {
  return db
    .selectFrom('identity_entity')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

function toEntity(row: NonNullable<EntityRow>): Entity {
  return {
    id: row.id,
    name: row.name,
    policies: parseList(row.policies),
    metadata: parseMetadata(row.metadata),
    disabled: row.disabled === 1,
    createdUs: row.created_us,
    updatedUs: row.updated_us,
  };
}
