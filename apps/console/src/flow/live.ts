/** Conversations as they are now: the rows in their kept order, the total of the last minutes, what holds them still. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { msOf } from '../time/format.ts';
import { useBuckets, useLiveStart, useLiveWindows } from './data.ts';
import { advance, type LiveRow } from './live-order.ts';
import type { LiveSummary } from './types.ts';

/** Windows of the line over the table. */
const HISTORY = 90;
const HISTORY_S = 900;
const STEP_S = 10;

export interface LiveView {
  readonly rows: readonly LiveRow[];
  readonly summary: LiveSummary | undefined;
  /** Bits a second, oldest first. */
  readonly history: readonly (number | null)[];
  readonly paused: boolean;
  /** Windows that came while it was paused. */
  readonly missed: number;
  readonly query: ReturnType<typeof useLiveStart>;
  setPaused(paused: boolean): void;
  /** While true no row moves: the pointer or the focus is on them. */
  hold(held: boolean): void;
}

interface State {
  readonly rows: readonly LiveRow[];
  readonly summary: LiveSummary | undefined;
  readonly history: readonly number[];
  readonly missed: number;
}

const NOTHING: State = { rows: [], summary: undefined, history: [], missed: 0 };

/** @param wanted false asks and follows nothing: another view is shown */
export function useLiveView(wanted: boolean): LiveView {
  const query = useLiveStart(wanted);
  const before = useBuckets({ from: `-${HISTORY_S}` }, STEP_S, wanted).data;
  const [state, setState] = useState(NOTHING);
  const [paused, setPaused] = useState(false);
  const held = useRef(false);
  const isPaused = useRef(false);
  const latest = useRef<LiveSummary | undefined>(undefined);

  const take = useCallback((summary: LiveSummary) => {
    latest.current = summary;
    setState((old) =>
      isPaused.current
        ? { ...old, missed: old.missed + 1 }
        : {
            rows: advance(old.rows, summary.top, held.current),
            summary,
            history: [...old.history, summary.bitsPerSecond].slice(-HISTORY),
            missed: 0,
          },
    );
  }, []);
  const { data } = query;
  useEffect(() => {
    if (data !== undefined) take(data);
  }, [data, take]);
  useLiveWindows(wanted, take);

  return {
    ...state,
    history: fromTheRight([...earlier(before ?? [], state.summary), ...state.history]),
    paused,
    query,
    setPaused(next) {
      isPaused.current = next;
      setPaused(next);
      if (!next && latest.current !== undefined && state.missed > 0) take(latest.current);
    },
    hold(next) {
      held.current = next;
    },
  };
}

/** A short past leaves room at the left: the width always stands for the same time. */
function fromTheRight(rates: readonly (number | null)[]): readonly (number | null)[] {
  return [...Array.from({ length: HISTORY }, () => null), ...rates].slice(-HISTORY);
}

interface Past {
  readonly timeAt: string;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** What was said before the page was opened, of the archive; a step without a record after the first one was silent. */
export function earlier(buckets: readonly Past[], summary: LiveSummary | undefined): readonly (number | null)[] {
  const first = buckets[0];
  if (first === undefined || summary === undefined) return [];
  const firstMs = msOf(first.timeAt);
  const steps = Math.min(HISTORY, Math.floor((msOf(summary.timeAt) - firstMs) / (STEP_S * 1000)));
  const rates = Array.from({ length: Math.max(0, steps) }, () => 0);
  for (const { timeAt, bytesOut, bytesIn } of buckets) {
    const at = Math.round((msOf(timeAt) - firstMs) / (STEP_S * 1000));
    if (at >= 0 && at < rates.length) rates[at] = ((bytesOut + bytesIn) * 8) / STEP_S;
  }
  return rates;
}
