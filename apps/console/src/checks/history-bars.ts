/** A check's results as pieces of a bar: each lasts until the next. */

import type { StateBar } from '../assets/timeline/state-bars.ts';
import { msOf } from '../time/format.ts';
import { type CheckHistoryEntry, type CheckState, checkStatus } from './data.ts';

/** @param current what it is now, for a time without entries */
export function historyBars(
  entries: readonly CheckHistoryEntry[],
  current: CheckState,
  fromMs: number,
  toMs: number,
): readonly StateBar[] {
  const sorted = [...entries].sort((a, b) => msOf(a.timeAt) - msOf(b.timeAt));
  const before = sorted.filter((entry) => msOf(entry.timeAt) <= fromMs).at(-1);
  const within = sorted.filter((entry) => msOf(entry.timeAt) > fromMs && msOf(entry.timeAt) < toMs);
  const bars: StateBar[] = [];
  const push = (from: number, to: number, state: CheckState, output: string | undefined) => {
    if (to <= from) return;
    const last = bars.at(-1);
    const shown = checkStatus(state);
    if (last?.state === shown) bars[bars.length - 1] = { ...last, toMs: to };
    else
      bars.push({
        fromMs: from,
        toMs: to,
        state: shown,
        titles: state === 'ok' || output === undefined ? [] : [output],
      });
  };
  const first = within[0];
  const start = before?.state ?? (first === undefined ? current : 'pending');
  push(fromMs, first === undefined ? toMs : msOf(first.timeAt), start, before?.output);
  for (const [i, entry] of within.entries()) {
    const next = within[i + 1];
    push(msOf(entry.timeAt), next === undefined ? toMs : msOf(next.timeAt), entry.state, entry.output);
  }
  return bars;
}
