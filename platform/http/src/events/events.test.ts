import type { PlatformEvent } from '@undercroft/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { principal, type TestServer, testServer } from '../testing/test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});
afterEach(() => server.stop());

const event = (id: string, timeUs: number): PlatformEvent => ({
  id,
  class: 'authentication',
  activity: 'logon',
  timeUs,
  receivedUs: timeUs,
  severity: 'low',
  tenant: 'default',
  source: 'identity',
  assets: [],
  message: 'Ann signed in.',
  attributes: {},
});

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe('events', () => {
  test('are listed by what was asked, in the tenant of who asks', async () => {
    server.principals.set('bens', principal('ben', 'north'));
    await server.get(
      '/events?q=class:authentication ann&severity=high,critical&asset=a1&from=2026-11-24T00:00:00Z&limit=2',
      {
        headers: { authorization: 'Bearer bens' },
      },
    );
    expect(server.queries).toEqual([
      {
        tenant: 'north',
        classes: ['authentication'],
        fromUs: Date.UTC(2026, 10, 24) * 1000,
        filter: {
          op: 'and',
          of: [
            { op: 'in', field: 'severity', values: ['high', 'critical'] },
            { op: 'eq', field: 'asset', value: 'a1' },
          ],
        },
        text: 'ann',
        limit: 3,
      },
    ]);
  });

  test('go on after the last one of a page', async () => {
    server.answer = { events: [event('C', 3e15), event('B', 2e15), event('A', 1e15)] };
    const page = await json(await server.get('/events?limit=2'));
    expect(page['items']).toMatchObject([{ id: 'C', timeAt: '2065-01-24T05:20:00.000Z' }, { id: 'B' }]);
    await server.get(`/events?limit=2&cursor=${page['next']}`);
    expect(server.queries[1]?.toUs).toBe(2e15 + 1);
    expect(server.queries[1]?.filter).toEqual({
      op: 'or',
      of: [
        { op: 'lt', field: 'timeUs', value: 2e15 },
        {
          op: 'and',
          of: [
            { op: 'eq', field: 'timeUs', value: 2e15 },
            { op: 'lt', field: 'id', value: 'B' },
          ],
        },
      ],
    });
    expect((await server.get(`/events?sort=timeAt&cursor=${page['next']}`)).status).toBe(400);
    expect((await server.get('/events?sort=message')).status).toBe(400);
    expect((await server.get('/events?from=yesterday')).status).toBe(400);
  });

  test('are asked about with the query language as data; nothing can name another tenant', async () => {
    server.answer = { rows: [{ timeUs: 1e15, severity: 'low', count: 4 }] };
    const send = (body: object) =>
      server.get('/events/query', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const filter = { op: 'not', of: { op: 'and', of: [{ op: 'exists', field: 'user.name' }] } };
    const answer = await json(
      await send({
        q: 'severity:low',
        filter,
        bucketS: 60,
        groupBy: ['severity'],
        aggregates: [{ fn: 'count', as: 'count' }],
      }),
    );
    expect(answer['rows']).toEqual([{ timeAt: '2001-09-09T01:46:40.000Z', severity: 'low', count: 4 }]);
    expect(server.queries).toEqual([
      {
        tenant: 'default',
        filter: { op: 'and', of: [{ op: 'eq', field: 'severity', value: 'low' }, filter] },
        bucketUs: 60e6,
        groupBy: ['severity'],
        aggregates: [{ fn: 'count', as: 'count' }],
      },
    ]);
    expect((await send({ tenant: 'north' })).status).toBe(422);
    expect((await send({ filter: { op: 'not', of: { op: 'exists' } } })).status).toBe(422);
    expect(server.audit).toEqual([]);
  });

  test('are counted over time in round steps', async () => {
    const startUs = Date.UTC(2026, 10, 24, 10) * 1000;
    server.answer = {
      rows: [
        { timeUs: startUs + 60e6, severity: 'low', count: 4 },
        { timeUs: startUs + 120e6, severity: 'high', count: 1 },
      ],
    };
    const histogram = await json(
      await server.get('/events/histogram?from=2026-11-24T10:00:30Z&to=2026-11-24T10:04:30Z&buckets=5'),
    );
    expect(histogram).toEqual({
      stepS: 60,
      fromAt: '2026-11-24T10:00:00.000Z',
      series: [
        { severity: 'low', counts: [0, 4, 0, 0, 0] },
        { severity: 'high', counts: [0, 0, 1, 0, 0] },
      ],
    });
    expect((await server.get('/events/histogram?from=2026-11-24T10:00:00Z&to=2026-11-24T09:00:00Z')).status).toBe(400);
  });
});
