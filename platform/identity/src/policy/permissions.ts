/** What the rules of one path allow together, over all policies of a caller. */
import type { JsonValue } from '@undercroft/kernel';
import type { ControlGroup, PolicyCapability, PolicyRule } from '../language/policy.ts';

/** Where a permission was written. */
export interface Grant {
  readonly policy: string;
  readonly line: number;
  /** The rule's path as written. */
  readonly path: string;
}

export interface Permissions {
  readonly capabilities: ReadonlySet<PolicyCapability>;
  readonly grants: ReadonlyMap<PolicyCapability, readonly Grant[]>;
  readonly allowedParameters: ReadonlyMap<string, readonly JsonValue[]>;
  readonly deniedParameters: ReadonlyMap<string, readonly JsonValue[]>;
  readonly requiredParameters: readonly string[];
  readonly minWrappingTtlS: number;
  readonly maxWrappingTtlS: number;
  readonly mfaMethods: readonly string[];
  readonly paginationLimit: number;
  readonly listFilterPath?: string;
  readonly controlGroup?: ControlGroup;
}

export interface SourcedRule {
  readonly policy: string;
  readonly rule: PolicyRule;
}

/**
 * Merges rules of the same path: capabilities add up, a deny leaves nothing else, the lesser wrapping times and page
 * limits count, parameter lists are joined.
 *
 * @param rules in the order of the policies
 */
export function mergeRules(rules: readonly SourcedRule[]): Permissions {
  const denied = rules.filter(({ rule }) => rule.capabilities.includes('deny'));
  const counted = denied.length > 0 ? denied : rules;
  const grants = new Map<PolicyCapability, Grant[]>();
  for (const { policy, rule } of counted)
    for (const capability of rule.capabilities) push(grants, capability, { policy, line: rule.line, path: rule.path });
  const first = <K extends 'listFilterPath' | 'controlGroup'>(key: K) => rules.find(({ rule }) => rule[key])?.rule[key];
  const listFilterPath = first('listFilterPath');
  const controlGroup = first('controlGroup');
  return {
    capabilities: new Set(grants.keys()),
    grants,
    allowedParameters: mergeLists(counted, 'allowedParameters'),
    deniedParameters: mergeLists(counted, 'deniedParameters'),
    requiredParameters: [...new Set(counted.flatMap(({ rule }) => rule.requiredParameters ?? []))],
    minWrappingTtlS: least(counted, 'minWrappingTtlS'),
    maxWrappingTtlS: least(counted, 'maxWrappingTtlS'),
    mfaMethods: [...new Set(counted.flatMap(({ rule }) => rule.mfaMethods ?? []))],
    paginationLimit: least(counted, 'paginationLimit'),
    ...(listFilterPath === undefined ? {} : { listFilterPath }),
    ...(controlGroup === undefined ? {} : { controlGroup }),
  };
}

/** The least that is set; 0 if none is. */
function least(rules: readonly SourcedRule[], key: 'minWrappingTtlS' | 'maxWrappingTtlS' | 'paginationLimit'): number {
  const set = rules.map(({ rule }) => rule[key] ?? 0).filter((value) => value > 0);
  return set.length === 0 ? 0 : Math.min(...set);
}

/** By parameter; an empty list, which means any value, outweighs the others. */
function mergeLists(
  rules: readonly SourcedRule[],
  key: 'allowedParameters' | 'deniedParameters',
): Map<string, JsonValue[]> {
  const merged = new Map<string, JsonValue[]>();
  for (const { rule } of rules) {
    for (const [name, values] of Object.entries(rule[key] ?? {})) {
      const before = merged.get(name);
      merged.set(name, values.length === 0 || before?.length === 0 ? [] : [...values, ...(before ?? [])]);
    }
  }
  return merged;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
