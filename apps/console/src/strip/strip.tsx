/**
 * The time strip: problems, detections, changes and the rate of events on one axis. The pointer moves the cursor that
 * all charts of the page share, dragging highlights a window that they follow, a double click zooms to it.
 */
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef } from 'react';
import type { PlatformEvent, Problem } from '../api/types.ts';
import { keepTime, type SearchParams } from '../app/search.ts';
import { formatClockSeconds, formatCount, formatTime, msOf } from '../time/format.ts';
import { useRangeBounds, useTimeRange } from '../time/range.ts';
import { DAY_MS } from '../time/words.ts';
import { useAxis, useHighlight } from '../ui/chart/axis.tsx';
import { ErrorState } from '../ui/states.tsx';
import { type StatusState, severityStatus } from '../ui/status.tsx';
import {
  CHANGE_CLASSES,
  DETECTION_CLASSES,
  type Histogram,
  useEventsInRange,
  useHistogram,
  useProblemsInRange,
} from './data.ts';
import { type Bar, MAX_LINES, packProblems } from './lanes.ts';
import styles from './strip.module.css';
import { timeTicks } from './ticks.ts';

const LANE_PX = 22;
const DRAG_PX = 4;
/** Marks a lane has room for. */
const MOST_CHANGES = 90;
const MOST_DETECTIONS = 260;

export function Strip() {
  const range = useTimeRange();
  const { fromMs, toMs } = useRangeBounds();
  const problems = useProblemsInRange();
  const detections = useEventsInRange('detections', DETECTION_CLASSES);
  const changes = useEventsInRange('changes', CHANGE_CLASSES);
  const histogram = useHistogram();
  const packed = useMemo(() => packProblems(problems.problems, fromMs, toMs), [problems.problems, fromMs, toMs]);
  const scale = useMemo(() => ({ fromMs, spanMs: toMs - fromMs }), [fromMs, toMs]);
  const failed = problems.error ?? detections.error ?? changes.error ?? histogram.error;
  const retry = () => {
    problems.retry();
    void detections.refetch();
    void changes.refetch();
    void histogram.refetch();
  };
  return (
    <section aria-label={`The strip: ${range.label}`} className={styles['frame']}>
      <div className={styles['strip']}>
        <div className={styles['labels']} aria-hidden>
          <div style={{ blockSize: MAX_LINES * LANE_PX }}>
            Problems
            {packed.more > 0 && <span className={styles['more']}>{packed.more} more</span>}
          </div>
          <div>Detections</div>
          <div>Changes</div>
          <div>Events</div>
        </div>
        <Plot scale={scale}>
          <Brush scale={scale} />
          <div className={styles['lane']} style={{ blockSize: MAX_LINES * LANE_PX }}>
            {packed.bars.map((bar) => (
              <ProblemBar key={bar.problem.id} bar={bar} scale={scale} />
            ))}
          </div>
          <Marks events={detections.data?.items} scale={scale} kind="detection" />
          <Marks events={changes.data?.items} scale={scale} kind="change" />
          <Rate histogram={histogram.data} scale={scale} />
          <Ticks scale={scale} />
          <CursorLine scale={scale} />
          {failed !== null && (
            <div className={styles['failed']}>
              <ErrorState what="all of the strip" error={failed} retry={retry} inline />
            </div>
          )}
        </Plot>
      </div>
      <p className="visually-hidden">
        {summary(problems.problems, detections.data?.items.length, changes.data?.items.length, histogram.data)}
      </p>
    </section>
  );
}

interface Scale {
  readonly fromMs: number;
  readonly spanMs: number;
}

/** Percent of the width, as a length. */
function at(scale: Scale, ms: number): string {
  return `${(((ms - scale.fromMs) / scale.spanMs) * 100).toFixed(3)}%`;
}

