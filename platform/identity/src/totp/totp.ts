/**
 * One-time codes of an authenticator app as second factor.
 *
 * @see RFC 6238 (TOTP): SHA-1, 6 digits, 30 s, one step of skew to either side, as every app supports
 */
import { randomBytes } from 'node:crypto';
import { badRequest, conflict } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { Secret, TOTP } from 'otpauth';
import type { Parts } from '../model/part.ts';
import type { IdentityTables } from '../model/tables.ts';

const PERIOD_S = 30;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** Without 0, 1, l and o, which people mix up; 32 characters, so 10 of them are 50 bits. */
const RECOVERY_ALPHABET = '23456789abcdefghijkmnpqrstuvwxyz';

type Db = Kysely<IdentityTables>;

export class Totp {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async status(tenant: string, entityId: string): Promise<{ enabled: boolean; recoveryCodes: number }> {
    const row = await this.find(tenant, entityId);
    const codes = await this.db()
      .selectFrom('identity_recovery_code')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant', '=', tenant)
      .where('entity_id', '=', entityId)
      .executeTakeFirstOrThrow();
    return { enabled: row?.confirmed === 1, recoveryCodes: Number(codes.count) };
  }

  /**
   * Begins: a new secret, shown once and not asked for until it is confirmed.
   *
   * @returns the secret in Base32 and an `otpauth://` URL for a QR code
   * @throws UndercroftError `identity.totp-enabled`
   */
  async enrol(
    tenant: string,
    entityId: string,
    account: string,
    issuer: string,
  ): Promise<{ secret: string; url: string }> {
    const bytes = randomBytes(SECRET_BYTES);
    const secret = this.parts.keyring.seal('totp', bytes, context(tenant, entityId));
    const created_us = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      const row = await selectTotp(tx, tenant, entityId);
      if (row?.confirmed === 1)
        throw conflict('identity.totp-enabled', 'A second factor is set up already.', 'Remove it first.');
      const values = { secret, confirmed: 0, last_step: 0, created_us };
      await tx
        .insertInto('identity_totp')
        .values({ tenant, entity_id: entityId, ...values })
        .onConflict((conflicted) => conflicted.columns(['tenant', 'entity_id']).doUpdateSet(values))
        .execute();
    });
    const totp = generator(bytes, account, issuer);
    return { secret: totp.secret.base32, url: totp.toString() };
  }

  /**
   * Ends the enrolment with a first code.
   *
   * @returns recovery codes, shown once: each takes the place of a code one time
   * @throws UndercroftError `identity.totp-code`, `identity.totp-absent`
   */
  async confirm(tenant: string, entityId: string, code: string): Promise<string[]> {
    const row = await this.find(tenant, entityId);
    if (row === undefined || row.confirmed === 1)
      throw conflict(
        'identity.totp-absent',
        'No second factor waits to be confirmed.',
        'Begin with POST /identity/totp.',
      );
    const step = this.stepOf(tenant, entityId, row.secret, code);
    if (step === undefined) throw wrongCode();
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
    const hashes = codes.map((each) => this.recoveryHash(tenant, entityId, each));
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .updateTable('identity_totp')
        .set({ confirmed: 1, last_step: step })
        .where('tenant', '=', tenant)
        .where('entity_id', '=', entityId)
        .execute();
      await deleteRecoveryCodes(tx, tenant, entityId);
      for (const hash of hashes)
        await tx.insertInto('identity_recovery_code').values({ tenant, entity_id: entityId, hash }).execute();
    });
    this.parts.changes.announce();
    return codes;
  }

  /** Takes a code, or a recovery code, at most once. */
  async take(tenant: string, entityId: string, code: string): Promise<boolean> {
    const row = await this.find(tenant, entityId);
    if (row?.confirmed !== 1) return false;
    if (!/^\d{6}$/.test(code.trim())) return this.takeRecoveryCode(tenant, entityId, code);
    const step = this.stepOf(tenant, entityId, row.secret, code.trim());
    if (step === undefined) return false;
    const updated = await this.parts.control.write((tx: Db) =>
      tx
        .updateTable('identity_totp')
        .set({ last_step: step })
        .where('tenant', '=', tenant)
        .where('entity_id', '=', entityId)
        .where('last_step', '<', step)
        .executeTakeFirst(),
    );
    return updated.numUpdatedRows === 1n;
  }

  async remove(tenant: string, entityId: string): Promise<void> {
    await this.parts.control.write(async (tx: Db) => {
      await tx.deleteFrom('identity_totp').where('tenant', '=', tenant).where('entity_id', '=', entityId).execute();
      await deleteRecoveryCodes(tx, tenant, entityId);
    });
    this.parts.changes.announce();
  }

  private async takeRecoveryCode(tenant: string, entityId: string, code: string): Promise<boolean> {
    const hash = this.recoveryHash(tenant, entityId, code);
    const removed = await this.parts.control.write((tx: Db) =>
      tx
        .deleteFrom('identity_recovery_code')
        .where('tenant', '=', tenant)
        .where('entity_id', '=', entityId)
        .where('hash', '=', hash)
        .executeTakeFirst(),
    );
    return removed.numDeletedRows === 1n;
  }

  /** The step whose code this is, of the three around now. */
  private stepOf(tenant: string, entityId: string, sealed: string, code: string): number | undefined {
    const nowMs = this.parts.clock.nowMs();
    const bytes = this.parts.keyring.open('totp', sealed, context(tenant, entityId));
    const delta = generator(bytes, '', '').validate({ token: code.trim(), timestamp: nowMs, window: 1 });
    return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
  }

  private recoveryHash(tenant: string, entityId: string, code: string): string {
    const plain = code.toLowerCase().replace(/[\s-]/g, '');
    return this.parts.keyring.hash('recovery-code', `${tenant} ${entityId} ${plain}`);
  }

  private find(tenant: string, entityId: string) {
    return selectTotp(this.db(), tenant, entityId);
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

export function wrongCode(): Error {
  return badRequest(
    'identity.totp-code',
    'That code is wrong or was used already.',
    'Wait for the next one and check the clock.',
  );
}

function selectTotp(db: Db, tenant: string, entityId: string) {
  return db
    .selectFrom('identity_totp')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
}

async function deleteRecoveryCodes(tx: Db, tenant: string, entityId: string): Promise<void> {
  await tx
    .deleteFrom('identity_recovery_code')
    .where('tenant', '=', tenant)
    .where('entity_id', '=', entityId)
    .execute();
}

function generator(bytes: Uint8Array, label: string, issuer: string): TOTP {
  const secret = new Secret({ buffer: Uint8Array.from(bytes).buffer });
  return new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_S });
}

function context(tenant: string, entityId: string): string {
  return `totp ${tenant} ${entityId}`;
}

function recoveryCode(): string {
  const characters = Array.from(randomBytes(10), (byte) => RECOVERY_ALPHABET[byte % RECOVERY_ALPHABET.length]!);
  return `${characters.slice(0, 5).join('')}-${characters.slice(5).join('')}`;
}
