import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type ApiClient, type Command, type CommandCall, UndercroftError } from '@undercroft/kernel';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityModule } from '../module.ts';
import { OWNER_TOKEN, startPlatform, type TestPlatform } from '../testing/platform.ts';
import { clientFilePath } from './client-file.ts';

const PASSWORD = 'correct horse battery';
let platform: TestPlatform;
let home: string;

beforeAll(async () => {
  platform = await startPlatform({ config: { ownerToken: OWNER_TOKEN } });
  home = await mkdtemp(join(tmpdir(), 'undercroft-cli-'));
});
afterAll(async () => {
  await platform.stop();
  await rm(home, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

interface RunOptions {
  readonly stdin?: string;
  readonly token?: string;
  readonly options?: CommandCall['options'];
  /** What a person types, one answer a question; makes standard input a terminal. */
  readonly types?: readonly string[];
}

/** Runs `words` as the program would; positionals after the command. */
async function run(words: string, { stdin, token, options = {}, types }: RunOptions = {}): Promise<Ran> {
  const [first, ...rest] = words.split(' ');
  let command = (await identityModule.commands!.find((entry) => entry.name === first)!.load()).command as Command;
  const sub = command.subcommands?.find((entry) => entry.name === rest[0]);
  if (sub !== undefined) command = (await sub.load()).command;
  const env = { XDG_CONFIG_HOME: home, UNDERCROFT_URL: platform.http.address().url };
  const output = { stdout: '', stderr: '' };
  const rows: Readonly<Record<string, unknown>>[] = [];
  const input = new PassThrough();
  const answers = [...(types ?? [])];
  const stream = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      output[name] += text;
      if (types !== undefined && text.endsWith(': '))
        setImmediate(() => input.write(`${answers.shift() ?? '\u0003'}\r`));
      return true;
    },
  });
  if (types === undefined) input.end(stdin ?? '');
  else Object.assign(input, { isTTY: true, setRawMode: () => input });
  const client: ApiClient = {
    async request(method, path, body) {
      const saved =
        token ??
        (JSON.parse(await readFile(clientFilePath(env), 'utf8').catch(() => '{}')) as { token?: string }).token;
      const answer = await platform.call(method, path, { ...(saved === undefined ? {} : { token: saved }), body });
      if (answer.status >= 400)
        throw new UndercroftError(answer.body.code, answer.body.detail, { status: answer.status });
      return answer.body;
    },
  };
  const code = await command.run!({
    positionals: rest.slice(sub === undefined ? 0 : 1),
    options,
    env,
    signal: new AbortController().signal,
    stdin: input as unknown as NodeJS.ReadStream,
    stdout: stream('stdout') as unknown as NodeJS.WriteStream,
    stderr: stream('stderr') as unknown as NodeJS.WriteStream,
    client,
    freshClient: () => client,
    print: (printed) => void rows.push(...printed),
    printOne: (value) => void rows.push(value),
  });
  return { code, ...output, rows };
}

describe('login', () => {
  const saved = async () => JSON.parse(await readFile(join(home, 'undercroft', 'client.json'), 'utf8'));

  it('takes a token from standard input and keeps it for this user only', async () => {
    const ran = await run('login', { stdin: `${OWNER_TOKEN}\n`, options: { 'token-stdin': true } });
    expect(ran.stderr).toContain('Signed in as owner at http://127.0.0.1:');
    expect(await saved()).toEqual({ url: platform.http.address().url.replace(/\/$/, ''), token: OWNER_TOKEN });
    expect((await stat(join(home, 'undercroft', 'client.json'))).mode & 0o777).toBe(0o600);
    expect((await run('whoami')).rows).toMatchObject([{ name: 'owner', owner: true, totp: false }]);
  });

  it('refuses a token that is none, and keeps the one before', async () => {
    await expect(run('login', { stdin: 'nonsense', options: { 'token-stdin': true } })).rejects.toMatchObject({
      status: 401,
    });
    expect((await saved()).token).toBe(OWNER_TOKEN);
  });

  it('asks for name and password on a terminal, without echo, and for the second factor', async () => {
    await run('user add anna', { stdin: `${PASSWORD}\n`, token: OWNER_TOKEN, options: { policy: ['viewer'] } });
    const { token } = (
      await platform.call('POST', '/identity/tokens/login', { body: { name: 'anna', password: PASSWORD } })
    ).body;
    const { secret } = (await platform.call('POST', '/identity/totp', { token })).body;
    const code = () => new TOTP({ secret }).generate({ timestamp: platform.clock.nowMs() });
    await platform.call('POST', '/identity/totp/confirm', { token, body: { code: code() } });
    await platform.clock.advance(30_000);
    const ran = await run('login', { types: ['annx\u007fa', PASSWORD, code()] });
    expect(ran.stderr).toContain('Name: annx\b \ba');
    expect(ran.stderr).toContain('Signed in as anna');
    expect(ran.stderr + ran.stdout).not.toContain(PASSWORD);
    expect((await saved()).token).toMatch(/^uct_/);
  });

  it('reads password and code from lines of standard input', async () => {
    await expect(run('login', { options: { user: 'anna' }, stdin: 'wrong password\n' })).rejects.toMatchObject({
      code: 'identity.credentials',
    });
    await expect(run('login', { options: { user: 'anna' }, stdin: '' })).rejects.toMatchObject({ code: 'cli.stdin' });
    await expect(run('login', { stdin: 'x\n' })).rejects.toMatchObject({ code: 'cli.usage' });
  });

  it('ends with logout, which revokes the token', async () => {
    const { token } = await saved();
    expect((await run('logout')).stderr).toContain('Signed out of');
    expect((await platform.call('GET', '/session', { token })).status).toBe(401);
    expect((await run('logout')).stderr).toBe('Nobody is signed in here.\n');
  });
});

