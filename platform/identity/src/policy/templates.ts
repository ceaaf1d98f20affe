/**
 * Identity templates in policy paths: `{{identity.entity.id}}`, `.name`, `.metadata.<key>`,
 * `.aliases.<mount>.id|name|metadata.<key>`, `{{identity.groups.ids.<id>.name}}`, `{{identity.groups.names.<name>.id}}`.
 *
 * @see Vault manual, "ACL policy path templating"
 */
import { type JsonObject, UndercroftError } from '@undercroft/kernel';
import type { PolicyRule } from '../language/policy.ts';

export interface TemplateIdentity {
  readonly entity?: {
    readonly id: string;
    readonly name: string;
    readonly metadata: JsonObject;
    readonly aliases: readonly {
      readonly mount: string;
      readonly id: string;
      readonly name: string;
      readonly metadata: JsonObject;
    }[];
  };
  readonly groups: readonly { readonly id: string; readonly name: string; readonly metadata: JsonObject }[];
}

/**
 * Fills in templates. A rule whose template names nothing that this caller has is left out, as Vault does.
 *
 * @throws UndercroftError `identity.template` if a value holds `+`, `*` or `/`: it would widen the rule
 */
export function fillTemplates(rules: readonly PolicyRule[], identity: TemplateIdentity): PolicyRule[] {
  const filled: PolicyRule[] = [];
  for (const rule of rules) {
    const path = rule.path.includes('{{') ? fillPath(rule.path, identity) : rule.path;
    if (path !== undefined) filled.push(path === rule.path ? rule : { ...rule, path });
  }
  return filled;
}

function fillPath(path: string, identity: TemplateIdentity): string | undefined {
  let missing = false;
  const filled = path.replaceAll(/\{\{([^{}]*)\}\}/g, (_, name: string) => {
    const value = lookUp(name.trim(), identity);
    if (value === undefined || value === '') missing = true;
    else if (/[+*/]/.test(value))
      throw new UndercroftError(
        'identity.template',
        `{{${name.trim()}}} is ${JSON.stringify(value)}, which would widen the path ${JSON.stringify(path)}.`,
        {
          status: 403,
          fix: 'Take +, * and / out of that name or metadata.',
        },
      );
    return value ?? '';
  });
  return missing ? undefined : filled;
}

function lookUp(name: string, { entity, groups }: TemplateIdentity): string | undefined {
  const found = /^identity\.(entity|groups)\.(.+)$/.exec(name);
  if (found === null) return undefined;
  const rest = found[2]!;
  if (found[1] === 'groups') {
    const byId = /^ids\.([^.]+)\.(.+)$/.exec(rest);
    const byName = /^names\.(.+)\.(id|name|metadata\..+)$/.exec(rest);
    const group = groups.find((each) => each.id === byId?.[1] || each.name === byName?.[1]);
    return group === undefined ? undefined : field(group, (byId ?? byName)![2]!);
  }
  const alias = /^aliases\.([^.]+)\.(.+)$/.exec(rest);
  if (alias === null) return entity === undefined ? undefined : field(entity, rest);
  const named = entity?.aliases.find((each) => each.mount === alias[1]);
  return named === undefined ? undefined : field(named, alias[2]!);
}

function field(
  of: { readonly id: string; readonly name: string; readonly metadata: JsonObject },
  name: string,
): string | undefined {
  if (name === 'id' || name === 'name') return of[name];
  const key = /^metadata\.(.+)$/.exec(name)?.[1];
  const value = key !== undefined && Object.hasOwn(of.metadata, key) ? of.metadata[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
