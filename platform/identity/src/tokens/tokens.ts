/** Service tokens: made, looked up, renewed, revoked with all that they made. Only keyed hashes are stored. */
import { randomBytes, randomUUID } from 'node:crypto';
import { badRequest, conflict, notFound, type Page, type PageRequest } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { keysetOf, pageOfRows } from '../model/listing.ts';
import { parseList, printList } from '../model/names.ts';
import type { Parts } from '../model/part.ts';
import type { IdentityTables } from '../model/tables.ts';

export const TOKEN_PREFIX = 'uct_';
const TOKEN_BYTES = 32;
/** Tokens made by tokens made by tokens … */
export const MAX_TOKEN_DEPTH = 16;
/** The owner's own token, given from outside on first run. */
export const MIN_OWNER_TOKEN_LENGTH = 24;

export interface TokenLimits {
  readonly defaultTtlUs: number;
  readonly maxTtlUs: number;
}

export interface Token {
  readonly tenant: string;
  /** Names the token in lists, logs and revocations; grants nothing. */
  readonly accessor: string;
  readonly parent?: string;
  readonly entityId: string;
  readonly name: string;
  /** Absent: those of its entity. */
  readonly policies?: readonly string[];
  readonly renewable: boolean;
  readonly usesLeft?: number;
  readonly createdUs: number;
  /** Absent: never. */
  readonly expiresUs?: number;
  readonly maxExpiresUs?: number;
  readonly lastUsedUs?: number;
}

export interface NewToken {
  readonly entityId: string;
  readonly name: string;
  readonly policies?: readonly string[];
  /** The installation's default if absent. */
  readonly ttlUs?: number;
  /** Renewals end there. */
  readonly maxTtlUs?: number;
  readonly renewable?: boolean;
  readonly uses?: number;
  /** Accessor of the token that makes it. */
  readonly parent?: string;
}

type Db = Kysely<IdentityTables>;
type TokenRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectTokens>['executeTakeFirst']>>>;

export class Tokens {
  private readonly parts: Parts;
  private readonly limits: TokenLimits;

  constructor(parts: Parts, limits: TokenLimits) {
    this.parts = parts;
    this.limits = limits;
  }

  /** @throws UndercroftError `identity.token-ttl`, `identity.token-depth` */
  async create(tenant: string, wanted: NewToken): Promise<{ token: string; info: Token }> {
    const token = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
    const nowUs = this.parts.clock.nowUs();
    const ttlUs = wanted.ttlUs ?? Math.min(this.limits.defaultTtlUs, wanted.maxTtlUs ?? this.limits.maxTtlUs);
    const maxTtlUs = wanted.maxTtlUs ?? this.limits.maxTtlUs;
    if (ttlUs > maxTtlUs || maxTtlUs > this.limits.maxTtlUs)
      throw badRequest(
        'identity.token-ttl',
        `A token lives at most ${Math.min(maxTtlUs, this.limits.maxTtlUs) / 1e6} s here.`,
        'Ask for less, or raise identity.tokens.maxTtl.',
      );
    const info = await this.parts.control.write(async (tx: Db) => {
      const parent = wanted.parent === undefined ? undefined : await this.checkParent(tx, tenant, wanted.parent);
      const until = Math.min(nowUs + ttlUs, parent?.expiresUs ?? Number.MAX_SAFE_INTEGER);
      const row = {
        tenant,
        hash: this.hash(token),
        accessor: randomUUID(),
        parent: wanted.parent ?? null,
        entity_id: wanted.entityId,
        name: wanted.name,
        policies: wanted.policies === undefined ? null : printList(wanted.policies),
        ttl_us: ttlUs,
        max_expires_us: nowUs + maxTtlUs,
        expires_us: until,
        renewable: wanted.renewable === false ? 0 : 1,
        uses_left: wanted.uses ?? null,
        created_us: nowUs,
        last_used_us: null,
      };
      await tx.insertInto('identity_token').values(row).execute();
      return toToken(row);
    });
    return { token, info };
  }

