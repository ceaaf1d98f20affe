/** Tenants: separate worlds of users, groups and policies, for the owner. */
import { DEFAULT_TENANT, type Principal, type Route, route } from '@undercroft/kernel';
import Type from 'typebox';
import type { IdentityParts } from '../service.ts';
import { answer, forbidden } from './request.ts';
import { IdParams, Name, NoContent, TenantView } from './schemas.ts';

const TAG = 'identity';
const Title = Type.String({ minLength: 1, maxLength: 200 });

export function tenantRoutes({ tenants }: IdentityParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/identity/tenants',
      summary: 'List tenants',
      tag: TAG,
      response: Type.Object({ items: Type.Array(TenantView) }),
      async handler({ principal }) {
        refuseTenant(principal);
        return answer({ items: await tenants.list() });
      },
    }),
    route({
      method: 'POST',
      path: '/identity/tenants',
      summary: 'Add a tenant',
      tag: TAG,
      status: 201,
      body: Type.Object({ id: Name, title: Type.Optional(Title) }),
      response: TenantView,
      async handler({ principal, body }) {
        refuseTenant(principal);
        return answer(await tenants.create(body.id, body.title ?? body.id));
      },
    }),
    route({
      method: 'GET',
      path: '/identity/tenants/{id}',
      summary: 'One tenant',
      tag: TAG,
      params: IdParams,
      response: TenantView,
      async handler({ principal, params }) {
        refuseTenant(principal);
        return answer(await tenants.get(params.id));
      },
    }),
    route({
      method: 'PATCH',
      path: '/identity/tenants/{id}',
      summary: 'Rename a tenant',
      tag: TAG,
      params: IdParams,
      body: Type.Object({ title: Title }),
      response: TenantView,
      async handler({ principal, params, body }) {
        refuseTenant(principal);
        return answer(await tenants.rename(params.id, body.title));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/tenants/{id}',
      summary: 'Remove a tenant that has no entities',
      tag: TAG,
      status: 204,
      params: IdParams,
      response: NoContent,
      async handler({ principal, params }) {
        refuseTenant(principal);
        await tenants.remove(params.id);
        return null;
      },
    }),
  ];
}

/** Policies of a tenant reach no further than the tenant. */
function refuseTenant(principal: Principal): void {
  if (principal.tenant !== DEFAULT_TENANT)
    throw forbidden('identity.tenant', 'Tenants are managed from the default tenant.');
}
