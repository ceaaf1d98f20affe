import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heat, matrixOf, OTHERS } from './matrix.ts';
import { networkMap } from './network-map.ts';
import { networkOf, parseAddress, placesOf } from './networks.ts';
import { type SankeySize, sankeyOf } from './sankey.ts';

const name = fc.constantFrom(...'abcdefghijklmnop');
const value = fc.integer({ min: 1, max: 1_000_000 });
const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-6 * Math.max(1, Math.abs(b)));

describe('the matrix', () => {
  it('keeps the largest and adds up the rest', () => {
    const pairs = [
      { row: 'a', column: 'x', value: 10 },
      { row: 'b', column: 'x', value: 5 },
      { row: 'c', column: 'y', value: 1 },
      { row: 'd', column: 'z', value: 1 },
    ];
    expect(matrixOf(pairs, 2, 1)).toEqual({
      rows: ['a', 'b', OTHERS],
      columns: ['x', OTHERS],
      cells: [
        [10, 0],
        [5, 0],
        [0, 2],
      ],
      rowSums: [10, 5, 2],
      columnSums: [15, 2],
      most: 10,
    });
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ row: name, column: name, value })),
        fc.nat(6),
        fc.nat(6),
        (pairs, rows, columns) => {
          const all = pairs.reduce((sum, one) => sum + one.value, 0);
          near(
            matrixOf(pairs, rows, columns).rowSums.reduce((sum, one) => sum + one, 0),
            all,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('warms by orders of magnitude', () => {
    expect([heat(0, 100), heat(100, 100), heat(1, 100), heat(1e-9, 100)]).toEqual([0, 1, 0.5, 0.06]);
  });
});

const SIZE: SankeySize = { width: 900, height: 460, nodeWidth: 8, side: 150, slot: 15, gap: 5 };

describe('the sankey', () => {
  it('fits, overlaps nowhere and loses nothing', () => {
    const stream = fc.record({ stages: fc.tuple(name, name, name), value });
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 80 }), (streams) => {
        const all = streams.reduce((sum, one) => sum + one.value, 0);
        const { nodes, links } = sankeyOf(streams, 12, SIZE);
        for (const stage of [0, 1, 2]) {
          const mine = nodes.filter((node) => node.stage === stage).sort((a, b) => a.y - b.y);
          near(
            mine.reduce((sum, node) => sum + node.value, 0),
            all,
          );
          for (const [at, node] of mine.entries()) {
            expect(node.y).toBeGreaterThanOrEqual(-1e-6);
            expect(node.y + node.height).toBeLessThanOrEqual(SIZE.height + 1e-3 + 15);
            const above = mine[at - 1];
            if (above !== undefined) expect(node.y).toBeGreaterThanOrEqual(above.y + above.height);
          }
        }
        near(
          links.reduce((sum, link) => sum + link.value, 0),
          2 * all,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('is empty without a stream', () => expect(sankeyOf([], 12, SIZE)).toEqual({ nodes: [], links: [] }));
});

describe('networks', () => {
  const place = placesOf(['10.0.0.0/8', 'fc00::/7', 'nonsense', '192.0.2.7']);
  it.each([
    ['10.20.4.12', 'inside'],
    ['192.0.2.7', 'inside'],
    ['192.0.2.8', 'outside'],
    ['fd12::1', 'inside'],
    ['2001:db8::1', 'outside'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['224.0.0.251', 'group'],
    ['255.255.255.255', 'group'],
    ['ff02::fb', 'group'],
    ['no address', 'outside'],
  ])('%s is %s', (address, where) => expect(place(address)).toBe(where));

  it('names the network of an address', () => {
    expect(['10.20.4.12', 'fd00:1::2', '2001:db8:0:7::9', 'x'].map(networkOf)).toEqual([
      '10.20.4.0/24',
      'fd00:1::/64',
      '2001:db8:0:7::/64',
      'x',
    ]);
  });

  it('reads every address, and nothing else makes it fail', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => parseAddress(text) !== undefined));
    fc.assert(fc.property(fc.string(), (text) => void parseAddress(text)));
  });
});

describe('the map', () => {
  it('groups hosts by network, others outside, and joins both directions of a pair', () => {
    const pairs = [
      { source: '10.0.0.1', destination: '203.0.113.9', value: 100 },
      { source: '203.0.113.9', destination: '10.0.0.1', value: 50 },
      { source: '10.0.0.2', destination: '10.0.1.3', value: 10 },
    ];
    const { groups, links, height } = networkMap(pairs, placesOf(['10.0.0.0/8']), {
      width: 800,
      left: 200,
      right: 600,
    });
    expect(groups.map((group) => [group.name, group.side, group.nodes.map(({ id }) => id)])).toEqual([
      ['10.0.0.0/24', 'left', ['10.0.0.1', '10.0.0.2']],
      ['10.0.1.0/24', 'left', ['10.0.1.3']],
      ['Outside', 'right', ['203.0.113.9']],
    ]);
    expect(links.map(({ from, to, value: sum }) => [from.id, to.id, sum])).toEqual([
      ['10.0.0.2', '10.0.1.3', 10],
      ['10.0.0.1', '203.0.113.9', 150],
    ]);
    expect(height).toBeGreaterThan(0);
  });

  it('stays small, whatever comes', () => {
    const pairs = Array.from({ length: 900 }, (_, at) => ({
      source: `10.${at % 40}.0.${at % 250}`,
      destination: `203.0.${at % 90}.${at % 250}`,
      value: at + 1,
    }));
    const { groups } = networkMap(pairs, placesOf(['10.0.0.0/8']), { width: 800, left: 200, right: 600 });
    expect(groups.reduce((sum, group) => sum + group.nodes.length, 0)).toBeLessThan(110);
    expect(groups.filter(({ side }) => side === 'left')).toHaveLength(9);
  });
});
