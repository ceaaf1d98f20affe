import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Command, UndercroftError } from '@undercroft/kernel';
import { allItems } from './pages.ts';

const name = { name: 'name', summary: 'the policy' } as const;

const list: Command = {
  name: 'list',
  summary: 'List policies.',
  examples: [{ line: 'undercroft policy list', does: 'built-in and own ones' }],
  async run({ client, print }) {
    const items = await allItems(client, '/identity/policies');
    const rows = items.map(({ rules, ...policy }) => ({ ...policy, rules: (rules as unknown[]).length }));
    print(rows, ['name', 'builtIn', 'rules', 'updatedAt', 'summary']);
    return 0;
  },
};

const read: Command = {
  name: 'read',
  summary: 'Print a policy’s text.',
  examples: [{ line: 'undercroft policy read operator', does: 'prints the text, as it was written' }],
  positionals: [name],
  async run({ client, positionals, stdout }) {
    const { text } = await client.request<{ text: string }>('GET', pathOf(positionals[0]!));
    stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return 0;
  },
};

const write: Command = {
  name: 'write',
  summary: 'Write a policy from a file.',
  description: 'HCL or JSON, as Vault takes it. If it is wrong, every problem is named with its line.',
  examples: [
    { line: 'undercroft policy write backup backup.hcl', does: 'from a file' },
    { line: 'undercroft policy write backup - < backup.hcl', does: 'from standard input' },
  ],
  positionals: [name, { name: 'file', summary: 'the text; - is standard input' }],
  async run({ client, positionals, stdin, stderr }) {
    const text = await readText(positionals[1]!, stdin);
    await client.request('PUT', pathOf(positionals[0]!), { text });
    stderr.write(`Wrote the policy ${positionals[0]}.\n`);
    return 0;
  },
};

const remove: Command = {
  name: 'delete',
  summary: 'Delete a policy.',
  examples: [{ line: 'undercroft policy delete backup', does: 'whoever had it loses what it granted' }],
  positionals: [name],
  async run({ client, positionals, stderr }) {
    await client.request('DELETE', pathOf(positionals[0]!));
    stderr.write(`Deleted the policy ${positionals[0]}.\n`);
    return 0;
  },
};

interface Tested {
  readonly path: string;
  readonly capabilities: readonly string[];
  readonly rule?: string;
  readonly grants: readonly { readonly policy: string; readonly line: number }[];
}

const test: Command = {
  name: 'test',
  summary: 'Try what is allowed on paths, and which line says so.',
  examples: [
    { line: 'undercroft policy test sys/undercroft/assets', does: 'for oneself' },
    { line: 'undercroft policy test secret/app --policy app --policy default', does: 'for whoever has these policies' },
    { line: 'undercroft policy test secret/app --file app.hcl', does: 'for a text before it is written' },
  ],
  positionals: [{ name: 'path', summary: 'an ACL path', many: true }],
  options: {
    policy: { type: 'string', many: true, value: 'NAME', summary: 'with this policy; may be given more than once' },
    file: { type: 'string', value: 'FILE', summary: 'with the policy in this file; - is standard input' },
  },
  async run({ client, positionals, options, stdin, print }) {
    const file = options['file'];
    const body = {
      paths: positionals,
      ...(options['policy'] === undefined ? {} : { policies: options['policy'] }),
      ...(typeof file === 'string' ? { text: await readText(file, stdin) } : {}),
    };
    const { items } = await client.request<{ items: Tested[] }>('POST', '/identity/capabilities', body);
    print(
      items.map(({ path, capabilities, rule, grants }) => ({
        path,
        capabilities: capabilities.join(', '),
        rule: rule ?? '',
        by: [...new Set(grants.map((grant) => `${grant.policy}:${grant.line}`))].join(', '),
      })),
      ['path', 'capabilities', 'rule', 'by'],
    );
    return 0;
  },
};

export const command: Command = {
  name: 'policy',
  summary: 'List, read, write and try policies.',
  subcommands: [list, read, write, remove, test].map((each) => ({
    name: each.name,
    summary: each.summary,
    load: async () => ({ command: each }),
  })),
};

function pathOf(policy: string): string {
  return `/identity/policies/${encodeURIComponent(policy)}`;
}

async function readText(file: string, stdin: Readable): Promise<string> {
  if (file === '-') return (await stdin.setEncoding('utf8').toArray()).join('');
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UndercroftError('cli.file', `${file} cannot be read: ${(cause as Error).message}`, {
      fix: 'give the path of a policy file, or - for standard input',
      cause,
    });
  }
}
