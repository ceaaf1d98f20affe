import { conflict, DEFAULT_TENANT, notFound } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { checkName, nameTaken } from './names.ts';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';

export interface Tenant {
  readonly id: string;
  readonly title: string;
  readonly createdUs: number;
}

type Db = Kysely<IdentityTables>;

export class Tenants {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Makes the default tenant if it is not there. */
  async ensureDefault(): Promise<void> {
    const created_us = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .insertInto('identity_tenant')
        .values({ id: DEFAULT_TENANT, title: 'Default', created_us })
        .onConflict((conflicted) => conflicted.column('id').doNothing())
        .execute();
    });
  }

  async list(): Promise<Tenant[]> {
    const rows = await this.db().selectFrom('identity_tenant').selectAll().orderBy('id').execute();
    return rows.map(toTenant);
  }

  /** @throws UndercroftError `not-found` */
  async get(id: string): Promise<Tenant> {
    const row = await this.db().selectFrom('identity_tenant').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('tenant', id);
    return toTenant(row);
  }

  /** @throws UndercroftError `identity.name`, `identity.name-taken` */
  async create(id: string, title: string): Promise<Tenant> {
    checkName('tenant', id);
    const row = { id, title, created_us: this.parts.clock.nowUs() };
    await this.parts.control.write(async (tx: Db) => {
      const taken = await tx.selectFrom('identity_tenant').select('id').where('id', '=', id).executeTakeFirst();
      if (taken !== undefined) throw nameTaken('tenant', id);
      await tx.insertInto('identity_tenant').values(row).execute();
    });
    return toTenant(row);
  }

  /** @throws UndercroftError `not-found` */
  async rename(id: string, title: string): Promise<Tenant> {
    const updated = await this.parts.control.write((tx: Db) =>
      tx.updateTable('identity_tenant').set({ title }).where('id', '=', id).executeTakeFirst(),
    );
    if (updated.numUpdatedRows === 0n) throw notFound('tenant', id);
    return this.get(id);
  }

  /** Only one without entities goes. @throws UndercroftError `not-found`, `identity.tenant-in-use` */
  async remove(id: string): Promise<void> {
    if (id === DEFAULT_TENANT) throw conflict('identity.tenant-in-use', 'The default tenant stays.');
    await this.parts.control.write(async (tx: Db) => {
      const entity = await tx.selectFrom('identity_entity').select('id').where('tenant', '=', id).executeTakeFirst();
      if (entity !== undefined)
        throw conflict(
          'identity.tenant-in-use',
          `The tenant ${JSON.stringify(id)} has entities.`,
          'Remove them first.',
        );
      for (const table of [
        'identity_group',
        'identity_group_group',
        'identity_policy',
        'identity_lock',
        'identity_link',
      ] as const)
        await tx.deleteFrom(table).where('tenant', '=', id).execute();
      const removed = await tx.deleteFrom('identity_tenant').where('id', '=', id).executeTakeFirst();
      if (removed.numDeletedRows === 0n) throw notFound('tenant', id);
    });
    this.parts.changes.announce();
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

/** Whatever belongs to a tenant is added in one that is there. @throws UndercroftError `not-found` */
export async function requireTenant(tx: Db, id: string): Promise<void> {
  const row = await tx.selectFrom('identity_tenant').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('tenant', id);
}

function toTenant(row: { id: string; title: string; created_us: number }): Tenant {
  return { id: row.id, title: row.title, createdUs: row.created_us };
}
