/** The state of one thing over a range, made of its problems: pieces that do not overlap, the worst on top. */
import type { Problem } from '../../api/types.ts';
import { msOf } from '../../time/format.ts';
import type { StatusState } from '../../ui/status.tsx';

export interface StateBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: StatusState;
  /** What is wrong, in the words of its problems. */
  readonly titles: readonly string[];
}

const ORDER: readonly StatusState[] = ['critical', 'warning', 'unknown', 'notice', 'ok'];

/** @param endMs now, or the end of the range: open problems last until then */
export function stateBars(problems: readonly Problem[], fromMs: number, endMs: number): readonly StateBar[] {
  const spans = problems
    .filter((problem) => problem.behind === undefined || problem.state !== 'ok')
    .map((problem) => ({
      fromMs: Math.max(fromMs, msOf(problem.openedAt)),
      toMs: Math.min(endMs, problem.closedAt === undefined ? endMs : msOf(problem.closedAt)),
      state: (problem.state === 'ok' ? 'warning' : problem.state) as StatusState,
      title: problem.title,
    }))
    .filter((span) => span.toMs > span.fromMs);
  const edges = [...new Set([fromMs, endMs, ...spans.flatMap((span) => [span.fromMs, span.toMs])])].sort(
    (a, b) => a - b,
  );
  const bars: StateBar[] = [];
  for (const [i, start] of edges.entries()) {
    const end = edges[i + 1];
    if (end === undefined) break;
    const here = spans.filter((span) => span.fromMs <= start && span.toMs >= end);
    const state = ORDER.find((one) => here.some((span) => span.state === one)) ?? 'ok';
    const titles = here.filter((span) => span.state === state).map(({ title }) => title);
    const last = bars.at(-1);
    if (last?.state === state && last.titles.join('\n') === titles.join('\n'))
      bars[bars.length - 1] = { ...last, toMs: end };
    else bars.push({ fromMs: start, toMs: end, state, titles });
  }
  return bars;
}

/** The bar that holds a moment; the last one when there is no moment. */
export function barAt(bars: readonly StateBar[], atMs: number | undefined): StateBar | undefined {
  if (atMs === undefined) return bars.at(-1);
  return bars.find((bar) => atMs >= bar.fromMs && atMs < bar.toMs);
}
