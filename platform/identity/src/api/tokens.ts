/** Service tokens: one's own for everybody, those of others with the right to. */
import { pageOf, pageQuery } from '@undercroft/http';
import { badRequest, type Capability, DEFAULT_TENANT, type Principal, type Route, route } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { NAME_PATTERN } from '../model/names.ts';
import { OWNER_POLICY } from '../policy/builtin.ts';
import { PLATFORM_PREFIX } from '../policy/pattern.ts';
import type { IdentityParts } from '../service.ts';
import type { NewToken, Token } from '../tokens/tokens.ts';
import { answer, clientOf, durationUs, forbidden, refuseLimitedToken, tenantOf } from './request.ts';
import {
  AccessorParams,
  Duration,
  MAX_SIGN_IN_BODY_BYTES,
  NewTokenAnswer,
  NoContent,
  Password,
  PolicyNames,
  SIGN_IN_REFUSALS,
  TenantQuery,
  TokenView,
  TotpCode,
} from './schemas.ts';

const TAG = 'identity';
const TOKENS = `${PLATFORM_PREFIX}identity/tokens`;

const NewTokenBody = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'What it is for.' })),
  policies: Type.Optional(PolicyNames),
  ttl: Type.Optional(Duration),
  maxTtl: Type.Optional(Duration),
  renewable: Type.Optional(Type.Boolean({ default: true })),
  uses: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'It ends after so many requests.' }),
  ),
  orphan: Type.Optional(
    Type.Boolean({ description: 'Does not end with the token that makes it; needs sudo on identity/tokens.' }),
  ),
  entityId: Type.Optional(
    Type.String({ maxLength: 128, description: 'For another entity; needs sudo on identity/tokens.' }),
  ),
});

