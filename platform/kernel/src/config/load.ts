/**
 * The configuration of an installation: defaults, then `undercroft.yaml`, then the environment, then flags, each
 * over the one before. Every error is found at once and says where it is and how to mend it.
 */
import { readFileSync } from 'node:fs';
import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import type { Module } from '../module.ts';
import { didYouMean } from '../suggest.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { configKeys, fromText, type SchemaNode, wanted } from './schema.ts';
import { parseYamlFile, type YamlFile } from './yaml-file.ts';

export interface ConfigSources {
  readonly modules: readonly Pick<Module, 'name' | 'config'>[];
  /** Path of `undercroft.yaml`; `required` when the user named it. */
  readonly file?: { readonly path: string; readonly required: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `http.listen` → text, with the flag's own spelling for messages. */
  readonly flags: readonly { readonly key: string; readonly value: string; readonly flag: string }[];
}

export type SourceKind = 'default' | 'file' | 'env' | 'flag';

/** One key with its value and where that comes from, as `/platform/v1/config` and the settings page show it. */
export interface ConfigItem {
  readonly key: string;
  /** `[secret]` for one that is set. */
  readonly value: unknown;
  readonly default: unknown;
  readonly source: { readonly kind: SourceKind; readonly where: string };
  readonly summary: string;
  readonly live: boolean;
}

export interface LoadedConfig {
  /** By module name: validated and defaulted. */
  readonly values: Readonly<Record<string, Record<string, unknown>>>;
  readonly items: readonly ConfigItem[];
  readonly warnings: readonly string[];
}

/** Short names for what everybody sets. */
export const ENV_ALIASES: Readonly<Record<string, string>> = {
  UNDERCROFT_LISTEN: 'http.listen',
  UNDERCROFT_OWNER_TOKEN: 'identity.ownerToken',
};
/** Read by the command itself or by its client, not by a module. */
const OTHER_ENV = new Set([
  'UNDERCROFT_DATA',
  'UNDERCROFT_CONFIG',
  'UNDERCROFT_TOKEN',
  'UNDERCROFT_URL',
  'UNDERCROFT_TENANT',
  'UNDERCROFT_OUTPUT',
  'UNDERCROFT_FROM_SOURCE',
]);

/** @throws ConfigError naming every problem */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  const modules = sources.modules.filter((module) => module.config !== undefined);
  const keys = modules.flatMap((module) => configKeys(module.name, module.config as TObject));
  const byKey = new Map(keys.map((key) => [key.key, key]));
  const whereOf = new Map<string, { kind: SourceKind; where: string }>();

  const tree: Record<string, unknown> = {};
  const file = readFile(sources.file, problems);
  if (file !== undefined) {
    problems.push(...file.yaml.problems);
    if (isGroup(file.yaml.value)) {
      for (const [name, value] of Object.entries(file.yaml.value)) {
        const module = modules.find((candidate) => candidate.name === name);
        if (module === undefined) {
          problems.push(
            unknownKey(
              file,
              [name],
              modules.map((candidate) => candidate.name),
            ),
          );
        } else if (value !== null) {
          checkNames(file, module.config as SchemaNode, value, [name], problems);
          tree[name] = structuredClone(value);
        }
      }
    } else
      problems.push({
        where: `${file.name}:1`,
        mend: 'want a map of module names to their keys',
        code: 'kernel.config.shape',
      });
    for (const key of keys) {
      if (lookUp(tree, key.path) !== undefined)
        whereOf.set(key.key, { kind: 'file', where: `${file.name}:${file.yaml.lineOf(key.path)}` });
    }
  }

  const envKeys = new Map([...keys.map((key) => [key.env, key.key] as const), ...Object.entries(ENV_ALIASES)]);
  for (const [name, text] of Object.entries(sources.env)) {
    if (!name.startsWith('UNDERCROFT_') || text === undefined || OTHER_ENV.has(name)) continue;
    const key = byKey.get(envKeys.get(name) ?? '');
    if (key === undefined) {
      warnings.push(`environment ${name} names no setting${didYouMean(name, [...envKeys.keys()])}`);
      continue;
    }
    put(tree, key.path, fromText(key.schema, text));
    whereOf.set(key.key, { kind: 'env', where: `environment ${name}` });
  }
  for (const { key: name, value, flag } of sources.flags) {
    const key = byKey.get(name);
    if (key === undefined) {
      problems.push({
        where: `flag ${flag}`,
        key: name,
        mend: `there is no such setting${didYouMean(name, [...byKey.keys()])}`,
        code: 'kernel.config.unknown-key',
      });
      continue;
    }
    put(tree, key.path, fromText(key.schema, value));
    whereOf.set(key.key, { kind: 'flag', where: `flag ${flag}` });
  }