  /** Takes a token that somebody else chose, without an end: the owner's. */
  async adopt(tx: Db, tenant: string, token: string, entityId: string, name: string): Promise<void> {
    await tx
      .insertInto('identity_token')
      .values({
        tenant,
        hash: this.hash(token),
        accessor: randomUUID(),
        parent: null,
        entity_id: entityId,
        name,
        policies: null,
        ttl_us: null,
        max_expires_us: null,
        expires_us: null,
        renewable: 0,
        uses_left: null,
        created_us: this.parts.clock.nowUs(),
        last_used_us: null,
      })
      .execute();
  }

  hash(token: string): string {
    return this.parts.keyring.hash('token', token);
  }

  /** By hash, in any tenant; undefined if it, or a token it descends from, has ended. */
  async findValid(hash: string): Promise<Token | undefined> {
    const row = await selectTokens(this.db()).where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return undefined;
    const token = toToken(row);
    let last = token;
    let expiresUs = token.expiresUs ?? Number.MAX_SAFE_INTEGER;
    for (let depth = 0; last.parent !== undefined && depth <= MAX_TOKEN_DEPTH; depth++) {
      const parent = await this.find(token.tenant, last.parent);
      if (parent === undefined) return undefined;
      expiresUs = Math.min(expiresUs, parent.expiresUs ?? Number.MAX_SAFE_INTEGER);
      last = parent;
    }
    if (expiresUs <= this.parts.clock.nowUs()) return undefined;
    return expiresUs === Number.MAX_SAFE_INTEGER ? token : { ...token, expiresUs };
  }

  /** Counts one use of a token with a limit. @returns whether it had one left */
  async use(token: Token): Promise<boolean> {
    const updated = await this.parts.control.write((tx: Db) =>
      tx
        .updateTable('identity_token')
        .set(({ eb }) => ({ uses_left: eb('uses_left', '-', 1) }))
        .where('tenant', '=', token.tenant)
        .where('accessor', '=', token.accessor)
        .where('uses_left', '>', 0)
        .executeTakeFirst(),
    );
    return updated.numUpdatedRows === 1n;
  }

  async touch(token: Token, nowUs: number): Promise<void> {
    await this.parts.control.write(async (tx: Db) => {
      await tx
        .updateTable('identity_token')
        .set({ last_used_us: nowUs })
        .where('tenant', '=', token.tenant)
        .where('accessor', '=', token.accessor)
        .execute();
    });
  }

  /** @throws UndercroftError `not-found` */
  async get(tenant: string, accessor: string): Promise<Token> {
    const token = await this.find(tenant, accessor);
    if (token === undefined) throw notFound('token with the accessor', accessor);
    return token;
  }

  async list(tenant: string, page: PageRequest, entityId?: string): Promise<Page<Token>> {
    const keyset = keysetOf(page, 'accessor');
    let query = selectTokens(this.db())
      .where('tenant', '=', tenant)
      .orderBy('accessor', keyset.descending ? 'desc' : 'asc')
      .limit(keyset.limit + 1);
    if (entityId !== undefined) query = query.where('entity_id', '=', entityId);
    if (keyset.after !== undefined) query = query.where('accessor', keyset.descending ? '<' : '>', keyset.after);
    const rows = await query.execute();
    return pageOfRows(rows.map(toToken), keyset, 'accessor', (token) => token.accessor);
  }

  /**
   * Moves the end to `incrementUs` from now, not beyond the token's greatest age.
   *
   * @throws UndercroftError `identity.token-not-renewable`
   */
  async renew(token: Token, incrementUs: number | undefined): Promise<Token> {
    if (!token.renewable || token.expiresUs === undefined)
      throw conflict('identity.token-not-renewable', 'This token cannot be renewed.', 'Sign in again for a new one.');
    const nowUs = this.parts.clock.nowUs();
    const limitUs = token.maxExpiresUs ?? token.createdUs + this.limits.maxTtlUs;
    await this.parts.control.write(async (tx: Db) => {
      const row = await tx
        .selectFrom('identity_token')
        .select('ttl_us')
        .where('tenant', '=', token.tenant)
        .where('accessor', '=', token.accessor)
        .executeTakeFirst();
      if (row === undefined) throw notFound('token with the accessor', token.accessor);
      const expires_us = Math.min(nowUs + (incrementUs ?? row.ttl_us ?? this.limits.defaultTtlUs), limitUs);
      await tx
        .updateTable('identity_token')
        .set({ expires_us })
        .where('tenant', '=', token.tenant)
        .where('accessor', '=', token.accessor)
        .execute();
    });
    this.parts.changes.announce();
    return this.get(token.tenant, token.accessor);
  }

