import type { Command } from '@undercroft/kernel';

interface Answer {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly totp: boolean;
}

export const command: Command = {
  name: 'whoami',
  summary: 'Show who is signed in.',
  examples: [{ line: 'undercroft whoami', does: 'name, tenant and policies' }],
  async run({ client, printOne }) {
    const { principal, totp } = await client.request<Answer>('GET', '/session');
    printOne({ ...principal, totp });
    return 0;
  },
};
