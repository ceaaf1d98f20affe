/** Where an installation is and how it is configured: what flags and environment of `up` and `config` say. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandCall, CommandOption } from '@undercroft/kernel';
import { type LoadedConfig, loadConfig } from '@undercroft/kernel/runtime';
import { MODULES } from './modules.ts';

export const INSTALLATION_OPTIONS: Readonly<Record<string, CommandOption>> = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    summary: 'configuration file (UNDERCROFT_CONFIG; by default undercroft.yaml in the data folder)',
  },
  data: {
    type: 'string',
    value: 'DIR',
    summary: 'where state is kept (UNDERCROFT_DATA; by default ~/.local/share/undercroft)',
  },
  listen: {
    type: 'string',
    value: 'HOST:PORT',
    summary: 'where to listen (UNDERCROFT_LISTEN; by default 127.0.0.1:7600)',
  },
  set: { type: 'string', many: true, value: 'KEY=VALUE', summary: 'any setting, e.g. --set metrics.everyS=2' },
};

export interface Installation {
  readonly dataDir: string;
  readonly configFile: string;
  load(): LoadedConfig;
}

export function installationOf(call: Pick<CommandCall, 'options' | 'env'>): Installation {
  const { options, env } = call;
  const dataDir = resolve(
    text(options['data']) ??
      env['UNDERCROFT_DATA'] ??
      join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'undercroft'),
  );
  const named = text(options['config']) ?? env['UNDERCROFT_CONFIG'];
  const configFile = named === undefined ? join(dataDir, 'undercroft.yaml') : resolve(named);
  const flags = [
    ...(typeof options['listen'] === 'string'
      ? [{ key: 'http.listen', value: options['listen'], flag: '--listen' }]
      : []),
    ...((options['set'] as readonly string[] | undefined) ?? []).map((word) => {
      const [key = '', ...value] = word.split('=');
      return { key, value: value.join('='), flag: `--set ${key}` };
    }),
  ];
  return {
    dataDir,
    configFile,
    load: () => loadConfig({ modules: MODULES, file: { path: configFile, required: named !== undefined }, env, flags }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