/** Hears pointer and keys, and moves the shared cursor and window. */
function Plot({ scale, children }: { readonly scale: Scale; readonly children: React.ReactNode }) {
  const axis = useAxis();
  const range = useTimeRange();
  const element = useRef<HTMLDivElement>(null);
  const drag = useRef<{ readonly x: number; readonly atS: number; moved: boolean } | undefined>(undefined);

  const timeAt = (clientX: number) => {
    const box = element.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return scale.fromMs / 1000;
    const share = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    return (scale.fromMs + share * scale.spanMs) / 1000;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    drag.current = { x: event.clientX, atS: timeAt(event.clientX), moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const atS = timeAt(event.clientX);
    axis.setCursor(atS);
    const start = drag.current;
    if (start === undefined) return;
    if (!start.moved && Math.abs(event.clientX - start.x) < DRAG_PX) return;
    if (!start.moved) element.current?.setPointerCapture(event.pointerId);
    start.moved = true;
    paintBrush(element.current, scale, Math.min(start.atS, atS) * 1000, Math.max(start.atS, atS) * 1000);
  };
  const onPointerUp = (event: PointerEvent) => {
    const start = drag.current;
    drag.current = undefined;
    if (start?.moved !== true) return;
    const atS = timeAt(event.clientX);
    axis.setSelection({ fromS: Math.min(start.atS, atS), toS: Math.max(start.atS, atS) });
  };
  const onDoubleClick = (event: React.MouseEvent) => {
    const selected = axis.selection();
    const atS = timeAt(event.clientX);
    if (selected !== undefined && atS >= selected.fromS && atS <= selected.toS) {
      axis.setSelection(undefined);
      range.zoomTo(selected.fromS * 1000, selected.toS * 1000);
    } else axis.zoomOut();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const step = scale.spanMs / 120_000;
    const here = axis.cursorS() ?? (scale.fromMs + scale.spanMs) / 1000;
    const selected = axis.selection();
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const wanted = here + (event.key === 'ArrowLeft' ? -step : step);
      const next = Math.min(Math.max(wanted, scale.fromMs / 1000), (scale.fromMs + scale.spanMs) / 1000);
      axis.setCursor(next);
      if (event.shiftKey) axis.setSelection(grown(selected, here, next));
    } else if (event.key === 'Enter' && selected !== undefined) {
      axis.setSelection(undefined);
      range.zoomTo(selected.fromS * 1000, selected.toS * 1000);
    } else if (event.key === 'Escape' && selected !== undefined) axis.setSelection(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; this is a drawing with keys
    <div
      ref={element}
      className={styles['plot']}
      role="group"
      aria-label="Time strip. Left and right move the cursor, with Shift they highlight, Enter zooms in."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor here
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerLeave={() => axis.setCursor(undefined)}
      onDoubleClick={onDoubleClick}
      onKeyDown={onKeyDown}
      onBlur={() => axis.setCursor(undefined)}
    >
      {children}
    </div>
  );
}

function grown(selected: { readonly fromS: number; readonly toS: number } | undefined, from: number, to: number) {
  const anchor =
    selected === undefined
      ? from
      : Math.abs(selected.fromS - from) <= Math.abs(selected.toS - from)
        ? selected.toS
        : selected.fromS;
  return { fromS: Math.min(anchor, to), toS: Math.max(anchor, to) };
}

/** While dragging the window is drawn without rendering. */
function paintBrush(plot: HTMLElement | null, scale: Scale, fromMs: number, toMs: number): void {
  const brush = plot?.querySelector<HTMLElement>('[data-brush]');
  if (brush === null || brush === undefined) return;
  brush.hidden = false;
  brush.style.insetInlineStart = at(scale, fromMs);
  brush.style.inlineSize = `${((toMs - fromMs) / scale.spanMs) * 100}%`;
}

function Brush({ scale }: { readonly scale: Scale }) {
  const highlight = useHighlight();
  const axis = useAxis();
  const range = useTimeRange();
  const shown =
    highlight !== undefined &&
    highlight.toS * 1000 > scale.fromMs &&
    highlight.fromS * 1000 < scale.fromMs + scale.spanMs;
  const fromMs = (highlight?.fromS ?? 0) * 1000;
  const toMs = (highlight?.toS ?? 0) * 1000;
  const zoom = () => {
    axis.setSelection(undefined);
    range.zoomTo(fromMs, toMs);
  };
  return (
    <>
      <div
        data-brush
        className={styles['brush']}
        hidden={!shown}
        style={
          shown
            ? { insetInlineStart: at(scale, fromMs), inlineSize: `${((toMs - fromMs) / scale.spanMs) * 100}%` }
            : undefined
        }
      />
      {shown && (
        <button
          type="button"
          className={styles['zoom']}
          style={{
            insetInlineStart: at(
              scale,
              (Math.max(fromMs, scale.fromMs) + Math.min(toMs, scale.fromMs + scale.spanMs)) / 2,
            ),
          }}
          onClick={zoom}
        >
          Zoom in
        </button>
      )}
    </>
  );
}

/** For the pointer; the keyboard finds the same problems in the list below, in rows of full height. */
function ProblemBar({ bar, scale }: { readonly bar: Bar; readonly scale: Scale }) {
  const navigate = useNavigate();
  const { problem } = bar;
  const open = () =>
    void navigate({ to: `/problems/${problem.id}`, search: (before: SearchParams) => keepTime(before) } as never);
  return (
    <button
      type="button"
      className={styles['bar']}
      data-state={problem.state}
      data-open={bar.after || undefined}
      tabIndex={-1}
      title={problem.title}
      aria-label={`${problem.title}, since ${formatTime(msOf(problem.openedAt), scale.fromMs + scale.spanMs)}`}
      onClick={open}
      style={{
        insetInlineStart: at(scale, bar.fromMs),
        inlineSize: `${((bar.toMs - bar.fromMs) / scale.spanMs) * 100}%`,
        insetBlockStart: bar.line * LANE_PX + 3,
      }}
    >
      {problem.title}
    </button>
  );
}

interface MarksProps {
  readonly events: readonly PlatformEvent[] | undefined;
  readonly scale: Scale;
  readonly kind: 'detection' | 'change';
}

const MARK_HEIGHT: Readonly<Record<StatusState, number>> = {
  critical: 16,
  warning: 11,
  notice: 9,
  unknown: 7,
  silent: 7,
  ok: 7,
};

function Marks({ events = [], scale, kind }: MarksProps) {
  const shown = thinOut(events, scale, kind === 'change' ? MOST_CHANGES : MOST_DETECTIONS);
  return (
    <svg className={styles['marks']} aria-hidden="true">
      {shown.map((event) => {
        const x = at(scale, msOf(event.timeAt));
        if (kind === 'change') {
          return (
            <svg key={event.id} x={x} y="7" overflow="visible">
              <title>{event.message}</title>
              <path className={styles['diamond']} d="M0 0 4.5 4.5 0 9-4.5 4.5z" />
            </svg>
          );
        }
        const state = severityStatus(event.severity);
        const height = MARK_HEIGHT[state];
        return (
          <svg key={event.id} x={x} y={19 - height} overflow="visible">
            <title>{event.message}</title>
            <rect className={styles['tick']} data-state={state} x="-1" width="2" height={height} rx="1" />
          </svg>
        );
      })}
    </svg>
  );
}

/** One mark a place, the gravest: a thousand on one line say no more than a hundred. */
function thinOut(events: readonly PlatformEvent[], scale: Scale, places: number): readonly PlatformEvent[] {
  const kept = new Map<number, PlatformEvent>();
  for (const event of events) {
    const place = Math.floor(((msOf(event.timeAt) - scale.fromMs) / scale.spanMs) * places);
    if (place < 0 || place >= places) continue;
    const other = kept.get(place);
    if (
      other === undefined ||
      MARK_HEIGHT[severityStatus(event.severity)] > MARK_HEIGHT[severityStatus(other.severity)]
    )
      kept.set(place, event);
  }
  return [...kept.values()];
}

function Rate({ histogram, scale }: { readonly histogram: Histogram | undefined; readonly scale: Scale }) {
  if (histogram === undefined) return <div className={styles['marks']} />;
  const startMs = msOf(histogram.fromAt);
  const count = Math.max(0, ...histogram.series.map(({ counts }) => counts.length));
  const totals = Array.from({ length: count }, (_, index) =>
    histogram.series.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
  );
  const most = Math.max(1, ...totals);
  const width = ((histogram.stepS * 1000) / scale.spanMs) * 100;
  return (
    <svg className={styles['marks']} aria-hidden="true">
      {totals.map((total, index) => {
        const left = ((startMs + index * histogram.stepS * 1000 - scale.fromMs) / scale.spanMs) * 100;
        if (total === 0 || left + width < 0 || left > 100) return null;
        const height = Math.max(1.5, (total / most) * 18);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bucket is its place
            key={index}
            className={styles['rate']}
            x={`${left}%`}
            y={22 - height}
            width={`${width * 0.8}%`}
            height={height}
          />
        );
      })}
    </svg>
  );
}

