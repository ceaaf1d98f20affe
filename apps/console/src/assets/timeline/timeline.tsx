/**
 * Lanes of one asset on one time axis: state, what is measured, checks, events and changes. The pointer moves the
 * cursor of the page, a drag highlights a window, a click pins the moment that the events below are around.
 */
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { AssetChange, PlatformEvent, Problem } from '../../api/types.ts';
import { usePinCursor } from '../../time/cursor.ts';
import { formatClock, formatClockSeconds, msOf } from '../../time/format.ts';
import { useRangeBounds } from '../../time/range.ts';
import { useAxis, useCursorS, useHighlight } from '../../ui/chart/axis.tsx';
import { StatusIcon, severityStatus, statusWord } from '../../ui/status.tsx';
import { changeMarks, changeSentence, LATE_PLACE } from '../changes.ts';
import type { ChartLane } from './lane-charts.ts';
import { barAt, type StateBar, stateBars } from './state-bars.ts';
import styles from './timeline.module.css';
import { ValueLane } from './value-lane.tsx';

const DRAG_PX = 4;
const MAX_MARKS = 60;

export interface CheckLane {
  readonly id: string;
  readonly name: string;
  readonly bars: readonly StateBar[];
}

export interface TimelineProps {
  readonly problems: readonly Problem[];
  readonly lanes: readonly ChartLane[];
  readonly checks: readonly CheckLane[];
  readonly events: readonly PlatformEvent[];
  readonly changes: readonly AssetChange[];
  /** Names of related assets by id. */
  readonly names: ReadonlyMap<string, string>;
}

export function Timeline({ problems, lanes, checks, events, changes, names }: TimelineProps) {
  const { fromMs, toMs } = useRangeBounds();
  const states = useMemo(() => stateBars(problems, fromMs, toMs), [problems, fromMs, toMs]);
  const troubled = checks.filter((check) => check.bars.some((bar) => bar.state !== 'ok'));
  const calm = checks.filter((check) => !troubled.includes(check));
  const marks = events.filter((event) => inside(event.timeAt, fromMs, toMs));
  const changeLane = useMemo(() => changeMarks(changes, fromMs, toMs), [changes, fromMs, toMs]);
  const changed = changeLane.reduce((sum, mark) => sum + mark.changes.length, 0);
  return (
    <section className={styles['lanes']} aria-label="Timeline">
      <CursorTime fromMs={fromMs} toMs={toMs} />
      <Lane label="State" value={<StateValue bars={states} />}>
        <Bars bars={states} fromMs={fromMs} toMs={toMs} />
      </Lane>
      {lanes.map((lane) => (
        <ValueLane key={lane.key} lane={lane} />
      ))}
      {checks.length === 0 && (
        <Lane label="Checks" value="None">
          {null}
        </Lane>
      )}
      {troubled.map((check) => (
        <Lane key={check.id} label={check.name} small="check" value={<StateValue bars={check.bars} />}>
          <Bars bars={check.bars} fromMs={fromMs} toMs={toMs} thin />
        </Lane>
      ))}
      {calm.length > 0 && (
        <Lane label={calmNames(calm)} small={calm.length === 1 ? 'check' : 'checks'} value="All pass">
          <Bars bars={[{ fromMs, toMs, state: 'ok', titles: [] }]} fromMs={fromMs} toMs={toMs} thin />
        </Lane>
      )}
      <Lane label="Events" small="medium and worse" value={marks.length === 0 ? 'None' : `${marks.length} in view`}>
        {spread(marks, fromMs, toMs).map((event) => (
          <Mark key={event.id} atMs={msOf(event.timeAt)} fromMs={fromMs} toMs={toMs} title={event.message}>
            <StatusIcon state={severityStatus(event.severity)} label={event.message} />
          </Mark>
        ))}
      </Lane>
      <Lane label="Changes" value={changed === 0 ? 'None' : `${changed} in view`}>
        {changeLane.map((mark) => {
          const [first, ...more] = mark.changes.map((change) => changeSentence(change, names));
          return (
            <Mark
              key={mark.timeAt}
              atMs={msOf(mark.timeAt)}
              fromMs={fromMs}
              toMs={toMs}
              title={[first, ...more].slice(0, 12).join(', ')}
              room={mark.room}
              text={mark.room > 0 ? `${first}${more.length === 0 ? '' : ` and ${more.length} more`}` : undefined}
            >
              <span className={styles['diamond']} aria-hidden="true" />
            </Mark>
          );
        })}
      </Lane>
      <TimeAxis fromMs={fromMs} toMs={toMs} />
      <Pointer fromMs={fromMs} toMs={toMs} />
    </section>
  );
}

