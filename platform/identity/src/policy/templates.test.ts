import { expect, it } from 'vitest';
import { parsePolicy } from '../language/policy.ts';
import { fillTemplates } from './templates.ts';

const identity = {
  entity: {
    id: 'e1',
    name: 'anna',
    metadata: { team: 'blue', bad: 'a/*' },
    aliases: [{ mount: 'oidc_1', id: 'a1', name: 'anna@example.org', metadata: {} }],
  },
  groups: [{ id: 'g1', name: 'ops.eu', metadata: { floor: '2' } }],
};

function fill(path: string): string[] {
  return fillTemplates(parsePolicy(`path "${path}" {}`).rules, identity).map((rule) => rule.path);
}

it.each([
  ['home/{{identity.entity.id}}/*', ['home/e1/*']],
  ['home/{{ identity.entity.name }}/{{identity.entity.metadata.team}}', ['home/anna/blue']],
  ['a/{{identity.entity.aliases.oidc_1.name}}', ['a/anna@example.org']],
  ['a/{{identity.groups.ids.g1.name}}', ['a/ops.eu']],
  ['a/{{identity.groups.names.ops.eu.id}}', ['a/g1']],
  ['a/{{identity.groups.names.ops.eu.metadata.floor}}', ['a/2']],
  ['a/{{identity.groups.names.other.id}}', []],
  ['a/{{identity.entity.metadata.none}}', []],
  ['a/{{identity.entity.metadata.constructor}}', []],
  ['a/{{something.else}}', []],
  ['plain/*', ['plain/*']],
])('%s becomes %j', (path, want) => {
  expect(fill(path)).toEqual(want);
});

it('refuses a value that would widen the path', () => {
  expect(() => fill('a/{{identity.entity.metadata.bad}}')).toThrow(
    expect.objectContaining({ code: 'identity.template' }),
  );
});