function Ticks({ scale }: { readonly scale: Scale }) {
  const ticks = timeTicks(scale.fromMs, scale.fromMs + scale.spanMs, 7);
  return (
    <div className={styles['ticks']} aria-hidden>
      {ticks.map(({ atMs, label }) => {
        const share = (atMs - scale.fromMs) / scale.spanMs;
        return share < 0.03 || share > 0.97 ? null : (
          <span key={atMs} style={{ insetInlineStart: at(scale, atMs) }}>
            {label}
          </span>
        );
      })}
    </div>
  );
}

/** Follows the shared cursor outside React: it moves with every pixel of the pointer. */
function CursorLine({ scale }: { readonly scale: Scale }) {
  const axis = useAxis();
  const line = useRef<HTMLDivElement>(null);
  const label = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const paint = () => {
      const element = line.current;
      const cursorMs = (axis.cursorS() ?? Number.NaN) * 1000;
      if (element === null) return;
      const share = (cursorMs - scale.fromMs) / scale.spanMs;
      element.hidden = !(share >= 0 && share <= 1);
      if (element.hidden || label.current === null) return;
      element.style.insetInlineStart = `${share * 100}%`;
      element.dataset['side'] = share > 0.85 ? 'left' : 'right';
      label.current.textContent =
        scale.spanMs > 2 * DAY_MS ? formatTime(cursorMs, Date.now()) : formatClockSeconds(cursorMs);
    };
    paint();
    return axis.subscribe(paint);
  }, [axis, scale]);
  return (
    <div ref={line} className={styles['cursor']} hidden>
      <span ref={label} />
    </div>
  );
}

function summary(problems: readonly Problem[], detections = 0, changes = 0, histogram?: Histogram): string {
  const events =
    histogram?.series.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0) ?? 0;
  return `In this range: ${problems.length} problems, ${detections} detections, ${changes} changes, ${formatCount(events)} events.`;
}
