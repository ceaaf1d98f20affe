/** Browser sessions: a random cookie, stored only as a keyed hash; new at every sign-in and change of privilege. */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { notFound } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import type { Parts } from '../model/part.ts';
import type { IdentityTables } from '../model/tables.ts';

const COOKIE_BYTES = 32;
const MAX_USER_AGENT_LENGTH = 300;
/** Sessions of one entity; a further one ends the oldest. */
const MAX_SESSIONS = 50;

export interface SessionLimits {
  readonly idleUs: number;
  readonly absoluteUs: number;
}

export interface Session {
  readonly tenant: string;
  /** Names it in lists and logs; grants nothing. */
  readonly id: string;
  readonly entityId: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly createdUs: number;
  readonly lastUsedUs: number;
  /** Its greatest age; it ends earlier when it is not used. */
  readonly expiresUs: number;
}

/** Where a sign-in comes from. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string;
}

type Db = Kysely<IdentityTables>;

export class Sessions {
  private readonly parts: Parts;
  readonly limits: SessionLimits;

  constructor(parts: Parts, limits: SessionLimits) {
    this.parts = parts;
    this.limits = limits;
  }

  /** @param replaces id of a session that this one takes the place of */
  async create(
    tenant: string,
    entityId: string,
    client: Client,
    replaces?: string,
  ): Promise<{ cookie: string; session: Session }> {
    const cookie = randomBytes(COOKIE_BYTES).toString('base64url');
    const nowUs = this.parts.clock.nowUs();
    const row = {
      tenant,
      hash: this.hash(cookie),
      id: randomUUID(),
      entity_id: entityId,
      ip: client.ip,
      user_agent: client.userAgent.slice(0, MAX_USER_AGENT_LENGTH),
      created_us: nowUs,
      last_used_us: nowUs,
      expires_us: nowUs + this.limits.absoluteUs,
    };
    await this.parts.control.write(async (tx: Db) => {
      if (replaces !== undefined)
        await tx.deleteFrom('identity_session').where('tenant', '=', tenant).where('id', '=', replaces).execute();
      const surplus = await tx
        .selectFrom('identity_session')
        .select('hash')
        .where('tenant', '=', tenant)
        .where('entity_id', '=', entityId)
        .orderBy('last_used_us', 'desc')
        .offset(MAX_SESSIONS - 1)
        .limit(MAX_SESSIONS)
        .execute();
      const hashes = surplus.map((each) => each.hash);
      if (hashes.length > 0) await tx.deleteFrom('identity_session').where('hash', 'in', hashes).execute();
      await tx.insertInto('identity_session').values(row).execute();
    });
    this.parts.changes.announce();
    return { cookie, session: toSession(row) };
  }

  hash(cookie: string): string {
    return this.parts.keyring.hash('session', cookie);
  }

  /** The value that changes by cookie must carry: bound to this one session. */
  csrf(sessionId: string): string {
    return this.parts.keyring.hash('csrf', sessionId);
  }

  /** Compares in constant time. */
  isCsrf(sessionId: string, given: string): boolean {
    const want = Buffer.from(this.csrf(sessionId));
    const got = Buffer.from(given);
    return want.length === got.length && timingSafeEqual(want, got);
  }

  /** Undefined if it has ended, by age or by idleness. */
  async findValid(hash: string): Promise<Session | undefined> {
    const row = await this.db().selectFrom('identity_session').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return undefined;
    const session = toSession(row);
    return this.endsUs(session) > this.parts.clock.nowUs() ? session : undefined;
  }

  endsUs(session: Session): number {
    return Math.min(session.expiresUs, session.lastUsedUs + this.limits.idleUs);
  }

  async touch(session: Session, nowUs: number): Promise<void> {
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .updateTable('identity_session')
        .set({ last_used_us: nowUs })
        .where('tenant', '=', session.tenant)
        .where('id', '=', session.id)
        .execute();
    });
  }

  async list(tenant: string, entityId: string): Promise<Session[]> {
    const rows = await this.db()
      .selectFrom('identity_session')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('entity_id', '=', entityId)
      .orderBy('last_used_us', 'desc')
      .execute();
    const nowUs = this.parts.clock.nowUs();
    return rows.map(toSession).filter((session) => this.endsUs(session) > nowUs);
  }

  /** @throws UndercroftError `not-found` */
  async end(tenant: string, entityId: string, id: string): Promise<void> {
    const removed = await this.parts.control.write((tx: Db) =>
      tx
        .deleteFrom('identity_session')
        .where('tenant', '=', tenant)
        .where('entity_id', '=', entityId)
        .where('id', '=', id)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw notFound('session', id);
    this.parts.changes.announce();
  }

  /** Ends all of an entity's sessions but one. */
  async endOthers(tenant: string, entityId: string, keep?: string): Promise<void> {
    await this.parts.control.write(async (tx: Db) => {
      let query = tx.deleteFrom('identity_session').where('tenant', '=', tenant).where('entity_id', '=', entityId);
      if (keep !== undefined) query = query.where('id', '!=', keep);
      await query.execute();
    });
    this.parts.changes.announce();
  }

  async sweep(): Promise<void> {
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .deleteFrom('identity_session')
        .where(({ eb, or }) =>
          or([eb('expires_us', '<=', nowUs), eb('last_used_us', '<=', nowUs - this.limits.idleUs)]),
        )
        .execute();
    });
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

function toSession(row: {
  tenant: string;
  id: string;
  entity_id: string;
  ip: string;
  user_agent: string;
  created_us: number;
  last_used_us: number;
  expires_us: number;
}): Session {
  return {
    tenant: row.tenant,
    id: row.id,
    entityId: row.entity_id,
    ip: row.ip,
    userAgent: row.user_agent,
    createdUs: row.created_us,
    lastUsedUs: row.last_used_us,
    expiresUs: row.expires_us,
  };
}
