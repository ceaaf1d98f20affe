/**
 * The cursor that all charts, lanes and readouts of a page share, outside React: it moves with the pointer, sixty
 * times a second, and only what shows it follows. The pinned one is in the address (`?at=`), the selection too (`?sel=`).
 */
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useParams, useSetParams } from '../app/search.ts';

let hoverMs: number | undefined;
const listeners = new Set<(atMs: number | undefined) => void>();

export const cursor = {
  get: () => hoverMs,
  set(atMs: number | undefined) {
    if (atMs === hoverMs) return;
    hoverMs = atMs;
    for (const listener of listeners) listener(atMs);
  },
  subscribe(listener: (atMs: number | undefined) => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

/** Where the cursor is: under the pointer, else pinned, else undefined (readouts then show now). Epoch milliseconds. */
export function useCursor(): number | undefined {
  const hover = useSyncExternalStore(cursor.subscribe, cursor.get);
  const { at } = useParams();
  return hover ?? (at === undefined ? undefined : Number(at) * 1000);
}

/** Pins the cursor, or lets go of it with undefined. */
export function usePinCursor(): (atMs: number | undefined) => void {
  const setParams = useSetParams();
  return useCallback(
    (atMs) => setParams({ at: atMs === undefined ? undefined : String(Math.round(atMs / 1000)) }, { replace: true }),
    [setParams],
  );
}

export interface TimeSelection {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The highlighted window inside the range, kept as `?sel=<from>-<to>` in epoch seconds. */
export function useSelection(): readonly [TimeSelection | undefined, (next: TimeSelection | undefined) => void] {
  const { sel } = useParams();
  const setParams = useSetParams();
  const selection = useMemo(() => {
    const match = /^(\d{9,10})-(\d{9,10})$/.exec(sel ?? '');
    return match === null ? undefined : { fromMs: Number(match[1]) * 1000, toMs: Number(match[2]) * 1000 };
  }, [sel]);
  const set = useCallback(
    (next: TimeSelection | undefined) =>
      setParams({
        sel: next === undefined ? undefined : `${Math.floor(next.fromMs / 1000)}-${Math.ceil(next.toMs / 1000)}`,
      }),
    [setParams],
  );
  return [selection, set];
}
