/** Single values of this installation. */
import { UndercroftError } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';

type Db = Kysely<IdentityTables>;
/** `owner`: entity id; `boot-key`: proof that the boot key is the one that made what is stored. */
type MetaKey = 'owner' | 'boot-key';

export async function readMeta(db: Db, key: MetaKey): Promise<string | undefined> {
  const row = await db.selectFrom('identity_meta').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

export async function writeMeta(tx: Db, key: MetaKey, value: string): Promise<void> {
  await tx
    .insertInto('identity_meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/**
 * A boot key that did not make what is stored would refuse every token in silence; so it is said at start.
 *
 * @param acceptNew ends every session and token and removes second factors, which only the lost key could read
 * @throws UndercroftError `identity.boot-key`
 */
export async function checkBootKey(parts: Parts, acceptNew: boolean): Promise<void> {
  const proof = parts.keyring.hash('check', 'undercroft');
  await parts.control.write(async (tx: Db) => {
    const stored = await readMeta(tx, 'boot-key');
    if (stored === proof) return;
    if (stored !== undefined && !acceptNew)
      throw new UndercroftError(
        'identity.boot-key',
        'keys/boot.key is not the key that this control store was written with.',
        {
          fix: 'Restore keys/boot.key from the same backup, or start once with identity.acceptNewBootKey: true, which ends all sessions and tokens and removes second factors.',
        },
      );
    const made = [
      'identity_session',
      'identity_token',
      'identity_totp',
      'identity_recovery_code',
      'identity_link',
    ] as const;
    for (const table of made) await tx.deleteFrom(table).execute();
    await writeMeta(tx, 'boot-key', proof);
  });
}
