/** What the routes of identity take and give. */
import { Iso8601 } from '@undercroft/http';
import Type from 'typebox';
import { MAX_MEMBERS } from '../model/groups.ts';
import { MAX_POLICIES, NAME_PATTERN } from '../model/names.ts';
import { MAX_PASSWORD_LENGTH } from '../passwords/hash.ts';

export const Name = Type.String({
  pattern: NAME_PATTERN,
  description: 'Lower case letters, digits, ".", "_", "@", "-".',
});
export const NameParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) });
export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
export const AccessorParams = Type.Object({ accessor: Type.String({ minLength: 1, maxLength: 128 }) });
/** Length is checked by characters later; here only that it is no flood. */
export const Password = Type.String({
  minLength: 1,
  maxLength: MAX_PASSWORD_LENGTH * 2,
  description: '12 characters or more.',
});
export const TotpCode = Type.String({ maxLength: 64, description: 'Six digits, or a recovery code.' });
export const PolicyNames = Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: MAX_POLICIES });
export const Metadata = Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 1024 }), {
  description: 'Names and texts of your own.',
});
export const Duration = Type.Union(
  [Type.Integer({ minimum: 1, maximum: 315_360_000 }), Type.String({ pattern: '^[0-9a-z.µ]{1,32}$' })],
  { description: 'Seconds, or a span such as `90s`, `1h30m`, `7d`.' },
);
export const TenantQuery = Type.Object({
  tenant: Type.Optional(Type.String({ pattern: NAME_PATTERN, description: 'Another tenant; only for owners.' })),
});
export const NoContent = Type.Null();
/** Of routes that add something in a tenant that the query may name. */
export const TENANT_REFUSALS = { 404: 'There is no such tenant.' };
/** Bodies of those who are not signed in: the longest password with room to spare, not what the API takes else. */
export const MAX_SIGN_IN_BODY_BYTES = 32_768;
/** Beyond what every public route may answer. */
export const SIGN_IN_REFUSALS = { 401: 'Name, password or second factor is wrong.' };

export const PrincipalView = Type.Object({
  name: Type.String(),
  entityId: Type.String(),
  tenant: Type.String(),
  owner: Type.Boolean(),
  policies: Type.Array(Type.String()),
  kind: Type.Enum(['session', 'token']),
});

export const SessionAnswer = Type.Object({
  principal: PrincipalView,
  csrf: Type.Optional(Type.String({ description: 'Sent back as `x-undercroft-csrf` with every change by cookie.' })),
  totp: Type.Boolean({ description: 'A second factor is set up.' }),
});

export const SessionView = Type.Object({
  id: Type.String(),
  ip: Type.String(),
  userAgent: Type.String(),
  current: Type.Boolean(),
  createdAt: Iso8601,
  lastUsedAt: Iso8601,
  expiresAt: Iso8601,
});

export const UserView = Type.Object({
  name: Type.String(),
  entityId: Type.String(),
  policies: Type.Array(Type.String()),
  disabled: Type.Boolean(),
  totp: Type.Boolean(),
  createdAt: Iso8601,
  passwordChangedAt: Iso8601,
  signedInAt: Type.Optional(Iso8601),
});

export const EntityView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  policies: Type.Array(Type.String()),
  metadata: Metadata,
  disabled: Type.Boolean(),
  createdAt: Iso8601,
  updatedAt: Iso8601,
});

export const AliasView = Type.Object({
  id: Type.String(),
  mount: Type.String(),
  name: Type.String(),
  entityId: Type.String(),
  metadata: Metadata,
  createdAt: Iso8601,
});

export const GroupView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  policies: Type.Array(Type.String()),
  metadata: Metadata,
  entities: Type.Array(Type.String(), { description: 'Names.' }),
  groups: Type.Array(Type.String(), { description: 'Names.' }),
  createdAt: Iso8601,
  updatedAt: Iso8601,
});

export const GroupBody = {
  policies: Type.Optional(PolicyNames),
  metadata: Type.Optional(Metadata),
  entities: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: MAX_MEMBERS })),
  groups: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: MAX_MEMBERS })),
};

export const PolicyView = Type.Object({
  name: Type.String(),
  text: Type.String(),
  builtIn: Type.Boolean(),
  summary: Type.Optional(Type.String()),
  rules: Type.Array(
    Type.Object({
      path: Type.String(),
      capabilities: Type.Array(Type.String()),
      line: Type.Integer(),
    }),
  ),
  createdAt: Type.Optional(Iso8601),
  updatedAt: Type.Optional(Iso8601),
});

export const PolicyCheck = Type.Object({
  ok: Type.Boolean(),
  problems: Type.Array(Type.Object({ line: Type.Integer(), column: Type.Integer(), message: Type.String() })),
  formatted: Type.Optional(Type.String({ description: 'The same policy, written out in one way.' })),
});

export const TokenView = Type.Object({
  accessor: Type.String(),
  name: Type.String(),
  entityId: Type.String(),
  parent: Type.Optional(Type.String()),
  policies: Type.Optional(Type.Array(Type.String(), { description: 'Absent: those of its entity.' })),
  renewable: Type.Boolean(),
  usesLeft: Type.Optional(Type.Integer()),
  createdAt: Iso8601,
  expiresAt: Type.Optional(Iso8601),
  maxExpiresAt: Type.Optional(Iso8601),
  lastUsedAt: Type.Optional(Iso8601),
});

export const NewTokenAnswer = Type.Object({
  token: Type.String({ description: 'Shown this once.' }),
  info: TokenView,
});

export const CapabilitiesAnswer = Type.Object({
  items: Type.Array(
    Type.Object({
      path: Type.String(),
      capabilities: Type.Array(Type.String(), { description: '`deny` if nothing is allowed.' }),
      rule: Type.Optional(Type.String({ description: 'The path of the rule that decides, as written.' })),
      owner: Type.Boolean({ description: 'Allowed because the owner holds everything of the platform.' }),
      grants: Type.Array(
        Type.Object({
          capability: Type.String(),
          policy: Type.String(),
          line: Type.Integer(),
        }),
      ),
    }),
  ),
});

export const TenantView = Type.Object({ id: Type.String(), title: Type.String(), createdAt: Iso8601 });
