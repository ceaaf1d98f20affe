/** From a request's credential to the principal behind it. What was found counts for a few seconds. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Principal, UndercroftError } from '@undercroft/kernel';
import type { Parts } from '../model/part.ts';
import type { Policies } from '../model/policies.ts';
import type { Principals } from '../model/principals.ts';
import type { TemplateIdentity } from '../policy/templates.ts';
import { CSRF_HEADER, readCookie } from '../sessions/cookie.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { Token, Tokens } from '../tokens/tokens.ts';

/** How long a validated credential counts without another look: what another server revokes ends here no later. */
const CACHE_LIFE_US = 5_000_000;
const MAX_CACHED = 10_000;
/** `last used` is written no more often. */
const TOUCH_US = 60_000_000;
const MAX_TOKEN_LENGTH = 512;

export interface AuthenticatedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly ip: string;
  readonly passive?: boolean;
}

interface Cached {
  readonly principal: Principal;
  readonly untilUs: number;
}

export class Authenticator {
  private readonly parts: Parts;
  private readonly principals: Principals;
  private readonly policies: Policies;
  /** Of principals whose policies hold templates. */
  private readonly templates = new WeakMap<Principal, TemplateIdentity>();
  private readonly tokens: Tokens;
  private readonly sessions: Sessions;
  private readonly isSecure: () => boolean;
  private readonly cache = new Map<string, Cached>();
  /** Rises when something changes, so that what was read before is not kept after. */
  private generation = 0;

  /** @param isSecure whether the listener speaks HTTPS */
  constructor(
    parts: Parts,
    principals: Principals,
    policies: Policies,
    tokens: Tokens,
    sessions: Sessions,
    isSecure: () => boolean,
  ) {
    this.parts = parts;
    this.principals = principals;
    this.policies = policies;
    this.tokens = tokens;
    this.sessions = sessions;
    this.isSecure = isSecure;
    parts.changes.onChange(() => {
      this.generation++;
      this.cache.clear();
    });
  }

  /** @throws UndercroftError `identity.csrf` for a change by cookie without its header */
  async authenticate({ headers, method, passive = false }: AuthenticatedRequest): Promise<Principal | undefined> {
    if (headers.authorization !== undefined || headers['x-vault-token'] !== undefined) {
      const token = tokenOf(headers);
      return token === undefined ? undefined : this.byToken(token, passive);
    }
    const cookie = readCookie(headers.cookie, this.isSecure());
    const principal = cookie === undefined ? undefined : await this.bySession(cookie, passive);
    if (principal !== undefined && method !== 'GET' && method !== 'HEAD')
      this.checkCsrf(principal, headers[CSRF_HEADER]);
    return principal;
  }

  /** Whom the templates in a principal's policies speak of, if they have any. */
  templateIdentity(principal: Principal): TemplateIdentity | undefined {
    return this.templates.get(principal);
  }

  private async prepareTemplates(principal: Principal): Promise<void> {
    const { tenant, entityId, policies } = principal;
    if (this.policies.isTemplated(tenant, policies))
      this.templates.set(principal, await this.principals.templateIdentity(tenant, entityId));
  }

  private async byToken(text: string, passive: boolean): Promise<Principal | undefined> {
    const hash = this.tokens.hash(text);
    const cached = this.cached(hash);
    if (cached !== undefined) return cached;
    const generation = this.generation;
    const token = await this.tokens.findValid(hash);
    if (token === undefined) return undefined;
    const standing = await this.principals.standing(token.tenant, token.entityId, token.policies);
    if (standing === undefined) return undefined;
    const principal: Principal = { ...standing, ...whose(token), accessor: token.accessor, kind: 'token' };
    await this.prepareTemplates(principal);
    if (passive) return principal;
    if (token.usesLeft !== undefined) return (await this.tokens.use(token)) ? principal : undefined;
    this.keep(hash, principal, token.expiresUs, generation);
    this.touch(token.lastUsedUs, (nowUs) => this.tokens.touch(token, nowUs));
    return principal;
  }

  private async bySession(cookie: string, passive: boolean): Promise<Principal | undefined> {
    const hash = this.sessions.hash(cookie);
    const cached = this.cached(hash);
    if (cached !== undefined) return cached;
    const generation = this.generation;
    const session = await this.sessions.findValid(hash);
    if (session === undefined) return undefined;
    const standing = await this.principals.standing(session.tenant, session.entityId);
    if (standing === undefined) return undefined;
    const principal: Principal = { ...standing, ...whose(session), accessor: session.id, kind: 'session' };
    await this.prepareTemplates(principal);
    if (passive) return principal;
    this.keep(hash, principal, this.sessions.endsUs(session), generation);
    this.touch(session.lastUsedUs, (nowUs) => this.sessions.touch(session, nowUs));
    return principal;
  }

  private checkCsrf(principal: Principal, header: string | string[] | undefined): void {
    if (typeof header === 'string' && this.sessions.isCsrf(principal.accessor, header)) return;
    throw new UndercroftError('identity.csrf', 'A change by cookie must show that it comes from the console.', {
      status: 403,
      fix: `Send the header ${CSRF_HEADER} with the value \`csrf\` of GET /platform/v1/session, or use a token.`,
    });
  }

  private cached(hash: string): Principal | undefined {
    const entry = this.cache.get(hash);
    return entry !== undefined && entry.untilUs > this.parts.clock.nowUs() ? entry.principal : undefined;
  }

  private keep(hash: string, principal: Principal, endsUs: number | undefined, generation: number): void {
    if (generation !== this.generation) return;
    if (this.cache.size >= MAX_CACHED) this.cache.delete(this.cache.keys().next().value!);
    const untilUs = this.parts.clock.nowUs() + CACHE_LIFE_US;
    this.cache.set(hash, { principal, untilUs: Math.min(untilUs, endsUs ?? untilUs) });
  }

  private touch(lastUsedUs: number | undefined, write: (nowUs: number) => Promise<void>): void {
    const nowUs = this.parts.clock.nowUs();
    if (lastUsedUs !== undefined && nowUs - lastUsedUs < TOUCH_US) return;
    write(nowUs).catch((error: unknown) => this.parts.log.warn({ err: error }, 'the time of last use was not written'));
  }
}

function whose(of: Token | Session): { entityId: string; tenant: string } {
  return { entityId: of.entityId, tenant: of.tenant };
}

function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer =
    headers.authorization === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(headers.authorization)?.[1] ?? '');
  const token = bearer ?? headers['x-vault-token'];
  return typeof token === 'string' && token !== '' && token.length <= MAX_TOKEN_LENGTH ? token : undefined;
}
