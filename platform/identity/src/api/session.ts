/** Sign-in, first run, and what belongs to one's own session. */
import { hostname } from 'node:os';
import {
  DEFAULT_TENANT,
  type Principal,
  type Route,
  type RouteRequest,
  route,
  UndercroftError,
} from '@undercroft/kernel';
import Type from 'typebox';
import { NAME_PATTERN } from '../model/names.ts';
import { refuseSamePassword } from '../model/users.ts';
import type { IdentityParts } from '../service.ts';
import { sessionCookie } from '../sessions/cookie.ts';
import { answer, clientOf, refuseLimitedToken } from './request.ts';
import {
  IdParams,
  MAX_SIGN_IN_BODY_BYTES,
  NoContent,
  Password,
  SessionAnswer,
  SessionView,
  SIGN_IN_REFUSALS,
  TotpCode,
} from './schemas.ts';

const TAG = 'session';

export function sessionRoutes(identity: IdentityParts, version: string): Route[] {
  const { owner, sessions, signIn, totp, trail, users } = identity;
  return [
    route({
      method: 'GET',
      path: '/session',
      summary: 'Who is signed in',
      tag: TAG,
      access: 'signed-in',
      response: SessionAnswer,
      handler: async ({ principal }) => answer(await describe(identity, principal)),
    }),
    route({
      method: 'POST',
      path: '/session',
      summary: 'Sign in with name and password',
      description: 'Sets the session cookie. Answers 401 `identity.totp-required` if the user has a second factor.',
      tag: TAG,
      access: 'public',
      audit: false,
      refusals: SIGN_IN_REFUSALS,
      maxBodyBytes: MAX_SIGN_IN_BODY_BYTES,
      body: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 128 }),
        password: Password,
        totp: Type.Optional(TotpCode),
        tenant: Type.Optional(Type.String({ pattern: NAME_PATTERN, default: DEFAULT_TENANT })),
      }),
      response: SessionAnswer,
      async handler(request) {
        const { name, password, totp: code, tenant = DEFAULT_TENANT } = request.body;
        const credentials = { tenant, name, password, ...(code === undefined ? {} : { totp: code }) };
        const user = await signIn.verify(credentials, clientOf(request), request.id);
        return answer(await openSession(identity, request, tenant, user.entityId));
      },
    }),
    route({
      method: 'DELETE',
      path: '/session',
      summary: 'Sign out',
      tag: TAG,
      access: 'signed-in',
      audit: false,
      status: 204,
      response: NoContent,
      async handler({ principal, ip, id, setHeader }) {
        const { tenant, name, entityId, accessor } = principal;
        const detail = principal.kind === 'session' ? 'session' : 'token';
        await trail.signIn({
          tenant,
          name,
          entityId,
          result: 'success',
          detail,
          ip,
          requestId: id,
          activity: 'logoff',
        });
        if (principal.kind === 'session') await sessions.end(tenant, entityId, accessor);
        else await identity.tokens.revoke(tenant, accessor);
        setHeader('set-cookie', sessionCookie('', 0, identity.isSecure()));
        return null;
      },
    }),
    route({
      method: 'GET',
      path: '/session/list',
      summary: 'One’s own sessions',
      tag: TAG,
      access: 'signed-in',
      response: Type.Object({ items: Type.Array(SessionView) }),
      async handler({ principal }) {
        const own = await sessions.list(principal.tenant, principal.entityId);
        return answer({
          items: own.map(({ tenant: _, entityId: __, ...session }) => ({
            ...session,
            current: session.id === principal.accessor,
          })),
        });
      },
    }),
    route({
      method: 'DELETE',
      path: '/session/list/{id}',
      summary: 'End one of one’s own sessions',
      tag: TAG,
      access: 'signed-in',
      status: 204,
      params: IdParams,
      response: NoContent,
      async handler({ principal, params }) {
        await refuseLimitedToken(identity, principal);
        await sessions.end(principal.tenant, principal.entityId, params.id);
        return null;
      },
    }),
    route({
      method: 'PUT',
      path: '/session/password',
      summary: 'Change one’s own password',
      description: 'Ends every other session and gives this one a new cookie and a new `csrf`.',
      tag: TAG,
      access: 'signed-in',
      body: Type.Object({ current: Password, password: Password }),
      response: SessionAnswer,
      async handler(request) {
        const { principal, body } = request;
        await refuseLimitedToken(identity, principal);
        const user = await users.findByEntity(principal.tenant, principal.entityId);
        if (user === undefined)
          throw new UndercroftError('identity.no-password', 'This identity has no password.', { status: 409 });
        refuseSamePassword(body.current, body.password);
        const credentials = { tenant: principal.tenant, name: user.name };
        if (!(await signIn.isPassword({ ...credentials, password: body.current }, request.ip)))
          throw new UndercroftError('identity.credentials', 'The current password is wrong.', { status: 403 });
        await users.setPassword(principal.tenant, user.name, body.password);
        if (principal.kind === 'token') return answer(await describe(identity, principal));
        return answer(await openSession(identity, request, principal.tenant, principal.entityId));
      },
    }),
    route({
      method: 'GET',
      path: '/welcome',
      summary: 'Whether the platform waits for its owner',
      tag: TAG,
      access: 'public',
      response: Type.Object({ firstRun: Type.Boolean(), host: Type.String(), version: Type.String() }),
      handler: async () => ({ firstRun: await owner.isFirstRun(), host: hostname(), version }),
    }),
    route({
      method: 'POST',
      path: '/welcome',
      summary: 'Use the one-time link: make the owner, or sign in',
      tag: TAG,
      access: 'public',
      audit: false,
      refusals: { 401: 'The owner is disabled.', 410: 'The link was used already, has expired or was replaced.' },
      maxBodyBytes: MAX_SIGN_IN_BODY_BYTES,
      body: Type.Object({
        code: Type.String({ minLength: 1, maxLength: 200 }),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        password: Type.Optional(Password),
      }),
      response: SessionAnswer,
      async handler(request) {
        const { code, name, password } = request.body;
        const requestId = request.id;
        const audit = (result: 'success' | 'failure', detail: string, entityId?: string) =>
          trail.signIn({
            tenant: DEFAULT_TENANT,
            name: name ?? 'owner',
            entityId,
            result,
            detail,
            ip: request.ip,
            requestId,
          });
        try {
          const taken = await owner.takeLink(code, name, password);
          await audit(
            'success',
            taken.firstRun ? 'one-time link: the owner was made' : 'one-time link',
            taken.entityId,
          );
          return answer(await openSession(identity, request, DEFAULT_TENANT, taken.entityId));
        } catch (error) {
          if (error instanceof UndercroftError && error.code === 'identity.link-used')
            await audit('failure', error.code);
          throw error;
        }
      },
    }),
  ];

  async function describe(of: IdentityParts, principal: Principal) {
    const { enabled } = await totp.status(principal.tenant, principal.entityId);
    const { accessor, ...view } = principal;
    const csrf = principal.kind === 'session' ? { csrf: of.sessions.csrf(accessor) } : {};
    return { principal: view, ...csrf, totp: enabled };
  }
}

type Opening = Pick<RouteRequest, 'ip' | 'headers' | 'setHeader'>;

/** A fresh session for somebody who has just shown who they are; it never goes on with a cookie that was there before. */
export async function openSession(
  identity: IdentityParts,
  request: Opening,
  tenant: string,
  entityId: string,
  replaces?: string,
) {
  const { sessions, principals, totp } = identity;
  const standing = await principals.standing(tenant, entityId);
  if (standing === undefined)
    throw new UndercroftError('identity.credentials', 'This identity is disabled.', { status: 401 });
  const { cookie, session } = await sessions.create(tenant, entityId, clientOf(request), replaces);
  request.setHeader('set-cookie', sessionCookie(cookie, sessions.limits.absoluteUs / 1e6, identity.isSecure()));
  const { enabled } = await totp.status(tenant, entityId);
  return {
    principal: { ...standing, entityId, tenant, kind: 'session' },
    csrf: sessions.csrf(session.id),
    totp: enabled,
  };
}
