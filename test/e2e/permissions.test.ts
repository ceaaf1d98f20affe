/** Every route of the API document, asked by nobody and by a viewer. A new route is in these tables by itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningPlatform, startPlatform } from './platform.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  /** `read`, `create`, … for those that need a policy; otherwise who may. */
  readonly needs: string;
}
interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

/** Open to everyone who reaches the listener. One that joins them must be named here. */
const PUBLIC = [
  'GET /health',
  'GET /openapi.json',
  'GET /welcome',
  'POST /identity/tokens/login',
  'POST /session',
  'POST /welcome',
];

/**
 * Changes that need no policy: those of one's own session, tokens and second factor. What a token that was given
 * fewer rights than its entity gets for them; the last two end it.
 */
const OWN: readonly (readonly [operation: string, status: number, code?: string | undefined, body?: object])[] = [
  ['POST /identity/capabilities', 200, undefined, { paths: ['sys/undercroft/assets'] }],
  ['POST /identity/policies/check', 200, undefined, { text: '' }],
  ['POST /identity/tokens', 403, 'identity.token-policies', { policies: ['owner'] }],
  ['POST /identity/tokens/{accessor}/renew', 404, 'not-found'],
  ['POST /identity/tokens/self/renew', 200],
  ['POST /identity/totp', 403, 'identity.limited-token'],
  ['POST /identity/totp/confirm', 403, 'identity.limited-token', { code: '000000' }],
  ['PUT /live/{connection}', 404, 'not-found', { topics: [] }],
  ['PUT /session/password', 403, 'identity.limited-token', { current: 'anything', password: 'anything at all' }],
  ['DELETE /identity/tokens/{accessor}', 404, 'not-found'],
  ['DELETE /identity/totp', 403, 'identity.limited-token', { code: '000000' }],
  ['DELETE /session/list/{id}', 403, 'identity.limited-token'],
  ['DELETE /identity/tokens/self', 204],
  ['DELETE /session', 204],
];

let platform: RunningPlatform;
let operations: readonly Operation[];

beforeAll(async () => {
  platform = await startPlatform();
  operations = operationsOf(await platform.api('GET', '/openapi.json'));
}, 90_000);
afterAll(async () => {
  await platform?.stop();
  platform?.remove();
});

const keyOf = ({ method, path }: Operation): string => `${method} ${path}`;

it('only these routes are public', () => {
  expect(
    operations
      .filter(({ needs }) => needs === 'public')
      .map(keyOf)
      .sort(),
  ).toEqual(PUBLIC);
});

it('nobody who is not signed in gets anything of the others', async () => {
  const others = operations.filter(({ needs }) => needs !== 'public');
  expect(others.length).toBeGreaterThan(80);
  const answers = await Promise.all(others.map(async (each) => [keyOf(each), await ask(each)]));
  expect(answers).toEqual(others.map((each) => [keyOf(each), { status: 401, code: 'http.unsigned' }]));
});

it('a credential that is none is no better than none', async () => {
  const read = operations.find((each) => keyOf(each) === 'GET /assets') as Operation;
  for (const headers of [
    { authorization: 'Bearer ' },
    { authorization: 'Bearer none-of-these' },
    { authorization: 'Basic b3duZXI6b3duZXI=' },
    { 'x-vault-token': 'none-of-these' },
    { cookie: 'undercroft_session=none-of-these' },
  ])
    expect([headers, (await ask(read, headers)).status]).toEqual([headers, 401]);
});

it('a viewer changes nothing', async () => {
  const changes = operations.filter(
    ({ method, needs }) => method !== 'GET' && !/^(public|signed-in|read)$/.test(needs),
  );
  expect(changes.length).toBeGreaterThan(40);
  const viewer = await viewerToken();
  const answers = await Promise.all(changes.map(async (each) => [keyOf(each), await ask(each, viewer)]));
  expect(answers).toEqual(changes.map((each) => [keyOf(each), { status: 403, code: 'http.forbidden' }]));
});

it('a viewer reads, but nothing of users, tokens and policies', async () => {
  const reads = operations.filter(
    ({ method, path, needs }) => method === 'GET' && needs === 'read' && path !== '/live',
  );
  const viewer = await viewerToken();
  const answers = await Promise.all(reads.map(async (each) => ({ ...each, ...(await ask(each, viewer)) })));
  for (const { path, status } of answers) expect([path, status === 403]).toEqual([path, path.startsWith('/identity/')]);
});

it('an operator adds checks, but names no program to run', async () => {
  const add = operations.find((each) => keyOf(each) === 'POST /checks') as Operation;
  const operator = await tokenWith('operator');
  const native = { name: 'door', kind: 'tcp', options: { host: '127.0.0.1', port: 1 }, enabled: false };
  const program = { name: 'program', kind: 'plugin', options: { command: ['/bin/true'] }, enabled: false };
  expect(await ask(add, operator, native)).toEqual({ status: 201, code: undefined });
  expect(await ask(add, operator, program)).toEqual({ status: 403, code: 'checks.program' });
  const { id } = await platform.api<{ id: string }>('POST', '/checks', program);
  const change = { method: 'PATCH', path: `/checks/${id}`, needs: 'update' };
  expect(await ask(change, operator, { options: { command: ['/bin/false'] } })).toEqual({
    status: 403,
    code: 'checks.program',
  });
  expect((await ask(change, operator, { intervalS: 120 })).status).toBe(200);
});

it('only these changes need no policy, and a token with few rights gains none by them', async () => {
  const own = operations.filter(({ method, needs }) => method !== 'GET' && needs === 'signed-in');
  expect(own.map(keyOf).sort()).toEqual(OWN.map(([operation]) => operation).sort());
  const viewer = await viewerToken();
  for (const [operation, status, code, body] of OWN) {
    const asked = own.find((each) => keyOf(each) === operation) as Operation;
    const credential = operation === 'DELETE /session' ? await viewerToken() : viewer;
    expect([operation, await ask(asked, credential, body)]).toEqual([operation, { status, code }]);
  }
  expect((await ask({ method: 'GET', path: '/session', needs: 'signed-in' }, viewer)).status).toBe(401);
});

/** What a caller asks for with nothing known: parameters that name nothing, an empty body. */
async function ask({ method, path }: Operation, headers: object = {}, body: object = {}): Promise<Answer> {
  const filled = path.replace(/\{[^}]+\}/g, 'nothing-has-this-name');
  const response = await fetch(`${platform.url}/platform/v1${filled}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const problem = (response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  return { status: response.status, code: problem ? (JSON.parse(text) as { code: string }).code : undefined };
}

const viewerToken = (): Promise<{ authorization: string }> => tokenWith('viewer');

async function tokenWith(policy: string): Promise<{ authorization: string }> {
  const { token } = await platform.api<{ token: string }>('POST', '/identity/tokens', { policies: [policy] });
  return { authorization: `Bearer ${token}` };
}

function operationsOf(document: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { description: string; security: unknown[] }>>>>;
}): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { description, security }]) => ({
      method: method.toUpperCase(),
      path,
      needs:
        security.length === 0
          ? 'public'
          : (/Needs `(\w+)` on `sys\/undercroft\//.exec(description)?.[1] ?? 'signed-in'),
    })),
  );
}
