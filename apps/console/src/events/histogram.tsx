/** Events over time, bad ones in colour. Drag over it to look closer. */
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { formatClock, formatClockSeconds, formatCount, formatDuration, msOf } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import type { EventHistogram } from './data.ts';
import styles from './events.module.css';

const DRAG_PX = 4;
const TONES = ['quiet', 'notice', 'warning', 'critical'] as const;
type Tone = (typeof TONES)[number];

export function Histogram({
  data,
  fromMs,
  toMs,
  stale,
}: {
  readonly data: EventHistogram;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stale: boolean;
}) {
  const range = useTimeRange();
  const [at, setAt] = useState<number | undefined>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | undefined>();
  const start = useRef<{ readonly x: number; readonly part: number } | undefined>(undefined);
  const startMs = msOf(data.fromAt);
  const stepMs = data.stepS * 1000;
  const spanMs = toMs - fromMs;
  const bars = useMemo(() => barsOf(data), [data]);
  const most = Math.max(1, ...bars.map((bar) => bar.total));
  const total = bars.reduce((sum, bar) => sum + bar.total, 0);
  const partOf = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const hovered = at === undefined ? undefined : bars[Math.floor((fromMs + at * spanMs - startMs) / stepMs)];
  return (
    <div className={styles['histogram']} data-stale={stale || undefined}>
      <p className={styles['count']} aria-live="off">
        {hovered === undefined || at === undefined ? (
          <>A bar is {formatDuration(stepMs)}. Drag to look closer.</>
        ) : (
          <>
            <b>{formatCount(hovered.total)}</b> from {formatClockSeconds(startMs + hovered.index * stepMs)}
            {TONES.slice(1)
              .toReversed()
              .filter((tone) => hovered.tones[tone] > 0)
              .map((tone) => (
                <span key={tone} data-tone={tone}>
                  {' '}
                  {formatCount(hovered.tones[tone])} {WORDS[tone]}
                </span>
              ))}
          </>
        )}
      </p>
      <div
        className={styles['bars']}
        role="img"
        aria-label={`${total} events over time; the busiest ${formatDuration(stepMs)} had ${most}. ${badWords(bars)}`}
        onPointerMove={(event) => {
          const part = partOf(event);
          setAt(part);
          if (start.current !== undefined && Math.abs(event.clientX - start.current.x) >= DRAG_PX) {
            setDrag({ from: Math.min(start.current.part, part), to: Math.max(start.current.part, part) });
          }
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          start.current = { x: event.clientX, part: partOf(event) };
        }}
        onPointerUp={() => {
          start.current = undefined;
          setDrag(undefined);
          if (drag !== undefined) range.zoomTo(fromMs + drag.from * spanMs, fromMs + drag.to * spanMs);
        }}
        onPointerLeave={() => setAt(undefined)}
        onDoubleClick={() => range.zoomOut()}
      >
        <svg viewBox={`0 0 ${Math.max(1, spanMs / stepMs)} 100`} preserveAspectRatio="none" aria-hidden="true">
          {bars.flatMap((bar) => {
            const x = (startMs + bar.index * stepMs - fromMs) / stepMs;
            let y = 100;
            return TONES.filter((tone) => bar.tones[tone] > 0).map((tone) => {
              const height = Math.max(2, (bar.tones[tone] / most) * 96);
              y -= height;
              return (
                <rect key={`${bar.index}${tone}`} data-tone={tone} x={x + 0.08} y={y} width={0.84} height={height} />
              );
            });
          })}
        </svg>
        {at !== undefined && <span className={styles['cursor']} style={{ insetInlineStart: `${at * 100}%` }} />}
        {drag !== undefined && (
          <span
            className={styles['drag']}
            style={{ insetInlineStart: `${drag.from * 100}%`, inlineSize: `${(drag.to - drag.from) * 100}%` }}
          />
        )}
      </div>
      <div className={styles['ticks']} aria-hidden="true">
        {[0.02, 0.26, 0.5, 0.74, 0.98].map((part) => (
          <span key={part} style={{ insetInlineStart: `${part * 100}%` }}>
            {tick(fromMs + part * spanMs, spanMs)}
          </span>
        ))}
      </div>
    </div>
  );
}

const WORDS: Readonly<Record<Tone, string>> = {
  quiet: '',
  notice: 'low',
  warning: 'medium',
  critical: 'high or critical',
};

interface Bar {
  readonly index: number;
  readonly total: number;
  readonly tones: Record<Tone, number>;
}

function barsOf(data: EventHistogram): readonly Bar[] {
  const length = Math.max(0, ...data.series.map(({ counts }) => counts.length));
  return Array.from({ length }, (_, index) => {
    const tones: Record<Tone, number> = { quiet: 0, notice: 0, warning: 0, critical: 0 };
    for (const { severity, counts } of data.series) tones[toneOf(severity)] += counts[index] ?? 0;
    return { index, tones, total: tones.quiet + tones.notice + tones.warning + tones.critical };
  });
}

function toneOf(severity: string): Tone {
  if (severity === 'high' || severity === 'critical' || severity === 'fatal') return 'critical';
  if (severity === 'medium') return 'warning';
  return 'quiet';
}

function badWords(bars: readonly Bar[]): string {
  const bad = bars.reduce((sum, bar) => sum + bar.tones.critical, 0);
  const medium = bars.reduce((sum, bar) => sum + bar.tones.warning, 0);
  return `${bad} high or critical, ${medium} medium.`;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function tick(ms: number, spanMs: number): string {
  if (spanMs <= 600_000) return formatClockSeconds(ms);
  return spanMs > 2 * 86_400_000 ? day.format(ms) : formatClock(ms);
}
