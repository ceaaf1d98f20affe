/** Schemas as the document shows them: recursive ones become components, so that every reference resolves. */

type Json = { [key: string]: unknown };

/** @param components takes the named definitions found inside */
export function documentSchema(schema: unknown, components: Json): unknown {
  return rewrite(schema, components, new Map());
}

/** @param names definitions in reach, to their component names */
function rewrite(value: unknown, components: Json, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, components, names));
  if (typeof value !== 'object' || value === null) return value;
  const { $defs, $id, ...rest } = value as Json;
  const inner = new Map(names);
  for (const name of Object.keys(($defs as Json | undefined) ?? {})) inner.set(name, name);
  for (const [name, definition] of Object.entries(($defs as Json | undefined) ?? {})) {
    if (!Object.hasOwn(components, name)) {
      components[name] = {};
      components[name] = rewrite(definition, components, inner);
    }
  }
  if (typeof $id === 'string' && $defs === undefined && inner.has($id)) return rewrite(rest, components, inner);
  const out: Json = {};
  for (const [key, field] of Object.entries(rest)) {
    if (key === '$ref' && typeof field === 'string' && inner.has(field))
      out[key] = `#/components/schemas/${inner.get(field)}`;
    else out[key] = rewrite(field, components, inner);
  }
  return constantsAsEnum(out);
}

/** `anyOf` of string constants reads better as one `enum`. */
function constantsAsEnum(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length === 0) return schema;
  const branches = anyOf as Json[];
  if (!branches.every((branch) => typeof branch['const'] === 'string' && Object.keys(branch).length === 2))
    return schema;
  return { type: 'string', enum: branches.map((branch) => branch['const']), ...rest };
}
