/**
 * A picture of who talks to whom by network: inner networks with their hosts at the left, what is outside at the right,
 * lines between them. Places depend only on the data, so that the picture stays the same while one looks. Pure.
 */
import { networkOf, type Place } from './networks.ts';

export interface MapPair {
  readonly source: string;
  readonly destination: string;
  readonly value: number;
}

export interface MapNode {
  /** An address, or what is left of its group. */
  readonly id: string;
  /** Addresses that the node stands for. */
  readonly count: number;
  readonly value: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** The names of nodes stand away from the lines: at the left of the left column. */
  readonly side: 'left' | 'right';
  readonly others: boolean;
}

export interface MapGroup {
  readonly name: string;
  readonly side: 'left' | 'right';
  readonly y: number;
  readonly height: number;
  readonly nodes: readonly MapNode[];
}

export interface MapLink {
  readonly from: MapNode;
  readonly to: MapNode;
  readonly value: number;
  readonly width: number;
  readonly path: string;
}

export interface NetworkMap {
  readonly groups: readonly MapGroup[];
  readonly links: readonly MapLink[];
  readonly height: number;
}

export interface MapSize {
  readonly width: number;
  /** Where the nodes of the two columns stand. */
  readonly left: number;
  readonly right: number;
}

const ROW = 22;
const HEAD = 24;
const GAP = 16;
const MAX_GROUPS = 8;
const MAX_NODES = 9;
const MAX_OUTSIDE = 22;
const MIN_RADIUS = 3;
const MAX_RADIUS = 9;
const MAX_WIDTH = 10;
const NAMES = { outside: 'Outside', group: 'Multicast and broadcast', loopback: 'This machine itself' } as const;

interface Members {
  readonly side: 'left' | 'right';
  readonly values: Map<string, number>;
}

export function networkMap(pairs: readonly MapPair[], placeOf: (address: string) => Place, size: MapSize): NetworkMap {
  const groups = membersOf(pairs, placeOf);
  const kept = [...groups]
    .map(([name, members]) => ({ name, ...members, total: total(members.values) }))
    .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  const left = foldGroups(kept.filter(({ side }) => side === 'left'));
  const right = kept.filter(({ side }) => side === 'right');
  const most = Math.max(1, ...kept.flatMap(({ values }) => [...values.values()]));
  const nodeOf = new Map<string, MapNode>();
  const columns = [left, right].map((column) => {
    let y = 0;
    return column.map(({ name, side, values }): MapGroup => {
      const top = y;
      const nodes = nodesOf(name, side, values, size, top + HEAD, most, nodeOf);
      const height = HEAD + nodes.length * ROW;
      y += height + GAP;
      return { name, side, y: top, height, nodes };
    });
  });
  const all = columns.flat();
  return {
    groups: all,
    links: linksOf(pairs, nodeOf, size),
    height: Math.max(0, ...all.map((group) => group.y + group.height)),
  };
}

function membersOf(pairs: readonly MapPair[], placeOf: (address: string) => Place): Map<string, Members> {
  const groups = new Map<string, Members>();
  for (const { source, destination, value } of pairs) {
    for (const address of new Set([source, destination])) {
      const place = placeOf(address);
      const name = place === 'inside' ? networkOf(address) : NAMES[place];
      const side = place === 'inside' || place === 'loopback' ? 'left' : 'right';
      const members = groups.get(name) ?? { side, values: new Map<string, number>() };
      members.values.set(address, (members.values.get(address) ?? 0) + value);
      groups.set(name, members);
    }
  }
  return groups;
}

interface Group extends Members {
  readonly name: string;
  readonly total: number;
}

/** Small inner networks stand together where there are too many. */
function foldGroups(groups: readonly Group[]): readonly Group[] {
  if (groups.length <= MAX_GROUPS) return groups;
  const rest = groups.slice(MAX_GROUPS);
  const values = new Map(rest.flatMap((group) => [...group.values]));
  return [
    ...groups.slice(0, MAX_GROUPS),
    { name: `${rest.length} more networks`, side: 'left', values, total: total(values) },
  ];
}

function nodesOf(
  group: string,
  side: 'left' | 'right',
  values: ReadonlyMap<string, number>,
  size: MapSize,
  top: number,
  most: number,
  nodeOf: Map<string, MapNode>,
): readonly MapNode[] {
  const sorted = [...values].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const limit = side === 'left' ? MAX_NODES : MAX_OUTSIDE;
  const shown = sorted.length > limit ? sorted.slice(0, limit - 1) : sorted;
  const rest = sorted.slice(shown.length);
  const x = side === 'left' ? size.left : size.right;
  const node = (id: string, value: number, at: number, count: number): MapNode => ({
    id,
    count,
    value,
    x,
    y: top + at * ROW + ROW / 2,
    radius: MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * Math.sqrt(value / most),
    side,
    others: count > 1,
  });
  const nodes = shown.map(([id, value], at) => node(id, value, at, 1));
  for (const one of nodes) nodeOf.set(one.id, one);
  if (rest.length === 0) return nodes;
  const value = rest.reduce((all, [, one]) => all + one, 0);
  const last = { ...node(`${group} others`, Math.min(value, most), shown.length, rest.length), value, others: true };
  for (const [id] of rest) nodeOf.set(id, last);
  return [...nodes, last];
}

function linksOf(pairs: readonly MapPair[], nodeOf: ReadonlyMap<string, MapNode>, size: MapSize): readonly MapLink[] {
  const sums = new Map<string, { readonly from: MapNode; readonly to: MapNode; value: number }>();
  for (const { source, destination, value } of pairs) {
    const from = nodeOf.get(source);
    const to = nodeOf.get(destination);
    if (from === undefined || to === undefined || from === to) continue;
    const key = [from.id, to.id].sort().join(' ');
    const link = sums.get(key);
    if (link === undefined) sums.set(key, { from, to, value });
    else link.value += value;
  }
  const most = Math.max(1, ...[...sums.values()].map(({ value }) => value));
  return [...sums.values()]
    .sort((a, b) => a.value - b.value)
    .map((link) => ({
      ...link,
      width: 0.75 + (MAX_WIDTH - 0.75) * Math.sqrt(link.value / most),
      path: pathOf(link.from, link.to, size),
    }));
}

/** Straight over from column to column; within one a bow into the middle. */
function pathOf(from: MapNode, to: MapNode, { left, right }: MapSize): string {
  const bend =
    from.side === to.side ? Math.min((right - left) * 0.3, 30 + Math.abs(from.y - to.y) * 0.35) : (right - left) / 2;
  const out = (node: MapNode) => node.x + (node.side === 'left' ? bend : -bend);
  return `M${from.x} ${from.y}C${out(from)} ${from.y} ${out(to)} ${to.y} ${to.x} ${to.y}`;
}

function total(values: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const value of values.values()) all += value;
  return all;
}
