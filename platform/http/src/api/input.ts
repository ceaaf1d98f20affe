/** Parameters and bodies of requests: from text to values of the declared schema, or every error at once. */
import type { TObject, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type FieldError, InvalidRequest } from './problem.ts';
import { fieldErrors } from './schema-errors.ts';

/** The parts of JSON Schema that say how a text is read. */
interface Readable {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Readable[];
  readonly items?: Readable;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Readable>>;
}

export interface Input {
  readonly schema: TSchema;
  readonly validator: Validator;
}

/** Compiles a schema; an object that does not say otherwise takes no unknown fields at its top. */
export function inputOf(schema: TSchema): Input {
  const { type, additionalProperties } = schema as { type?: string; additionalProperties?: unknown };
  const strict =
    type === 'object' && additionalProperties === undefined
      ? (Object.defineProperties(
          { additionalProperties: false },
          Object.getOwnPropertyDescriptors(schema),
        ) as unknown as TSchema)
      : schema;
  return { schema: strict, validator: Compile(strict) as Validator };
}

/**
 * Reads a query string. Lists are written `a,b` or repeated.
 *
 * @throws InvalidRequest `http.query` (400) naming every wrong, unknown or repeated parameter
 */
export function readQuery(input: Input, query: string): Record<string, unknown> {
  const properties = (input.schema as Readable).properties ?? {};
  const values: Record<string, unknown> = defaultsOf(input.schema as TObject);
  const errors: FieldError[] = [];
  const given = new URLSearchParams(query);
  for (const name of new Set(given.keys())) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const texts = given.getAll(name);
    if (property === undefined) {
      const known = Object.keys(properties).join(', ');
      errors.push({
        path: name,
        message: known === '' ? 'is not known here: there are no parameters' : `is not known here; known are ${known}`,
      });
    } else if (property.type === 'array') {
      values[name] = texts.flatMap((text) =>
        text === '' ? [] : text.split(',').map((item) => read(property.items ?? {}, item)),
      );
    } else if (texts.length > 1) {
      errors.push({ path: name, message: 'is given more than once' });
    } else values[name] = read(property, texts[0] ?? '');
  }
  if (!input.validator.Check(values)) errors.push(...withoutSlash(input, values));
  if (errors.length > 0) throw new InvalidRequest('http.query', 400, 'The query is not right', errors);
  return values;
}

/** Reads path parameters. @throws InvalidRequest `http.path` (400) */
export function readParams(
  input: Input,
  params: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const properties = (input.schema as Readable).properties ?? {};
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(params)) values[name] = read(properties[name] ?? {}, text ?? '');
  if (!input.validator.Check(values)) {
    throw new InvalidRequest('http.path', 400, 'The path is not right', withoutSlash(input, values));
  }
  return values;
}

/** Checks a body and fills in the defaults of its top fields. @throws InvalidRequest `http.body` (422) */
export function checkBody(input: Input, body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const value = isObject ? { ...defaultsOf(input.schema as TObject), ...body } : body;
  if (input.validator.Check(value)) return value;
  throw new InvalidRequest('http.body', 422, 'The body is not right', fieldErrors(input.validator.Errors(value)));
}

function withoutSlash(input: Input, values: unknown): readonly FieldError[] {
  return fieldErrors(input.validator.Errors(values)).map(({ path, message }) => ({ path: path.slice(1), message }));
}

function defaultsOf(schema: TObject): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, property] of Object.entries((schema as Readable).properties ?? {})) {
    if (property.default !== undefined) values[name] = structuredClone(property.default);
  }
  return values;
}

/** A text that does not read as its type stays a text, so that the check names it. */
function read(schema: Readable, text: string): unknown {
  if (schema.anyOf !== undefined) {
    const texts = schema.anyOf.map((branch) => read(branch, text));
    return texts.includes(text) && schema.anyOf.some((branch) => takesText(branch, text))
      ? text
      : (texts.find((value) => value !== text) ?? text);
  }
  const type = schema.type ?? (schema.const === undefined ? 'string' : typeof schema.const);
  if (type === 'integer' || type === 'number') return readNumber(text, type === 'integer');
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function takesText(schema: Readable, text: string): boolean {
  return schema.const === undefined ? schema.type === undefined || schema.type === 'string' : schema.const === text;
}

function readNumber(text: string, whole: boolean): number | string {
  if (!/^-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?$/.test(text)) return text;
  const value = Number(text);
  return whole ? (Number.isSafeInteger(value) ? value : text) : Number.isFinite(value) ? value : text;
}
