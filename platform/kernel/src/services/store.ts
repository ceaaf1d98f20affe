import type { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Tables of all modules; each module narrows it to its own. */
// biome-ignore lint/suspicious/noExplicitAny: every module brings its own tables
export type AnyTables = any;

/**
 * A module's migrations, run in the order of their names, forward only. Names are global: `<module>-0001-<what>`.
 * They must build the same tables on SQLite and PostgreSQL: `text`, `bigint`, `double precision`, `boolean` as
 * `integer` 0/1, JSON as `text`.
 */
export type Migrations = Readonly<Record<string, Migration>>;

/** The control state: configuration, inventory, problems, identity. */
export interface ControlStore {
  readonly dialect: 'sqlite' | 'postgres';
  /** For reading. Integers come back as JavaScript numbers in both dialects. */
  db<T = AnyTables>(): Kysely<T>;
  /**
   * One unit of work: all of it or nothing; resolves once it is durable. Units of concurrent callers share one
   * fsync. A unit may await its own queries and nothing else (a transaction never stays open across other I/O).
   */
  write<R, T = AnyTables>(unit: (tx: Kysely<T>) => Promise<R>): Promise<R>;
}

/** Files by name under a module's own prefix; put is atomic and durable. */
export interface BlobStore {
  put(name: string, data: Uint8Array | Readable): Promise<{ readonly sizeBytes: number; readonly sha256: string }>;
  get(name: string): Promise<Readable>;
  delete(name: string): Promise<void>;
  list(
    prefix: string,
  ): Promise<readonly { readonly name: string; readonly sizeBytes: number; readonly modifiedUs: number }[]>;
}

export interface Store {
  readonly control: ControlStore;
  readonly blobs: BlobStore;
  /** This module's own folder, made on first use. One process owns what is in it. */
  folder(name: string): Promise<string>;
  /**
   * Called by `backup`: write a consistent copy of `folder(name)` into `target` while running.
   * A module that keeps files of its own registers one.
   */
  onBackup(name: string, copy: (target: string) => Promise<void>): void;
}
