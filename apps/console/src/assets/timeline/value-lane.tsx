/** One line over the shared axis: drawn on a canvas from a buffer, its number at the cursor or now beside it. */
import { useEffect, useRef } from 'react';
import { useSeries } from '../../metrics/series.ts';
import { NO_VALUE } from '../../time/format.ts';
import { type SharedAxis, useAxis } from '../../ui/chart/axis.tsx';
import { nextFrame, queueRedraw } from '../../ui/chart/frames.ts';
import { onWidth } from '../../ui/chart/near.ts';
import { findGaps, type SeriesBuffer } from '../../ui/chart/series.ts';
import { roundUp } from '../../ui/chart/shape.ts';
import { chartColors, faded, onThemeChange } from '../../ui/chart/theme.ts';
import { onSecond } from '../../ui/chart/tick.ts';
import { threeDigits, unitScale } from '../../ui/chart/units.ts';
import type { ChartLane } from './lane-charts.ts';
import styles from './timeline.module.css';

const TALL = 54;
const LOW = 38;
const POINTS = 480;

export function ValueLane({ lane }: { readonly lane: ChartLane }) {
  const axis = useAxis();
  const series = useSeries(lane.chart, true, POINTS);
  const canvas = useRef<HTMLCanvasElement>(null);
  const value = useRef<HTMLSpanElement>(null);
  const top = useRef<HTMLSpanElement>(null);
  const unit = useRef<HTMLElement>(null);
  const height = lane.tall ? TALL : LOW;
  const { buffer, live } = series;
  const range = useRef(series.range);
  range.current = series.range;

  useEffect(() => {
    const element = canvas.current;
    if (element === null || buffer === undefined) return;
    let high = 0;
    const paint = () => readOut(axis, buffer, lane, high, value.current, unit.current);
    const draw = () => {
      const span = range.current();
      if (live) buffer.dropBefore(span.fromS);
      high = drawLane(element, buffer, lane, span);
      const scale = unitScale(lane.units, high);
      if (top.current !== null) top.current.textContent = threeDigits(high * scale.factor);
      paint();
    };
    const later = () => queueRedraw(draw);
    const stops = [
      onWidth(element, draw),
      buffer.subscribe(later),
      onThemeChange(draw),
      axis.subscribe(() => nextFrame(paint)),
      ...(live ? [onSecond(later)] : []),
    ];
    draw();
    return () => {
      for (const stop of stops) stop();
    };
  }, [axis, buffer, lane, live]);

  return (
    <>
      <div className={styles['label']} style={{ blockSize: height }}>
        <span>{lane.label}</span>
        <small ref={unit}>{lane.unit}</small>
      </div>
      <div className={styles['plot']} style={{ blockSize: height }} data-pending={series.pending || undefined}>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus */}
        <canvas ref={canvas} className={styles['canvas']} aria-hidden="true" />
        <span ref={top} className={styles['top']} aria-hidden="true" />
        {series.error !== null && <span className={styles['note']}>No samples: {messageOf(series.error)}</span>}
      </div>
      <div className={styles['value']} style={{ blockSize: height }}>
        <span ref={value}>{NO_VALUE}</span>
      </div>
    </>
  );
}

/** @returns the top of the axis, in the lane's unit */
function drawLane(
  canvas: HTMLCanvasElement,
  buffer: SeriesBuffer,
  lane: ChartLane,
  span: { readonly fromS: number; readonly toS: number },
): number {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null) return 1;
  const colors = chartColors();
  const values = buffer.times.map((_, index) => lane.value(buffer, index));
  const high = lane.max ?? (roundUp(values.reduce<number>((most, one) => Math.max(most, one ?? 0), 0)) || 1);
  const x = (timeS: number) => ((timeS - span.fromS) / (span.toS - span.fromS)) * width;
  const y = (one: number) => height - 1 - (Math.min(one, high) / high) * (height - 4);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.strokeStyle = colors.hatch;
  context.lineWidth = 1;
  for (const gap of findGaps(buffer.times, buffer.columns, buffer.stepS, buffer.gaps)) {
    hatch(context, x(gap.fromS), x(gap.toS), height);
  }
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.strokeStyle = colors.lines[1] ?? '';
  context.fillStyle = faded(colors.lines[1] ?? '', 0.16);
  let start = -1;
  for (let i = 0; i <= values.length; i++) {
    const missing = (values[i] ?? null) === null;
    if (!missing && start < 0) start = i;
    if (!missing || start < 0) continue;
    const line = new Path2D();
    for (let at = start; at < i; at++) line.lineTo(x(buffer.times[at]!), y(values[at]!));
    const area = new Path2D(line);
    area.lineTo(x(buffer.times[i - 1]!), height);
    area.lineTo(x(buffer.times[start]!), height);
    context.fill(area);
    context.stroke(line);
    start = -1;
  }
  return high;
}

function hatch(context: CanvasRenderingContext2D, from: number, to: number, height: number): void {
  if (to - from < 1) return;
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, height);
  context.clip();
  context.beginPath();
  for (let at = from - height; at < to; at += 5) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  context.restore();
}

function readOut(
  axis: SharedAxis,
  buffer: SeriesBuffer,
  lane: ChartLane,
  high: number,
  value: HTMLElement | null,
  unit: HTMLElement | null,
): void {
  const cursorS = axis.cursorS();
  let index = cursorS === undefined ? buffer.times.length - 1 : buffer.indexAt(cursorS);
  let number = index < 0 ? null : lane.value(buffer, index);
  // The last step may not have its sample yet.
  if (cursorS === undefined && number === null && index > 0) number = lane.value(buffer, --index);
  const scale = unitScale(lane.units, high);
  if (value !== null) value.textContent = number === null ? NO_VALUE : threeDigits(number * scale.factor);
  if (unit !== null && scale.sign && lane.units !== 'percentage') unit.textContent = `${scale.label}, ${lane.unit}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
