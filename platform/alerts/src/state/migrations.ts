import type { Migrations } from '@undercroft/kernel';
import type { CreateTableBuilder, Kysely } from 'kysely';
import type { AlertsTables } from './tables.ts';

type Columns = Readonly<Record<string, 'text' | 'bigint' | 'integer' | 'text?' | 'bigint?'>>;

export const alertsMigrations: Migrations = {
  'alerts-0001-problems': {
    async up(db: Kysely<AlertsTables>) {
      await table(db, 'alerts_problems', ['tenant', 'id'], {
        tenant: 'text',
        id: 'text',
        source: 'text',
        rule: 'text',
        subject: 'text',
        assets: 'text',
        state: 'text',
        state_rank: 'integer',
        hard: 'integer',
        attempt: 'integer',
        max_attempts: 'integer',
        results: 'text',
        flapping: 'integer',
        title: 'text',
        detail: 'text',
        next: 'text',
        evidence: 'text',
        attributes: 'text',
        depends_on: 'text',
        opened_us: 'bigint',
        changed_us: 'bigint',
        last_report_us: 'bigint',
        closed_us: 'bigint?',
        acknowledged: 'text?',
        notified: 'text',
        search_text: 'text',
      });
      await index(db, 'alerts_problems_id', 'alerts_problems', ['id']);
      await index(db, 'alerts_problems_closed', 'alerts_problems', ['closed_us']);
      await index(db, 'alerts_problems_opened', 'alerts_problems', ['tenant', 'opened_us', 'id']);
      await table(db, 'alerts_problem_assets', ['tenant', 'problem', 'asset'], {
        tenant: 'text',
        problem: 'text',
        asset: 'text',
      });
      await index(db, 'alerts_problem_assets_asset', 'alerts_problem_assets', ['asset', 'problem']);
      await table(db, 'alerts_history', ['tenant', 'problem', 'seq'], {
        tenant: 'text',
        problem: 'text',
        seq: 'bigint',
        time_us: 'bigint',
        kind: 'text',
        text: 'text',
        by_name: 'text?',
      });
      await index(db, 'alerts_history_seq', 'alerts_history', ['seq']);
      await table(db, 'alerts_downtimes', ['tenant', 'id'], {
        tenant: 'text',
        id: 'text',
        kind: 'text',
        scope: 'text',
        from_us: 'bigint',
        until_us: 'bigint',
        duration_us: 'bigint?',
        comment: 'text',
        by_name: 'text',
        created_us: 'bigint',
        started_us: 'bigint?',
        ended_us: 'bigint?',
        cancelled_by: 'text?',
      });
      await table(db, 'alerts_routes', ['tenant', 'id'], {
        tenant: 'text',
        id: 'text',
        position: 'integer',
        definition: 'text',
      });
      await table(db, 'alerts_contacts', ['tenant', 'id'], {
        tenant: 'text',
        id: 'text',
        name: 'text',
        definition: 'text',
      });
      await table(db, 'alerts_outbox', ['tenant', 'id'], {
        tenant: 'text',
        id: 'text',
        contact: 'text',
        route: 'text',
        problem: 'text',
        kind: 'text',
        payload: 'text',
        created_us: 'bigint',
        due_us: 'bigint',
        attempts: 'integer',
        state: 'text',
        last_error: 'text?',
        sent_us: 'bigint?',
        digest: 'text?',
      });
      await index(db, 'alerts_outbox_due', 'alerts_outbox', ['state', 'due_us']);
    },
  },
};

async function table(
  db: Kysely<AlertsTables>,
  name: keyof AlertsTables,
  key: readonly string[],
  columns: Columns,
): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const required = !type.endsWith('?');
    builder = builder.addColumn(column, type.replace('?', '') as 'text' | 'bigint' | 'integer', (definition) =>
      required ? definition.notNull() : definition,
    );
  }
  await builder.addPrimaryKeyConstraint(`${name}_pk`, [...key]).execute();
}

async function index(
  db: Kysely<AlertsTables>,
  name: string,
  on: keyof AlertsTables,
  columns: readonly string[],
): Promise<void> {
  await db.schema
    .createIndex(name)
    .on(on)
    .columns([...columns])
    .execute();
}
