/** Entities and their aliases: people and machines, and how they are known where they sign in. */
import { pageOf, pageQuery } from '@undercroft/http';
import { conflict, type Principal, type Route, route } from '@undercroft/kernel';
import Type from 'typebox';
import type { IdentityParts } from '../service.ts';
import { answer, refuseOwnerPolicy, refuseOwnerTarget, tenantOf } from './request.ts';
import {
  AliasView,
  EntityView,
  IdParams,
  Metadata,
  Name,
  NoContent,
  PolicyNames,
  TENANT_REFUSALS,
  TenantQuery,
} from './schemas.ts';

const TAG = 'identity';

export function entityRoutes(identity: IdentityParts): Route[] {
  const { entities, owner } = identity;
  return [
    route({
      method: 'GET',
      path: '/identity/entities',
      summary: 'List entities',
      tag: TAG,
      query: pageQuery(TenantQuery.properties, ['name']),
      response: pageOf(EntityView),
      handler: async ({ principal, query }) => answer(await entities.list(tenantOf(principal, query.tenant), query)),
    }),
    route({
      method: 'POST',
      path: '/identity/entities',
      summary: 'Add an entity, for example for a machine',
      tag: TAG,
      refusals: TENANT_REFUSALS,
      status: 201,
      query: TenantQuery,
      body: Type.Object({ name: Name, policies: Type.Optional(PolicyNames), metadata: Type.Optional(Metadata) }),
      response: EntityView,
      async handler({ principal, query, body: { name, ...patch }, auditDetail }) {
        refuseOwnerPolicy(principal, patch.policies);
        auditDetail(`entity ${name}`);
        return answer(await entities.create(tenantOf(principal, query.tenant), name, patch));
      },
    }),
    route({
      method: 'GET',
      path: '/identity/entities/{id}',
      summary: 'One entity with its aliases',
      tag: TAG,
      params: IdParams,
      query: TenantQuery,
      response: Type.Object({ ...EntityView.properties, aliases: Type.Array(AliasView) }),
      async handler({ principal, query, params }) {
        const tenant = tenantOf(principal, query.tenant);
        const entity = await entities.get(tenant, params.id);
        return answer({ ...entity, aliases: await entities.aliases(tenant, params.id) });
      },
    }),
    route({
      method: 'PATCH',
      path: '/identity/entities/{id}',
      summary: 'Change an entity',
      tag: TAG,
      params: IdParams,
      query: TenantQuery,
      body: Type.Object({
        policies: Type.Optional(PolicyNames),
        metadata: Type.Optional(Metadata),
        disabled: Type.Optional(Type.Boolean()),
      }),
      response: EntityView,
      async handler({ principal, query, params, body }) {
        const takesRights = body.disabled === true || body.policies !== undefined;
        const tenant = await changeable(principal, query.tenant, params.id, takesRights);
        refuseOwnerPolicy(principal, body.policies);
        return answer(await entities.update(tenant, params.id, body));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/entities/{id}',
      summary: 'Remove an entity with all that signs it in',
      tag: TAG,
      status: 204,
      params: IdParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await entities.remove(await changeable(principal, query.tenant, params.id, true), params.id);
        return null;
      },
    }),
    route({
      method: 'POST',
      path: '/identity/entities/{id}/aliases',
      summary: 'Add an alias to an entity',
      tag: TAG,
      status: 201,
      params: IdParams,
      query: TenantQuery,
      body: Type.Object({
        mount: Type.String({ minLength: 1, maxLength: 128, description: 'Where the name is known: `oidc`, `cert`, …' }),
        name: Type.String({ minLength: 1, maxLength: 256 }),
        metadata: Type.Optional(Metadata),
      }),
      response: Type.Object({ id: Type.String() }),
      async handler({ principal, query, params, body }) {
        const tenant = await changeable(principal, query.tenant, params.id, false);
        return { id: await entities.addAlias(tenant, params.id, body.mount, body.name, body.metadata) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/aliases/{id}',
      summary: 'Remove an alias',
      tag: TAG,
      access: { path: 'identity/entities/aliases/{id}', capability: 'delete' },
      status: 204,
      params: IdParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await entities.removeAlias(tenantOf(principal, query.tenant), params.id);
        return null;
      },
    }),
  ];

  async function changeable(
    principal: Principal,
    wanted: string | undefined,
    id: string,
    takesRights: boolean,
  ): Promise<string> {
    const tenant = tenantOf(principal, wanted);
    const { policies } = await entities.get(tenant, id);
    refuseOwnerTarget(principal, (await identity.principals.standing(tenant, id))?.policies ?? policies);
    if (takesRights && id === (await owner.entityId()))
      throw conflict(
        'identity.owner-stays',
        'The owner who set up this platform keeps its rights and cannot be removed.',
      );
    return tenant;
  }
}
