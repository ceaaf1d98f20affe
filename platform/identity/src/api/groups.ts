/** Groups of entities and of groups. */
import { pageOf, pageQuery } from '@undercroft/http';
import { type Principal, type Route, route } from '@undercroft/kernel';
import Type from 'typebox';
import type { IdentityParts } from '../service.ts';
import { answer, refuseOwnerPolicy, refuseOwnerTarget, tenantOf } from './request.ts';
import { GroupBody, GroupView, Name, NameParams, NoContent, TENANT_REFUSALS, TenantQuery } from './schemas.ts';

const TAG = 'identity';

export function groupRoutes({ groups }: IdentityParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/identity/groups',
      summary: 'List groups',
      tag: TAG,
      query: pageQuery(TenantQuery.properties, ['name']),
      response: pageOf(GroupView),
      handler: async ({ principal, query }) => answer(await groups.list(tenantOf(principal, query.tenant), query)),
    }),
    route({
      method: 'POST',
      path: '/identity/groups',
      summary: 'Add a group',
      tag: TAG,
      refusals: TENANT_REFUSALS,
      status: 201,
      query: TenantQuery,
      body: Type.Object({ name: Name, ...GroupBody }),
      response: GroupView,
      async handler({ principal, query, body: { name, ...patch }, auditDetail }) {
        refuseOwnerPolicy(principal, patch.policies);
        auditDetail(`group ${name}`);
        return answer(await groups.create(tenantOf(principal, query.tenant), name, patch));
      },
    }),
    route({
      method: 'GET',
      path: '/identity/groups/{name}',
      summary: 'One group',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      response: GroupView,
      handler: async ({ principal, query, params }) =>
        answer(await groups.get(tenantOf(principal, query.tenant), params.name)),
    }),
    route({
      method: 'PATCH',
      path: '/identity/groups/{name}',
      summary: 'Change a group',
      description: 'Lists replace what was there. A group cannot contain itself, by whatever way.',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      body: Type.Object(GroupBody),
      response: GroupView,
      async handler({ principal, query, params, body }) {
        const tenant = await changeable(principal, query.tenant, params.name);
        refuseOwnerPolicy(principal, body.policies);
        return answer(await groups.update(tenant, params.name, body));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/groups/{name}',
      summary: 'Remove a group',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await groups.remove(await changeable(principal, query.tenant, params.name), params.name);
        return null;
      },
    }),
  ];

  /** A group that makes owners, also through a group it belongs to, is changed by owners only. */
  async function changeable(principal: Principal, wanted: string | undefined, name: string): Promise<string> {
    const tenant = tenantOf(principal, wanted);
    refuseOwnerTarget(principal, await groups.policiesReached(tenant, name));
    return tenant;
  }
}
