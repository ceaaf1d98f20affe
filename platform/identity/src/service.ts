/** All parts of identity put together; what the API and the platform's `identity` service are made of. */
import { type Capability, DEFAULT_TENANT, type Events, type Principal, UndercroftError } from '@undercroft/kernel';
import { AuditTrail } from './audit/trail.ts';
import { Entities } from './model/entities.ts';
import { Groups } from './model/groups.ts';
import type { Parts } from './model/part.ts';
import { Policies } from './model/policies.ts';
import { Principals } from './model/principals.ts';
import { Tenants } from './model/tenants.ts';
import { Users } from './model/users.ts';
import type { IdentityConfig } from './module.ts';
import { Owner } from './owner/owner.ts';
import { PasswordHasher } from './passwords/hash.ts';
import { Lockout } from './passwords/lockout.ts';
import type { Acl } from './policy/acl.ts';
import { PLATFORM_PREFIX } from './policy/pattern.ts';
import { Sessions } from './sessions/sessions.ts';
import { Authenticator } from './signin/authenticator.ts';
import { SignIn } from './signin/sign-in.ts';
import { Tokens } from './tokens/tokens.ts';
import { Totp } from './totp/totp.ts';

const HOUR_US = 3600 * 1_000_000;

export type IdentityParts = ReturnType<typeof assemble>;

export interface Outside {
  readonly parts: Parts;
  readonly config: IdentityConfig;
  readonly events: Events;
  readonly hasher?: PasswordHasher;
  /** Whether the listener speaks HTTPS. */
  isSecure(): boolean;
}

export function assemble({ parts, config, events, isSecure, hasher = new PasswordHasher() }: Outside) {
  const trail = new AuditTrail(events, DEFAULT_TENANT);
  const entities = new Entities(parts);
  const groups = new Groups(parts);
  const principals = new Principals(entities, groups);
  const policies = new Policies(parts);
  const users = new Users(parts, hasher);
  const tokens = new Tokens(parts, {
    defaultTtlUs: Math.min(config.tokens.defaultHours, config.tokens.maxHours) * HOUR_US,
    maxTtlUs: config.tokens.maxHours * HOUR_US,
  });
  const sessions = new Sessions(parts, {
    idleUs: config.sessions.idleHours * HOUR_US,
    absoluteUs: config.sessions.maxHours * HOUR_US,
  });
  const totp = new Totp(parts);
  const lockout = new Lockout(parts.control, parts.clock);
  const authenticator = new Authenticator(parts, principals, policies, tokens, sessions, isSecure);
  return {
    ...parts,
    issuer: config.issuer,
    isSecure,
    trail,
    entities,
    groups,
    principals,
    policies,
    tenants: new Tenants(parts),
    users,
    tokens,
    sessions,
    totp,
    lockout,
    hasher,
    owner: new Owner(parts, users, tokens),
    signIn: new SignIn(parts, hasher, lockout, totp, trail),
    authenticator,
    /** The owner holds all below `sys/undercroft/`; everybody else what the policies say. */
    allows(principal: Principal, path: string, capability: Capability): boolean {
      if (principal.owner && path.replace(/^\/+/, '').startsWith(PLATFORM_PREFIX)) return true;
      return aclOf(principal)?.allows(path, capability) ?? false;
    },
    aclOf,
  };

  /** Undefined if the caller's own name would widen a path of its policies: then nothing is allowed. */
  function aclOf(principal: Principal): Acl | undefined {
    try {
      return policies.acl(principal.tenant, principal.policies, authenticator.templateIdentity(principal));
    } catch (error) {
      if (!(error instanceof UndercroftError)) throw error;
      parts.log.warn({ entity: principal.name, err: error }, 'a policy cannot be applied to this entity');
      return undefined;
    }
  }
}
