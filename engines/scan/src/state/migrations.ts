import type { Migrations } from '@undercroft/kernel';

export interface ScanRow {
  readonly tenant: string;
  readonly id: string;
  readonly requested_by: string;
  readonly state: string;
  readonly start_us: number;
  readonly end_us: number | null;
  /** JSON of the request. */
  readonly request: string;
  /** JSON of the result, once there is one. */
  readonly result: string | null;
}

export interface ScanTables {
  readonly scan_runs: ScanRow;
}

export const scanMigrations: Migrations = {
  'scan-0001-runs': {
    async up(db) {
      await db.schema
        .createTable('scan_runs')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('requested_by', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('start_us', 'bigint', (column) => column.notNull())
        .addColumn('end_us', 'bigint')
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('result', 'text')
        .addPrimaryKeyConstraint('scan_runs_pk', ['tenant', 'id'])
        .execute();
      await db.schema.createIndex('scan_runs_start').on('scan_runs').columns(['tenant', 'start_us']).execute();
    },
  },
};
