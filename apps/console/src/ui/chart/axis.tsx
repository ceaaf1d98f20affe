/**
 * What all charts, lanes and readouts of a page share: the cursor under the pointer and the highlighted window. Charts
 * subscribe to it outside React; the window lives in the address.
 */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { cursor, useSelection } from '../../time/cursor.ts';
import { useTimeRange } from '../../time/range.ts';

/** Epoch seconds. */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

export interface SharedAxis {
  cursorS(): number | undefined;
  selection(): Span | undefined;
  setCursor(timeS: number | undefined): void;
  setSelection(selection: Span | undefined): void;
  /** The window while a drag goes on: shown everywhere, not yet in the address. */
  previewSelection(selection: Span): void;
  /** A double click: lets go of the highlighted window, or widens the range. */
  zoomOut(): void;
  subscribe(listener: () => void): () => void;
}

const nowhere: SharedAxis = {
  cursorS: () => undefined,
  selection: () => undefined,
  setCursor: () => {},
  setSelection: () => {},
  previewSelection: () => {},
  zoomOut: () => {},
  subscribe: () => () => {},
};

const AxisContext = createContext<SharedAxis>(nowhere);

export function useAxis(): SharedAxis {
  return useContext(AxisContext);
}

/** Around everything of a page that moves in step. */
export function PageAxis({ children }: { readonly children: ReactNode }) {
  const [selection, setSelection] = useSelection();
  const range = useTimeRange();
  const latest = useRef({ setSelection, range });
  latest.current = { setSelection, range };
  const store = useMemo(() => createStore(latest), []);
  useEffect(() => {
    store.adopt(selection === undefined ? undefined : { fromS: selection.fromMs / 1000, toS: selection.toMs / 1000 });
  }, [store, selection]);
  useEffect(() => () => cursor.set(undefined), []);
  return <AxisContext.Provider value={store.axis}>{children}</AxisContext.Provider>;
}

/** The cursor for parts that React draws, in epoch seconds; undefined is now. */
export function useCursorS(): number | undefined {
  const axis = useAxis();
  return useSyncExternalStore(axis.subscribe, axis.cursorS);
}

/** The highlighted window for parts that React draws. */
export function useHighlight(): Span | undefined {
  const axis = useAxis();
  return useSyncExternalStore(axis.subscribe, axis.selection);
}

interface Latest {
  readonly current: {
    readonly setSelection: ReturnType<typeof useSelection>[1];
    readonly range: ReturnType<typeof useTimeRange>;
  };
}

function createStore(latest: Latest): { readonly axis: SharedAxis; adopt(selection: Span | undefined): void } {
  let selection: Span | undefined;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const adopt = (next: Span | undefined) => {
    if (next?.fromS === selection?.fromS && next?.toS === selection?.toS) return;
    selection = next;
    tell();
  };
  const choose = (next: Span | undefined) => {
    adopt(next);
    latest.current.setSelection(next === undefined ? undefined : { fromMs: next.fromS * 1000, toMs: next.toS * 1000 });
  };
  return {
    adopt,
    axis: {
      cursorS: () => {
        const atMs = cursor.get();
        return atMs === undefined ? undefined : atMs / 1000;
      },
      selection: () => selection,
      setCursor: (timeS) => cursor.set(timeS === undefined ? undefined : timeS * 1000),
      setSelection: choose,
      previewSelection: adopt,
      zoomOut() {
        if (selection === undefined) latest.current.range.zoomOut();
        else choose(undefined);
      },
      subscribe(listener) {
        listeners.add(listener);
        const stop = cursor.subscribe(listener);
        return () => {
          stop();
          listeners.delete(listener);
        };
      },
    },
  };
}
