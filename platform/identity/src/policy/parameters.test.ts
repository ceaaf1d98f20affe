import type { JsonObject } from '@undercroft/kernel';
import { describe, expect, it } from 'vitest';
import type { PolicyCapability } from '../language/policy.ts';
import { parsePolicy } from '../language/policy.ts';
import { Acl } from './acl.ts';

function allows(
  fields: string,
  data: JsonObject,
  options: { capability?: PolicyCapability; wrapTtlS?: number } = {},
): boolean {
  const text = `path "a" { capabilities = ["create", "read", "update", "delete", "list"]\n${fields} }`;
  const acl = new Acl([{ name: 'p', rules: parsePolicy(text).rules }]);
  return acl.allows('a', options.capability ?? 'update', {
    data,
    ...(options.wrapTtlS === undefined ? {} : { wrapTtlS: options.wrapTtlS }),
  });
}

describe('parameters of a request', () => {
  it.each<[string, JsonObject, boolean]>([
    ['', { x: 1 }, true],
    ['allowed_parameters = { "x" = [] }', { x: 1 }, true],
    ['allowed_parameters = { "x" = [] }', { y: 1 }, false],
    ['allowed_parameters = { "x" = [] }', {}, true],
    ['allowed_parameters = { "X" = [] }', { x: 1 }, true],
    ['allowed_parameters = { "x" = ["a"] }', { x: 'a' }, true],
    ['allowed_parameters = { "x" = ["a"] }', { x: 'b' }, false],
    ['allowed_parameters = { "x" = ["a*"] }', { x: 'abc' }, true],
    ['allowed_parameters = { "x" = ["*c"] }', { x: 'abc' }, true],
    ['allowed_parameters = { "x" = ["*b*"] }', { x: 'abc' }, true],
    ['allowed_parameters = { "x" = ["*b"] }', { x: 'abc' }, false],
    ['allowed_parameters = { "x" = ["*"] }', { x: 'abc' }, false],
    ['allowed_parameters = { "x" = [5, true] }', { x: 5 }, true],
    ['allowed_parameters = { "x" = [5, true] }', { x: '5' }, false],
    ['allowed_parameters = { "x" = [["a", "b"]] }', { x: ['a', 'b'] }, true],
    ['allowed_parameters = { "x" = [["a", "b"]] }', { x: ['b', 'a'] }, false],
    ['allowed_parameters = { "*" = [] }', { y: 1 }, true],
    ['allowed_parameters = { "*" = [] "x" = ["a"] }', { y: 1, x: 'a' }, true],
    ['allowed_parameters = { "*" = [] "x" = ["a"] }', { y: 1, x: 'b' }, false],
    ['denied_parameters = { "x" = [] }', { x: 1 }, false],
    ['denied_parameters = { "x" = [] }', { y: 1 }, true],
    ['denied_parameters = { "x" = ["a*"] }', { x: 'abc' }, false],
    ['denied_parameters = { "x" = ["a*"] }', { x: 'bbc' }, true],
    ['denied_parameters = { "*" = [] }', { y: 1 }, false],
    ['denied_parameters = { "*" = [] }', {}, true],
    ['denied_parameters = { "x" = [] } allowed_parameters = { "x" = [] }', { x: 1 }, false],
    ['required_parameters = ["x"]', {}, false],
    ['required_parameters = ["X"]', { x: 1 }, true],
    ['allowed_parameters = { "__proto__" = ["a"] }', { ['__proto__']: 'a' }, true],
  ])('%s with %j: %s', (fields, data, want) => {
    expect(allows(fields, data)).toBe(want);
  });

  it('do not matter to a delete', () => {
    expect(allows('required_parameters = ["x"]', {}, { capability: 'delete' })).toBe(true);
  });

  it.each<[number | undefined, boolean]>([
    [undefined, false],
    [59, false],
    [60, true],
    [3600, true],
    [3601, false],
  ])('a wrapping time of %s between 1m and 1h: %s', (wrapTtlS, want) => {
    const options = wrapTtlS === undefined ? {} : { wrapTtlS };
    expect(allows('min_wrapping_ttl = "1m" max_wrapping_ttl = "1h"', {}, options)).toBe(want);
  });

  it.each<[JsonObject, boolean]>([
    [{}, true],
    [{ limit: 10 }, true],
    [{ limit: '10' }, true],
    [{ limit: 'max' }, true],
    [{ limit: 11 }, false],
    [{ limit: -1 }, false],
    [{ limit: 'all' }, false],
  ])('a list of %j within a page limit of 10: %s', (data, want) => {
    expect(allows('pagination_limit = 10', data, { capability: 'list' })).toBe(want);
  });

  it('of several policies are joined; an empty list opens a name for any value', () => {
    const policies = ['{ "x" = ["a"] }', '{ "x" = ["b"] "y" = [] }', '{ "x" = [] }'].map((lists, i) => ({
      name: `p${i}`,
      rules: parsePolicy(`path "a" { capabilities = ["update"] allowed_parameters = ${lists} }`).rules,
    }));
    const two = new Acl(policies.slice(0, 2));
    expect(['a', 'b', 'c'].map((x) => two.allows('a', 'update', { data: { x, y: 1 } }))).toEqual([true, true, false]);
    expect(new Acl(policies).allows('a', 'update', { data: { x: 'c' } })).toBe(true);
  });
});
