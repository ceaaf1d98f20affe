import type { Command, CommandCall } from '@undercroft/kernel';

interface CheckView {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly status?: {
    readonly state: string;
    readonly hard: boolean;
    readonly attempt: number;
    readonly lastAt: string;
    readonly output: string;
  };
}

const COLUMNS = ['id', 'name', 'kind', 'state', 'last', 'output'];

const add: Command = {
  name: 'add',
  summary: 'add a check',
  positionals: [
    { name: 'name', summary: 'what people call it' },
    { name: 'kind', summary: 'plugin, tcp, http, dns, tls or ping' },
    {
      name: 'option',
      summary: 'KEY=VALUE of the kind: url=, host=, port=, name=, command=',
      many: true,
      optional: true,
    },
  ],
  options: {
    every: { type: 'string', value: 'SECONDS', summary: 'between two runs (60)' },
    attempts: { type: 'string', value: 'N', summary: 'bad results until it notifies (3)' },
    timeout: { type: 'string', value: 'SECONDS', summary: 'for one run (10)' },
  },
  examples: [
    { line: 'undercroft checks add Intranet http url=https://intranet.example/', does: 'a page' },
    {
      line: 'undercroft checks add Load plugin command="/usr/lib/nagios/plugins/check_load -w 5,4,3 -c 9,8,7"',
      does: 'a monitoring plugin',
    },
  ],
  async run(call) {
    const [name, kind, ...words] = call.positionals;
    const options = Object.fromEntries(
      words.map((word) => {
        const [key = '', ...value] = word.split('=');
        const text = value.join('=');
        return [key, kind !== 'plugin' && /^\d+$/.test(text) ? Number(text) : text];
      }),
    );
    const number = (option: string, key: string, factor = 1) =>
      call.options[option] === undefined ? {} : { [key]: Number(call.options[option]) * factor };
    const check = await call.client.request<CheckView>('POST', '/checks', {
      name,
      kind,
      options,
      ...number('every', 'intervalS'),
      ...number('attempts', 'maxAttempts'),
      ...number('timeout', 'timeoutMs', 1000),
    });
    call.printOne(row(check));
    return 0;
  },
};

const run: Command = {
  name: 'run',
  summary: 'run a check now; the exit code is that of a plugin (0 ok, 1 warning, 2 critical, 3 unknown)',
  positionals: [{ name: 'id', summary: 'as "checks" shows it' }],
  async run(call) {
    const check = await call.client.request<CheckView>('POST', `/checks/${idOf(call)}/run`);
    call.printOne(row(check));
    return Math.max(0, ['ok', 'warning', 'critical', 'unknown'].indexOf(check.status?.state ?? 'unknown'));
  },
};

const remove: Command = {
  name: 'delete',
  summary: 'delete a check and its history',
  positionals: [{ name: 'id', summary: 'as "checks" shows it' }],
  async run(call) {
    await call.client.request('DELETE', `/checks/${idOf(call)}`);
    return 0;
  },
};

export const command: Command = {
  name: 'checks',
  summary: 'what is checked and how it is; add, run, delete checks',
  options: { bad: { type: 'boolean', summary: 'only what is not ok' } },
  subcommands: [add, run, remove].map((sub) => ({
    name: sub.name,
    summary: sub.summary,
    load: async () => ({ command: sub }),
  })),
  examples: [{ line: 'undercroft checks --bad', does: 'what does not work; exit code 1 if there is any' }],
  async run(call) {
    const { items } = await call.client.request<{ items: readonly CheckView[] }>('GET', '/checks');
    const bad = items.filter((check) => check.status !== undefined && check.status.state !== 'ok');
    call.print((call.options['bad'] === true ? bad : items).map(row), COLUMNS);
    return call.options['bad'] === true && bad.length > 0 ? 1 : 0;
  },
};

function idOf(call: CommandCall): string {
  return encodeURIComponent(call.positionals[0] ?? '');
}

function row(check: CheckView): Record<string, unknown> {
  const { status } = check;
  const state =
    status === undefined
      ? check.enabled
        ? 'pending'
        : 'off'
      : status.hard
        ? status.state
        : `${status.state} (soft ${status.attempt})`;
  return {
    id: check.id,
    name: check.name,
    kind: check.kind,
    state,
    last: status?.lastAt.slice(0, 19),
    output: status?.output,
  };
}
