/**
 * A chart as every page shows it: title and unit, the value at the cursor or now, the plot, a legend whose values
 * follow the cursor. It exists on the screen only while near it, and redraws without rendering again.
 */
import { Table2 } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { formatClock, formatClockSeconds, NO_VALUE } from '../../time/format.ts';
import { type Span, useAxis } from './axis.tsx';
import styles from './chart.module.css';
import { ChartTable } from './chart-table.tsx';
import { nextFrame, queueMount, queueRedraw } from './frames.ts';
import { onWidth, useNear } from './near.ts';
import { Plot } from './plot.ts';
import { findGaps, type Gap, type SeriesBuffer } from './series.ts';
import {
  ALL_VISIBLE,
  type ChartKind,
  type Drawing,
  drawingOf,
  headValue,
  lineValue,
  type Shape,
  shapeOf,
  type Visibility,
} from './shape.ts';
import { summarize } from './summary.ts';
import { onSecond } from './tick.ts';
import { threeDigits, unitScale } from './units.ts';
import './plot-parts.css';

const DEFAULT_HEIGHT = 112;
/** Header and one line of legend around the plot. */
const FRAME_PX = 44;
const NO_LIMITS: readonly number[] = [];

export interface ChartProps {
  readonly title: string;
  /** As the collector names it: `KiB/s`, `percentage`. */
  readonly units: string;
  /** What a percentage is of: "of 8 cores". */
  readonly base?: string | undefined;
  readonly kind: ChartKind;
  /** Undefined while nothing has come yet. */
  readonly buffer: SeriesBuffer | undefined;
  /** Names of the series before they come, so that the legend takes its place. */
  readonly expected?: readonly { readonly id: string; readonly name: string }[];
  /** What to show, asked at each drawing. */
  readonly range: () => Span;
  /** Moves with the clock. */
  readonly live: boolean;
  /** Raw values, drawn dashed in the warning colour. */
  readonly limits?: readonly number[];
  /** Height of the plot with its time axis, in pixels. */
  readonly height?: number;
  /** Shows the last data dimmed while newer is on its way. */
  readonly pending?: boolean;
  /** In place of the plot: why there is none, and what to do. */
  readonly failed?: ReactNode;
  readonly actions?: ReactNode;
  /** The same chart in an earlier window, drawn in grey under it. */
  readonly earlier?: { readonly buffer: SeriesBuffer; readonly shiftS: number } | undefined;
  /** Told when the chart comes near the screen or leaves it: fetch then, not before. */
  readonly onNear?: (near: boolean) => void;
}

