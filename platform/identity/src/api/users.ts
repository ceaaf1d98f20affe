/** Console users, for those who may manage them. */
import { pageOf, pageQuery } from '@undercroft/http';
import { conflict, type Principal, type Route, route } from '@undercroft/kernel';
import Type from 'typebox';
import type { IdentityParts } from '../service.ts';
import { answer, refuseOwnerPolicy, refuseOwnerTarget, tenantOf } from './request.ts';
import {
  Name,
  NameParams,
  NoContent,
  Password,
  PolicyNames,
  SessionView,
  TENANT_REFUSALS,
  TenantQuery,
  UserView,
} from './schemas.ts';

const TAG = 'identity';

export function userRoutes(identity: IdentityParts): Route[] {
  const { lockout, owner, sessions, totp, users } = identity;
  return [
    route({
      method: 'GET',
      path: '/identity/users',
      summary: 'List users',
      tag: TAG,
      query: pageQuery(TenantQuery.properties, ['name']),
      response: pageOf(UserView),
      handler: async ({ principal, query }) => answer(await users.list(tenantOf(principal, query.tenant), query)),
    }),
    route({
      method: 'POST',
      path: '/identity/users',
      summary: 'Add a user',
      tag: TAG,
      refusals: TENANT_REFUSALS,
      status: 201,
      query: TenantQuery,
      body: Type.Object({ name: Name, password: Password, policies: Type.Optional(PolicyNames) }),
      response: UserView,
      async handler({ principal, query, body, auditDetail }) {
        refuseOwnerPolicy(principal, body.policies);
        auditDetail(`user ${body.name}`);
        return answer(
          await users.create(tenantOf(principal, query.tenant), body.name, body.password, body.policies ?? []),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/identity/users/{name}',
      summary: 'One user',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      response: UserView,
      handler: async ({ principal, query, params }) =>
        answer(await users.get(tenantOf(principal, query.tenant), params.name)),
    }),
    route({
      method: 'PATCH',
      path: '/identity/users/{name}',
      summary: 'Change a user’s policies, or disable it',
      description: 'A disabled user loses its sessions and tokens.',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      body: Type.Object({ policies: Type.Optional(PolicyNames), disabled: Type.Optional(Type.Boolean()) }),
      response: UserView,
      async handler({ principal, query, params, body }) {
        const tenant = await changeable(
          principal,
          query.tenant,
          params.name,
          body.disabled === true || body.policies !== undefined,
        );
        refuseOwnerPolicy(principal, body.policies);
        return answer(await users.update(tenant, params.name, body));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/users/{name}',
      summary: 'Remove a user with its sessions and tokens',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await users.remove(await changeable(principal, query.tenant, params.name, true), params.name);
        return null;
      },
    }),
    route({
      method: 'PUT',
      path: '/identity/users/{name}/password',
      summary: 'Set a user’s password',
      description: 'Ends all of the user’s sessions.',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      body: Type.Object({ password: Password }),
      response: NoContent,
      async handler({ principal, query, params, body }) {
        const tenant = await changeable(principal, query.tenant, params.name, false);
        await users.setPassword(tenant, params.name, body.password);
        return null;
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/users/{name}/totp',
      summary: 'Remove a user’s second factor',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        const tenant = await changeable(principal, query.tenant, params.name, false);
        await totp.remove(tenant, (await users.get(tenant, params.name)).entityId);
        return null;
      },
    }),
    route({
      method: 'POST',
      path: '/identity/users/{name}/unlock',
      summary: 'End a user’s lock-out',
      tag: TAG,
      access: { capability: 'update' },
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await lockout.unlock(tenantOf(principal, query.tenant), params.name);
        return null;
      },
    }),
    route({
      method: 'GET',
      path: '/identity/sessions/{name}',
      summary: 'A user’s sessions',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      response: Type.Object({ items: Type.Array(SessionView) }),
      async handler({ principal, query, params }) {
        const tenant = tenantOf(principal, query.tenant);
        const found = await sessions.list(tenant, (await users.get(tenant, params.name)).entityId);
        return answer({
          items: found.map(({ tenant: _, entityId: __, ...session }) => ({
            ...session,
            current: session.id === principal.accessor,
          })),
        });
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/sessions/{name}',
      summary: 'End all sessions of a user',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        const tenant = await changeable(principal, query.tenant, params.name, false);
        await sessions.endOthers(tenant, (await users.get(tenant, params.name)).entityId);
        return null;
      },
    }),
  ];

  /** @param takesRights the change could leave the platform without its owner */
  async function changeable(
    principal: Principal,
    wanted: string | undefined,
    name: string,
    takesRights: boolean,
  ): Promise<string> {
    const tenant = tenantOf(principal, wanted);
    const user = await users.get(tenant, name);
    refuseOwnerTarget(
      principal,
      (await identity.principals.standing(tenant, user.entityId))?.policies ?? user.policies,
    );
    if (takesRights && user.entityId === (await owner.entityId()))
      throw conflict(
        'identity.owner-stays',
        'The owner who set up this platform keeps its rights and cannot be removed.',
      );
    return tenant;
  }
}