  /** Ends a token and all that it made. @returns how many ended @throws UndercroftError `not-found` */
  async revoke(tenant: string, accessor: string): Promise<number> {
    const count = await this.parts.control.write((tx: Db) => deleteTree(tx, tenant, [accessor]));
    if (count === 0) throw notFound('token with the accessor', accessor);
    this.parts.changes.announce();
    return count;
  }

  /** Removes what has expired or is used up, with its descendants. */
  async sweep(): Promise<number> {
    const nowUs = this.parts.clock.nowUs();
    const ended = await selectTokens(this.db())
      .where(({ eb, or }) => or([eb('expires_us', '<=', nowUs), eb('uses_left', '<=', 0)]))
      .limit(1000)
      .execute();
    if (ended.length === 0) return 0;
    return this.parts.control.write(async (tx: Db) => {
      let count = 0;
      for (const row of ended) count += await deleteTree(tx, row.tenant, [row.accessor]);
      return count;
    });
  }

  private async find(tenant: string, accessor: string): Promise<Token | undefined> {
    const row = await selectTokens(this.db())
      .where('tenant', '=', tenant)
      .where('accessor', '=', accessor)
      .executeTakeFirst();
    return row === undefined ? undefined : toToken(row);
  }

  private async checkParent(tx: Db, tenant: string, accessor: string): Promise<Token> {
    const select = (of: string) =>
      selectTokens(tx).where('tenant', '=', tenant).where('accessor', '=', of).executeTakeFirst();
    const row = await select(accessor);
    if (row === undefined) throw notFound('token with the accessor', accessor);
    let depth = 1;
    for (let above = row; above.parent !== null; depth++) {
      const next = await select(above.parent);
      if (next === undefined) break;
      above = next;
    }
    if (depth >= MAX_TOKEN_DEPTH)
      throw conflict(
        'identity.token-depth',
        `Tokens are nested ${MAX_TOKEN_DEPTH} deep at most.`,
        'Make an orphan token instead.',
      );
    return toToken(row);
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

function selectTokens(db: Db) {
  return db
    .selectFrom('identity_token')
    .select([
      'tenant',
      'accessor',
      'parent',
      'entity_id',
      'name',
      'policies',
      'renewable',
      'uses_left',
      'created_us',
      'expires_us',
      'max_expires_us',
      'last_used_us',
    ]);
}

async function deleteTree(tx: Db, tenant: string, accessors: readonly string[]): Promise<number> {
  let count = 0;
  for (let next = [...accessors]; next.length > 0; ) {
    const removed = await tx
      .deleteFrom('identity_token')
      .where('tenant', '=', tenant)
      .where('accessor', 'in', next)
      .executeTakeFirst();
    count += Number(removed.numDeletedRows);
    const children = await tx
      .selectFrom('identity_token')
      .select('accessor')
      .where('tenant', '=', tenant)
      .where('parent', 'in', next)
      .execute();
    next = children.map((row) => row.accessor);
  }
  return count;
}

function toToken(row: TokenRow): Token {
  return {
    tenant: row.tenant,
    accessor: row.accessor,
    ...(row.parent === null ? {} : { parent: row.parent }),
    entityId: row.entity_id,
    name: row.name,
    ...(row.policies === null ? {} : { policies: parseList(row.policies) }),
    renewable: row.renewable === 1,
    ...(row.uses_left === null ? {} : { usesLeft: row.uses_left }),
    createdUs: row.created_us,
    ...(row.expires_us === null ? {} : { expiresUs: row.expires_us }),
    ...(row.max_expires_us === null ? {} : { maxExpiresUs: row.max_expires_us }),
    ...(row.last_used_us === null ? {} : { lastUsedUs: row.last_used_us }),
  };
}