export function Chart(props: ChartProps) {
  const { title, units, base, kind, buffer, limits = NO_LIMITS, height = DEFAULT_HEIGHT, onNear, earlier } = props;
  const axis = useAxis();
  const figure = useRef<HTMLElement>(null);
  const target = useRef<HTMLDivElement>(null);
  const now = useRef<HTMLElement>(null);
  const was = useRef<HTMLElement>(null);
  const values = useRef(new Map<string, HTMLElement>());
  const unitLabel = useRef<HTMLElement>(null);
  const { near, heightPx } = useNear(figure);
  const [visibility, setVisibility] = useState<Visibility>(ALL_VISIBLE);
  const [asTable, setAsTable] = useState(false);
  const titleId = useId();

  useEffect(() => onNear?.(near), [near, onNear]);

  const shape = useMemo(
    () => (buffer === undefined ? undefined : shapeOf(kind, buffer.ids, buffer.names, buffer.columns, visibility)),
    [buffer, kind, visibility],
  );

  const { expected } = props;
  const legendShape = useMemo(
    () =>
      shape ??
      (expected === undefined
        ? undefined
        : shapeOf(
            kind,
            expected.map(({ id }) => id),
            expected.map(({ name }) => name),
            [],
          )),
    [shape, expected, kind],
  );

  const range = useRef(props.range);
  range.current = props.range;

  // The plot lives outside React: made when near, thrown away when far or when its lines change.
  useEffect(() => {
    const element = target.current;
    if (!near || asTable || shape === undefined || buffer === undefined || element === null) return;
    let plot: Plot | undefined;
    let drawing: Drawing | undefined;
    let gaps: readonly Gap[] = [];
    let drawnVersion = -1;
    const stops: (() => void)[] = [];

    const read = () => {
      nextFrame(paint);
    };
    const paint = () =>
      paintReadouts({
        axis,
        shape,
        buffer,
        gaps,
        drawing,
        earlier,
        now: now.current,
        was: was.current,
        values: values.current,
        units,
      });
    const draw = () => {
      if (plot === undefined) return;
      const span = range.current();
      if (props.live) buffer.dropBefore(span.fromS);
      if (drawing === undefined || drawnVersion !== buffer.version || props.live) {
        drawing = drawingOf(shape, units, buffer.times, buffer.columns, limits, earlier);
        gaps = findGaps(buffer.times, buffer.columns, buffer.stepS, buffer.gaps);
        drawnVersion = buffer.version;
        if (unitLabel.current !== null) unitLabel.current.textContent = unitText(drawing.scale.label, base);
      }
      plot.draw(drawing, gaps, span);
      paint();
    };
    const redraw = () => {
      stopRedraw = queueRedraw(draw);
    };
    let stopRedraw = () => {};

    stops.push(
      queueMount(() => {
        plot = new Plot({ target: element, axis, shape, height, limits, formatTime: timeLabel });
        draw();
        stops.push(
          onWidth(element, (width) => plot?.resize(width)),
          buffer.subscribe(redraw),
          axis.subscribe(read),
          ...(props.live ? [onSecond(redraw)] : []),
        );
      }),
    );
    return () => {
      for (const stop of stops) stop();
      stopRedraw();
      plot?.destroy();
    };
  }, [near, asTable, shape, buffer, earlier, axis, units, base, limits, height, props.live]);

  // Another range over the same samples.
  const rangeKey = props.live ? 'live' : `${props.range().fromS}-${props.range().toS}`;
  const summary = useMemo(
    () =>
      shape === undefined || buffer === undefined
        ? ''
        : `${rangeKey === '' ? '' : summarize(title, units, shape, buffer)}`,
    [shape, buffer, title, units, rangeKey],
  );

  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || buffer === undefined) return;
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    moveCursor(axis, buffer, range.current(), event.key === 'ArrowLeft' ? -1 : 1, event.shiftKey);
  };

  if (!near) {
    // Only its name and its place: a page may hold thousands.
    return (
      <figure
        ref={figure}
        className={styles['chart']}
        aria-labelledby={titleId}
        style={{ minBlockSize: heightPx || height + FRAME_PX }}
      >
        <h3 id={titleId} className={styles['name']}>
          {title}
        </h3>
      </figure>
    );
  }
  return (
    <figure
      ref={figure}
      className={styles['chart']}
      aria-labelledby={titleId}
      data-pending={props.pending || undefined}
    >
      <header className={styles['head']}>
        <h3 id={titleId} className={styles['name']}>
          {title}
        </h3>
        <span ref={unitLabel} className={styles['unit']}>
          {unitText(unitScale(units, 0).label, base)}
        </span>
        <b ref={now} className={styles['now']} />
        {earlier !== undefined && <span ref={was} className={styles['was']} />}
        <span className={styles['actions']}>
          {props.actions}
          <button
            type="button"
            className={styles['action']}
            aria-pressed={asTable}
            aria-label={`${title} as a table`}
            title="As a table"
            onClick={() => setAsTable(!asTable)}
          >
            <Table2 size={14} strokeWidth={1.4} aria-hidden="true" />
          </button>
        </span>
      </header>
      {props.failed !== undefined ? (
        <div className={styles['failed']} style={{ minBlockSize: height }}>
          {props.failed}
        </div>
      ) : asTable && shape !== undefined && buffer !== undefined ? (
        <ChartTable title={title} units={units} shape={shape} buffer={buffer} height={height} />
      ) : (
        <div
          ref={target}
          className={styles['plot']}
          style={{ blockSize: height }}
          role="img"
          aria-label={summary === '' ? `${title}, loading` : summary}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor here
          tabIndex={0}
          onKeyDown={onKey}
          onBlur={() => axis.setCursor(undefined)}
        />
      )}
      {legendShape === undefined ? (
        <div className={styles['legend']} />
      ) : (
        <Legend
          shape={legendShape}
          limits={limits}
          units={units}
          visibility={visibility}
          onChange={setVisibility}
          register={(id, element) => {
            if (element === null) values.current.delete(id);
            else values.current.set(id, element);
          }}
        />
      )}
    </figure>
  );
}

interface LegendProps {
  readonly shape: Shape;
  readonly limits: readonly number[];
  readonly units: string;
  readonly visibility: Visibility;
  readonly onChange: (next: Visibility) => void;
  readonly register: (id: string, element: HTMLElement | null) => void;
}

