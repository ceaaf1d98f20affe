/**
 * Where streams of three stages run: who, by what, to whom. Heights are shares of the whole, one scale for all stages;
 * each node has room for its name, however thin it is. Pure.
 */
import { largest, OTHERS } from './matrix.ts';

export interface Stream {
  /** Names at the three stages. */
  readonly stages: readonly [string, string, string];
  readonly value: number;
}

export interface SankeyNode {
  readonly stage: number;
  /** {@link OTHERS} for what has no node of its own. */
  readonly name: string;
  readonly value: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface SankeyLink {
  readonly from: SankeyNode;
  readonly to: SankeyNode;
  readonly value: number;
  readonly width: number;
  /** An SVG path along its middle. */
  readonly path: string;
}

export interface Sankey {
  readonly nodes: readonly SankeyNode[];
  readonly links: readonly SankeyLink[];
}

export interface SankeySize {
  readonly width: number;
  readonly height: number;
  readonly nodeWidth: number;
  /** Kept free at each side for the names of the outer stages. */
  readonly side: number;
  /** Least height of a node with its name. */
  readonly slot: number;
  readonly gap: number;
}

const STAGES = [0, 1, 2] as const;
const HALVINGS = 24;

export function sankeyOf(streams: readonly Stream[], most: number, size: SankeySize): Sankey {
  const folded = fold(streams, most);
  if (folded.length === 0) return { nodes: [], links: [] };
  const order: string[][] = [];
  for (const stage of STAGES) order.push(orderOf(folded, stage, order[stage - 1]));
  const sums = order.map((names, stage) =>
    names.map((name) => sumOf(folded.filter((one) => one.stages[stage] === name))),
  );
  const scale = scaleOf(sums, size);
  const inner = size.width - 2 * size.side - size.nodeWidth;
  const nodes = order.map((names, stage) => {
    const x = size.side + (inner * stage) / 2;
    const heights = (sums[stage] ?? []).map((value) => Math.max(1, value * scale));
    const slots = heights.map((height) => Math.max(height, size.slot));
    const used = slots.reduce((all, slot) => all + slot, 0) + size.gap * (slots.length - 1);
    let y = Math.max(0, (size.height - used) / 2);
    return names.map((name, at): SankeyNode => {
      const height = heights[at] ?? 1;
      const slot = slots[at] ?? size.slot;
      const node = { stage, name, value: sums[stage]?.[at] ?? 0, x, y: y + (slot - height) / 2, height };
      y += slot + size.gap;
      return node;
    });
  });
  return { nodes: nodes.flat(), links: [...linksOf(folded, nodes, 0, size), ...linksOf(folded, nodes, 1, size)] };
}

function fold(streams: readonly Stream[], most: number): readonly Stream[] {
  const kept = STAGES.map((stage) => new Set(largest(streams, ({ stages }) => stages[stage], most)));
  const sums = new Map<string, Stream>();
  for (const { stages, value } of streams) {
    const names = STAGES.map((stage) => (kept[stage]?.has(stages[stage]) ? stages[stage] : OTHERS));
    const key = JSON.stringify(names);
    const before = sums.get(key)?.value ?? 0;
    sums.set(key, { stages: names as unknown as Stream['stages'], value: before + value });
  }
  return [...sums.values()].filter(({ value }) => value > 0);
}

/** The first stage by size; each further one where its streams come from, so that few cross. Others stand last. */
function orderOf(streams: readonly Stream[], stage: number, before: readonly string[] | undefined): string[] {
  const names = [...new Set(streams.map(({ stages }) => stages[stage] ?? OTHERS))];
  const place = new Map(
    names.map((name): readonly [string, readonly [number, number]] => {
      const mine = streams.filter(({ stages }) => stages[stage] === name);
      const total = sumOf(mine);
      if (before === undefined) return [name, [-total, total]];
      const middle = mine.reduce((all, one) => all + before.indexOf(one.stages[stage - 1] ?? '') * one.value, 0);
      return [name, [middle / total, total]];
    }),
  );
  const rank = (name: string) => (name === OTHERS ? Number.POSITIVE_INFINITY : (place.get(name)?.[0] ?? 0));
  const size = (name: string) => place.get(name)?.[1] ?? 0;
  return names.sort((a, b) => (rank(a) === rank(b) ? size(b) - size(a) || (a < b ? -1 : 1) : rank(a) - rank(b)));
}

/** Pixels of one unit, so that the fullest stage fits. */
function scaleOf(sums: readonly (readonly number[])[], { height, slot, gap }: SankeySize): number {
  const used = (scale: number) =>
    Math.max(
      ...sums.map(
        (values) => values.reduce((all, value) => all + Math.max(value * scale, slot), 0) + gap * (values.length - 1),
      ),
    );
  let low = 0;
  let high = height / Math.max(...sums.map((values) => values.reduce((all, value) => all + value, 0)));
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (used(middle) <= height) low = middle;
    else high = middle;
  }
  return low;
}

function linksOf(
  streams: readonly Stream[],
  nodes: readonly (readonly SankeyNode[])[],
  stage: 0 | 1,
  { nodeWidth }: SankeySize,
): readonly SankeyLink[] {
  const left = nodes[stage] ?? [];
  const right = nodes[stage + 1] ?? [];
  const taken = new Map<SankeyNode, number>();
  const place = (node: SankeyNode, width: number): number => {
    const before = taken.get(node) ?? 0;
    taken.set(node, before + width);
    return node.y + before + width / 2;
  };
  return left.flatMap((from) =>
    right.flatMap((to): readonly SankeyLink[] => {
      const value = sumOf(streams.filter(({ stages }) => stages[stage] === from.name && stages[stage + 1] === to.name));
      if (value === 0) return [];
      const width = from.height * (value / from.value);
      const y0 = place(from, width);
      const y1 = place(to, to.height * (value / to.value));
      const x0 = from.x + nodeWidth;
      const bend = (to.x - x0) / 2;
      const path = `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(to.x - bend)} ${round(y1)} ${round(to.x)} ${round(y1)}`;
      return [{ from, to, value, width: Math.max(0.75, width), path }];
    }),
  );
}

function sumOf(streams: readonly Stream[]): number {
  return streams.reduce((all, { value }) => all + value, 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