describe('commands', () => {
  it('make, list and revoke tokens', async () => {
    const made = await run('token create', {
      token: OWNER_TOKEN,
      options: { name: 'ci', policy: ['viewer'], ttl: '1h', uses: '5' },
    });
    expect(made.rows).toMatchObject([
      { name: 'ci', policies: ['viewer'], usesLeft: 5, token: expect.stringMatching(/^uct_/) },
    ]);
    const { accessor } = made.rows[0] as { accessor: string };
    expect((await run('token list', { token: OWNER_TOKEN })).rows.map((row) => row['accessor'])).toContain(accessor);
    expect((await run(`token revoke ${accessor}`, { token: OWNER_TOKEN })).stderr).toBe(`Revoked ${accessor}.\n`);
    expect((await run('token list', { token: OWNER_TOKEN })).rows.map((row) => row['accessor'])).not.toContain(
      accessor,
    );
  });

  it('add, list and change users', async () => {
    await expect(
      run('user add bela', { token: OWNER_TOKEN, types: ['a long password', 'another password'] }),
    ).rejects.toMatchObject({ code: 'cli.password' });
    await run('user add bela', { token: OWNER_TOKEN, types: [PASSWORD, PASSWORD] });
    await run('user disable bela', { token: OWNER_TOKEN });
    expect((await run('user list', { token: OWNER_TOKEN })).rows).toContainEqual(
      expect.objectContaining({ name: 'bela', disabled: true }),
    );
    await run('user enable bela', { token: OWNER_TOKEN });
    await run('user passwd bela', { token: OWNER_TOKEN, stdin: 'a new long password' });
    const body = { name: 'bela', password: 'a new long password' };
    expect((await platform.call('POST', '/session', { body })).status).toBe(200);
    await run('user unlock bela', { token: OWNER_TOKEN });
    await run('user remove bela', { token: OWNER_TOKEN });
    expect((await platform.call('POST', '/session', { body })).status).toBe(401);
  });

  it('write, read, try and delete policies', async () => {
    const file = join(home, 'app.hcl');
    await writeFile(file, 'path "secret/app/*" { capabilities = ["read"] }');
    const as = { token: OWNER_TOKEN };
    await run(`policy write app ${file}`, as);
    await run('policy write app2 -', { ...as, stdin: 'path "secret/*" { capabilities = ["list"] }' });
    expect((await run('policy read app', as)).stdout).toBe('path "secret/app/*" { capabilities = ["read"] }\n');
    expect((await run('policy list', as)).rows).toContainEqual(
      expect.objectContaining({ name: 'app', rules: 1, builtIn: false }),
    );
    expect(
      (await run('policy test secret/app/x secret/y', { ...as, options: { policy: ['app', 'app2'] } })).rows,
    ).toEqual([
      { path: 'secret/app/x', capabilities: 'read', rule: 'secret/app/*', by: 'app:1' },
      { path: 'secret/y', capabilities: 'list', rule: 'secret/*', by: 'app2:1' },
    ]);
    expect((await run('policy test secret/z', { ...as, options: { file } })).rows).toMatchObject([
      { capabilities: 'deny', by: '' },
    ]);
    await expect(run('policy write bad -', { ...as, stdin: 'path' })).rejects.toThrow(
      /^bad:1:5: found the end of the text/,
    );
    await expect(run('policy write bad /nowhere', as)).rejects.toMatchObject({ code: 'cli.file' });
    await run('policy delete app', as);
    await expect(run('policy read app', as)).rejects.toMatchObject({ status: 404 });
  });
});
