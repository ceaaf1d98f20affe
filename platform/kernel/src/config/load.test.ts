import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, describeConfigProblem } from './config-error.ts';
import { type ConfigSources, loadConfig } from './load.ts';
import { configReference } from './reference.ts';

const http = {
  name: 'http',
  summary: 'The listener',
  config: Type.Object({
    listen: Type.String({ default: '127.0.0.1:7600', pattern: '^.+:\\d+$', description: 'where to listen' }),
    tls: Type.Object(
      { mode: Type.Union([Type.Literal('off'), Type.Literal('own')], { default: 'off' }) },
      { default: {} },
    ),
    allowedHosts: Type.Array(Type.String(), { default: [], live: true }),
  }),
};
const identity = {
  name: 'identity',
  summary: 'Who',
  config: Type.Object({
    ownerToken: Type.Optional(Type.String({ minLength: 24, secret: true })),
    maxTtlS: Type.Integer({ minimum: 60, default: 3600 }),
  }),
};

describe('loadConfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'undercroft-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (yaml: string | undefined, rest: Partial<ConfigSources> = {}) => {
    const path = join(folder, 'undercroft.yaml');
    if (yaml !== undefined) writeFileSync(path, yaml);
    return loadConfig({ modules: [http, identity], file: { path, required: false }, env: {}, flags: [], ...rest });
  };
  const problemsOf = (work: () => unknown): string[] => {
    try {
      work();
    } catch (error) {
      if (error instanceof ConfigError)
        return error.problems.map((problem) => describeConfigProblem(problem).replace(`${folder}/`, ''));
      throw error;
    }
    return [];
  };

  it('gives defaults where nothing is said', () => {
    const { values, items } = load(undefined);
    expect(values).toEqual({
      http: { listen: '127.0.0.1:7600', tls: { mode: 'off' }, allowedHosts: [] },
      identity: { maxTtlS: 3600 },
    });
    expect(items.find((item) => item.key === 'http.tls.mode')).toMatchObject({
      value: 'off',
      source: { kind: 'default' },
    });
  });

  it('lets flags win over the environment, and that over the file', () => {
    const yaml = 'http:\n  listen: 127.0.0.1:1\n  tls:\n    mode: own\n';
    expect(load(yaml).values['http']).toMatchObject({ listen: '127.0.0.1:1', tls: { mode: 'own' } });
    const env = { UNDERCROFT_LISTEN: '127.0.0.1:2', UNDERCROFT_HTTP_ALLOWED_HOSTS: 'a.example, b.example' };
    expect(load(yaml, { env }).values['http']).toMatchObject({
      listen: '127.0.0.1:2',
      allowedHosts: ['a.example', 'b.example'],
    });
    const flags = [{ key: 'http.listen', value: '127.0.0.1:3', flag: '--listen' }];
    const { values, items } = load(yaml, { env, flags });
    expect(values['http']).toMatchObject({ listen: '127.0.0.1:3' });
    expect(
      items
        .filter((item) => item.source.kind !== 'default')
        .map((item) => [item.key, item.source.where.replace(`${folder}/`, '')]),
    ).toEqual([
      ['http.listen', 'flag --listen'],
      ['http.tls.mode', 'undercroft.yaml:4'],
      ['http.allowedHosts', 'environment UNDERCROFT_HTTP_ALLOWED_HOSTS'],
    ]);
  });

  it('names every error at once, with its place and the mend', () => {
    const yaml = 'http:\n  listen: 127.0.0.1:1\n  tls:\n    mode: maybe\nidentity:\n  maxTtlS: 3\nmetrisc: {}\n';
    expect(problemsOf(() => load(yaml, { env: { UNDERCROFT_OWNER_TOKEN: 'short' } }))).toEqual([
      'undercroft.yaml:7: metrisc there is no such setting; there are http, identity',
      'undercroft.yaml:4: http.tls.mode is "maybe"; want one of off, own',
      'environment UNDERCROFT_OWNER_TOKEN: identity.ownerToken is "[secret]"; want text of at least 24 characters',
      'undercroft.yaml:6: identity.maxTtlS is 3; want a whole number from 60',
    ]);
  });

  it('says where YAML breaks', () => {
    expect(problemsOf(() => load('http:\n  listen: "a\n'))[0]).toMatch(/^undercroft\.yaml:\d: not valid YAML here/);
  });

  it('asks for a file the user named, and not for the usual one', () => {
    expect(
      problemsOf(() =>
        loadConfig({ modules: [http], file: { path: join(folder, 'no.yaml'), required: true }, env: {}, flags: [] }),
      ),
    ).toEqual(['no.yaml: cannot be read (ENOENT); check the path and its permissions']);
  });

  it('never shows a secret', () => {
    const { items } = load(undefined, { env: { UNDERCROFT_OWNER_TOKEN: 'a-very-long-token-of-32-characters' } });
    expect(JSON.stringify(items)).not.toContain('very-long-token');
    expect(items.find((item) => item.key === 'identity.ownerToken')?.value).toBe('[secret]');
  });

  it('warns of an environment variable that names no setting', () => {
    expect(load(undefined, { env: { UNDERCROFT_HTTP_LISTN: 'x' } }).warnings).toEqual([
      'environment UNDERCROFT_HTTP_LISTN names no setting; did you mean "UNDERCROFT_HTTP_LISTEN"?',
    ]);
  });

  it('throws nothing but its own error, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        problemsOf(() => load(text));
      }),
      { numRuns: 200 },
    );
  });

  it('documents every setting', () => {
    const page = configReference([http, identity]);
    for (const key of ['http.listen', 'http.tls.mode', 'http.allowedHosts', 'identity.ownerToken', 'identity.maxTtlS'])
      expect(page).toContain(`\`${key}\``);
  });
});
