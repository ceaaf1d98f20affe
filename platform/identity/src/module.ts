/** What identity adds to the platform: who someone is, what they may do, and the trail of it. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { identityEvents } from './audit/classes.ts';
import { identityMigrations } from './model/migrations.ts';

export const IdentityConfigSchema = Type.Object({
  ownerToken: Type.Optional(
    Type.String({
      secret: true,
      minLength: 24,
      description: 'On first run only: becomes the token of the owner. Better set as UNDERCROFT_OWNER_TOKEN.',
    }),
  ),
  sessions: Type.Object(
    {
      idleHours: Type.Number({
        default: 12,
        exclusiveMinimum: 0,
        maximum: 8760,
        description: 'A session unused for this long ends.',
      }),
      maxHours: Type.Number({
        default: 168,
        exclusiveMinimum: 0,
        maximum: 8760,
        description: 'A session ends after this long in any case.',
      }),
    },
    { default: {}, description: 'Browser sessions.' },
  ),
  tokens: Type.Object(
    {
      defaultHours: Type.Number({
        default: 768,
        exclusiveMinimum: 0,
        maximum: 87_600,
        description: 'Life of a token that does not say.',
      }),
      maxHours: Type.Number({
        default: 8760,
        exclusiveMinimum: 0,
        maximum: 87_600,
        description: 'No token lives longer, renewed or not.',
      }),
    },
    { default: {}, description: 'Service tokens.' },
  ),
  issuer: Type.String({
    default: 'Undercroft',
    minLength: 1,
    maxLength: 100,
    description: 'The name that authenticator apps show.',
  }),
  acceptNewBootKey: Type.Boolean({
    default: false,
    description: 'Start although keys/boot.key was lost: ends all sessions and tokens, removes second factors.',
  }),
});

export type IdentityConfig = Static<typeof IdentityConfigSchema>;

const commands = [
  { name: 'login', summary: 'Sign in to a running platform.', load: () => import('./cli/login.ts') },
  { name: 'logout', summary: 'End the sign-in of this user.', load: () => import('./cli/logout.ts') },
  { name: 'whoami', summary: 'Show who is signed in.', load: () => import('./cli/whoami.ts') },
  { name: 'token', summary: 'Make, list and revoke tokens.', load: () => import('./cli/token.ts') },
  { name: 'user', summary: 'Add, list and change console users.', load: () => import('./cli/user.ts') },
  { name: 'policy', summary: 'List, read, write and try policies.', load: () => import('./cli/policy.ts') },
];

export const identityModule = defineModule({
  name: 'identity',
  summary: 'Users, groups, tenants, tokens, policies, sign-in and audit.',
  config: IdentityConfigSchema,
  migrations: identityMigrations,
  events: identityEvents,
  permissions: {
    'identity/users': 'See and change console users, their passwords and second factors.',
    'identity/entities': 'See and change entities and their aliases.',
    'identity/groups': 'See and change groups.',
    'identity/policies': 'See and change policies.',
    'identity/tokens': 'See and revoke everybody’s tokens; make tokens with other policies than one’s own (sudo).',
    'identity/sessions': 'See and end everybody’s sessions.',
    'identity/tenants': 'See and change tenants.',
  },
  commands,
  roles: {
    server: {
      requires: ['store', 'http', 'events'],
      provides: ['identity'],
      load: () => import('./server.ts'),
    },
  },
});
