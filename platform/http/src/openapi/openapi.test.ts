import { route } from '@undercroft/kernel';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/test-server.ts';

type Json = { [key: string]: Json };

let server: TestServer;
let document: Json;

const load = async () => (await (await fetch(`${server.url}/platform/v1/openapi.json`)).json()) as Json;

beforeAll(async () => {
  server = await testServer();
  document = await load();
});
afterAll(() => server.stop());

function* objectsOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsOf(inner);
}

const operations = () =>
  Object.entries(document['paths'] ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  test('has every route, each with its own operation id', () => {
    const ids = operations().map(({ operation }) => String(operation['operationId']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('getEventsHistogram');
    expect(ids).toContain('putLiveConnection');
    expect(document['openapi']).toBe('3.1.0');
  });

  test('has no reference that leads nowhere, and no definition that is not a component', () => {
    for (const object of objectsOf(document)) {
      expect(object['$defs']).toBeUndefined();
      const reference = object['$ref'];
      if (typeof reference !== 'string') continue;
      const target = reference
        .slice(2)
        .split('/')
        .reduce<Json | undefined>((at, name) => at?.[name], document);
      expect(reference.startsWith('#/') && target, reference).toBeTruthy();
    }
    expect(Object.keys(document['components']?.['schemas'] ?? {})).toContain('EventFilter');
  });

  test('declares each parameter of each path', () => {
    for (const { path, operation } of operations()) {
      const declared = Object.values(operation['parameters'] ?? {}).filter(
        (parameter) => String(parameter['in']) === 'path',
      );
      const wanted = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      expect(
        declared.map((parameter) => String(parameter['name'])),
        path,
      ).toEqual(wanted);
    }
  });

  test('says how each operation is refused and what it takes to be allowed', () => {
    for (const { path, method, operation } of operations()) {
      const isPublic = Object.keys(operation['security'] ?? {}).length === 0;
      const responses = Object.keys(operation['responses'] ?? {});
      expect(responses, `${method} ${path}`).toEqual(
        expect.arrayContaining(['200', '400', '429', '500', '503', 'default']),
      );
      expect(responses.includes('401'), `${method} ${path}`).toBe(!isPublic);
      expect(responses.includes('415'), `${method} ${path}`).toBe('requestBody' in operation);
    }
    expect(String(document['paths']?.['/config/reload']?.['post']?.['description'])).toContain(
      '`update` on `sys/undercroft/config/reload`',
    );
  });

  test('grows with routes that come later', async () => {
    server.http.routes([
      route({
        method: 'POST',
        path: '/later/{id}',
        summary: 'Later',
        tag: 'later',
        status: 202,
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object({ name: Type.String(), kind: Type.String({ default: 'fixed' }) }),
        refusals: { 410: 'It has gone.' },
        response: Type.Object({ ok: Type.Boolean() }),
        handler: async () => ({ ok: true }),
      }),
    ]);
    const operation = (await load())['paths']?.['/later/{id}']?.['post'];
    expect(operation?.['parameters']).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
    ]);
    expect(operation?.['requestBody']).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, kind: { type: 'string', default: 'fixed' } },
            additionalProperties: false,
          },
        },
      },
    });
    expect(Object.keys(operation?.['responses'] ?? {})).toEqual(expect.arrayContaining(['202', '410']));
  });
});
