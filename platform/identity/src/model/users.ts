/** Console users: an entity that signs in with a name and a password. */
import { badRequest, conflict, notFound, type Page, type PageRequest } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { checkPassword, type PasswordHasher } from '../passwords/hash.ts';
import { deleteEntity, insertAlias, insertEntity, updateEntity } from './entities.ts';
import { keysetOf, pageOfRows } from './listing.ts';
import { checkName, nameTaken, parseList } from './names.ts';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';

/** The alias mount of users with a password. */
export const PASSWORD_MOUNT = 'userpass';

export interface User {
  readonly name: string;
  readonly entityId: string;
  readonly policies: readonly string[];
  readonly disabled: boolean;
  readonly totp: boolean;
  readonly createdUs: number;
  readonly passwordChangedUs: number;
  readonly signedInUs?: number;
}

type Db = Kysely<IdentityTables>;

export class Users {
  private readonly parts: Parts;
  private readonly hasher: PasswordHasher;

  constructor(parts: Parts, hasher: PasswordHasher) {
    this.parts = parts;
    this.hasher = hasher;
  }

  /** @throws UndercroftError `identity.name`, `identity.name-taken`, `identity.password` */
  async create(tenant: string, name: string, password: string, policies: readonly string[]): Promise<User> {
    const hash = await this.prepare(name, password);
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write((tx: Db) => insertUser(tx, tenant, name, hash, { policies }, nowUs));
    this.parts.changes.announce();
    return this.get(tenant, name);
  }

  /** Checks name and password and hashes it, outside a unit of work. */
  async prepare(name: string, password: string): Promise<string> {
    checkName('user', name);
    checkPassword(password);
    return this.hasher.hash(password);
  }

  /** @throws UndercroftError `not-found` */
  async get(tenant: string, name: string): Promise<User> {
    const row = await selectUsers(this.db(), tenant).where('user.name', '=', name).executeTakeFirst();
    if (row === undefined) throw notFound('user', name);
    return toUser(row);
  }

  async findByEntity(tenant: string, entityId: string): Promise<User | undefined> {
    const row = await selectUsers(this.db(), tenant).where('user.entity_id', '=', entityId).executeTakeFirst();
    return row === undefined ? undefined : toUser(row);
  }

  async list(tenant: string, page: PageRequest): Promise<Page<User>> {
    const keyset = keysetOf(page, 'name');
    let query = selectUsers(this.db(), tenant)
      .orderBy('user.name', keyset.descending ? 'desc' : 'asc')
      .limit(keyset.limit + 1);
    if (keyset.after !== undefined) query = query.where('user.name', keyset.descending ? '<' : '>', keyset.after);
    const rows = await query.execute();
    return pageOfRows(rows.map(toUser), keyset, 'name', (user) => user.name);
  }

  /** @throws UndercroftError `not-found` */
  async update(
    tenant: string,
    name: string,
    patch: { policies?: readonly string[]; disabled?: boolean },
  ): Promise<User> {
    const nowUs = this.parts.clock.nowUs();
    const { entityId } = await this.get(tenant, name);
    await this.parts.control.write(async (tx: Db) => {
      await updateEntity(tx, tenant, entityId, patch, nowUs);
      if (patch.disabled === true) await deleteCredentials(tx, tenant, entityId);
    });
    this.parts.changes.announce();
    return this.get(tenant, name);
  }

  /** A new password ends every session of the user. @throws UndercroftError `not-found`, `identity.password` */
  async setPassword(tenant: string, name: string, password: string): Promise<void> {
    const { entityId } = await this.get(tenant, name);
    const hash = await this.prepare(name, password);
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .updateTable('identity_user')
        .set({ password: hash, password_changed_us: nowUs })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .execute();
      await tx.deleteFrom('identity_session').where('tenant', '=', tenant).where('entity_id', '=', entityId).execute();
    });
    this.parts.changes.announce();
  }

  /** Removes the user with its entity, tokens and sessions. @throws UndercroftError `not-found` */
  async remove(tenant: string, name: string): Promise<void> {
    const { entityId } = await this.get(tenant, name);
    await this.parts.control.write((tx: Db) => deleteEntity(tx, tenant, entityId));
    this.parts.changes.announce();
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

/**
 * Within a unit of work: the user, with its entity unless one is given.
 *
 * @throws UndercroftError `identity.name-taken`, `identity.user-exists`
 */
export async function insertUser(
  tx: Db,
  tenant: string,
  name: string,
  passwordHash: string,
  entity: { readonly id: string } | { readonly policies: readonly string[] },
  nowUs: number,
): Promise<string> {
  const taken = await tx
    .selectFrom('identity_user')
    .select('name')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken('user', name);
  const entityId = 'id' in entity ? entity.id : (await insertEntity(tx, tenant, name, entity, nowUs)).id;
  const has = await tx
    .selectFrom('identity_user')
    .select('name')
    .where('tenant', '=', tenant)
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
  if (has !== undefined)
    throw conflict('identity.user-exists', `That entity is the user ${JSON.stringify(has.name)} already.`);
  await insertAlias(tx, tenant, entityId, PASSWORD_MOUNT, name, {}, nowUs);
  await tx
    .insertInto('identity_user')
    .values({
      tenant,
      name,
      entity_id: entityId,
      password: passwordHash,
      password_changed_us: nowUs,
      signed_in_us: null,
      created_us: nowUs,
    })
    .execute();
  return entityId;
}

/** Sessions and tokens of an entity, within a unit of work. */
export async function deleteCredentials(tx: Db, tenant: string, entityId: string): Promise<void> {
  for (const table of ['identity_session', 'identity_token'] as const)
    await tx.deleteFrom(table).where('tenant', '=', tenant).where('entity_id', '=', entityId).execute();
}

/** @throws UndercroftError `identity.password-same` */
export function refuseSamePassword(before: string, after: string): void {
  if (before === after)
    throw badRequest('identity.password-same', 'That is the password you have.', 'Choose another one.');
}

type UserRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirst']>>>;

function selectUsers(db: Db, tenant: string) {
  return db
    .selectFrom('identity_user as user')
    .innerJoin('identity_entity as entity', (join) =>
      join.onRef('entity.tenant', '=', 'user.tenant').onRef('entity.id', '=', 'user.entity_id'),
    )
    .leftJoin('identity_totp as totp', (join) =>
      join.onRef('totp.tenant', '=', 'user.tenant').onRef('totp.entity_id', '=', 'user.entity_id'),
    )
    .select([
      'user.name',
      'user.entity_id',
      'user.created_us',
      'user.password_changed_us',
      'user.signed_in_us',
      'entity.policies',
      'entity.disabled',
      'totp.confirmed',
    ])
    .where('user.tenant', '=', tenant);
}

function toUser(row: UserRow): User {
  return {
    name: row.name,
    entityId: row.entity_id,
    policies: parseList(row.policies),
    disabled: row.disabled === 1,
    totp: row.confirmed === 1,
    createdUs: row.created_us,
    passwordChangedUs: row.password_changed_us,
    ...(row.signed_in_us === null ? {} : { signedInUs: row.signed_in_us }),
  };
}
