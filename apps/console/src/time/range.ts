/**
 * The one range of time of the console. It lives in the address: `?range=1h` moves with the clock (Live),
 * `?from=2026-11-24T10:00:00Z&to=…` stands still. Absent: the last hour.
 */
import { useMemo, useSyncExternalStore } from 'react';
import { type SearchParams, type SetParams, useParams, useSetParams } from '../app/search.ts';
import { formatRange, spanText } from './format.ts';
import { now } from './now.ts';
import { HOUR_MS, MAX_SPAN_MS, MIN_SPAN_MS, parseMoment, parseRange, type RangeSpec, spanWord } from './words.ts';

export const DEFAULT_RANGE: RangeSpec = { kind: 'last', spanMs: HOUR_MS };

export interface TimeRange {
  readonly spec: RangeSpec;
  /** Stable while the range is the same: part of a query's key. `1h` or `from..to` in milliseconds. */
  readonly key: string;
  /** True when the range ends now and moves on. */
  readonly live: boolean;
  readonly spanMs: number;
  /** "Last hour" or "24 Nov". */
  readonly label: string;
  /** Bounds at this moment, in epoch milliseconds. Call it in a query function, not while rendering. */
  resolve(): { readonly fromMs: number; readonly toMs: number };
}

export interface TimeRangeControl extends TimeRange {
  /** Takes what a person typed. @returns false if it means nothing */
  say(words: string): boolean;
  set(spec: RangeSpec): void;
  /** Zooms to a span, as dragging on a chart does. */
  zoomTo(fromMs: number, toMs: number): void;
  /** Half a range back and forward; later ends at now and is then live again. */
  earlier(): void;
  later(): void;
  zoomIn(): void;
  zoomOut(): void;
  /** Stops at what is shown now, or goes on with the clock. */
  pause(): void;
  goLive(): void;
}

/** The range and what changes it. Renders again only when the range itself changes, not as time passes. */
export function useTimeRange(): TimeRangeControl {
  const params = useParams();
  const setParams = useSetParams();
  const { range, from, to } = params;
  return useMemo(() => control(readRange({ range, from, to }, now()), setParams), [range, from, to, setParams]);
}

/** Bounds that move with the clock once a second while live (and the tab is seen). */
export function useRangeBounds(): { readonly fromMs: number; readonly toMs: number } {
  const range = useTimeRange();
  const second = useSyncExternalStore(range.live ? subscribeSecond : subscribeNever, readSecond);
  return useMemo(
    () => (range.live ? { fromMs: second - range.spanMs, toMs: second } : range.resolve()),
    [range, second],
  );
}

/** The range of an address. Words that mean nothing give the default. */
export function readRange(params: SearchParams, nowMs: number): RangeSpec {
  if (params['from'] !== undefined && params['to'] !== undefined) {
    const fromMs = parseMoment(params['from'], nowMs);
    const toMs = parseMoment(params['to'], nowMs);
    if (fromMs !== undefined && toMs !== undefined && toMs - fromMs >= MIN_SPAN_MS) {
      return { kind: 'between', fromMs, toMs };
    }
  }
  return (params['range'] === undefined ? undefined : parseRange(params['range'], nowMs)) ?? DEFAULT_RANGE;
}

/** What the address says for a range; the default is left out. */
export function rangeParams(spec: RangeSpec): SearchParams {
  if (spec.kind === 'last') {
    return {
      range: spec.spanMs === HOUR_MS ? undefined : spanWord(spec.spanMs),
      from: undefined,
      to: undefined,
    };
  }
  return { range: undefined, from: iso(spec.fromMs), to: iso(spec.toMs) };
}

export function describeRange(spec: RangeSpec): TimeRange {
  const spanMs = spec.kind === 'last' ? spec.spanMs : spec.toMs - spec.fromMs;
  return {
    spec,
    key: spec.kind === 'last' ? spanWord(spanMs) : `${spec.fromMs}..${spec.toMs}`,
    live: spec.kind === 'last',
    spanMs,
    label: spec.kind === 'last' ? `Last ${spanText(spanMs)}` : formatRange(spec.fromMs, spec.toMs),
    resolve: () => {
      if (spec.kind === 'between') return { fromMs: spec.fromMs, toMs: spec.toMs };
      const toMs = now();
      return { fromMs: toMs - spanMs, toMs };
    },
  };
}

function control(spec: RangeSpec, setParams: SetParams): TimeRangeControl {
  const range = describeRange(spec);
  const set = (next: RangeSpec) => setParams(rangeParams(next));
  const between = (fromMs: number, toMs: number) => {
    const span = Math.min(Math.max(toMs - fromMs, MIN_SPAN_MS), MAX_SPAN_MS);
    const end = Math.min(toMs, now());
    set({ kind: 'between', fromMs: Math.round(end - span), toMs: Math.round(end) });
  };
  const scale = (factor: number) => {
    if (spec.kind === 'last') {
      set({ kind: 'last', spanMs: Math.min(Math.max(Math.round(range.spanMs * factor), MIN_SPAN_MS), MAX_SPAN_MS) });
      return;
    }
    const extra = (range.spanMs * (factor - 1)) / 2;
    between(spec.fromMs - extra, spec.toMs + extra);
  };
  return {
    ...range,
    set,
    say(words) {
      const next = parseRange(words, now());
      if (next !== undefined) set(next);
      return next !== undefined;
    },
    zoomTo(fromMs, toMs) {
      const middle = (fromMs + toMs) / 2;
      const half = Math.max(toMs - fromMs, MIN_SPAN_MS) / 2;
      between(middle - half, middle + half);
    },
    earlier() {
      const { fromMs, toMs } = range.resolve();
      between(fromMs - range.spanMs / 2, toMs - range.spanMs / 2);
    },
    later() {
      const { fromMs, toMs } = range.resolve();
      if (toMs + range.spanMs / 2 >= now()) set({ kind: 'last', spanMs: wholeSpan(range.spanMs) });
      else between(fromMs + range.spanMs / 2, toMs + range.spanMs / 2);
    },
    zoomIn: () => scale(0.5),
    zoomOut: () => scale(2),
    pause() {
      const { fromMs, toMs } = range.resolve();
      if (range.live) between(fromMs, toMs);
    },
    goLive: () => set({ kind: 'last', spanMs: wholeSpan(range.spanMs) }),
  };
}

function wholeSpan(spanMs: number): number {
  const step = spanMs >= HOUR_MS ? 60_000 : 1000;
  return Math.max(MIN_SPAN_MS, Math.round(spanMs / step) * step);
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const readSecond = () => Math.floor(now() / 1000) * 1000;
const subscribeNever = () => () => {};

function subscribeSecond(listener: () => void): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') listener();
  }, 1000);
  document.addEventListener('visibilitychange', listener);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', listener);
  };
}
