/** Where things lie on the strip: problems as bars in as few lines as will do, the rest as marks. Pure. */
import type { Problem } from '../api/types.ts';
import { msOf } from '../time/format.ts';

export interface Bar {
  readonly problem: Problem;
  readonly fromMs: number;
  readonly toMs: number;
  /** It goes on at that side. */
  readonly before: boolean;
  readonly after: boolean;
  readonly line: number;
}

export interface PackedBars {
  readonly bars: readonly Bar[];
  /** Problems that found no line. */
  readonly more: number;
}

export const MAX_LINES = 2;
const RANK: Readonly<Record<string, number>> = { critical: 0, warning: 1, unknown: 2, notice: 3, ok: 4 };

/** The worst first, each on the first line with room. */
export function packProblems(problems: readonly Problem[], fromMs: number, toMs: number): PackedBars {
  const ends: number[][] = [];
  const bars: Bar[] = [];
  let more = 0;
  const inRange = problems
    .map((problem) => ({
      problem,
      start: msOf(problem.openedAt),
      end: problem.closedAt === undefined ? toMs : msOf(problem.closedAt),
    }))
    .filter(({ start, end }) => start < toMs && end > fromMs)
    .sort(
      (a, b) =>
        rank(a.problem) - rank(b.problem) || Number(a.start <= fromMs) - Number(b.start <= fromMs) || a.start - b.start,
    );
  const room = (toMs - fromMs) / 200;
  for (const { problem, start, end } of inRange) {
    const bar = { fromMs: Math.max(start, fromMs), toMs: Math.min(end, toMs) };
    const line = freeLine(ends, bar.fromMs - room, bar.toMs + room);
    if (line === undefined) {
      more += 1;
      continue;
    }
    ends[line] = [...(ends[line] ?? []), bar.fromMs, bar.toMs];
    bars.push({ problem, ...bar, before: start < fromMs, after: problem.closedAt === undefined || end > toMs, line });
  }
  return { bars, more };
}

function freeLine(taken: readonly (readonly number[])[], fromMs: number, toMs: number): number | undefined {
  for (let line = 0; line < MAX_LINES; line += 1) {
    const spans = taken[line] ?? [];
    let free = true;
    for (let at = 0; at < spans.length; at += 2) {
      if (fromMs < (spans[at + 1] ?? 0) && toMs > (spans[at] ?? 0)) free = false;
    }
    if (free) return line;
  }
  return undefined;
}

function rank(problem: Problem): number {
  return RANK[problem.state] ?? 5;
}
