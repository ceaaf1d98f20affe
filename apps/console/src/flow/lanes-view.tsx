/**
 * Conversations of one address on the page's time axis, one lane each. The pointer moves the cursor of all charts, a
 * drag looks closer, a double click looks wider; a lane's name opens its records.
 */
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { formatBytes, formatClock, formatClockSeconds, msOf } from '../time/format.ts';
import { useRangeBounds, useTimeRange } from '../time/range.ts';
import { useAxis, useCursorS } from '../ui/chart/axis.tsx';
import { StatusIcon, type StatusState } from '../ui/status.tsx';
import type { AssetNames } from './address.tsx';
import { lineOf } from './filter.ts';
import styles from './flow.module.css';
import { mostOf, piecesOf, stepAt, ticksOf } from './host-lanes.ts';
import type { Lane } from './types.ts';
import { serviceName } from './words.ts';

const DRAG_PX = 4;
const TWO_DAYS_MS = 2 * 86_400_000;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export interface LanesViewProps {
  readonly address: string;
  readonly lanes: readonly Lane[];
  readonly stepS: number;
  readonly problems: readonly Problem[];
  /** Peers that were never met before the range. */
  readonly fresh: ReadonlySet<string>;
  readonly names: AssetNames;
}

export function LanesView({ address, lanes, stepS, problems, fresh, names }: LanesViewProps) {
  const { fromMs, toMs } = useRangeBounds();
  const most = useMemo(() => mostOf(lanes), [lanes]);
  const found = problems.filter(({ openedAt }) => msOf(openedAt) >= fromMs && msOf(openedAt) <= toMs);
  return (
    <div className={styles['lanes']}>
      <LaneRow label={<span>Findings</span>} value={found.length === 0 ? 'None' : `${found.length} in view`}>
        {found.map((problem) => (
          <Link
            key={problem.id}
            to={`/problems/${encodeURIComponent(problem.id)}`}
            className={styles['mark']}
            title={`${formatClockSeconds(msOf(problem.openedAt))} ${problem.title}`}
            style={{ insetInlineStart: percent(msOf(problem.openedAt), fromMs, toMs) }}
          >
            <StatusIcon state={problem.state as StatusState} label={problem.title} />
          </Link>
        ))}
      </LaneRow>
      {lanes.map((lane) => (
        <LaneRow
          key={`${lane.role} ${lane.peer} ${lane.port} ${lane.protocol}`}
          label={<LaneName address={address} lane={lane} isNew={fresh.has(lane.peer)} names={names} />}
          value={<LaneValue lane={lane} stepMs={stepS * 1000} />}
        >
          <Pieces lane={lane} stepMs={stepS * 1000} most={most} fromMs={fromMs} toMs={toMs} />
        </LaneRow>
      ))}
      <div />
      <div className={styles['ticks']} aria-hidden="true">
        {ticksOf(fromMs, toMs).map((at) => (
          <span key={at} style={{ insetInlineStart: percent(at, fromMs, toMs) }}>
            {tickText(at, toMs - fromMs)}
          </span>
        ))}
      </div>
      <div />
      <Pointer fromMs={fromMs} toMs={toMs} />
    </div>
  );
}

function LaneRow({
  label,
  value,
  children,
}: {
  readonly label: ReactNode;
  readonly value: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <>
      <div className={styles['laneName']}>{label}</div>
      <div className={styles['lane']}>{children}</div>
      <div className={styles['laneValue']}>{value}</div>
    </>
  );
}

interface LaneNameProps {
  readonly address: string;
  readonly lane: Lane;
  readonly isNew: boolean;
  readonly names: AssetNames;
}

/** Who calls whom at which port: "→ 198.51.100.7 443/tcp". */
function LaneName({ address, lane, isNew, names }: LaneNameProps) {
  const { peer, role, port, protocol } = lane;
  const ends = role === 'calls' ? { source: address, destination: peer } : { source: peer, destination: address };
  const service = serviceName(port, protocol);
  const arrow = role === 'calls' ? 'to' : 'from';
  return (
    <Link
      to="/flows"
      search={{ view: 'records', q: lineOf({ ...ends, port, protocol }) }}
      title={`${arrow} ${peer}, ${service}${isNew ? ', never met before' : ''}: open the records`}
    >
      <small aria-hidden="true">{role === 'calls' ? '→' : '←'}</small>
      <span className="visually-hidden">{arrow}</span>
      <span>{names.get(peer) ?? peer}</span>
      <small>{service}</small>
      {isNew && <b>new</b>}
    </Link>
  );
}

