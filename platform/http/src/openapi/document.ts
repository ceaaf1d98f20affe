/** The OpenAPI 3.1 document, from the routes' declarations alone. */
import type { TSchema } from 'typebox';
import { ACL_ROOT, type Endpoint } from '../api/endpoint.ts';
import { ProblemDetails } from '../api/problem.ts';
import { documentSchema } from './schemas.ts';

type Json = { [key: string]: unknown };

const JSON_MEDIA = 'application/json';

/** Refusals and when they come, for the operations that may give them. */
const REFUSALS: readonly {
  readonly status: number;
  readonly when: string;
  readonly of: (endpoint: Endpoint) => boolean;
}[] = [
  { status: 400, when: 'A parameter is wrong or unknown, or the body is not JSON.', of: () => true },
  {
    status: 401,
    when: 'Not signed in, or the credentials are not accepted.',
    of: (e) => e.access !== 'public' || e.audited,
  },
  {
    status: 403,
    when: 'Not allowed, or sent by a page of another site.',
    of: (e) => e.access !== 'public' || e.audited,
  },
  { status: 404, when: 'There is no such thing.', of: (e) => e.route.path.includes('{') },
  { status: 409, when: 'Its state, or somebody else’s change, forbids it.', of: (e) => e.route.method !== 'GET' },
  { status: 413, when: 'The body is too large.', of: (e) => e.body !== undefined },
  { status: 415, when: 'The body is not JSON in UTF-8.', of: (e) => e.body !== undefined },
  { status: 421, when: 'The Host header names another host.', of: () => true },
  { status: 422, when: 'The body does not match its schema.', of: (e) => e.body !== undefined },
  { status: 429, when: 'Too many requests; Retry-After says how long to wait.', of: () => true },
  { status: 431, when: 'The head of the request is too large.', of: () => true },
  { status: 500, when: 'Something went wrong inside.', of: () => true },
  { status: 503, when: 'A part that is needed is not running now.', of: () => true },
  { status: 507, when: 'The disk is full; nothing was kept.', of: (e) => e.route.method !== 'GET' },
];

const DESCRIPTION = `The API of Undercroft. Times are ISO 8601 in UTC, sizes are bytes, lists are pages with a cursor.
Errors are RFC 9457 problem details with a stable \`code\`. Unknown query parameters and unknown fields at the top of a
body are refused, so that a misspelt one is not ignored. A method that a path does not have is answered with 405 and
\`Allow\`. Changes with the session cookie need the \`x-undercroft-csrf\` header.`;

export function openApiDocument(options: {
  readonly endpoints: readonly Endpoint[];
  readonly root: string;
  readonly version: string;
  readonly permissions: Readonly<Record<string, string>>;
}): Json {
  const schemas: Json = { ProblemDetails: documentSchema(ProblemDetails, {}) };
  const paths: Record<string, Json> = {};
  const tags = new Set<string>();
  for (const endpoint of sorted(options.endpoints)) {
    const { route } = endpoint;
    tags.add(route.tag);
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operationOf(endpoint, schemas);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Undercroft',
      version: options.version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.root }],
    tags: [...tags].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas,
      responses: {
        Problem: {
          description: 'The request failed.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of this platform.' },
        vaultToken: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Vault-Token',
          description: 'The same token, as Vault clients send it.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'undercroft_session',
          description: 'The session of the console.',
        },
      },
    },
    'x-undercroft-permissions': Object.fromEntries(
      Object.entries(options.permissions).map(([path, summary]) => [ACL_ROOT + path, summary]),
    ),
  };
}

function sorted(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return [...endpoints].sort((a, b) => (a.key.split(' ')[1] ?? '').localeCompare(b.key.split(' ')[1] ?? ''));
}

function operationOf(endpoint: Endpoint, schemas: Json): Json {
  const { route } = endpoint;
  const parameters = [...pathParameters(endpoint, schemas), ...queryParameters(endpoint, schemas)];
  return {
    operationId: operationId(endpoint),
    summary: route.summary,
    description: [route.description, accessSentence(endpoint)].filter(Boolean).join('\n\n'),
    tags: [route.tag],
    security: endpoint.access === 'public' ? [] : [{ bearer: [] }, { vaultToken: [] }, { session: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: !endpoint.body.validator.Check({}),
            content: { [JSON_MEDIA]: { schema: bodySchema(endpoint.body.schema, schemas) } },
          },
        }),
    responses: responsesOf(endpoint, schemas),
  };
}

/** Fields with a default may be left out, whatever the type says that handlers see. */
function bodySchema(schema: TSchema, components: Json): unknown {
  const documented = documentSchema(schema, components) as Json;
  const { required, properties } = documented as {
    required?: readonly string[];
    properties?: Readonly<Record<string, { default?: unknown }>>;
  };
  if (required === undefined) return documented;
  return { ...documented, required: required.filter((name) => properties?.[name]?.default === undefined) };
}

function operationId(endpoint: Endpoint): string {
  const words = endpoint.route.path
    .replace(/[{}]/g, ' ')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return (
    endpoint.route.method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  );
}

function accessSentence(endpoint: Endpoint): string {
  if (endpoint.access === 'public') return 'Open to everyone who reaches the listener.';
  if (endpoint.access === 'signed-in') return 'For everyone who is signed in.';
  return `Needs \`${endpoint.capability}\` on \`${ACL_ROOT}${endpoint.aclPath}\`.`;
}

function pathParameters(endpoint: Endpoint, schemas: Json): readonly Json[] {
  const properties = ((endpoint.params?.schema ?? {}) as { properties?: Json }).properties ?? {};
  return [...endpoint.route.path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: documentSchema(properties[name] ?? { type: 'string', minLength: 1 }, schemas),
  }));
}

function queryParameters(endpoint: Endpoint, schemas: Json): readonly Json[] {
  const { properties = {}, required = [] } = endpoint.query.schema as {
    properties?: Record<string, { type?: string; default?: unknown; description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = documentSchema(property, schemas) as Json;
    return {
      name,
      in: 'query',
      required: required.includes(name) && property.default === undefined,
      ...(description === undefined ? {} : { description }),
      ...(property.type === 'array' ? { style: 'form', explode: false } : {}),
      schema,
    };
  });
}

function responsesOf(endpoint: Endpoint, schemas: Json): Json {
  const { route, status } = endpoint;
  const media = route.contentType?.split(';', 1)[0] ?? JSON_MEDIA;
  const responses: Json = {
    [status]:
      status === 204
        ? { description: 'Done.' }
        : { description: 'Done.', content: { [media]: { schema: documentSchema(route.response, schemas) } } },
  };
  for (const refusal of REFUSALS) {
    if (!refusal.of(endpoint)) continue;
    responses[refusal.status] = { description: refusal.when, content: problemContent() };
  }
  for (const [refused, when] of Object.entries(route.refusals ?? {}))
    responses[refused] = { description: when, content: problemContent() };
  responses['default'] = { $ref: '#/components/responses/Problem' };
  return responses;
}

function problemContent(): Json {
  return { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } };
}
