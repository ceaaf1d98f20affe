import type { Migrations } from '@undercroft/kernel';
import type { Kysely } from 'kysely';

export const identityMigrations: Migrations = {
  'identity-0001-entities': { up: createEntities },
  'identity-0002-credentials': { up: createCredentials },
};

async function createEntities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_meta')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('identity_tenant')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .execute();
  for (const table of ['identity_entity', 'identity_group']) {
    await db.schema
      .createTable(table)
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('policies', 'text', (column) => column.notNull())
      .addColumn('metadata', 'text', (column) => column.notNull())
      .addColumn('created_us', 'bigint', (column) => column.notNull())
      .addColumn('updated_us', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_pk`, ['tenant', 'id'])
      .addUniqueConstraint(`${table}_name`, ['tenant', 'name'])
      .execute();
  }
  await db.schema
    .alterTable('identity_entity')
    .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('identity_alias')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('mount', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_alias_pk', ['tenant', 'id'])
    .addUniqueConstraint('identity_alias_name', ['tenant', 'mount', 'name'])
    .execute();
  await createMembership(db, 'identity_group_entity', 'entity_id');
  await createMembership(db, 'identity_group_group', 'child_id');
  await db.schema
    .createTable('identity_policy')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addColumn('updated_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_policy_pk', ['tenant', 'name'])
    .execute();
}

async function createMembership(db: Kysely<unknown>, table: string, member: string): Promise<void> {
  await db.schema
    .createTable(table)
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addColumn(member, 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_pk`, ['tenant', 'group_id', member])
    .execute();
  await db.schema.createIndex(`${table}_member`).on(table).columns(['tenant', member]).execute();
}

async function createCredentials(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_user')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('password', 'text', (column) => column.notNull())
    .addColumn('password_changed_us', 'bigint', (column) => column.notNull())
    .addColumn('signed_in_us', 'bigint')
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_user_pk', ['tenant', 'name'])
    .addUniqueConstraint('identity_user_entity', ['tenant', 'entity_id'])
    .execute();
  await db.schema
    .createTable('identity_totp')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('confirmed', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('last_step', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_totp_pk', ['tenant', 'entity_id'])
    .execute();
  await db.schema
    .createTable('identity_recovery_code')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_recovery_code_pk', ['tenant', 'entity_id', 'hash'])
    .execute();
  await createTokens(db);
  await createSessions(db);
  await db.schema
    .createTable('identity_lock')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('failures', 'bigint', (column) => column.notNull())
    .addColumn('last_failure_us', 'bigint', (column) => column.notNull())
    .addColumn('locked_until_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_lock_pk', ['tenant', 'subject'])
    .execute();
  await db.schema.createIndex('identity_lock_age').on('identity_lock').column('last_failure_us').execute();
  await db.schema
    .createTable('identity_link')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('first_run', 'integer', (column) => column.notNull())
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addColumn('expires_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_link_pk', ['tenant', 'hash'])
    .execute();
}

async function createTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_token')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('accessor', 'text', (column) => column.notNull())
    .addColumn('parent', 'text')
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('policies', 'text')
    .addColumn('ttl_us', 'bigint')
    .addColumn('max_expires_us', 'bigint')
    .addColumn('expires_us', 'bigint')
    .addColumn('renewable', 'integer', (column) => column.notNull())
    .addColumn('uses_left', 'bigint')
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addColumn('last_used_us', 'bigint')
    .addPrimaryKeyConstraint('identity_token_pk', ['tenant', 'hash'])
    .addUniqueConstraint('identity_token_hash', ['hash'])
    .addUniqueConstraint('identity_token_accessor', ['tenant', 'accessor'])
    .execute();
  await db.schema.createIndex('identity_token_parent').on('identity_token').columns(['tenant', 'parent']).execute();
  await db.schema.createIndex('identity_token_entity').on('identity_token').columns(['tenant', 'entity_id']).execute();
  await db.schema.createIndex('identity_token_expiry').on('identity_token').column('expires_us').execute();
}

async function createSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_session')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('ip', 'text', (column) => column.notNull())
    .addColumn('user_agent', 'text', (column) => column.notNull())
    .addColumn('created_us', 'bigint', (column) => column.notNull())
    .addColumn('last_used_us', 'bigint', (column) => column.notNull())
    .addColumn('expires_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_session_pk', ['tenant', 'hash'])
    .addUniqueConstraint('identity_session_hash', ['hash'])
    .addUniqueConstraint('identity_session_id', ['tenant', 'id'])
    .execute();
  await db.schema
    .createIndex('identity_session_entity')
    .on('identity_session')
    .columns(['tenant', 'entity_id'])
    .execute();
}
