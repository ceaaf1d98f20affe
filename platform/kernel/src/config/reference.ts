/** The generated page of every setting: what `docs/configuration.md` holds. */
import type { TObject } from 'typebox';
import type { Module } from '../module.ts';
import { ENV_ALIASES } from './load.ts';
import { configKeys, wanted } from './schema.ts';

/** @returns Markdown */
export function configReference(modules: readonly Pick<Module, 'name' | 'summary' | 'config'>[]): string {
  const aliases = new Map(Object.entries(ENV_ALIASES).map(([env, key]) => [key, env]));
  const sections = modules
    .filter((module) => module.config !== undefined)
    .map((module) => {
      const rows = configKeys(module.name, module.config as TObject).map((key) => {
        const env = [key.env, aliases.get(key.key)].filter((name) => name !== undefined).map((name) => `\`${name}\``);
        const value = key.schema.default === undefined ? '' : `\`${JSON.stringify(key.schema.default)}\``;
        return `| \`${key.key}\` | ${escapeCell(wanted(key.schema))} | ${escapeCell(value)} | ${key.live ? 'on reload' : 'on restart'} | ${env.join(', ')} | ${escapeCell(key.summary)} |`;
      });
      return `## ${module.name}\n\n${module.summary.replace(/\.$/, '')}.\n\n| key | takes | default | changes | environment | what it does |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
    });
  return `# Configuration\n\nGenerated from the schemas by \`undercroft config reference\`. Later sources win: defaults, \`undercroft.yaml\`, environment, flags\n(\`--set key=value\`).\n\n${sections.join('\n')}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
