import type { Command } from '@undercroft/kernel';
import { allItems } from './pages.ts';

const create: Command = {
  name: 'create',
  summary: 'Make a token.',
  description: 'The token is shown once. Without --policy it always has the policies of whoever makes it.',
  examples: [
    {
      line: 'undercroft token create --name backup --policy viewer --ttl 30d',
      does: 'a token that reads, for 30 days',
    },
  ],
  options: {
    name: { type: 'string', value: 'TEXT', summary: 'what it is for' },
    policy: { type: 'string', many: true, value: 'NAME', summary: 'a policy it has; may be given more than once' },
    ttl: { type: 'string', value: 'SPAN', summary: 'how long it lives: 8h, 30d' },
    'max-ttl': { type: 'string', value: 'SPAN', summary: 'how long it lives at most, renewed or not' },
    uses: { type: 'string', value: 'N', summary: 'it ends after so many requests' },
    orphan: { type: 'boolean', summary: 'it does not end with the token that makes it' },
  },
  async run({ client, options, printOne }) {
    const body = {
      ...(options['name'] === undefined ? {} : { name: options['name'] }),
      ...(options['policy'] === undefined ? {} : { policies: options['policy'] }),
      ...(options['ttl'] === undefined ? {} : { ttl: options['ttl'] }),
      ...(options['max-ttl'] === undefined ? {} : { maxTtl: options['max-ttl'] }),
      ...(options['uses'] === undefined ? {} : { uses: Number(options['uses']) }),
      ...(options['orphan'] === true ? { orphan: true } : {}),
    };
    const { token, info } = await client.request<{ token: string; info: Record<string, unknown> }>(
      'POST',
      '/identity/tokens',
      body,
    );
    printOne({ token, ...info });
    return 0;
  },
};

const list: Command = {
  name: 'list',
  summary: 'List tokens by their accessors.',
  examples: [{ line: 'undercroft token list', does: 'one’s own, or all for those who may' }],
  async run({ client, print }) {
    print(await allItems(client, '/identity/tokens'), [
      'accessor',
      'name',
      'policies',
      'createdAt',
      'expiresAt',
      'lastUsedAt',
    ]);
    return 0;
  },
};

const revoke: Command = {
  name: 'revoke',
  summary: 'Revoke tokens, with those they made.',
  examples: [{ line: 'undercroft token revoke 4f6c…', does: 'by the accessor that token list shows' }],
  positionals: [{ name: 'accessor', summary: 'as `token list` shows it', many: true }],
  async run({ client, positionals, stderr }) {
    for (const accessor of positionals) {
      await client.request('DELETE', `/identity/tokens/${encodeURIComponent(accessor)}`);
      stderr.write(`Revoked ${accessor}.\n`);
    }
    return 0;
  },
};

export const command: Command = {
  name: 'token',
  summary: 'Make, list and revoke tokens.',
  subcommands: [create, list, revoke].map((each) => ({
    name: each.name,
    summary: each.summary,
    load: async () => ({ command: each }),
  })),
};
