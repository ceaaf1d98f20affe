import { expect, it } from 'vitest';
import type { RelatedAsset } from './data.ts';
import { groupRelations, relationWord } from './relation-groups.ts';

const related = (type: string, name: string, assetType = 'host', present = true): RelatedAsset => ({
  type,
  direction: 'in',
  asset: { id: name, type: assetType, name, attributes: {}, present },
  firstSeenAt: '2026-01-01T00:00:00Z',
  lastSeenAt: '2026-01-01T00:00:00Z',
});

it('gathers what stands in the same relation and shortens names that begin alike', () => {
  const groups = groupRelations([
    ...['web-01', 'web-02', 'web-03'].map((name) => related('talks-to', name)),
    related('attached-to', '/var', 'volume'),
    ...['1', '2', '3', '4'].map((name) => related('exposes', name, 'port')),
    related('monitors', 'old', 'host', false),
  ]);
  expect(groups.map(({ label }) => label)).toEqual(['4 ports', 'web-01, 02, 03', '/var']);
});

it('names each asset once, by what this one does to it', () => {
  const port = related('runs-on', '22', 'port');
  const groups = groupRelations([port, { ...port, type: 'exposes', direction: 'out' }]);
  expect(groups.map(({ type, count }) => [type, count])).toEqual([['exposes', 1]]);
});

it('says a relation from its own side', () => {
  expect([relationWord('talks-to', 'out'), relationWord('talks-to', 'in'), relationWord('new-kind', 'in')]).toEqual([
    'talks to',
    'talked to by',
    'new-kind',
  ]);
});
