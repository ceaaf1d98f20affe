import type { UndercroftError } from '@undercroft/kernel';
import type { DatabaseConnection } from 'kysely';

/**
 * The one connection that writes, as the unit writer drives it: `begin`, then for each unit `savepoint` and
 * `release` or `rollBackTo`, then `commit` and `flush`.
 */
export interface WriterSession {
  readonly connection: DatabaseConnection;
  begin(): Promise<void>;
  savepoint(): Promise<void>;
  release(): Promise<void>;
  rollBackTo(): Promise<void>;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
  /** Whether the transaction still stands: some failures (a full disk) end it with all that was in it. */
  inTransaction(): boolean;
  /**
   * Resolves once everything committed before the call is durable. A rejection is final: what the disk holds is then
   * unknown, and the session must not be written to again.
   */
  flush(): Promise<void>;
  /** Between batches: upkeep that may take a moment (a checkpoint). */
  rest(): Promise<void>;
  translate(error: unknown): UndercroftError;
  close(): Promise<void>;
}
