import type { Route } from '@undercroft/kernel';
import type { IdentityParts } from '../service.ts';
import { entityRoutes } from './entities.ts';
import { groupRoutes } from './groups.ts';
import { policyRoutes } from './policies.ts';
import { sessionRoutes } from './session.ts';
import { tenantRoutes } from './tenants.ts';
import { tokenRoutes } from './tokens.ts';
import { totpRoutes } from './totp.ts';
import { userRoutes } from './users.ts';

/** All routes of identity below `/platform/v1`. */
export function identityRoutes(identity: IdentityParts, version: string): Route[] {
  return [
    ...sessionRoutes(identity, version),
    ...totpRoutes(identity),
    ...userRoutes(identity),
    ...entityRoutes(identity),
    ...groupRoutes(identity),
    ...policyRoutes(identity),
    ...tokenRoutes(identity),
    ...tenantRoutes(identity),
  ];
}
