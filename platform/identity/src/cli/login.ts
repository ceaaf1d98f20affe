import { type Command, type CommandCall, UndercroftError } from '@undercroft/kernel';
import { Asker } from './ask.ts';
import { serverUrl, writeClientFile } from './client-file.ts';
import { requestWithToken } from './with-token.ts';

export const command: Command = {
  name: 'login',
  summary: 'Sign in to a running platform.',
  description:
    'Keeps the address and a token for this user of the machine, readable by nobody else. The password is asked for on the terminal, or read from standard input: the password on the first line, a second factor’s code on the next.',
  examples: [
    { line: 'undercroft login', does: 'asks for name and password' },
    { line: 'undercroft login --user anna --url https://undercroft.example.org', does: 'signs in to another machine' },
    { line: 'undercroft login --token-stdin < token.txt', does: 'takes a token that was made before' },
  ],
  options: {
    user: { type: 'string', value: 'NAME', summary: 'sign in with this name and its password' },
    'token-stdin': { type: 'boolean', summary: 'read a token from standard input' },
    ttl: {
      type: 'string',
      value: 'SPAN',
      summary: 'how long the sign-in lasts: 8h, 30d (the platform’s default otherwise)',
    },
  },
  async run(call) {
    const url = await serverUrl(call.env, call.options['url']);
    const asker = new Asker(call);
    const token = call.options['token-stdin'] === true ? await asker.line('Token', true) : await signIn(call, asker);
    const who = (await requestWithToken(url, token, 'GET', '/session')) as { principal: { name: string } };
    const path = await writeClientFile(call.env, { url, token });
    call.stderr.write(`Signed in as ${who.principal.name} at ${url} (kept in ${path}).\n`);
    return 0;
  },
};

async function signIn(call: CommandCall, asker: Asker): Promise<string> {
  const given = call.options['user'];
  if (typeof given !== 'string' && !asker.isTerminal)
    throw new UndercroftError('cli.usage', 'who signs in? there is no terminal to ask', {
      fix: 'undercroft login --help',
      status: 400,
    });
  const name = typeof given === 'string' ? given : await asker.line('Name', false);
  const password = await asker.line('Password', true);
  const { ttl } = call.options;
  const body = { name, password, ...(typeof ttl === 'string' ? { ttl } : {}) };
  const request = (totp?: string) =>
    call.client.request<{ token: string }>(
      'POST',
      '/identity/tokens/login',
      totp === undefined ? body : { ...body, totp },
    );
  try {
    return (await request()).token;
  } catch (error) {
    if (!(error instanceof UndercroftError) || error.code !== 'identity.totp-required') throw error;
    return (await request(await asker.line('Code of your app', false))).token;
  }
}
