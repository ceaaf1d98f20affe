/** Sign-in with name, password and, where one is set up, a second factor. */
import { UndercroftError } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import type { AuditTrail } from '../audit/trail.ts';
import type { Parts } from '../model/part.ts';
import type { IdentityTables } from '../model/tables.ts';
import type { PasswordHasher } from '../passwords/hash.ts';
import type { Lockout } from '../passwords/lockout.ts';
import type { Client } from '../sessions/sessions.ts';
import { type Totp, wrongCode } from '../totp/totp.ts';

export interface Credentials {
  readonly tenant: string;
  readonly name: string;
  readonly password: string;
  /** Six digits, or a recovery code. */
  readonly totp?: string;
}

export interface SignedIn {
  readonly tenant: string;
  readonly entityId: string;
  readonly name: string;
}

type Db = Kysely<IdentityTables>;

export class SignIn {
  private readonly parts: Parts;
  private readonly hasher: PasswordHasher;
  private readonly lockout: Lockout;
  private readonly totp: Totp;
  private readonly trail: AuditTrail;

  constructor(parts: Parts, hasher: PasswordHasher, lockout: Lockout, totp: Totp, trail: AuditTrail) {
    this.parts = parts;
    this.hasher = hasher;
    this.lockout = lockout;
    this.totp = totp;
    this.trail = trail;
  }

  /**
   * Audited before it resolves or rejects. A user that does not exist, a wrong password and a disabled user look the
   * same and take the same time.
   *
   * @throws UndercroftError `identity.credentials`, `identity.totp-required`, `identity.totp-code` (401),
   *   `identity.locked` (429), `identity.busy` (503)
   */
  async verify(credentials: Credentials, client: Client, requestId: string): Promise<SignedIn> {
    const { tenant, password } = credentials;
    const name = credentials.name.toLowerCase();
    const audit = (result: 'success' | 'failure', detail: string, entityId?: string) =>
      this.trail.signIn({ tenant, name, entityId, result, detail, ip: client.ip, requestId });
    await this.lockout.check(tenant, name, client.ip);
    const user = await this.find(tenant, name);
    const isRight = await this.hasher.verify(password, user?.password);
    // Attempts that were hashed side by side: those that ended first may have locked the user by now.
    await this.lockout.check(tenant, name, client.ip);
    if (user === undefined || !isRight || user.disabled === 1) {
      await this.lockout.failed(tenant, name, client.ip);
      await audit('failure', isRight ? 'disabled user' : 'wrong name or password', user?.entity_id);
      throw refused('identity.credentials', 'Name or password is wrong.');
    }
    if (user.confirmed === 1) await this.checkSecondFactor(credentials, name, user.entity_id, client, audit);
    await this.lockout.succeeded(tenant, name, client.ip);
    await this.recordSuccess(tenant, name, password, user.password);
    await audit('success', user.confirmed === 1 ? 'password and second factor' : 'password', user.entity_id);
    return { tenant, entityId: user.entity_id, name };
  }

  /** Asks a signed-in user for the password again; wrong ones count as at sign-in. @throws as {@link verify} */
  async isPassword({ tenant, name, password }: Credentials, ip: string): Promise<boolean> {
    await this.lockout.check(tenant, name, ip);
    const isRight = await this.hasher.verify(password, (await this.find(tenant, name))?.password);
    if (!isRight) await this.lockout.failed(tenant, name, ip);
    return isRight;
  }

  /** Asks a signed-in user for a code. @throws UndercroftError `identity.totp-code` (400), `identity.locked` */
  async takeCode(tenant: string, name: string, entityId: string, code: string, ip: string): Promise<void> {
    await this.lockout.check(tenant, name, ip);
    if (await this.totp.take(tenant, entityId, code)) return;
    await this.lockout.failed(tenant, name, ip);
    throw wrongCode();
  }

  private async checkSecondFactor(
    { tenant, totp }: Credentials,
    name: string,
    entityId: string,
    client: Client,
    audit: (result: 'failure', detail: string, entityId: string) => Promise<void>,
  ): Promise<void> {
    if (totp === undefined || totp.trim() === '')
      throw refused(
        'identity.totp-required',
        'This user signs in with a second factor.',
        'Send the code of your app as `totp`.',
      );
    if (await this.totp.take(tenant, entityId, totp)) return;
    await this.lockout.failed(tenant, name, client.ip);
    await audit('failure', 'wrong second factor', entityId);
    throw refused(
      'identity.totp-code',
      'That code is wrong or was used already.',
      'Wait for the next one and check the clock.',
    );
  }

  /** Writes when it was, and the password's hash anew if its parameters are of the past. */
  private async recordSuccess(tenant: string, name: string, password: string, stored: string): Promise<void> {
    const upgraded = this.hasher.isOutdated(stored) ? await this.hasher.hash(password) : stored;
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .updateTable('identity_user')
        .set({ signed_in_us: nowUs, password: upgraded })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .where('password', '=', stored)
        .execute();
    });
  }

  private find(tenant: string, name: string) {
    return this.parts.control
      .db<IdentityTables>()
      .selectFrom('identity_user as user')
      .innerJoin('identity_entity as entity', (join) =>
        join.onRef('entity.tenant', '=', 'user.tenant').onRef('entity.id', '=', 'user.entity_id'),
      )
      .leftJoin('identity_totp as totp', (join) =>
        join.onRef('totp.tenant', '=', 'user.tenant').onRef('totp.entity_id', '=', 'user.entity_id'),
      )
      .select(['user.password', 'user.entity_id', 'entity.disabled', 'totp.confirmed'])
      .where('user.tenant', '=', tenant)
      .where('user.name', '=', name)
      .executeTakeFirst();
  }
}

function refused(code: string, message: string, fix?: string): UndercroftError {
  return new UndercroftError(code, message, { status: 401, ...(fix === undefined ? {} : { fix }) });
}
