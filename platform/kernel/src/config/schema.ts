/** Reads what a TypeBox schema says of each key: the one place where its JSON Schema keywords are interpreted. */
import type { TObject, TSchema } from 'typebox';

/** Keywords of ours beside JSON Schema's. */
export interface ConfigKeywords {
  readonly description?: string;
  readonly default?: unknown;
  /** Never shown, logged or sent to a role that does not need it. */
  readonly secret?: boolean;
  /** Takes effect on reload, without a restart of the module. */
  readonly live?: boolean;
}

type SchemaNode = TSchema &
  ConfigKeywords & {
    readonly type?: string;
    readonly properties?: Record<string, SchemaNode>;
    readonly items?: SchemaNode;
    readonly additionalProperties?: SchemaNode | boolean;
    readonly patternProperties?: Record<string, SchemaNode>;
    readonly anyOf?: readonly SchemaNode[];
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly pattern?: string;
  };

export type { SchemaNode };

/** One key a person can set. */
export interface ConfigKey {
  /** `http.listen` */
  readonly key: string;
  readonly path: readonly string[];
  /** `UNDERCROFT_HTTP_LISTEN` */
  readonly env: string;
  readonly schema: SchemaNode;
  readonly summary: string;
  readonly secret: boolean;
  readonly live: boolean;
}

/** Every leaf below a module's schema, in the order of declaration. */
export function configKeys(module: string, schema: TObject): readonly ConfigKey[] {
  return leaves(schema as SchemaNode, [module]);
}

function leaves(schema: SchemaNode, path: readonly string[]): ConfigKey[] {
  if (schema.type === 'object' && schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, child]) => leaves(child, [...path, name]));
  }
  return [
    {
      key: path.join('.'),
      path,
      env: `UNDERCROFT_${path.map(upperSnake).join('_')}`,
      schema,
      summary: schema.description ?? '',
      secret: schema.secret === true,
      live: schema.live === true,
    },
  ];
}

function upperSnake(name: string): string {
  return name
    .replace(/[KMGT]iB/g, (unit) => `_${unit.toUpperCase()}`)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/** What a value must be, as a person would say it: `a whole number from 1 to 10`. */
export function wanted(schema: SchemaNode): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(', ')}`;
  if (schema.anyOf !== undefined) {
    if (schema.anyOf.every((option) => option.const !== undefined))
      return `one of ${schema.anyOf.map((option) => String(option.const)).join(', ')}`;
    return schema.anyOf.map(wanted).join(' or ');
  }
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return `a number${range(schema.minimum, schema.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `text${schema.minLength === undefined ? '' : ` of at least ${schema.minLength} characters`}${schema.pattern === undefined ? '' : ` that fits ${schema.pattern}`}`;
    case 'array':
      return `a list, each ${schema.items === undefined ? 'anything' : wanted(schema.items)}`;
    case 'object':
      return 'a group of keys';
    default:
      return 'another value';
  }
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  if (maximum !== undefined) return ` up to ${maximum}`;
  return '';
}

/** Turns the text of an environment variable or flag into what the schema takes; text that does not fit stays text. */
export function fromText(schema: SchemaNode, text: string): unknown {
  if (schema.anyOf !== undefined) {
    for (const option of schema.anyOf) {
      const value = fromText(option, text);
      if (option.const !== undefined ? value === option.const : typeof value !== 'string' || option.type === 'string')
        return value;
    }
    return text;
  }
  switch (typeof schema.const === 'undefined' ? schema.type : typeof schema.const) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'array': {
      const items = schema.items;
      const parts = text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
      return items === undefined ? parts : parts.map((part) => fromText(items, part));
    }
    default:
      return text;
  }
}
