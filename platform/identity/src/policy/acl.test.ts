import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../language/policy.ts';
import { naiveDecision } from '../testing/naive-acl.ts';
import { Acl, type NamedPolicy } from './acl.ts';

function acl(...texts: string[]): Acl {
  return new Acl(texts.map((text, i) => ({ name: `p${i + 1}`, rules: parsePolicy(text).rules })));
}

/** `path: capabilities` lines, one policy. */
function rules(lines: Readonly<Record<string, string>>): string {
  return Object.entries(lines)
    .map(
      ([path, capabilities]) =>
        `path "${path}" { capabilities = ${JSON.stringify(capabilities.split(' ').filter(Boolean))} }`,
    )
    .join('\n');
}

describe('which rule decides', () => {
  const policy = rules({
    'secret/exact': 'read',
    'secret/*': 'list',
    'secret/a*': 'create',
    'secret/ab/*': 'update',
    'secret/+/x': 'patch',
    'secret/+/+': 'delete',
    'secret/ab/+/y': 'sudo',
    'team/+/config': 'read',
    'team/+/con*': 'list',
    'team/blue/*': 'create',
    'one/+': 'read',
    'one/+/*': 'list',
    '+/deep/+/end': 'read',
    'slash/': 'read',
    'star*middle': 'read',
    'a+b/c': 'read',
  });

  it.each([
    // An exact path wins over everything.
    ['secret/exact', 'secret/exact', 'read'],
    ['/secret/exact', 'secret/exact', 'read'],
    // Otherwise the longest glob.
    ['secret/other', 'secret/*', 'list'],
    ['secret/', 'secret/*', 'list'],
    ['secret', undefined, ''],
    ['secret/apple', 'secret/a*', 'create'],
    ['secret/ab/c', 'secret/ab/*', 'update'],
    // A later first wildcard wins over an earlier one.
    ['secret/a/x', 'secret/a*', 'create'],
    // Equally early: what does not end in * wins.
    ['secret/q/x', 'secret/+/x', 'patch'],
    ['secret/q/z', 'secret/+/+', 'delete'],
    ['secret/ab/q/y', 'secret/ab/+/y', 'sudo'],
    ['secret/ab/q/z', 'secret/ab/*', 'update'],
    ['secret/q/z/deeper', 'secret/*', 'list'],
    ['team/red/config', 'team/+/config', 'read'],
    ['team/red/connect', 'team/+/con*', 'list'],
    ['team/red/connect/more', 'team/+/con*', 'list'],
    ['team/blue/config', 'team/blue/*', 'create'],
    // + is one whole segment, also an empty one; never none and never two.
    ['one/x', 'one/+', 'read'],
    ['one/', 'one/+', 'read'],
    ['one', undefined, ''],
    ['one/x/y', 'one/+/*', 'list'],
    ['one/x/y/z', 'one/+/*', 'list'],
    ['any/deep/thing/end', '+/deep/+/end', 'read'],
    ['any/deep/thing/end/more', undefined, ''],
    // A list asks without its trailing slash as well.
    ['secret/exact/', 'secret/exact', 'read'],
    ['slash/', 'slash/', 'read'],
    ['slash', undefined, ''],
    // * counts only at the end, + only as a segment.
    ['star*middle', 'star*middle', 'read'],
    ['starXmiddle', undefined, ''],
    ['a+b/c', 'a+b/c', 'read'],
    ['aXb/c', undefined, ''],
  ])('%s: %s', (path, rule, capability) => {
    const decision = acl(policy).explain(path);
    expect([decision.rulePath, [...decision.capabilities]]).toEqual([rule, capability === '' ? [] : [capability]]);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['the later first wildcard', { 'foo/+/bar/baz': 'read', 'foo/bar/+/baz': 'list' }, 'foo/bar/bar/baz', 'list'],
    ['the later wildcard, a glob too', { 'foo/+': 'read', 'foo/a*': 'list' }, 'foo/ab', 'list'],
    ['not ending in *', { 'foo/+/ba*': 'read', 'foo/+/bar': 'list' }, 'foo/x/bar', 'list'],
    ['not ending in *, of a glob', { 'foo/*': 'read', 'foo/+': 'list' }, 'foo/x', 'list'],
    ['fewer +', { 'foo/+/+/baz': 'read', 'foo/+/bar/baz': 'list' }, 'foo/x/bar/baz', 'list'],
    [
      'fewer + before length',
      { 'f/+/+/longer': 'read', 'f/+/b/+': 'read', 'f/+/b/longer': 'list' },
      'f/x/b/longer',
      'list',
    ],
    ['the longer', { 'foo/+/b*': 'read', 'foo/+/ba*': 'list' }, 'foo/x/bar', 'list'],
    ['the greater text', { 'foo/+/+/a/+': 'read', 'foo/+/b/+/+': 'list' }, 'foo/x/b/a/z', 'list'],
  ])('prefers %s', (_, lines, path, capability) => {
    const reversed = Object.fromEntries(Object.entries(lines).reverse());
    expect([...acl(rules(lines)).explain(path).capabilities]).toEqual([capability]);
    expect([...acl(rules(reversed)).explain(path).capabilities]).toEqual([capability]);
  });

  it('lets a more specific rule take away what a wider one gives', () => {
    const list = acl(
      rules({ 'secret/*': 'create read update delete list', 'secret/private/*': 'deny', 'secret/none': '' }),
    );
    expect(list.allows('secret/a', 'read')).toBe(true);
    expect(list.allows('secret/private/a', 'read')).toBe(false);
    expect(list.allows('secret/none', 'read')).toBe(false);
  });

  it('honours a deny of a folder for a list of it', () => {
    const list = acl(rules({ 'secret/*': 'list', 'secret/private': 'deny', 'secret/+/x/': 'deny' }));
    expect(list.allows('secret/private/', 'list')).toBe(false);
    expect(list.allows('secret/private/', 'read')).toBe(false);
    expect(list.allows('secret/q/x/', 'list')).toBe(false);
    expect(list.allows('secret/q/y/', 'list')).toBe(true);
  });
});

