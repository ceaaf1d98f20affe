/**
 * Lock-out after wrong passwords, with exponential back-off: early for one address that tries one user, later for one
 * user whoever tries. The state is durable, so a restart gives nobody new attempts. Users that do not exist are locked
 * alike.
 */
import { type Clock, type ControlStore, UndercroftError } from '@undercroft/kernel';
import { sql } from 'kysely';
import type { IdentityTables } from '../model/tables.ts';

/** Wrong attempts that cost nothing. */
const FREE_ATTEMPTS = { 'user-ip': 5, user: 30 } as const;
const FIRST_LOCK_US = 2_000_000;
const MAX_LOCK_US = 15 * 60 * 1_000_000;
/** Failures older than this are forgotten. */
const MEMORY_US = 24 * 3600 * 1_000_000;
/** Subjects kept; the oldest go first. */
const MAX_SUBJECTS = 20_000;

type Kind = keyof typeof FREE_ATTEMPTS;

export class Lockout {
  private readonly control: ControlStore;
  private readonly clock: Clock;

  constructor(control: ControlStore, clock: Clock) {
    this.control = control;
    this.clock = clock;
  }

  /** @throws UndercroftError `identity.locked` (429) with `retryAtUs` */
  async check(tenant: string, user: string, ip: string): Promise<void> {
    const row = await this.control
      .db<IdentityTables>()
      .selectFrom('identity_lock')
      .select(({ fn }) => fn.max('locked_until_us').as('until'))
      .where('tenant', '=', tenant)
      .where('subject', 'in', [subject('user', user), subject('user-ip', user, ip)])
      .executeTakeFirst();
    const retryAtUs = Number(row?.until ?? 0);
    if (retryAtUs > this.clock.nowUs())
      throw new UndercroftError('identity.locked', 'Too many wrong attempts for this user.', {
        status: 429,
        fix: 'Wait, then try again. The owner can sign in with the link that `undercroft up` prints.',
        details: { retryAtUs },
      });
  }

  /** Counts a wrong password or code. */
  async failed(tenant: string, user: string, ip: string): Promise<void> {
    const nowUs = this.clock.nowUs();
    await this.control.write<void, IdentityTables>(async (tx) => {
      for (const kind of ['user-ip', 'user'] as const) {
        const key = subject(kind, user, ip);
        const row = await tx
          .selectFrom('identity_lock')
          .select(['failures', 'last_failure_us'])
          .where('tenant', '=', tenant)
          .where('subject', '=', key)
          .executeTakeFirst();
        const failures = row !== undefined && nowUs - row.last_failure_us < MEMORY_US ? row.failures + 1 : 1;
        const values = { failures, last_failure_us: nowUs, locked_until_us: nowUs + lockUs(kind, failures) };
        await tx
          .insertInto('identity_lock')
          .values({ tenant, subject: key, ...values })
          .onConflict((conflict) => conflict.columns(['tenant', 'subject']).doUpdateSet(values))
          .execute();
      }
    });
  }

  /** A full sign-in clears the user's failures from this address and its own count. */
  async succeeded(tenant: string, user: string, ip: string): Promise<void> {
    const subjects = [subject('user', user), subject('user-ip', user, ip)];
    const some = await this.control
      .db<IdentityTables>()
      .selectFrom('identity_lock')
      .select('subject')
      .where('tenant', '=', tenant)
      .where('subject', 'in', subjects)
      .executeTakeFirst();
    if (some === undefined) return;
    await this.control.write<void, IdentityTables>(async (tx) => {
      await tx.deleteFrom('identity_lock').where('tenant', '=', tenant).where('subject', 'in', subjects).execute();
    });
  }

  /** Ends every lock of a user, from wherever. */
  async unlock(tenant: string, user: string): Promise<void> {
    const byAddress = subject('user-ip', user, '');
    await this.control.write<void, IdentityTables>(async (tx) => {
      await tx
        .deleteFrom('identity_lock')
        .where('tenant', '=', tenant)
        .where(({ eb, or }) =>
          or([
            eb('subject', '=', subject('user', user)),
            sql<boolean>`substr(subject, 1, ${sql.lit(byAddress.length)}) = ${byAddress}`,
          ]),
        )
        .execute();
    });
  }

  /** Forgets what is old, and the oldest when there are too many. */
  async sweep(): Promise<void> {
    const oldUs = this.clock.nowUs() - MEMORY_US;
    await this.control.write<void, IdentityTables>(async (tx) => {
      await tx.deleteFrom('identity_lock').where('last_failure_us', '<', oldUs).execute();
      const first = await tx
        .selectFrom('identity_lock')
        .select('last_failure_us')
        .orderBy('last_failure_us', 'desc')
        .offset(MAX_SUBJECTS)
        .limit(1)
        .executeTakeFirst();
      if (first !== undefined)
        await tx.deleteFrom('identity_lock').where('last_failure_us', '<=', first.last_failure_us).execute();
    });
  }
}

/** 2 s after the free attempts, doubling up to 15 minutes. */
export function lockUs(kind: Kind, failures: number): number {
  const over = failures - FREE_ATTEMPTS[kind];
  return over < 0 ? 0 : Math.min(FIRST_LOCK_US * 2 ** Math.min(over, 20), MAX_LOCK_US);
}

function subject(kind: Kind, user: string, ip = ''): string {
  return kind === 'user' ? `user:${user}` : `user-ip:${user} ${ip}`;
}
