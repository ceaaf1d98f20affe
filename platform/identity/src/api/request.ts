/** What the routes share: whose tenant, which client, and rules about who may hand out what. */
import {
  badRequest,
  DEFAULT_TENANT,
  type Principal,
  type RouteRequest,
  toEdge,
  UndercroftError,
} from '@undercroft/kernel';
import { parseDuration } from '../language/duration.ts';
import { OWNER_POLICY } from '../policy/builtin.ts';
import type { IdentityParts } from '../service.ts';
import type { Client } from '../sessions/sessions.ts';

/**
 * An answer as its route's schema describes it, times as ISO 8601. Inside, lists are readonly and times are numbers,
 * which the schema's types do not know; that answers fit their schemas is kept by the tests of the routes.
 */
export function answer(value: object): never {
  return toEdge(value) as never;
}

/** The caller's tenant; an owner may name another. @throws UndercroftError `identity.tenant` (403) */
export function tenantOf(principal: Principal, wanted: string | undefined): string {
  if (wanted === undefined || wanted === principal.tenant) return principal.tenant;
  if (principal.owner && principal.tenant === DEFAULT_TENANT) return wanted;
  throw forbidden('identity.tenant', 'Only an owner works in another tenant than the own.');
}

export function clientOf(request: Pick<RouteRequest, 'ip' | 'headers'>): Client {
  return { ip: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** Nobody hands out more than the platform to hand out: the owner's policy comes from owners only. */
export function refuseOwnerPolicy(principal: Principal, policies: readonly string[] | undefined): void {
  if (policies?.includes(OWNER_POLICY) && !principal.owner)
    throw forbidden('identity.owner-only', 'Only an owner makes another owner.');
}

/** Who holds the owner's policy is changed by owners only. */
export function refuseOwnerTarget(principal: Principal, policies: readonly string[]): void {
  if (policies.includes(OWNER_POLICY) && !principal.owner)
    throw forbidden('identity.owner-only', 'Only an owner changes an owner.');
}

/**
 * A token that was given fewer rights than its entity has does not touch the entity's own credentials.
 *
 * @throws UndercroftError `identity.limited-token` (403)
 */
export async function refuseLimitedToken(
  { tokens }: Pick<IdentityParts, 'tokens'>,
  principal: Principal,
): Promise<void> {
  if (principal.kind === 'token' && (await tokens.get(principal.tenant, principal.accessor)).policies !== undefined)
    throw forbidden(
      'identity.limited-token',
      'A token with policies of its own does not change its owner’s credentials.',
    );
}

export function forbidden(code: string, message: string): UndercroftError {
  return new UndercroftError(code, message, { status: 403, fix: 'Ask an owner.' });
}

/** @returns microseconds @throws UndercroftError `identity.duration` */
export function durationUs(value: string | number | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  const seconds = parseDuration(value);
  if (seconds === undefined || seconds <= 0 || seconds > 315_360_000)
    throw badRequest(
      'identity.duration',
      `\`${field}\` is no span of time: ${JSON.stringify(value)}.`,
      'Write seconds, or 90s, 1h30m, 7d.',
    );
  return Math.round(seconds * 1e6);
}
