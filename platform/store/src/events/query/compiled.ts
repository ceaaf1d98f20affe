/**
 * A query between its two halves: compiled in the server process, where the classes are known and mistakes are
 * answered; put together with the tables and files of the moment in the child (`assemble.ts`).
 */
import type { EventColumnType } from '@undercroft/kernel';

export type SqlParameter = string | number | bigint | boolean;

/** By time, or by id: the two orders that files know their bounds of. */
export type WalkOrder = 'newest' | 'oldest-id';

export interface CompiledQuery {
  /** Classes to look into. */
  readonly classes: readonly string[];
  /** Only this tenant's files. */
  readonly tenant?: string;
  /** `[fromNs, toNs)`; files outside are not opened. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  readonly afterId?: string;
  /** Attributes the statement touches; a class or a file without one gives NULL. */
  readonly attributes: readonly { readonly name: string; readonly type: EventColumnType }[];
  /** Common columns the statement touches. */
  readonly common: readonly string[];
  /** SQL after `SELECT`, over one relation with the columns above and `class`. */
  readonly select: string;
  /** With its `WHERE`, or empty. */
  readonly where: string;
  /** `GROUP BY …`, or empty. */
  readonly groupBy: string;
  /** `ORDER BY …`, or empty. */
  readonly orderBy: string;
  /** Rows that come back at most. */
  readonly limit: number;
  /** Rows of groups, not whole events. */
  readonly grouped: boolean;
  /** What was changed in it, for the warnings of the result. */
  readonly notes: readonly string[];
  /** Values of `$1`, `$2`, … in the parts above. */
  readonly parameters: readonly SqlParameter[];
  /**
   * The order is one that files are kept in: they are opened step by step, and no more once nothing in the rest can
   * come before what was found. Absent for all other orders.
   */
  readonly walk?: WalkOrder;
  readonly outputs: readonly QueryOutput[];
}

/** A column of the result and how it is turned into JavaScript. */
export interface QueryOutput {
  readonly name: string;
  /** Common columns keep the type of their name. */
  readonly type: EventColumnType | 'severity' | 'number' | 'common';
}
