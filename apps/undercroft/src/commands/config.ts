import type { Command } from '@undercroft/kernel';
import { ConfigError, configReference } from '@undercroft/kernel/runtime';
import { EXIT } from '../cli/exit-codes.ts';
import { INSTALLATION_OPTIONS, installationOf } from '../installation.ts';
import { MODULES } from '../modules.ts';

const check: Command = {
  name: 'check',
  summary: 'read the configuration and name everything that is wrong',
  options: INSTALLATION_OPTIONS,
  examples: [
    { line: 'undercroft config check --config undercroft.yaml', does: 'exit code 0 if it is right, 78 if not' },
  ],
  async run(call) {
    const installation = installationOf(call);
    try {
      const { items, warnings } = installation.load();
      for (const warning of warnings) call.stderr.write(`undercroft: ${warning}\n`);
      const set = items.filter((item) => item.source.kind !== 'default').length;
      call.stdout.write(`The configuration is right: ${set} of ${items.length} settings differ from their defaults.\n`);
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      call.stderr.write(`${error.message}\n`);
      return EXIT.config;
    }
  },
};

const show: Command = {
  name: 'show',
  summary: 'every setting with its value and where that comes from',
  options: INSTALLATION_OPTIONS,
  async run(call) {
    const { items } = installationOf(call).load();
    call.print(
      items.map((item) => ({ key: item.key, value: item.value, source: item.source.where, default: item.default })),
    );
    return EXIT.ok;
  },
};

const reload: Command = {
  name: 'reload',
  summary: 'have the running platform read its configuration again',
  async run(call) {
    const { changed } = await call.client.request<{ changed: readonly string[] }>('POST', '/config/reload');
    call.stdout.write(changed.length === 0 ? 'Nothing has changed.\n' : `Changed: ${changed.join(', ')}\n`);
    return EXIT.ok;
  },
};

const reference: Command = {
  name: 'reference',
  summary: 'print the page of every setting (docs/configuration.md)',
  async run(call) {
    call.stdout.write(configReference(MODULES));
    return EXIT.ok;
  },
};

export const command: Command = {
  name: 'config',
  summary: 'check, show and explain the configuration',
  subcommands: [check, show, reload, reference].map((sub) => ({
    name: sub.name,
    summary: sub.summary,
    load: async () => ({ command: sub }),
  })),
};
