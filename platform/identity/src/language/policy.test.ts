import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from './error.ts';
import { CAPABILITIES, type Policy, type PolicyRule, parsePolicy } from './policy.ts';
import { printPolicy } from './print.ts';

/** Without positions. */
function plain({ rules, ...policy }: Policy) {
  return { ...policy, rules: rules.map(({ line: _, column: __, ...rule }) => rule) };
}

function problemsOf(text: string): readonly string[] {
  try {
    parsePolicy(text, 'p.hcl');
  } catch (error) {
    if (error instanceof PolicyError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const FULL = `# everything that a path can say
name = "full"
path "/secret/data/app/*" { # a leading slash is not part of it
  capabilities = ["read", "create", "read", "list",] // doubled, and a comma at the end
  comment = "of \\"the\\" app"
  allowed_parameters = {
    "Name" = ["a*", 5, -1.5, true]
    owner = []
    "*" = []
  }
  denied_parameters {
    "force" = ["true"]
  }
  required_parameters = ["name"]
  min_wrapping_ttl = "1m30s"
  max_wrapping_ttl = 3600
  mfa_methods = ["totp"]
  pagination_limit = 50
  list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}"
  expiration = "2027-01-31T00:00:00Z"
  control_group = {
    ttl = "4h"
    self_auth_allowed = true
    factor "two people" {
      controlled_capabilities = ["update", "read"]
      identity {
        group_names = ["ops"]
        approvals = 2
      }
    }
  }
}
/* over
   lines */ path "old/+/x" { policy = "write" }
path "no/+/*" { capabilities = ["read", "deny"] }
`;

describe('a policy in HCL', () => {
  it('gives every field that Vault and OpenBao know', () => {
    expect(plain(parsePolicy(FULL))).toEqual({
      name: 'full',
      templated: false,
      rules: [
        {
          path: 'secret/data/app/*',
          capabilities: ['create', 'read', 'list'],
          comment: 'of "the" app',
          allowedParameters: { name: ['a*', 5, -1.5, true], owner: [], '*': [] },
          deniedParameters: { force: ['true'] },
          requiredParameters: ['name'],
          minWrappingTtlS: 90,
          maxWrappingTtlS: 3600,
          mfaMethods: ['totp'],
          paginationLimit: 50,
          listFilterPath: '{{ .path }}{{ .key }}',
          expirationUs: Date.UTC(2027, 0, 31) * 1000,
          controlGroup: {
            ttlS: 14_400,
            selfAuthAllowed: true,
            factors: [
              {
                name: 'two people',
                controlledCapabilities: ['read', 'update'],
                groupNames: ['ops'],
                groupIds: [],
                approvals: 2,
              },
            ],
          },
        },
        { path: 'old/+/x', capabilities: ['create', 'read', 'update', 'delete', 'list'] },
        { path: 'no/+/*', capabilities: ['deny'] },
      ],
    });
    expect(parsePolicy(FULL).rules.map((rule) => [rule.line, rule.column])).toEqual([
      [3, 1],
      [34, 13],
      [35, 1],
    ]);
  });

  it.each([
    ['nothing', '', []],
    ['only comments', '# a\n// b\n/* c */', []],
    ['a byte order mark', '\ufeffpath "a" {}', [{ path: 'a', capabilities: [] }]],
    [
      'line ends of Windows',
      'path "a" {\r\n  capabilities = ["read"]\r\n}\r\n',
      [{ path: 'a', capabilities: ['read'] }],
    ],
    [
      'commas between fields',
      'path "a" { capabilities = ["read"], comment = "b" }',
      [{ path: 'a', capabilities: ['read'], comment: 'b' }],
    ],
    ['a name in quotes', '"path" "a" { "policy" = "deny" }', [{ path: 'a', capabilities: ['deny'] }]],
    [
      'a heredoc',
      'path "a" {\n comment = <<END\none\n two\nEND\n}',
      [{ path: 'a', capabilities: [], comment: 'one\n two\n' }],
    ],
    [
      'an indented heredoc',
      'path "a" {\n comment = <<-END\n    one\n     two\n    END\n}',
      [{ path: 'a', capabilities: [], comment: 'one\n two\n' }],
    ],
    [
      'escapes',
      'path "a\\"\\\\\\t\\u00e4\\U0001F600\\x41\\101" {}',
      [{ path: 'a"\\\t\u00e4\u{1F600}AA', capabilities: [] }],
    ],
    [
      'other number forms',
      'path "a" { pagination_limit = 0x1F }',
      [{ path: 'a', capabilities: [], paginationLimit: 31 }],
    ],
    [
      'a template',
      'path "home/{{identity.entity.name}}/*" {}',
      [{ path: 'home/{{identity.entity.name}}/*', capabilities: [] }],
    ],
  ])('may be written with %s', (_, text, rules) => {
    expect(plain(parsePolicy(text)).rules).toEqual(rules);
  });

  it.each([
    [
      'path "a" { capabilities = ["rad"] }',
      'p.hcl:1:12: "rad" is no capability; there are create, read, update, patch, delete, list, scan, sudo, deny',
    ],
    ['path "a" {\n  capabilities = ["read"\n}', 'p.hcl:3:1: found "}", expected , or ]'],
    ['path "a" {', 'p.hcl:1:11: found the end of the text, expected a name'],
    ['path "a', 'p.hcl:1:6: the string that begins here is not closed'],
    ['path "a\n" {}', 'p.hcl:1:6: the string that begins here is not closed on its line'],
    ['/* a', 'p.hcl:1:1: the comment that begins here is not closed by */'],
    ['path "a" { comment = <<END\nb', 'p.hcl:1:22: the text that begins here is not closed by a line END'],
    ['path "a" { comment = "\\q" }', 'p.hcl:1:22: the string has an unknown escape \\q'],
    ['path "a" = {}', 'p.hcl:1:10: found "=", expected { (a block with a label takes no =)'],
    ['path { }', 'p.hcl:1:1: expected path "…" { … }'],
    ['path "a" {}; ', 'p.hcl:1:12: unexpected character ";"'],
    ['path "a" { comment = 1.2.3 }', 'p.hcl:1:22: 1.2.… is not a number'],
    ['rule "a" {}', 'p.hcl:1:1: a policy knows no "rule"; it knows name, path'],
    ['path "a/+*" {}', 'p.hcl:1:1: path "a/+*": + is a whole segment and takes no * behind it; write +/*'],
    ['path "a/{{b" {}', 'p.hcl:1:1: path "a/{{b": a template {{…}} is not closed'],
    [
      'path "a" { min_wrapping_ttl = "2m" max_wrapping_ttl = 60 }',
      'p.hcl:1:36: max_wrapping_ttl is less than min_wrapping_ttl',
    ],
    ['path "a" { policy = "root" }', 'p.hcl:1:12: policy "root" is none of deny, read, write, sudo'],
    ['path "a" { capabilities = "read" }', 'p.hcl:1:12: a path: capabilities wants a list of quoted strings'],
    ['path "a" { comment = "a" comment = "b" }', 'p.hcl:1:26: a path gives comment twice'],
    ['path "a" { expiration = "soon" }', 'p.hcl:1:12: expiration "soon" is no time such as 2027-01-31T00:00:00Z'],
    ['path "a" { control_group { ttl = "1h" } }', 'p.hcl:1:26: control_group needs at least one factor'],
    ['{"path": {"a": {"capabilities": ["read"]}}', 'p.hcl:1:43: found the end of the text, expected }'],
    [
      '{"path": {"a": {"capabilities": [null]}}}',
      'p.hcl:1:34: found "n", expected a string, a number, true, false, a list or an object',
    ],
  ])('is refused: %s', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  it('names every problem at once', () => {
    const text =
      'path "a" {\n  capabilities = ["rad", "wrote"]\n  colour = "red"\n}\npath "b/+*" { pagination_limit = -1 }';
    expect(problemsOf(text).map((problem) => problem.split(' ').slice(0, 4).join(' '))).toEqual([
      'p.hcl:3:3: a path knows',
      'p.hcl:2:3: "rad" is no',
      'p.hcl:2:3: "wrote" is no',
      'p.hcl:5:1: path "b/+*": +',
      'p.hcl:5:15: a path: pagination_limit',
    ]);
  });

  it('has limits of depth, length and number', () => {
    expect(problemsOf(`path "a" { comment = ${'['.repeat(40)}${']'.repeat(40)} }`)[0]).toContain(
      'nested deeper than 32',
    );
    expect(problemsOf(`{"path": ${'['.repeat(40)}${']'.repeat(40)}}`)[0]).toContain('nested deeper than 32');
    expect(problemsOf(`#${' '.repeat(1 << 20)}`)[0]).toContain('longer than 1048576 characters');
    expect(problemsOf('path "a" {}\n'.repeat(10_001))[0]).toContain('more than 10000 paths');
    expect(problemsOf(`{"path": {"${'a'.repeat(1_000_000)}": {}}}`)[0]).toContain('longer than 4096 characters');
  });
});

describe('a policy in JSON', () => {
  it.each([
    ['an object by path', '{"path": {"a/*": {"capabilities": ["read"]}, "b": {"policy": "deny"}}}'],
    ['a list of objects', '{"path": [{"a/*": {"capabilities": ["read"]}}, {"b": {"policy": "deny"}}]}'],
    ['a list of rules of a path', '{"path": {"a/*": [{"capabilities": ["read"]}], "b": [{"policy": "deny"}]}}'],
  ])('may be %s', (_, text) => {
    expect(plain(parsePolicy(text)).rules).toEqual([
      { path: 'a/*', capabilities: ['read'] },
      { path: 'b', capabilities: ['deny'] },
    ]);
  });

  it('says the same as its HCL', () => {
    const json = {
      path: {
        'a/+': {
          capabilities: ['update'],
          allowed_parameters: { B: [1, 'x'] },
          control_group: {
            factor: { f: { controlled_capabilities: ['update'], identity: { group_names: ['g'], approvals: 1 } } },
          },
        },
      },
    };
    const hcl = `path "a/+" {
      capabilities = ["update"]
      allowed_parameters = { "B" = [1, "x"] }
      control_group { factor "f" { controlled_capabilities = ["update"] identity { group_names = ["g"] approvals = 1 } } }
    }`;
    expect(plain(parsePolicy(JSON.stringify(json)))).toEqual(plain(parsePolicy(hcl)));
  });
});

describe('whatever the text', () => {
  const pieces = fc.array(
    fc.constantFrom(
      'path',
      ' ',
      '"a/*"',
      '{',
      '}',
      '[',
      ']',
      '=',
      ',',
      '"',
      '\\',
      '${',
      '<<E\n',
      'E\n',
      '<<-',
      '#',
      '//',
      '/*',
      '*/',
      'capabilities',
      '"read"',
      'control_group',
      'factor',
      'identity',
      'ttl',
      '1h',
      '0x',
      '08',
      '1e999',
      '-',
      '{{',
      '}}',
      '\n',
      '\r\n',
      '\u0000',
      '\ud800',
      'true',
      'name',
      'allowed_parameters',
      '__proto__',
      'expiration',
      '"2027-01-01"',
      ':',
      '5',
    ),
    { maxLength: 40 },
  );

  it('reading it gives a policy or its own error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      pieces.map((each) => each.join('')),
      pieces.map((each) => `{${each.join('')}`),
      fc
        .tuple(fc.nat({ max: FULL.length }), fc.string({ maxLength: 3 }))
        .map(([at, noise]) => FULL.slice(0, at) + noise + FULL.slice(at + 1)),
      fc.json(),
    );
    fc.assert(
      fc.property(text, (each) => {
        try {
          const policy = parsePolicy(each);
          expect(plain(parsePolicy(printPolicy(policy)))).toEqual(plain(policy));
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('what is printed reads as the same policy', () => {
    const json = fc
      .oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
      .map((value) => (Object.is(value, -0) ? 0 : value));
    const lists = fc
      .dictionary(
        fc.string().map((name) => name.toLowerCase()),
        fc.array(json, { maxLength: 3 }),
        { maxKeys: 3 },
      )
      .map((each) => ({ ...each }));
    const rule = fc.record(
      {
        path: fc
          .string({ unit: 'binary' })
          .filter(
            (path) => !path.includes('+*') && !path.includes('{{') && !path.includes('}}') && !path.startsWith('/'),
          ),
        capabilities: fc.subarray(CAPABILITIES.filter((each) => each !== 'deny')),
        comment: fc.string({ unit: 'binary' }),
        allowedParameters: lists,
        deniedParameters: lists,
        requiredParameters: fc.array(fc.string()),
        maxWrappingTtlS: fc.integer({ min: 0, max: 1e9 }),
        mfaMethods: fc.array(fc.string()),
        paginationLimit: fc.nat(),
        expirationUs: fc.integer({ min: 0, max: 4e15 }),
      },
      { requiredKeys: ['path', 'capabilities'] },
    );
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), (each) => {
        const policy = {
          rules: each.map((fields) => ({ ...fields, line: 0, column: 0 })) as unknown as PolicyRule[],
          templated: false,
        };
        expect(plain(parsePolicy(printPolicy(policy)))).toEqual(plain(policy));
      }),
      { numRuns: 1000 },
    );
  });
});
