import type { ApiClient, Command, CommandCall } from '@undercroft/kernel';
import { Asker } from './ask.ts';
import { allItems } from './pages.ts';

const name = { name: 'name', summary: 'the user' } as const;

const add: Command = {
  name: 'add',
  summary: 'Add a console user.',
  description: 'The password is asked for on the terminal, or read from the first line of standard input.',
  examples: [{ line: 'undercroft user add anna --policy operator', does: 'asks for the password of anna' }],
  positionals: [name],
  options: { policy: { type: 'string', many: true, value: 'NAME', summary: 'a policy; may be given more than once' } },
  async run(call) {
    const password = await new Asker(call).newPassword();
    const policies = call.options['policy'] ?? [];
    call.printOne(
      await call.client.request('POST', '/identity/users', { name: call.positionals[0], password, policies }),
    );
    return 0;
  },
};

const list: Command = {
  name: 'list',
  summary: 'List console users.',
  examples: [{ line: 'undercroft user list', does: 'names, policies, second factors' }],
  async run({ client, print }) {
    print(await allItems(client, '/identity/users'), [
      'name',
      'policies',
      'disabled',
      'totp',
      'createdAt',
      'signedInAt',
    ]);
    return 0;
  },
};

const passwd: Command = {
  name: 'passwd',
  summary: 'Set a user’s password.',
  description: 'Ends the user’s sessions. The password is asked for on the terminal, or read from standard input.',
  examples: [{ line: 'undercroft user passwd anna', does: 'asks for the new password' }],
  positionals: [name],
  async run(call) {
    const password = await new Asker(call).newPassword();
    await call.client.request('PUT', `${userPath(call)}/password`, { password });
    call.stderr.write(`The password of ${call.positionals[0]} is set.\n`);
    return 0;
  },
};

const disable = change('disable', 'Disable a user: its sessions and tokens end.', 'is disabled', (client, path) =>
  client.request('PATCH', path, { disabled: true }),
);
const enable = change('enable', 'Enable a user again.', 'is enabled', (client, path) =>
  client.request('PATCH', path, { disabled: false }),
);
const unlock = change('unlock', 'End a lock-out after wrong passwords.', 'is unlocked', (client, path) =>
  client.request('POST', `${path}/unlock`),
);
const remove = change('remove', 'Remove a user with its sessions and tokens.', 'is removed', (client, path) =>
  client.request('DELETE', path),
);

export const command: Command = {
  name: 'user',
  summary: 'Add, list and change console users.',
  subcommands: [add, list, disable, enable, passwd, unlock, remove].map((each) => ({
    name: each.name,
    summary: each.summary,
    load: async () => ({ command: each }),
  })),
};

function change(
  verb: string,
  summary: string,
  done: string,
  request: (client: ApiClient, path: string) => Promise<unknown>,
): Command {
  return {
    name: verb,
    summary,
    examples: [{ line: `undercroft user ${verb} anna`, does: summary }],
    positionals: [name],
    async run(call) {
      await request(call.client, userPath(call));
      call.stderr.write(`${call.positionals[0]} ${done}.\n`);
      return 0;
    },
  };
}

function userPath({ positionals }: CommandCall): string {
  return `/identity/users/${encodeURIComponent(positionals[0]!)}`;
}
