import type { Dialect } from 'kysely';
import type { AnyKysely } from './handle.ts';
import type { WriterSession } from './writer-session.ts';

/** An opened database of either kind, as the control store uses it. */
export interface OpenDialect {
  readonly name: 'sqlite' | 'postgres';
  readonly dialect: Dialect;
  readonly session: WriterSession;
  /** For reading. */
  readonly db: AnyKysely;
  /** Writes a consistent copy into a new file while running. */
  copy(target: string): Promise<void>;
  close(): Promise<void>;
}
