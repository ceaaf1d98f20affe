import type { Migrations } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import type { InventoryTables } from './tables.ts';

export const inventoryMigrations: Migrations = {
  'inventory-0001-assets': {
    async up(db: Kysely<InventoryTables>) {
      const { schema } = db;
      await schema
        .createTable('inventory_assets')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('root', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('sources', 'text', (column) => column.notNull())
        .addColumn('search_text', 'text', (column) => column.notNull())
        .addColumn('first_seen_us', 'bigint', (column) => column.notNull())
        .addColumn('last_seen_us', 'bigint', (column) => column.notNull())
        .addColumn('present', 'integer', (column) => column.notNull())
        .addColumn('present_us', 'bigint', (column) => column.notNull())
        .addColumn('live', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('inventory_assets_pk', ['tenant', 'id'])
        .execute();
      await index(db, 'inventory_assets_id', 'inventory_assets', ['id'], true);
      await index(db, 'inventory_assets_root', 'inventory_assets', ['root']);
      await index(db, 'inventory_assets_type', 'inventory_assets', [
        'tenant',
        'live',
        'present',
        'type',
        'name',
        'id',
        'sources',
        'last_seen_us',
      ]);
      await index(db, 'inventory_assets_name', 'inventory_assets', [
        'tenant',
        'live',
        'present',
        'name',
        'id',
        'type',
        'last_seen_us',
      ]);
      await index(db, 'inventory_assets_seen', 'inventory_assets', ['tenant', 'live', 'present', 'last_seen_us', 'id']);

      await schema
        .createTable('inventory_sources')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('asset', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('first_us', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('inventory_sources_pk', ['tenant', 'asset', 'source'])
        .execute();

      await schema
        .createTable('inventory_keys')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('asset_type', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('site', 'text', (column) => column.notNull())
        .addColumn('asset', 'text', (column) => column.notNull())
        .addColumn('root', 'text', (column) => column.notNull())
        .addColumn('strength', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('from_us', 'bigint', (column) => column.notNull())
        .addColumn('to_us', 'bigint')
        .addPrimaryKeyConstraint('inventory_keys_pk', [
          'tenant',
          'asset_type',
          'type',
          'value',
          'site',
          'asset',
          'from_us',
        ])
        .execute();
      await index(db, 'inventory_keys_root', 'inventory_keys', ['root']);
      await index(db, 'inventory_keys_value', 'inventory_keys', ['tenant', 'type', 'value']);

      await schema
        .createTable('inventory_attributes')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('asset', 'text', (column) => column.notNull())
        .addColumn('root', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('strong', 'integer', (column) => column.notNull())
        .addColumn('changed_us', 'bigint', (column) => column.notNull())
        .addColumn('winner', 'integer', (column) => column.notNull())
        .addColumn('match_text', 'text', (column) => column.notNull())
        .addColumn('match_number', 'double precision')
        .addPrimaryKeyConstraint('inventory_attributes_pk', ['tenant', 'asset', 'name', 'source'])
        .execute();
      await index(db, 'inventory_attributes_root', 'inventory_attributes', ['root']);
      await index(db, 'inventory_attributes_match', 'inventory_attributes', [
        'tenant',
        'name',
        'winner',
        'match_number',
        'match_text',
        'root',
      ]);

      await schema
        .createTable('inventory_relations')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('from_id', 'text', (column) => column.notNull())
        .addColumn('from_root', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('to_id', 'text', (column) => column.notNull())
        .addColumn('to_root', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('first_seen_us', 'bigint', (column) => column.notNull())
        .addColumn('last_seen_us', 'bigint', (column) => column.notNull())
        .addColumn('ended_us', 'bigint')
        .addPrimaryKeyConstraint('inventory_relations_pk', [
          'tenant',
          'from_id',
          'type',
          'to_id',
          'source',
          'first_seen_us',
        ])
        .execute();
      await index(db, 'inventory_relations_from', 'inventory_relations', ['from_root']);
      await index(db, 'inventory_relations_to', 'inventory_relations', ['to_root', 'type', 'ended_us', 'from_root']);

      await schema
        .createTable('inventory_history')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('asset', 'text', (column) => column.notNull())
        .addColumn('seq', 'bigint', (column) => column.notNull())
        .addColumn('time_us', 'bigint', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('field', 'text', (column) => column.notNull())
        .addColumn('before', 'text', (column) => column.notNull())
        .addColumn('after', 'text', (column) => column.notNull())
        .addColumn('strong', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('inventory_history_pk', ['tenant', 'asset', 'seq'])
        .execute();
      await index(db, 'inventory_history_asset', 'inventory_history', ['asset', 'time_us', 'seq']);
      await index(db, 'inventory_history_seq', 'inventory_history', ['seq']);

      await schema
        .createTable('inventory_merges')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('root', 'text', (column) => column.notNull())
        .addColumn('merged', 'text', (column) => column.notNull())
        .addColumn('time_us', 'bigint', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('undone_us', 'bigint')
        .addPrimaryKeyConstraint('inventory_merges_pk', ['tenant', 'root', 'merged', 'time_us'])
        .execute();
      await index(db, 'inventory_merges_merged', 'inventory_merges', ['merged']);
    },
  },
};

async function index(
  db: Kysely<InventoryTables>,
  name: string,
  table: keyof InventoryTables,
  columns: readonly string[],
  unique = false,
): Promise<void> {
  const builder = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns]);
  await (unique ? builder.unique() : builder).execute();
}
