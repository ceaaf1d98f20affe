/**
 * The access control list of one caller: the rules of all its policies, compiled.
 *
 * An exact path counts first; otherwise the most specific wildcard rule that matches, by Vault's priority rules; then
 * that one rule decides. Nothing matches: nothing is allowed.
 *
 * @see Vault manual, "Policies", "Policy syntax" and "Priority matching"
 */
import type { JsonObject } from '@undercroft/kernel';
import type { PolicyCapability, PolicyRule } from '../language/policy.ts';
import { allowsRequest } from './parameters.ts';
import { comparePriority, compilePattern, matchesSegments, type Pattern, reaches } from './pattern.ts';
import { type Grant, mergeRules, type Permissions, type SourcedRule } from './permissions.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

/** What a request brings that rules may speak about. */
export interface AclRequest {
  /** Parameters, names in lower case. */
  readonly data?: JsonObject;
  readonly wrapTtlS?: number;
}

/** The rule that decides about a path. */
export interface Decision {
  /** Sorted as in the language; `deny` alone if it denies, empty if nothing matches. */
  readonly capabilities: readonly PolicyCapability[];
  /** The path as written in the rule, absent if nothing matches. */
  readonly rulePath?: string;
  /** Which lines give which capability. */
  readonly grants: ReadonlyMap<PolicyCapability, readonly Grant[]>;
  readonly permissions?: Permissions;
}

interface Entry {
  readonly pattern: Pattern;
  readonly rulePath: string;
  readonly permissions: Permissions;
}

const NOTHING: Decision = { capabilities: [], grants: new Map() };

export class Acl {
  private readonly exact = new Map<string, Entry>();
  private readonly globs = new Map<string, Entry>();
  /** Lengths of the globs' literal parts, the longest first. */
  private readonly globLengths: readonly number[];
  private readonly segments: readonly (Entry & { readonly pattern: Pattern & { kind: 'segments' } })[];

  /** @param nowUs leaves out rules that have expired by then */
  constructor(policies: readonly NamedPolicy[], nowUs = 0) {
    const byPath = new Map<string, SourcedRule[]>();
    for (const { name, rules } of policies) {
      for (const rule of rules) {
        if (rule.expirationUs !== undefined && rule.expirationUs < nowUs) continue;
        const same = byPath.get(rule.path);
        if (same === undefined) byPath.set(rule.path, [{ policy: name, rule }]);
        else same.push({ policy: name, rule });
      }
    }
    const segments: (Entry & { pattern: Pattern & { kind: 'segments' } })[] = [];
    for (const [rulePath, rules] of byPath) {
      const pattern = compilePattern(rulePath);
      const entry = { rulePath, permissions: mergeRules(rules) };
      if (pattern.kind === 'exact') this.exact.set(pattern.text, { ...entry, pattern });
      else if (pattern.kind === 'glob') this.globs.set(pattern.text, { ...entry, pattern });
      else segments.push({ ...entry, pattern });
    }
    this.globLengths = [...new Set([...this.globs.keys()].map((text) => text.length))].sort((a, b) => b - a);
    this.segments = segments.sort((a, b) => comparePriority(b.pattern, a.pattern));
  }

  /** May a request with this capability pass? */
  allows(path: string, capability: PolicyCapability, request: AclRequest = {}): boolean {
    const permissions = this.find(path, capability === 'list' || capability === 'scan')?.permissions;
    if (permissions === undefined || !permissions.capabilities.has(capability) || capability === 'deny') return false;
    return allowsRequest(permissions, capability, request.data ?? {}, request.wrapTtlS);
  }

  /** Which rule decides about a path, and what it gives. Trailing slashes count as for a list. */
  explain(path: string): Decision {
    const entry = this.find(path, true);
    if (entry === undefined) return NOTHING;
    const { permissions, rulePath } = entry;
    return { capabilities: [...permissions.capabilities], rulePath, grants: permissions.grants, permissions };
  }

  /** A list asks about the folder with its slash first, then without. */
  private find(requested: string, list: boolean): Entry | undefined {
    const path = requested.replace(/^\/+/, '');
    const bare = list && path.endsWith('/') ? path.slice(0, -1) : undefined;
    return (
      this.exact.get(path) ??
      (bare === undefined ? undefined : this.exact.get(bare)) ??
      this.findWildcard(path) ??
      (bare === undefined ? undefined : this.findWildcard(bare))
    );
  }

  private findWildcard(path: string): Entry | undefined {
    const glob = this.findGlob(path);
    if (this.segments.length === 0) return glob;
    const parts = path.split('/');
    const segment = this.segments.find(
      ({ pattern }) => path.startsWith(pattern.literal) && matchesSegments(pattern, parts) && reaches(pattern, path),
    );
    if (glob === undefined || segment === undefined) return glob ?? segment;
    return comparePriority(glob.pattern, segment.pattern) > 0 ? glob : segment;
  }

  private findGlob(path: string): Entry | undefined {
    for (const length of this.globLengths) {
      if (length > path.length) continue;
      const entry = this.globs.get(path.slice(0, length));
      if (entry !== undefined) return reaches(entry.pattern, path) ? entry : undefined;
    }
    return undefined;
  }
}
