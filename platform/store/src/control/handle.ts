/** The Kysely handles that modules get: one for reading, one for each unit of work. */
import { UndercroftError } from '@undercroft/kernel';
import {
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyProps,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

// biome-ignore lint/suspicious/noExplicitAny: every module brings its own tables
export type AnyKysely = Kysely<any>;

/** Lends a connection for the time of one query. */
export type Lend = <R>(use: (connection: DatabaseConnection) => Promise<R>) => Promise<R>;

/** A handle whose queries run on lent connections. It begins no transactions: that is what `write` is for. */
export function handle(dialect: Dialect, lend: Lend): AnyKysely {
  const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), {
    provideConnection: lend,
  });
  const props: KyselyProps = { config: { dialect }, dialect, driver: dialect.createDriver(), executor };
  return new Kysely(props);
}

export const sqliteDialect: Dialect = {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => noDriver,
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db) => new SqliteIntrospector(db),
};

export const postgresDialect: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => noDriver,
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
};

const noDriver: Driver = {
  init: async () => {},
  acquireConnection: async () => {
    throw noTransaction();
  },
  beginTransaction: async () => {
    throw noTransaction();
  },
  commitTransaction: async () => {},
  rollbackTransaction: async () => {},
  releaseConnection: async () => {},
  destroy: async () => {},
};

function noTransaction(): UndercroftError {
  return new UndercroftError('store.transaction', 'A handle of the control store begins no transaction.', {
    fix: 'Use store.control.write(unit): the unit is the transaction.',
  });
}
