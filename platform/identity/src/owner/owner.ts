/**
 * The owner: made on the first run by a one-time link, or with a token given from outside. There is no default
 * password. Later links sign the owner in from the terminal that runs the platform.
 */
import { randomBytes } from 'node:crypto';
import { DEFAULT_TENANT, type SignInLink, UndercroftError } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { insertEntity } from '../model/entities.ts';
import { readMeta, writeMeta } from '../model/meta.ts';
import type { Parts } from '../model/part.ts';
import type { IdentityTables } from '../model/tables.ts';
import { insertUser, type Users } from '../model/users.ts';
import { OWNER_POLICY } from '../policy/builtin.ts';
import { MIN_OWNER_TOKEN_LENGTH, type Tokens } from '../tokens/tokens.ts';

const CODE_BYTES = 24;
const FIRST_RUN_LINK_US = 24 * 3600 * 1_000_000;
const SIGN_IN_LINK_US = 15 * 60 * 1_000_000;
const OWNER_ENTITY_NAME = 'owner';

type Db = Kysely<IdentityTables>;

export class Owner {
  private readonly parts: Parts;
  private readonly users: Users;
  private readonly tokens: Tokens;

  constructor(parts: Parts, users: Users, tokens: Tokens) {
    this.parts = parts;
    this.users = users;
    this.tokens = tokens;
  }

  async entityId(): Promise<string | undefined> {
    return readMeta(this.db(), 'owner');
  }

  /** Whether nobody has set up the owner's name and password yet. */
  async isFirstRun(): Promise<boolean> {
    const entityId = await this.entityId();
    return entityId === undefined || (await this.users.findByEntity(DEFAULT_TENANT, entityId)) === undefined;
  }

  /**
   * Makes the owner with this token, unless there is an owner already.
   *
   * @throws UndercroftError `identity.owner-token` if it is shorter than 24 characters
   */
  async adoptToken(token: string): Promise<boolean> {
    if (token.length < MIN_OWNER_TOKEN_LENGTH)
      throw new UndercroftError(
        'identity.owner-token',
        `The owner's token (UNDERCROFT_OWNER_TOKEN) has ${token.length} characters; it needs ${MIN_OWNER_TOKEN_LENGTH} or more.`,
        { status: 400, fix: 'Make one with `openssl rand -hex 24`.' },
      );
    const nowUs = this.parts.clock.nowUs();
    const adopted = await this.parts.control.write(async (tx: Db) => {
      if ((await readMeta(tx, 'owner')) !== undefined) return false;
      const entity = await insertEntity(tx, DEFAULT_TENANT, OWNER_ENTITY_NAME, { policies: [OWNER_POLICY] }, nowUs);
      await writeMeta(tx, 'owner', entity.id);
      await this.tokens.adopt(tx, DEFAULT_TENANT, token, entity.id, 'UNDERCROFT_OWNER_TOKEN');
      return true;
    });
    if (adopted) this.parts.changes.announce();
    return adopted;
  }

  /** A new link; the one before it ends. */
  async signInLink(): Promise<SignInLink> {
    const firstRun = await this.isFirstRun();
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const nowUs = this.parts.clock.nowUs();
    const expiresUs = nowUs + (firstRun ? FIRST_RUN_LINK_US : SIGN_IN_LINK_US);
    const row = {
      tenant: DEFAULT_TENANT,
      hash: this.hash(code),
      first_run: firstRun ? 1 : 0,
      created_us: nowUs,
      expires_us: expiresUs,
    };
    await this.parts.control.write(async (tx: Db) => {
      await tx.deleteFrom('identity_link').execute();
      await tx.insertInto('identity_link').values(row).execute();
    });
    return { path: `/app/welcome#${code}`, expiresUs, firstRun };
  }

  /**
   * Takes a link's code, once. On first run it makes the owner's user, and the owner if there is none.
   *
   * @throws UndercroftError `identity.link-used` (410), `identity.welcome` (400), `identity.name`,
   *   `identity.password`; the code is then still good, except for the first
   */
  async takeLink(
    code: string,
    name: string | undefined,
    password: string | undefined,
  ): Promise<{ entityId: string; firstRun: boolean }> {
    const hash = this.hash(code);
    const nowUs = this.parts.clock.nowUs();
    const link = await this.db()
      .selectFrom('identity_link')
      .select('first_run')
      .where('hash', '=', hash)
      .where('expires_us', '>', nowUs)
      .executeTakeFirst();
    if (link === undefined) throw linkUsed();
    if (link.first_run === 0) return { entityId: await this.takeSignInLink(hash), firstRun: false };
    if (name === undefined || password === undefined)
      throw new UndercroftError('identity.welcome', 'The first run makes the owner, who needs a name and a password.', {
        status: 400,
        fix: 'Send `name` and `password` with the code.',
      });
    const userName = name.toLowerCase();
    const passwordHash = await this.users.prepare(userName, password);
    const entityId = await this.parts.control.write(async (tx: Db) => {
      await takeCode(tx, hash);
      const known = await readMeta(tx, 'owner');
      const entity = known === undefined ? { policies: [OWNER_POLICY] } : { id: known };
      const id = await insertUser(tx, DEFAULT_TENANT, userName, passwordHash, entity, nowUs);
      await writeMeta(tx, 'owner', id);
      return id;
    });
    this.parts.changes.announce();
    return { entityId, firstRun: true };
  }

  async sweep(): Promise<void> {
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await tx.deleteFrom('identity_link').where('expires_us', '<=', nowUs).execute();
    });
  }

  private takeSignInLink(hash: string): Promise<string> {
    return this.parts.control.write(async (tx: Db) => {
      await takeCode(tx, hash);
      const entityId = await readMeta(tx, 'owner');
      if (entityId === undefined) throw linkUsed();
      return entityId;
    });
  }

  private hash(code: string): string {
    return this.parts.keyring.hash('link', code);
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

async function takeCode(tx: Db, hash: string): Promise<void> {
  const taken = await tx.deleteFrom('identity_link').where('hash', '=', hash).executeTakeFirst();
  if (taken.numDeletedRows === 0n) throw linkUsed();
}

function linkUsed(): UndercroftError {
  return new UndercroftError(
    'identity.link-used',
    'This link was used already, has expired or was replaced by a newer one.',
    {
      status: 410,
      fix: 'Take the link that `undercroft up` printed last; a restart prints a new one.',
    },
  );
}