describe('several policies', () => {
  it('adds up capabilities of the same path, with the lines they come from', () => {
    const list = acl(rules({ 'a/*': 'read' }), rules({ x: 'sudo', 'a/*': 'list read' }));
    const { capabilities, grants } = list.explain('a/b');
    expect([...capabilities].sort()).toEqual(['list', 'read']);
    expect(grants.get('read')).toEqual([
      { policy: 'p1', line: 1, path: 'a/*' },
      { policy: 'p2', line: 2, path: 'a/*' },
    ]);
    expect(grants.get('list')).toEqual([{ policy: 'p2', line: 2, path: 'a/*' }]);
  });

  it.each([[['read', 'deny']], [['deny', 'read']]])(
    'lets a deny of the same path win in any order: %s',
    (capabilities) => {
      const list = acl(...capabilities.map((capability) => rules({ 'a/*': capability })));
      expect([...list.explain('a/b').capabilities]).toEqual(['deny']);
      expect(list.allows('a/b', 'read')).toBe(false);
      expect(list.allows('a/b', 'deny')).toBe(false);
    },
  );

  it('does not let a deny of a wider path win over a narrower grant', () => {
    expect(acl(rules({ 'a/*': 'deny' }), rules({ 'a/b': 'read' })).allows('a/b', 'read')).toBe(true);
  });

  it('leaves out rules that have expired', () => {
    const text = 'path "a" { capabilities = ["read"] expiration = "2026-01-01T00:00:00Z" }';
    const policy = { name: 'p', rules: parsePolicy(text).rules };
    const atUs = Date.UTC(2026, 0, 1) * 1000;
    expect(new Acl([policy], atUs).allows('a', 'read')).toBe(true);
    expect(new Acl([policy], atUs + 1).allows('a', 'read')).toBe(false);
  });
});

describe('the platform’s own paths', () => {
  it.each([
    ['*', 'sys/undercroft/identity/users', false],
    ['*', 'sys/undercroft', false],
    ['*', 'sys/other', true],
    ['sys/*', 'sys/undercroft/assets', false],
    ['sys/*', 'sys/undercroftx', true],
    ['sys/under*', 'sys/undercroft/assets', false],
    ['sys/undercroft*', 'sys/undercroft/assets', false],
    ['sys/undercroft/*', 'sys/undercroft/assets', true],
    ['sys/undercroft/a*', 'sys/undercroft/assets', true],
    ['sys/undercroft/+', 'sys/undercroft/assets', true],
    ['sys/undercroft/+/x', 'sys/undercroft/assets/x', true],
    ['+/+/+', 'sys/undercroft/assets', false],
    ['sys/+/assets', 'sys/undercroft/assets', false],
    ['sys/+/*', 'sys/undercroft/assets', false],
    ['+/undercroft/assets', 'sys/undercroft/assets', false],
    ['sys/undercroft/assets', 'sys/undercroft/assets', true],
  ])('%s grants on %s: %s', (rule, path, granted) => {
    const list = acl(rules({ [rule]: 'create read update patch delete list sudo' }));
    expect(list.allows(path, 'read')).toBe(granted);
    expect(list.allows(`/${path}`, 'read')).toBe(granted);
    expect(list.explain(path).capabilities.length > 0).toBe(granted);
  });
});

describe('against an evaluator that tries every rule', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', '+', '', 'a+', 'sys', 'undercroft');
  const rulePath = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([segments, glob]) => segments.join('/') + (glob ? '*' : ''))
    .filter((path) => !path.includes('+*') && !path.startsWith('/'));
  const capabilities = fc.uniqueArray(fc.constantFrom('read', 'list', 'update', 'sudo', 'deny'), { maxLength: 3 });
  const policy = fc.array(fc.tuple(rulePath, capabilities), { maxLength: 6 });
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'abc', '', 'sys', 'undercroft'), { minLength: 1, maxLength: 6 })
    .map((segments) => segments.join('/'));

  it('decides the same, whatever the policies', () => {
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 3 }), path, (policies, asked) => {
        const named: NamedPolicy[] = policies.map((entries, i) => ({
          name: `p${i}`,
          rules: parsePolicy(
            entries.map(([of, list]) => `path "${of}" { capabilities = ${JSON.stringify(list)} }`).join('\n'),
          ).rules,
        }));
        const decision = new Acl(named).explain(asked);
        expect({ rule: decision.rulePath, capabilities: [...decision.capabilities].sort() }).toEqual(
          naiveDecision(named, asked),
        );
      }),
      { numRuns: 3000 },
    );
  });
});