/** A click isolates a series, Ctrl-click hides it; a click on the isolated one shows all again. */
function Legend({ shape, limits, units, visibility, onChange, register }: LegendProps) {
  const click = (id: string, event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) {
      const hidden = new Set(visibility.hidden);
      if (!hidden.delete(id)) hidden.add(id);
      onChange({ isolated: undefined, hidden: hidden.size === shape.lines.length ? new Set() : hidden });
      return;
    }
    onChange({ isolated: visibility.isolated === id ? undefined : id, hidden: new Set() });
  };
  return (
    <div className={styles['legend']}>
      {shape.lines.map((line) => (
        <button
          key={line.id}
          type="button"
          className={styles['series']}
          data-color={line.color}
          data-hidden={line.hidden || undefined}
          aria-pressed={visibility.isolated === line.id}
          title="Click: only this one. Ctrl-click: hide"
          onClick={(event) => click(line.id, event)}
        >
          <i aria-hidden="true" />
          {line.name} <b ref={(element) => register(line.id, element)} />
        </button>
      ))}
      {limits.map((limit) => (
        <span key={limit} className={styles['limit']}>
          <i aria-hidden="true" />
          limit <b>{threeDigits(limit * unitScale(units, limit).factor)}</b>
        </span>
      ))}
    </div>
  );
}

interface Readouts {
  readonly axis: ReturnType<typeof useAxis>;
  readonly shape: Shape;
  readonly buffer: SeriesBuffer;
  readonly gaps: readonly Gap[];
  readonly drawing: Drawing | undefined;
  readonly earlier: ChartProps['earlier'];
  readonly units: string;
  readonly now: HTMLElement | null;
  readonly was: HTMLElement | null;
  readonly values: ReadonlyMap<string, HTMLElement>;
}

function paintReadouts(readouts: Readouts): void {
  const { axis, shape, buffer, gaps, drawing, earlier, units, now, was, values } = readouts;
  const scale = drawing?.scale ?? unitScale(units, 0);
  const cursorS = axis.cursorS();
  const index = cursorS === undefined ? lastMeasured(buffer) : buffer.indexAt(cursorS);
  const say = (value: number | null) => (value === null ? NO_VALUE : threeDigits(value * scale.factor));
  for (const line of shape.lines) {
    const element = values.get(line.id);
    if (element !== undefined) setText(element, say(lineValue(shape, line, buffer.columns, index)));
  }
  if (was !== null && earlier !== undefined) {
    const timeS = cursorS ?? buffer.times[index] ?? 0;
    const past = headValue(shape, earlier.buffer.columns, earlier.buffer.indexAt(timeS - earlier.shiftS)).value;
    setText(was, `was ${say(past)}`);
  }
  if (now === null) return;
  const gap = cursorS === undefined ? undefined : gaps.find((one) => cursorS >= one.fromS && cursorS < one.toS);
  if (gap !== undefined) {
    setText(now, gap.reason);
    now.dataset['gap'] = '';
    return;
  }
  delete now.dataset['gap'];
  const { value, name } = headValue(shape, buffer.columns, index);
  const unit = scale.sign ? `\u00a0${scale.label}` : '';
  setText(now, value === null ? NO_VALUE : `${say(value)}${unit}${name === undefined ? '' : ` ${name}`}`);
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function lastMeasured(buffer: SeriesBuffer): number {
  for (let i = buffer.times.length - 1; i >= Math.max(0, buffer.times.length - 4); i--) {
    if (buffer.columns.some((column) => (column[i] ?? null) !== null)) return i;
  }
  return buffer.times.length - 1;
}

/** Left and right move the cursor by a step; with Shift they widen the highlighted window. */
function moveCursor(
  axis: ReturnType<typeof useAxis>,
  buffer: SeriesBuffer,
  span: Span,
  direction: -1 | 1,
  extend: boolean,
): void {
  const step = Math.max(buffer.stepS, (span.toS - span.fromS) / 200);
  const from = axis.cursorS() ?? span.toS;
  const to = Math.min(span.toS, Math.max(span.fromS, from + direction * step));
  axis.setCursor(to);
  if (!extend) return;
  const selected = axis.selection() ?? { fromS: from, toS: from };
  const anchor = Math.abs(selected.fromS - from) <= Math.abs(selected.toS - from) ? selected.toS : selected.fromS;
  axis.setSelection({ fromS: Math.min(anchor, to), toS: Math.max(anchor, to) });
}

function unitText(label: string, base: string | undefined): string {
  return base === undefined ? label : `${label} ${base}`;
}

function timeLabel(timeS: number, spanS: number): string {
  if (spanS <= 600) return formatClockSeconds(timeS * 1000);
  if (spanS <= 2 * 86_400) return formatClock(timeS * 1000);
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(timeS * 1000);
}
