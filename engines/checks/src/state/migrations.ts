import type { Migrations } from '@undercroft/kernel';

export interface CheckRow {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** JSON. */
  readonly options: string;
  readonly interval_s: number;
  readonly retry_s: number;
  readonly max_attempts: number;
  readonly timeout_ms: number;
  /** 0 or 1. */
  readonly enabled: number;
  readonly asset: string | null;
  readonly created_us: number;
}

export interface CheckStatusRow {
  readonly tenant: string;
  readonly id: string;
  readonly state: string;
  readonly hard: number;
  readonly attempt: number;
  readonly since_us: number;
  readonly last_us: number;
  readonly duration_ms: number;
  readonly output: string;
  readonly long_output: string;
  /** JSON. */
  readonly perfdata: string;
}

export interface CheckHistoryRow {
  readonly tenant: string;
  readonly id: string;
  readonly time_us: number;
  readonly state: string;
  readonly hard: number;
  readonly attempt: number;
  readonly output: string;
}

export interface CheckTables {
  readonly checks: CheckRow;
  readonly check_status: CheckStatusRow;
  readonly check_history: CheckHistoryRow;
}

export const checksMigrations: Migrations = {
  'checks-0001-checks': {
    async up(db) {
      await db.schema
        .createTable('checks')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('options', 'text', (column) => column.notNull())
        .addColumn('interval_s', 'bigint', (column) => column.notNull())
        .addColumn('retry_s', 'bigint', (column) => column.notNull())
        .addColumn('max_attempts', 'bigint', (column) => column.notNull())
        .addColumn('timeout_ms', 'bigint', (column) => column.notNull())
        .addColumn('enabled', 'integer', (column) => column.notNull())
        .addColumn('asset', 'text')
        .addColumn('created_us', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('checks_pk', ['tenant', 'id'])
        .execute();
      await db.schema
        .createTable('check_status')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('hard', 'integer', (column) => column.notNull())
        .addColumn('attempt', 'bigint', (column) => column.notNull())
        .addColumn('since_us', 'bigint', (column) => column.notNull())
        .addColumn('last_us', 'bigint', (column) => column.notNull())
        .addColumn('duration_ms', 'double precision', (column) => column.notNull())
        .addColumn('output', 'text', (column) => column.notNull())
        .addColumn('long_output', 'text', (column) => column.notNull())
        .addColumn('perfdata', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('check_status_pk', ['tenant', 'id'])
        .execute();
      await db.schema
        .createTable('check_history')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('time_us', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('hard', 'integer', (column) => column.notNull())
        .addColumn('attempt', 'bigint', (column) => column.notNull())
        .addColumn('output', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('check_history_pk', ['tenant', 'id', 'time_us'])
        .execute();
    },
  },
};
