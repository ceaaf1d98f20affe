/** What the listener adds to the platform: configuration, permissions, the `http` service. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';

const Tls = Type.Object(
  {
    mode: Type.Union([Type.Literal('off'), Type.Literal('own'), Type.Literal('given')], {
      default: 'off',
      description: 'own: a self-signed certificate made and renewed here; given: your files.',
    }),
    certificate: Type.Optional(
      Type.String({ minLength: 1, description: 'PEM file, the chain after the certificate.' }),
    ),
    key: Type.Optional(Type.String({ minLength: 1, description: 'PEM file of its private key.' })),
  },
  { default: {}, description: 'HTTPS.' },
);

const Limits = Type.Object(
  {
    bodyBytes: Type.Integer({ live: true, default: 1_048_576, minimum: 1024, description: 'Largest request body.' }),
    headerBytes: Type.Integer({
      default: 16_384,
      minimum: 4096,
      maximum: 262_144,
      description: 'Largest request head.',
    }),
    headerCount: Type.Integer({ default: 100, minimum: 20, maximum: 2000, description: 'Most header lines.' }),
    connections: Type.Integer({ default: 2000, minimum: 10, description: 'Most connections at one time.' }),
    headersTimeoutMs: Type.Integer({
      default: 15_000,
      minimum: 100,
      description: 'Time for a request head to arrive.',
    }),
    requestTimeoutMs: Type.Integer({
      default: 60_000,
      minimum: 100,
      description: 'Time for a whole request to arrive.',
    }),
    handlerTimeoutMs: Type.Integer({
      live: true,
      default: 30_000,
      minimum: 100,
      description: 'Time for an answer to be made.',
    }),
    addressRate: Type.Integer({
      live: true,
      default: 500,
      minimum: 1,
      description: 'Requests a second from one address.',
    }),
    addressBurst: Type.Integer({
      live: true,
      default: 2000,
      minimum: 1,
      description: 'Requests at once from one address.',
    }),
    principalRate: Type.Integer({
      live: true,
      default: 500,
      minimum: 1,
      description: 'Requests a second of one session or token.',
    }),
    principalBurst: Type.Integer({
      live: true,
      default: 2000,
      minimum: 1,
      description: 'Requests at once of one session or token.',
    }),
    refusedRate: Type.Integer({
      live: true,
      default: 5,
      minimum: 1,
      description: 'Refused credentials a second from one address.',
    }),
    refusedBurst: Type.Integer({
      live: true,
      default: 60,
      minimum: 1,
      description: 'Refused credentials at once from one address.',
    }),
    liveConnections: Type.Integer({
      live: true,
      default: 1000,
      minimum: 1,
      description: 'Most live streams at one time.',
    }),
  },
  { default: {}, description: 'What one client may ask for.' },
);

export const HttpConfigSchema = Type.Object({
  listen: Type.String({
    default: '127.0.0.1:7600',
    pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):\\d{1,5}$',
    description: 'Address and port of the console and the API, `host:port`.',
  }),
  tls: Tls,
  publicUrl: Type.Optional(
    Type.String({
      live: true,
      pattern: '^https?://[^/\\s]+/?$',
      description: 'Where people reach it, when that is not the listening address: `https://undercroft.example.org`.',
    }),
  ),
  allowedHosts: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
    live: true,
    default: [],
    description: 'Further names and addresses that a request may give as its host.',
  }),
  trustedProxies: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'Addresses or CIDR blocks of proxies whose `X-Forwarded-For` is believed.',
  }),
  consoleDir: Type.Optional(
    Type.String({ description: 'Folder of the built console, when it is not the one that came along.' }),
  ),
  limits: Limits,
});

export type HttpConfig = Static<typeof HttpConfigSchema>;

export const httpModule = defineModule({
  name: 'http',
  summary: 'The listener: console, API with OpenAPI, live events.',
  config: HttpConfigSchema,
  permissions: {
    events: 'Read events, their classes, statistics and histogram; follow them live.',
    coverage: 'Read what is watched and what is not.',
    backups: 'Write a backup of all state.',
    config: 'Read the configuration in force.',
    'config/reload': 'Read the configuration again from its file.',
    system: 'Read what the platform itself runs on and uses.',
  },
  roles: {
    server: {
      requires: ['coverage', 'events', 'events.query', 'backup', 'platform.control'],
      provides: ['http'],
      load: () => import('./server.ts'),
    },
  },
});
