/** One's own second factor. */
import { type Principal, type Route, route, UndercroftError } from '@undercroft/kernel';
import Type from 'typebox';
import type { IdentityParts } from '../service.ts';
import { answer, refuseLimitedToken } from './request.ts';
import { SessionAnswer, TotpCode } from './schemas.ts';
import { openSession } from './session.ts';

const TAG = 'identity';

export function totpRoutes(identity: IdentityParts): Route[] {
  const { sessions, signIn, totp, users } = identity;
  return [
    route({
      method: 'GET',
      path: '/identity/totp',
      summary: 'One’s own second factor',
      tag: TAG,
      access: 'signed-in',
      response: Type.Object({
        enabled: Type.Boolean(),
        recoveryCodes: Type.Integer({ description: 'How many are left.' }),
      }),
      handler: ({ principal }) => totp.status(principal.tenant, principal.entityId),
    }),
    route({
      method: 'POST',
      path: '/identity/totp',
      summary: 'Begin to set up a second factor',
      description: 'The secret is shown once. It counts when POST /identity/totp/confirm has taken a first code.',
      tag: TAG,
      access: 'signed-in',
      response: Type.Object({
        secret: Type.String({ description: 'Base32.' }),
        url: Type.String({ description: '`otpauth://…`, for a QR code.' }),
      }),
      async handler({ principal }) {
        const user = await ownUser(principal);
        return totp.enrol(principal.tenant, principal.entityId, user, identity.issuer);
      },
    }),
    route({
      method: 'POST',
      path: '/identity/totp/confirm',
      summary: 'Confirm the second factor with a first code',
      description: 'Gives recovery codes, shown once; ends every other session and gives this one a new cookie.',
      tag: TAG,
      access: 'signed-in',
      body: Type.Object({ code: TotpCode }),
      response: Type.Object({ recoveryCodes: Type.Array(Type.String()), session: Type.Optional(SessionAnswer) }),
      async handler(request) {
        const { principal, body } = request;
        const { tenant, entityId, accessor } = principal;
        await ownUser(principal);
        const recoveryCodes = await totp.confirm(tenant, entityId, body.code);
        await sessions.endOthers(tenant, entityId, principal.kind === 'session' ? accessor : undefined);
        if (principal.kind === 'token') return answer({ recoveryCodes });
        const session = await openSession(identity, request, tenant, entityId, accessor);
        return answer({ recoveryCodes, session });
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/totp',
      summary: 'Remove one’s own second factor',
      description: 'Asks for a code, so that a session left open is not enough.',
      tag: TAG,
      access: 'signed-in',
      body: Type.Object({ code: TotpCode }),
      response: Type.Object({ session: Type.Optional(SessionAnswer) }),
      async handler(request) {
        const { principal, body } = request;
        const { tenant, entityId, accessor } = principal;
        const user = await ownUser(principal);
        await signIn.takeCode(tenant, user, entityId, body.code, request.ip);
        await totp.remove(tenant, entityId);
        if (principal.kind === 'token') return answer({});
        return answer({ session: await openSession(identity, request, tenant, entityId, accessor) });
      },
    }),
  ];

  async function ownUser(principal: Principal): Promise<string> {
    await refuseLimitedToken(identity, principal);
    const user = await users.findByEntity(principal.tenant, principal.entityId);
    if (user === undefined)
      throw new UndercroftError('identity.no-password', 'A second factor belongs to a user with a password.', {
        status: 409,
      });
    return user.name;
  }
}
