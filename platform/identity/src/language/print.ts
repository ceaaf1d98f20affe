/** Policies as HCL, in one way. Reading what is printed gives the same policy. */
import { isoFromUs, type JsonValue } from '@undercroft/kernel';
import { formatDuration } from './duration.ts';
import { quoteString } from './hcl/strings.ts';
import type { ControlGroup, Policy, PolicyRule } from './policy.ts';

export function printPolicy(policy: Pick<Policy, 'name' | 'rules'>): string {
  const parts = policy.rules.map(printRule);
  if (policy.name !== undefined) parts.unshift(`name = ${quoteString(policy.name)}\n`);
  return parts.join('\n');
}

function printRule(rule: PolicyRule): string {
  const lines = [`capabilities = ${list(rule.capabilities)}`];
  const add = (name: string, text: string | undefined) => {
    if (text !== undefined) lines.push(`${name} = ${text}`);
  };
  add('comment', map(rule.comment, quoteString));
  add('allowed_parameters', map(rule.allowedParameters, parameters));
  add('denied_parameters', map(rule.deniedParameters, parameters));
  add('required_parameters', map(rule.requiredParameters, list));
  add('min_wrapping_ttl', map(rule.minWrappingTtlS, duration));
  add('max_wrapping_ttl', map(rule.maxWrappingTtlS, duration));
  add('mfa_methods', map(rule.mfaMethods, list));
  add('pagination_limit', map(rule.paginationLimit, String));
  add('list_scan_response_keys_filter_path', map(rule.listFilterPath, quoteString));
  add(
    'expiration',
    map(rule.expirationUs, (timeUs) => quoteString(isoFromUs(timeUs))),
  );
  if (rule.controlGroup !== undefined) lines.push(...printControlGroup(rule.controlGroup));
  return `path ${quoteString(rule.path.startsWith('/') ? `/${rule.path}` : rule.path)} {\n${indent(lines)}}\n`;
}

function printControlGroup(group: ControlGroup): string[] {
  const lines: string[] = [];
  if (group.ttlS !== undefined) lines.push(`ttl = ${duration(group.ttlS)}`);
  if (group.selfAuthAllowed !== undefined) lines.push(`self_auth_allowed = ${group.selfAuthAllowed}`);
  for (const factor of group.factors) {
    const identity: string[] = [];
    if (factor.groupNames.length > 0) identity.push(`group_names = ${list(factor.groupNames)}`);
    if (factor.groupIds.length > 0) identity.push(`group_ids = ${list(factor.groupIds)}`);
    identity.push(`approvals = ${factor.approvals}`);
    const body = [`controlled_capabilities = ${list(factor.controlledCapabilities)}`, ...block('identity', identity)];
    lines.push(...block(`factor ${quoteString(factor.name)}`, body));
  }
  return block('control_group', lines);
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), '}'];
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

function parameters(lists: Readonly<Record<string, readonly JsonValue[]>>): string {
  const entries = Object.entries(lists).map(([name, values]) => `${quoteString(name)} = ${list(values)}`);
  return `{ ${entries.join(', ')} }`;
}

function list(values: readonly JsonValue[]): string {
  return `[${values.map(value).join(', ')}]`;
}

function value(json: JsonValue): string {
  if (typeof json === 'string') return quoteString(json);
  if (Array.isArray(json)) return list(json);
  if (typeof json === 'object' && json !== null)
    return `{ ${Object.entries(json)
      .map(([name, field]) => `${quoteString(name)} = ${value(field)}`)
      .join(', ')} }`;
  return String(json);
}

function duration(seconds: number): string {
  return quoteString(formatDuration(seconds));
}

function map<T>(from: T | undefined, to: (value: T) => string): string | undefined {
  return from === undefined ? undefined : to(from);
}