interface LaneProps {
  readonly label: string;
  readonly small?: string;
  readonly value: ReactNode;
  readonly children?: ReactNode;
}

function Lane({ label, small, value, children }: LaneProps) {
  return (
    <>
      <div className={styles['label']} data-line="">
        <span>{label}</span>
        {small !== undefined && <small>{small}</small>}
      </div>
      <div className={styles['plot']} data-line="">
        {children}
      </div>
      <div className={styles['value']} data-line="">
        {value}
      </div>
    </>
  );
}

function Bars({
  bars,
  fromMs,
  toMs,
  thin = false,
}: {
  readonly bars: readonly StateBar[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly thin?: boolean;
}) {
  return bars.map((bar) => (
    <span
      key={bar.fromMs}
      className={thin ? styles['thin'] : styles['bar']}
      data-state={bar.state}
      title={bar.titles.join(', ') || statusWord(bar.state)}
      style={{
        insetInlineStart: percent(bar.fromMs, fromMs, toMs),
        inlineSize: `${(100 * (bar.toMs - bar.fromMs)) / (toMs - fromMs)}%`,
      }}
    >
      {thin
        ? null
        : bar.titles.length === 0
          ? statusWord(bar.state)
          : `${statusWord(bar.state)}: ${bar.titles.join(', ')}`}
    </span>
  ));
}

/** The state at the cursor, or now. */
function StateValue({ bars }: { readonly bars: readonly StateBar[] }) {
  const cursorS = useCursorS();
  const bar = barAt(bars, cursorS === undefined ? undefined : cursorS * 1000);
  if (bar === undefined) return null;
  return <b data-state={bar.state}>{bar.state === 'ok' ? 'Healthy' : statusWord(bar.state)}</b>;
}

interface MarkProps {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly title: string;
  readonly text?: string | undefined;
  /** Part of the width that it may take with its text. */
  readonly room?: number;
  readonly children: ReactNode;
}

function Mark({ atMs, fromMs, toMs, title, text, room, children }: MarkProps) {
  const place = (atMs - fromMs) / (toMs - fromMs);
  return (
    <span
      className={styles['mark']}
      title={`${formatClockSeconds(atMs)} ${title}`}
      data-late={place > LATE_PLACE || undefined}
      style={{
        insetInlineStart: percent(atMs, fromMs, toMs),
        ...(room === undefined ? {} : { maxInlineSize: `${room * 100}%` }),
      }}
    >
      {children}
      {text !== undefined && <span className={styles['words']}>{text}</span>}
    </span>
  );
}

/** The label over the cursor, and "now" or the moment over the numbers. */
function CursorTime({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const cursorS = useCursorS();
  const shown = cursorS !== undefined && cursorS * 1000 >= fromMs && cursorS * 1000 <= toMs;
  return (
    <>
      <div className={styles['headLabel']} />
      <div className={styles['headPlot']}>
        {shown && (
          <span className={styles['at']} style={{ insetInlineStart: percent(cursorS * 1000, fromMs, toMs) }}>
            {formatClockSeconds(cursorS * 1000)}
          </span>
        )}
      </div>
      <div className={styles['headValue']}>{shown ? `at ${formatClockSeconds(cursorS * 1000)}` : 'now'}</div>
    </>
  );
}

function TimeAxis({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const step = niceStep((toMs - fromMs) / 6);
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at < toMs; at += step) {
    const place = (at - fromMs) / (toMs - fromMs);
    if (place > 0.03 && place < 0.97) ticks.push(at);
  }
  return (
    <>
      <div />
      <div className={styles['ticks']} aria-hidden="true">
        {ticks.map((at) => (
          <span key={at} style={{ insetInlineStart: percent(at, fromMs, toMs) }}>
            {step < 60_000 ? formatClockSeconds(at) : toMs - fromMs > 2 * 86_400_000 ? day.format(at) : formatClock(at)}
          </span>
        ))}
      </div>
      <div />
    </>
  );
}

/** The cursor line and the window over all lanes; takes the pointer for all of them. */
function Pointer({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const axis = useAxis();
  const pin = usePinCursor();
  const cursorS = useCursorS();
  const window = useHighlight();
  const area = useRef<HTMLDivElement>(null);
  const dragFrom = useRef<{ readonly x: number; readonly timeS: number } | undefined>(undefined);
  useEffect(() => () => axis.setCursor(undefined), [axis]);
  const timeAt = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return (fromMs + part * (toMs - fromMs)) / 1000;
  };
  const cursorMs = cursorS === undefined ? undefined : cursorS * 1000;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; the numbers beside it are text
    <div
      ref={area}
      className={styles['pointer']}
      onPointerMove={(event) => {
        const timeS = timeAt(event);
        axis.setCursor(timeS);
        const start = dragFrom.current;
        if (start !== undefined && Math.abs(event.clientX - start.x) >= DRAG_PX) {
          axis.previewSelection({ fromS: Math.min(start.timeS, timeS), toS: Math.max(start.timeS, timeS) });
        }
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        if (event.pointerType !== 'touch') event.currentTarget.setPointerCapture(event.pointerId);
        dragFrom.current = { x: event.clientX, timeS: timeAt(event) };
      }}
      onPointerUp={(event) => {
        const start = dragFrom.current;
        dragFrom.current = undefined;
        if (start === undefined) return;
        const timeS = timeAt(event);
        if (Math.abs(event.clientX - start.x) < DRAG_PX) pin(timeS * 1000);
        else axis.setSelection({ fromS: Math.min(start.timeS, timeS), toS: Math.max(start.timeS, timeS) });
      }}
      onPointerLeave={() => {
        if (dragFrom.current === undefined) axis.setCursor(undefined);
      }}
      onDoubleClick={() => axis.zoomOut()}
    >
      {window !== undefined && (
        <span
          className={styles['window']}
          style={{
            insetInlineStart: percent(Math.max(window.fromS * 1000, fromMs), fromMs, toMs),
            insetInlineEnd: `${Math.max(0, 100 - (100 * (window.toS * 1000 - fromMs)) / (toMs - fromMs))}%`,
          }}
        />
      )}
      {cursorMs !== undefined && cursorMs >= fromMs && cursorMs <= toMs && (
        <span className={styles['cursor']} style={{ insetInlineStart: percent(cursorMs, fromMs, toMs) }} />
      )}
    </div>
  );
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (s) => s * 1000,
);

function niceStep(wantMs: number): number {
  return STEPS_MS.find((step) => step >= wantMs) ?? Math.ceil(wantMs / 86_400_000) * 86_400_000;
}

function percent(atMs: number, fromMs: number, toMs: number): string {
  return `${Math.max(0, (100 * (atMs - fromMs)) / (toMs - fromMs)).toFixed(3)}%`;
}

function inside(at: string, fromMs: number, toMs: number): boolean {
  const ms = msOf(at);
  return ms >= fromMs && ms <= toMs;
}

/** At most one mark in each sixtieth of the range, the worst of it. */
function spread(events: readonly PlatformEvent[], fromMs: number, toMs: number): readonly PlatformEvent[] {
  const places = new Map<number, PlatformEvent>();
  for (const event of events) {
    const place = Math.floor((MAX_MARKS * (msOf(event.timeAt) - fromMs)) / (toMs - fromMs));
    const there = places.get(place);
    if (there === undefined || SEVERITY_ORDER.indexOf(event.severity) > SEVERITY_ORDER.indexOf(there.severity))
      places.set(place, event);
  }
  return [...places.values()];
}

const SEVERITY_ORDER: readonly string[] = ['unknown', 'informational', 'low', 'medium', 'high', 'critical', 'fatal'];

function calmNames(checks: readonly CheckLane[]): string {
  const names = checks.slice(0, 3).map(({ name }) => name);
  return checks.length > 3 ? `${names.join(', ')}, ${checks.length - 3} more` : names.join(', ');
}
