/** The priority rules once more, slowly and in other words, for tests: every rule a regular expression, all tried. */
import type { NamedPolicy } from '../policy/acl.ts';

interface Candidate {
  readonly path: string;
  readonly capabilities: readonly string[];
}

export function naiveDecision(
  policies: readonly NamedPolicy[],
  asked: string,
): { rule: string | undefined; capabilities: string[] } {
  const path = asked.replace(/^\/+/, '');
  const all = policies.flatMap((policy) => policy.rules);
  const paths = path.endsWith('/') ? [path, path.slice(0, -1)] : [path];
  const find = () => {
    for (const each of paths) if (all.some((rule) => rule.path === each && !isWild(each))) return each;
    for (const each of paths) {
      const matching = all
        .filter((rule) => isWild(rule.path) && matches(rule.path, each))
        .sort((a, b) => compare(b, a));
      if (matching[0] !== undefined) return matching[0].path;
    }
    return undefined;
  };
  const rule = find();
  const capabilities = new Set(all.filter((each) => each.path === rule).flatMap((each) => each.capabilities));
  return { rule, capabilities: capabilities.has('deny') ? ['deny'] : [...capabilities].sort() };
}

function isWild(path: string): boolean {
  return (
    path.endsWith('*') || path.split('/').some((segment, i) => segment.startsWith('+') && (i > 0 || segment === '+'))
  );
}

function firstWildcard(path: string): number {
  const hasPlus = isWild(path.replace(/\*$/, ''));
  return hasPlus ? path.indexOf('+') : path.length - 1;
}

function matches(rule: string, path: string): boolean {
  const isPlatform = path === 'sys/undercroft' || path.startsWith('sys/undercroft/');
  if (isPlatform && firstWildcard(rule) < 'sys/undercroft/'.length) return false;
  const glob = rule.endsWith('*');
  const pattern = (glob ? rule.slice(0, -1) : rule)
    .split('/')
    .map((segment) => (segment === '+' ? '[^/]*' : segment.replaceAll('+', '\\+').replaceAll('*', '\\*')))
    .join('/');
  return new RegExp(`^${pattern}${glob ? '.*' : ''}$`).test(path);
}

function compare(a: Candidate, b: Candidate): number {
  const key = ({ path }: Candidate) => {
    const glob = path.endsWith('*');
    const body = glob ? path.slice(0, -1) : path;
    const plus = body.split('/').filter((segment) => segment === '+').length;
    return [firstWildcard(path), glob ? 0 : 1, -plus, body.length] as const;
  };
  const [x, y] = [key(a), key(b)];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return a.path < b.path ? -1 : Number(a.path > b.path);
}