interface PiecesProps {
  readonly lane: Lane;
  readonly stepMs: number;
  readonly most: number;
  readonly fromMs: number;
  readonly toMs: number;
}

function Pieces({ lane, stepMs, most, fromMs, toMs }: PiecesProps) {
  const pieces = useMemo(() => piecesOf(lane, stepMs, most), [lane, stepMs, most]);
  const width = Math.max(1, toMs - fromMs);
  return (
    <svg viewBox={`0 0 ${width} 1`} preserveAspectRatio="none" aria-hidden="true" data-role={lane.role}>
      {pieces.map((piece) => (
        <rect
          key={piece.fromMs}
          x={piece.fromMs - fromMs}
          width={Math.max(piece.toMs - piece.fromMs, width / 400)}
          y={0.16}
          height={0.68}
          fillOpacity={0.25 + 0.75 * piece.heat}
        />
      ))}
    </svg>
  );
}

/** Sent and received at the cursor, or over the range. */
function LaneValue({ lane, stepMs }: { readonly lane: Lane; readonly stepMs: number }) {
  const cursorS = useCursorS();
  const shown = cursorS === undefined ? lane : stepAt(lane, stepMs, cursorS * 1000);
  if (shown === undefined) return <small>silent</small>;
  return (
    <>
      <span className={styles['apart']}>
        <small title="sent">↑</small> {formatBytes(shown.bytesOut)} <small title="received">↓</small>{' '}
        {formatBytes(shown.bytesIn)}
      </span>
      <span className={styles['both']}>{formatBytes(shown.bytesOut + shown.bytesIn)}</span>
    </>
  );
}

function Pointer({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const axis = useAxis();
  const range = useTimeRange();
  const cursorS = useCursorS();
  const start = useRef<number | undefined>(undefined);
  const [drag, setDrag] = useState<readonly [number, number] | undefined>();
  useEffect(() => () => axis.setCursor(undefined), [axis]);
  const partOf = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { part: Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)), width: box.width };
  };
  const cursorMs = cursorS === undefined ? undefined : cursorS * 1000;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; the numbers beside it are text
    <div
      className={styles['pointer']}
      onPointerMove={(event) => {
        const { part, width } = partOf(event);
        axis.setCursor((fromMs + part * (toMs - fromMs)) / 1000);
        const from = start.current;
        if (from !== undefined && Math.abs(part - from) * width >= DRAG_PX)
          setDrag([Math.min(from, part), Math.max(from, part)]);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0 || event.pointerType === 'touch') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = partOf(event).part;
      }}
      onPointerUp={() => {
        start.current = undefined;
        setDrag(undefined);
        if (drag !== undefined) range.zoomTo(fromMs + drag[0] * (toMs - fromMs), fromMs + drag[1] * (toMs - fromMs));
      }}
      onPointerLeave={() => axis.setCursor(undefined)}
      onDoubleClick={() => range.zoomOut()}
    >
      {drag !== undefined && (
        <span
          className={styles['window']}
          style={{ insetInlineStart: `${drag[0] * 100}%`, inlineSize: `${(drag[1] - drag[0]) * 100}%` }}
        />
      )}
      {cursorMs !== undefined && cursorMs >= fromMs && cursorMs <= toMs && (
        <span className={styles['cursor']} style={{ insetInlineStart: percent(cursorMs, fromMs, toMs) }} />
      )}
    </div>
  );
}

function percent(atMs: number, fromMs: number, toMs: number): string {
  return `${Math.max(0, (100 * (atMs - fromMs)) / (toMs - fromMs)).toFixed(3)}%`;
}

function tickText(at: number, spanMs: number): string {
  if (spanMs > TWO_DAYS_MS) return day.format(at);
  return spanMs <= 360_000 ? formatClockSeconds(at) : formatClock(at);
}