  const values: Record<string, Record<string, unknown>> = {};
  for (const module of modules) {
    const schema = module.config as TObject;
    const value = Value.Default(schema, tree[module.name] ?? {}) as Record<string, unknown>;
    values[module.name] = value;
    const seen = new Set<string>();
    for (const error of Value.Errors(schema, value)) {
      const path = [module.name, ...error.instancePath.split('/').slice(1).map(unescapePointer)];
      const key = path.join('.');
      if (seen.has(key) || [...seen].some((other) => other.startsWith(`${key}.`))) continue;
      seen.add(key);
      const node = schemaAt(schema as SchemaNode, path.slice(1));
      const leaf = byKey.get(key) ?? keys.find((candidate) => key.startsWith(`${candidate.key}.`));
      const where =
        whereOf.get(leaf?.key ?? '')?.where ??
        (file === undefined ? 'defaults' : `${file.name}:${file.yaml.lineOf(path)}`);
      const got = leaf?.secret ? '[secret]' : lookUp(values, path);
      problems.push({
        where,
        key,
        got,
        mend: node === undefined ? error.message : `want ${wanted(node)}`,
        code: 'kernel.config.value',
      });
    }
  }
  if (problems.length > 0) throw new ConfigError(dedupe(problems));

  const items = keys.map((key): ConfigItem => {
    const value = lookUp(values, key.path);
    return {
      key: key.key,
      value: key.secret && value !== undefined ? '[secret]' : (value ?? null),
      default: key.secret ? null : (key.schema.default ?? null),
      source: whereOf.get(key.key) ?? { kind: 'default', where: 'default' },
      summary: key.summary,
      live: key.live,
    };
  });
  return { values, items, warnings };
}

interface NamedFile {
  readonly name: string;
  readonly yaml: YamlFile;
}

function readFile(file: ConfigSources['file'], problems: ConfigProblem[]): NamedFile | undefined {
  if (file === undefined) return undefined;
  try {
    return { name: file.path, yaml: parseYamlFile(file.path, readFileSync(file.path, 'utf8')) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !file.required) return undefined;
    problems.push({
      where: file.path,
      mend: `cannot be read (${code ?? (error as Error).message}); check the path and its permissions`,
      code: 'kernel.config.unreadable',
    });
    return undefined;
  }
}

/** Reports keys that no schema has, at any depth. */
function checkNames(
  file: NamedFile,
  schema: SchemaNode,
  value: unknown,
  path: readonly string[],
  problems: ConfigProblem[],
): void {
  if (schema.properties === undefined || !isGroup(value)) return;
  for (const [name, child] of Object.entries(value)) {
    const property = schema.properties[name];
    if (property !== undefined) checkNames(file, property, child, [...path, name], problems);
    else if (schema.additionalProperties === undefined || schema.additionalProperties === false) {
      problems.push(unknownKey(file, [...path, name], Object.keys(schema.properties)));
    }
  }
}

function unknownKey(file: NamedFile, path: readonly string[], known: readonly string[]): ConfigProblem {
  const name = path.at(-1) as string;
  return {
    where: `${file.name}:${file.yaml.lineOf(path)}`,
    key: path.join('.'),
    mend: `there is no such setting${didYouMean(name, known)}`,
    code: 'kernel.config.unknown-key',
  };
}

function dedupe(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const unknown = new Set(
    problems.filter((problem) => problem.code === 'kernel.config.unknown-key').map((problem) => problem.key),
  );
  return problems.filter((problem) => problem.code !== 'kernel.config.value' || !unknown.has(problem.key));
}

function schemaAt(schema: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = node.properties?.[step] ?? (/^\d+$/.test(step) ? node.items : undefined);
  }
  return node;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(tree: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let node: unknown = tree;
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = Object.hasOwn(node, step) ? (node as Record<string, unknown>)[step] : undefined;
  }
  return node;
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const step of path.slice(0, -1)) {
    const child = node[step];
    const next = isGroup(child) ? child : {};
    node[step] = next;
    node = next;
  }
  node[path.at(-1) as string] = value;
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