export function tokenRoutes(identity: IdentityParts): Route[] {
  const { signIn, tokens } = identity;
  return [
    route({
      method: 'POST',
      path: '/identity/tokens',
      summary: 'Make a token',
      description:
        'Without `policies` it always has those of its entity; otherwise at most what its maker has, unless with sudo.',
      tag: TAG,
      access: 'signed-in',
      status: 201,
      refusals: { 404: 'There is no such entity.' },
      body: NewTokenBody,
      response: NewTokenAnswer,
      async handler({ principal, body, auditDetail }) {
        const made = await tokens.create(principal.tenant, await wanted(principal, body));
        auditDetail(`token ${made.info.accessor} (${made.info.name})`);
        return answer({ token: made.token, info: view(made.info) });
      },
    }),
    route({
      method: 'POST',
      path: '/identity/tokens/login',
      summary: 'Sign in with name and password for a token',
      tag: TAG,
      access: 'public',
      audit: false,
      refusals: SIGN_IN_REFUSALS,
      maxBodyBytes: MAX_SIGN_IN_BODY_BYTES,
      status: 201,
      body: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 128 }),
        password: Password,
        totp: Type.Optional(TotpCode),
        tenant: Type.Optional(Type.String({ pattern: NAME_PATTERN, default: DEFAULT_TENANT })),
        ttl: Type.Optional(Duration),
      }),
      response: NewTokenAnswer,
      async handler(request) {
        const { name, password, totp, tenant = DEFAULT_TENANT, ttl } = request.body;
        const ttlUs = durationUs(ttl, 'ttl');
        const credentials = { tenant, name, password, ...(totp === undefined ? {} : { totp }) };
        const user = await signIn.verify(credentials, clientOf(request), request.id);
        const made = await tokens.create(tenant, {
          entityId: user.entityId,
          name: `login ${user.name}`,
          ...(ttlUs === undefined ? {} : { ttlUs }),
        });
        return answer({ token: made.token, info: view(made.info) });
      },
    }),
    route({
      method: 'GET',
      path: '/identity/tokens',
      summary: 'List tokens by their accessors',
      description: 'One’s own; everybody’s with the right to read identity/tokens.',
      tag: TAG,
      access: 'signed-in',
      query: pageQuery(
        { ...TenantQuery.properties, own: Type.Optional(Type.Boolean({ description: 'Only one’s own.' })) },
        ['accessor'],
      ),
      response: pageOf(TokenView),
      async handler({ principal, query }) {
        const all = query.own !== true && may(principal, 'read', '');
        const page = await tokens.list(tenantOf(principal, query.tenant), query, all ? undefined : principal.entityId);
        return answer({ ...page, items: page.items.map(view) });
      },
    }),
    route({
      method: 'GET',
      path: '/identity/tokens/self',
      summary: 'The token of this request',
      tag: TAG,
      access: 'signed-in',
      response: TokenView,
      handler: async ({ principal }) => answer(view(await tokens.get(principal.tenant, ownAccessor(principal)))),
    }),
    route({
      method: 'POST',
      path: '/identity/tokens/self/renew',
      summary: 'Renew the token of this request',
      tag: TAG,
      access: 'signed-in',
      body: Type.Object({ increment: Type.Optional(Duration) }),
      response: TokenView,
      async handler({ principal, body }) {
        const token = await tokens.get(principal.tenant, ownAccessor(principal));
        return answer(view(await tokens.renew(token, durationUs(body.increment, 'increment'))));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/tokens/self',
      summary: 'Revoke the token of this request, with those it made',
      tag: TAG,
      access: 'signed-in',
      status: 204,
      response: NoContent,
      async handler({ principal }) {
        await tokens.revoke(principal.tenant, ownAccessor(principal));
        return null;
      },
    }),
    route({
      method: 'GET',
      path: '/identity/tokens/{accessor}',
      summary: 'One token by its accessor',
      tag: TAG,
      access: 'signed-in',
      params: AccessorParams,
      response: TokenView,
      handler: async ({ principal, params }) => answer(view(await reachable(principal, params.accessor, 'read'))),
    }),
    route({
      method: 'POST',
      path: '/identity/tokens/{accessor}/renew',
      summary: 'Renew a token by its accessor',
      tag: TAG,
      access: 'signed-in',
      params: AccessorParams,
      body: Type.Object({ increment: Type.Optional(Duration) }),
      response: TokenView,
      async handler({ principal, params, body }) {
        const token = await reachable(principal, params.accessor, 'update');
        return answer(view(await tokens.renew(token, durationUs(body.increment, 'increment'))));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/tokens/{accessor}',
      summary: 'Revoke a token by its accessor, with those it made',
      tag: TAG,
      access: 'signed-in',
      status: 204,
      params: AccessorParams,
      response: NoContent,
      async handler({ principal, params }) {
        await reachable(principal, params.accessor, 'delete');
        await tokens.revoke(principal.tenant, params.accessor);
        return null;
      },
    }),
  ];

  async function wanted(principal: Principal, body: Static<typeof NewTokenBody>): Promise<NewToken> {
    const sudo = may(principal, 'sudo', '');
    const { policies, orphan, entityId = principal.entityId } = body;
    if ((orphan === true || entityId !== principal.entityId) && !sudo)
      throw forbidden('identity.token-sudo', 'Orphans and tokens of other entities need sudo on identity/tokens.');
    if (entityId !== principal.entityId) await identity.entities.get(principal.tenant, entityId);
    const limited = policies ?? (await ownLimit(principal));
    const beyond = (limited ?? []).filter((name) => !principal.policies.includes(name));
    if (beyond.length > 0 && (!sudo || (beyond.includes(OWNER_POLICY) && !principal.owner)))
      throw forbidden('identity.token-policies', `You do not have the policies ${beyond.join(', ')} yourself.`);
    if (entityId !== principal.entityId && !principal.owner && limited === undefined)
      await refuseOwnerEntity(principal, entityId);
    const ttlUs = durationUs(body.ttl, 'ttl');
    const maxTtlUs = durationUs(body.maxTtl, 'maxTtl');
    return {
      entityId,
      name: body.name ?? `token of ${principal.name}`,
      ...(limited === undefined ? {} : { policies: limited }),
      ...(ttlUs === undefined ? {} : { ttlUs }),
      ...(maxTtlUs === undefined ? {} : { maxTtlUs }),
      ...(body.renewable === undefined ? {} : { renewable: body.renewable }),
      ...(body.uses === undefined ? {} : { uses: body.uses }),
      ...(principal.kind === 'token' && orphan !== true ? { parent: principal.accessor } : {}),
    };
  }

  /** A token with fewer policies than its entity makes none with more. */
  async function ownLimit(principal: Principal): Promise<readonly string[] | undefined> {
    return principal.kind === 'token' ? (await tokens.get(principal.tenant, principal.accessor)).policies : undefined;
  }

  async function refuseOwnerEntity(principal: Principal, entityId: string): Promise<void> {
    const standing = await identity.principals.standing(principal.tenant, entityId);
    if (standing?.owner === true) throw forbidden('identity.owner-only', 'Only an owner makes tokens of an owner.');
  }

  async function reachable(principal: Principal, accessor: string, capability: Capability): Promise<Token> {
    const token = await tokens.get(principal.tenant, accessor);
    const isMine = accessor === principal.accessor || token.parent === principal.accessor;
    if (isMine || may(principal, capability, `/${accessor}`)) return token;
    if (token.entityId !== principal.entityId)
      throw forbidden('identity.token', `You may not ${capability} the tokens of others.`);
    await refuseLimitedToken(identity, principal);
    return token;
  }

  function may(principal: Principal, capability: Capability, below: string): boolean {
    return identity.allows(principal, TOKENS + below, capability);
  }
}

function ownAccessor(principal: Principal): string {
  if (principal.kind === 'token') return principal.accessor;
  throw badRequest('identity.no-token', 'This request came with a session, not with a token.');
}

function view({ tenant: _, ...token }: Token) {
  return token;
}
