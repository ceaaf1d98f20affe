/** Policies, and the tester: what a policy allows where, and which line says so. */
import { pageOf, pageQuery } from '@undercroft/http';
import { type Principal, type Route, route } from '@undercroft/kernel';
import Type from 'typebox';
import { PolicyError } from '../language/error.ts';
import { CAPABILITIES, parsePolicy } from '../language/policy.ts';
import { printPolicy } from '../language/print.ts';
import type { StoredPolicy } from '../model/policies.ts';
import { Acl } from '../policy/acl.ts';
import { PLATFORM_PREFIX } from '../policy/pattern.ts';
import type { IdentityParts } from '../service.ts';
import { answer, forbidden, tenantOf } from './request.ts';
import {
  CapabilitiesAnswer,
  NameParams,
  NoContent,
  PolicyCheck,
  PolicyNames,
  PolicyView,
  TenantQuery,
} from './schemas.ts';

const TAG = 'identity';
const MAX_POLICY_BYTES = 1 << 20;
const PolicyText = Type.String({ maxLength: MAX_POLICY_BYTES, description: 'HCL, or JSON.' });
const READ_POLICIES = `${PLATFORM_PREFIX}identity/policies`;

export function policyRoutes(identity: IdentityParts): Route[] {
  const { policies } = identity;
  return [
    route({
      method: 'GET',
      path: '/identity/policies',
      summary: 'List policies',
      tag: TAG,
      query: pageQuery(TenantQuery.properties, ['name']),
      response: pageOf(PolicyView),
      async handler({ principal, query }) {
        const page = policies.list(tenantOf(principal, query.tenant), query);
        return answer({ ...page, items: page.items.map(view) });
      },
    }),
    route({
      method: 'GET',
      path: '/identity/policies/{name}',
      summary: 'One policy',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      response: PolicyView,
      handler: async ({ principal, query, params }) =>
        answer(view(policies.get(tenantOf(principal, query.tenant), params.name))),
    }),
    route({
      method: 'PUT',
      path: '/identity/policies/{name}',
      summary: 'Write a policy',
      description: 'Answers 400 with every problem’s line and column if the text is wrong.',
      tag: TAG,
      params: NameParams,
      query: TenantQuery,
      body: Type.Object({ text: PolicyText }),
      maxBodyBytes: 2 * MAX_POLICY_BYTES,
      response: PolicyView,
      async handler({ principal, query, params, body }) {
        return answer(view(await policies.put(tenantOf(principal, query.tenant), params.name, body.text)));
      },
    }),
    route({
      method: 'DELETE',
      path: '/identity/policies/{name}',
      summary: 'Remove a policy',
      tag: TAG,
      status: 204,
      params: NameParams,
      query: TenantQuery,
      response: NoContent,
      async handler({ principal, query, params }) {
        await policies.remove(tenantOf(principal, query.tenant), params.name);
        return null;
      },
    }),
    route({
      method: 'POST',
      path: '/identity/policies/check',
      summary: 'Read a policy without keeping it',
      tag: TAG,
      access: 'signed-in',
      audit: false,
      body: Type.Object({ text: PolicyText }),
      maxBodyBytes: 2 * MAX_POLICY_BYTES,
      response: PolicyCheck,
      async handler({ body }) {
        try {
          return answer({ ok: true, problems: [], formatted: printPolicy(parsePolicy(body.text)) });
        } catch (error) {
          if (error instanceof PolicyError) return answer({ ok: false, problems: error.problems });
          throw error;
        }
      },
    }),
    route({
      method: 'POST',
      path: '/identity/capabilities',
      summary: 'What is allowed on paths, and which line of which policy says so',
      description: 'For oneself; for given policies, or a text that is not kept, with the right to read policies.',
      tag: TAG,
      access: 'signed-in',
      audit: false,
      refusals: { 404: 'There is no such policy.' },
      query: TenantQuery,
      body: Type.Object({
        paths: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { minItems: 1, maxItems: 1000 }),
        policies: Type.Optional(PolicyNames),
        text: Type.Optional(PolicyText),
      }),
      response: CapabilitiesAnswer,
      async handler({ principal, query, body }) {
        const asked = body.policies !== undefined || body.text !== undefined;
        if (asked && !identity.allows(principal, READ_POLICIES, 'read'))
          throw forbidden('identity.policies', 'Only who may read policies can try those of others.');
        const acl = asked
          ? tried(tenantOf(principal, query.tenant), body.policies ?? [], body.text)
          : (identity.aclOf(principal) ?? new Acl([]));
        return answer({ items: body.paths.map((path) => explain(acl, path, asked ? undefined : principal)) });
      },
    }),
  ];

  function tried(tenant: string, names: readonly string[], text: string | undefined): Acl {
    const stored = names.map((name) => policies.get(tenant, name));
    const extra = text === undefined ? [] : [{ name: 'text', rules: parsePolicy(text, 'text').rules }];
    return new Acl([...stored, ...extra], identity.clock.nowUs());
  }
}

function view({ rules, templated: _, ...policy }: StoredPolicy) {
  return { ...policy, rules: rules.map(({ path, capabilities, line }) => ({ path, capabilities, line })) };
}

function explain(acl: Acl, path: string, principal: Principal | undefined) {
  const { capabilities, rulePath, grants } = acl.explain(path);
  const owner = principal?.owner === true && path.replace(/^\/+/, '').startsWith(PLATFORM_PREFIX);
  const own = owner
    ? CAPABILITIES.filter((capability) => capability !== 'deny' && capability !== 'scan')
    : capabilities;
  return {
    path,
    capabilities: own.length === 0 ? ['deny'] : own,
    ...(rulePath === undefined ? {} : { rule: rulePath }),
    owner,
    grants: [...grants].flatMap(([capability, given]) =>
      given.map(({ policy, line }) => ({ capability, policy, line })),
    ),
  };
}
