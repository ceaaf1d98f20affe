import { UndercroftError } from '@undercroft/kernel';
import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { pageQuery } from '../lists/page.ts';
import { parseJson } from './body.ts';
import { checkBody, inputOf, readParams, readQuery } from './input.ts';
import { InvalidRequest } from './problem.ts';

function errorsOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors;
    throw error;
  }
  return [];
}

describe('a query', () => {
  const input = inputOf(
    pageQuery({
      open: Type.Optional(Type.Boolean()),
      state: Type.Optional(Type.Array(Type.Enum(['ok', 'critical']))),
      ratio: Type.Optional(Type.Number()),
      port: Type.Optional(Type.Union([Type.Literal('any'), Type.Integer()])),
    }),
  );

  test('becomes numbers, booleans and lists, with defaults', () => {
    expect(readQuery(input, 'limit=5&open=true&state=ok,critical&ratio=-1.5e2&port=22')).toEqual({
      limit: 5,
      open: true,
      state: ['ok', 'critical'],
      ratio: -150,
      port: 22,
    });
    expect(readQuery(input, 'state=ok&state=critical&port=any')).toEqual({
      limit: 100,
      state: ['ok', 'critical'],
      port: 'any',
    });
    expect(readQuery(input, '')).toEqual({ limit: 100 });
  });

  test('has every error named at once', () => {
    expect(errorsOf(() => readQuery(input, 'limit=0&open=yes&state=bad&cursor=a&cursor=b&nope=1'))).toEqual([
      { path: 'cursor', message: 'is given more than once' },
      { path: 'nope', message: 'is not known here; known are limit, cursor, sort, open, state, ratio, port' },
      { path: 'limit', message: 'must be >= 1' },
      { path: 'open', message: 'must be boolean' },
      { path: 'state/0', message: 'must be one of "ok", "critical"' },
    ]);
  });

  test('of any text throws nothing but its own error', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(errorsOf(() => readQuery(input, text)))));
    expect(errorsOf(() => readQuery(input, '__proto__=1&constructor=2')).map((error) => error.path)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});

test('path parameters are read by their types', () => {
  const input = inputOf(Type.Object({ id: Type.Integer() }));
  expect(readParams(input, { id: '7' })).toEqual({ id: 7 });
  expect(errorsOf(() => readParams(input, { id: 'seven' }))).toEqual([{ path: 'id', message: 'must be integer' }]);
});

describe('a body', () => {
  const shape = Type.Object({
    name: Type.String(),
    size: Type.Integer({ default: 3 }),
    what: Type.Optional(
      Type.Union([
        Type.Object({ kind: Type.Literal('tcp'), port: Type.Integer() }),
        Type.Object({ kind: Type.Literal('http'), url: Type.String() }),
      ]),
    ),
  });

  test('gets the defaults of its top fields and refuses unknown ones', () => {
    const input = inputOf(shape);
    expect(checkBody(input, { name: 'a' })).toEqual({ name: 'a', size: 3 });
    expect(errorsOf(() => checkBody(input, { name: 'a', nmae: 'b' }))).toEqual([
      { path: '', message: 'has unknown fields: nmae' },
    ]);
    expect(checkBody(inputOf(Type.Object({}, { additionalProperties: true })), { any: 1 })).toEqual({ any: 1 });
  });

  test('of several kinds is judged by the kind it says it is', () => {
    const input = inputOf(shape);
    expect(errorsOf(() => checkBody(input, { name: 'a', what: { kind: 'tcp', port: 'x' } }))).toEqual([
      { path: '/what/port', message: 'must be integer' },
    ]);
    expect(errorsOf(() => checkBody(input, { name: 'a', what: { kind: 'udp' } }))).toEqual([
      { path: '/what', message: 'must be one of "tcp", "http"' },
    ]);
  });
});

describe('JSON', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  test('of any bytes throws nothing but its own error', () => {
    const isOwn = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return error instanceof UndercroftError && error.code === 'http.body-json' && error.status === 400;
      }
      return true;
    };
    fc.assert(fc.property(fc.uint8Array(), (data) => isOwn(() => parseJson(data))));
    fc.assert(fc.property(fc.json(), (text) => isOwn(() => parseJson(bytes(text)))));
  });

  test('is refused with a key that would change a prototype, however it is written', () => {
    expect(() => parseJson(bytes('{"a":[{"__proto__":{"x":1}}]}'))).toThrow('__proto__');
    expect(() => parseJson(bytes('{"\\u005f_proto__":1}'))).toThrow('__proto__');
    expect(parseJson(bytes('{"a":"__proto__ \\u0041"}'))).toEqual({ a: '__proto__ A' });
  });

  test('is refused when it is nested too deeply; brackets in strings do not count', () => {
    expect(() => parseJson(bytes('['.repeat(100_000)))).toThrow('deeper');
    expect(parseJson(bytes(`"${'['.repeat(100)}\\"${'{'.repeat(100)}"`))).toHaveLength(201);
  });
});
