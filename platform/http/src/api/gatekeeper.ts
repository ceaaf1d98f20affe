/** Who is asking, and may they: authentication, permission, rates, and the audit of refusals. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, type HttpGuard, type Principal, UndercroftError, unavailable } from '@undercroft/kernel';
import { addressKey, RateLimit } from '../security/rate.ts';
import type { Endpoint } from './endpoint.ts';

export interface RateLimits {
  readonly addressRate: number;
  readonly addressBurst: number;
  readonly principalRate: number;
  readonly principalBurst: number;
  readonly refusedRate: number;
  readonly refusedBurst: number;
}

export interface Asking {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly ip: string;
  readonly requestId: string;
}

export class Gatekeeper {
  guard: HttpGuard | undefined;
  /** Requests refused for their rate. */
  limited = 0;
  readonly #clock: Clock;
  readonly #addresses: RateLimit;
  readonly #principals: RateLimit;
  readonly #refused: RateLimit;

  /** @param limits asked again for every request, so that they can change */
  constructor(clock: Clock, limits: () => RateLimits) {
    this.#clock = clock;
    this.#addresses = new RateLimit(clock, () => ({ perS: limits().addressRate, burst: limits().addressBurst }));
    this.#principals = new RateLimit(clock, () => ({ perS: limits().principalRate, burst: limits().principalBurst }));
    this.#refused = new RateLimit(clock, () => ({ perS: limits().refusedRate, burst: limits().refusedBurst }));
  }

  /** @throws UndercroftError `http.rate` (429) */
  checkAddress(ip: string): void {
    this.#spend(this.#addresses, addressKey(ip));
  }

  /**
   * @returns who asks; undefined on a public route
   * @throws UndercroftError 401, 403, 429, or 503 while nobody can be recognised yet
   */
  async admit(endpoint: Endpoint, aclPath: string, asking: Asking): Promise<Principal | undefined> {
    if (endpoint.access === 'public' && !endpoint.audited) return undefined;
    const guard = this.requireGuard();
    if (endpoint.access === 'public') return undefined;
    const principal = await this.#recognise(guard, endpoint, aclPath, asking);
    this.#spend(this.#principals, principal.accessor);
    if (endpoint.access === 'acl' && !guard.allows(principal, aclPath, endpoint.capability)) {
      await this.audit(endpoint, aclPath, asking, 'denied', principal);
      throw new UndercroftError('http.forbidden', `You may not ${endpoint.capability} ${aclPath}.`, {
        status: 403,
        fix: `Ask an owner for a policy that grants "${endpoint.capability}" on "${aclPath}".`,
      });
    }
    return principal;
  }

  /** @throws UndercroftError `http.starting` (503) */
  requireGuard(): HttpGuard {
    if (this.guard !== undefined) return this.guard;
    throw unavailable(
      'http.starting',
      'The platform is starting; signing in is not possible yet.',
      'Try again in a second.',
    );
  }

  /** @throws UndercroftError `http.audit-unavailable` (503): what must be audited and cannot be, fails */
  async audit(
    endpoint: Endpoint,
    path: string,
    asking: Asking,
    result: 'success' | 'failure' | 'denied',
    principal?: Principal,
    detail?: string,
  ): Promise<void> {
    const { ip, requestId } = asking;
    try {
      await this.requireGuard().audit({
        action: endpoint.key,
        path,
        capability: endpoint.capability,
        result,
        ip,
        requestId,
        ...(principal === undefined ? {} : { principal }),
        ...(detail === undefined ? {} : { detail }),
      });
    } catch (cause) {
      throw new UndercroftError(
        'http.audit-unavailable',
        'The audit trail cannot be written, so this cannot be answered.',
        {
          status: 503,
          fix: 'See the problems and the log of the event store; a full disk is the usual reason.',
          cause,
        },
      );
    }
  }

  async #recognise(guard: HttpGuard, endpoint: Endpoint, aclPath: string, asking: Asking): Promise<Principal> {
    const principal = await guard.authenticate(asking).catch(async (error: unknown) => {
      if (error instanceof UndercroftError && error.status < 500) await this.#refuse(endpoint, aclPath, asking);
      throw error;
    });
    if (principal !== undefined) return principal;
    if (hasCredential(asking.headers)) await this.#refuse(endpoint, aclPath, asking);
    throw new UndercroftError('http.unsigned', 'This needs a signed-in user or a token.', {
      status: 401,
      fix: 'Sign in at /app/, or send `Authorization: Bearer <token>`.',
    });
  }

  /** A stream of bad credentials must not fill the audit trail: beyond the rate it is only counted. */
  async #refuse(endpoint: Endpoint, aclPath: string, asking: Asking): Promise<void> {
    this.#spend(this.#refused, addressKey(asking.ip));
    await this.audit(endpoint, aclPath, asking, 'denied', undefined, 'credential not accepted');
  }

  #spend(limit: RateLimit, key: string): void {
    const waitMs = limit.take(key);
    if (waitMs === 0) return;
    this.limited += 1;
    throw new UndercroftError('http.rate', 'Too many requests.', {
      status: 429,
      fix: 'Wait as long as Retry-After says, or raise `http.limits`.',
      details: { retryAtUs: this.#clock.nowUs() + waitMs * 1000 },
    });
  }
}

/** Whether the request tried to say who it is. */
function hasCredential(headers: IncomingHttpHeaders): boolean {
  return (
    headers.authorization !== undefined ||
    headers['x-vault-token'] !== undefined ||
    /(?:^|;\s*)(?:__Host-)?undercroft_session=/.test(headers.cookie ?? '')
  );
}
