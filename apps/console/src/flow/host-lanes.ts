/** Conversations of one address as lanes over time: pieces of activity, and marks of what was found. Pure. */
import { msOf } from '../time/format.ts';
import { heat } from './matrix.ts';
import type { Lane } from './types.ts';

export interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** 0 to 1 by the order of magnitude against the busiest step of all lanes. */
  readonly heat: number;
}

/** Steps that follow each other with a like amount are one piece: there are as few as the eye can tell apart. */
const LIKE = 0.08;

export function mostOf(lanes: readonly Lane[]): number {
  return Math.max(1, ...lanes.flatMap(({ steps }) => steps.map((step) => step.bytesOut + step.bytesIn)));
}

/** @param most bytes of the busiest step, of {@link mostOf} */
export function piecesOf({ steps }: Pick<Lane, 'steps'>, stepMs: number, most: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const { timeAt, bytesOut, bytesIn } of steps) {
    const fromMs = msOf(timeAt);
    const warm = heat(bytesOut + bytesIn, most);
    const last = pieces.at(-1);
    if (last !== undefined && last.toMs === fromMs && Math.abs(last.heat - warm) <= LIKE) {
      pieces[pieces.length - 1] = {
        ...last,
        toMs: fromMs + stepMs,
        bytesOut: last.bytesOut + bytesOut,
        bytesIn: last.bytesIn + bytesIn,
      };
    } else pieces.push({ fromMs, toMs: fromMs + stepMs, bytesOut, bytesIn, heat: warm });
  }
  return pieces;
}

/** What was said in the step of a moment; undefined where nothing was. */
export function stepAt(lane: Pick<Lane, 'steps'>, stepMs: number, atMs: number): Lane['steps'][number] | undefined {
  return lane.steps.find(({ timeAt }) => msOf(timeAt) <= atMs && atMs < msOf(timeAt) + stepMs);
}

/** Round moments for an axis. */
export function ticksOf(fromMs: number, toMs: number): readonly number[] {
  const want = (toMs - fromMs) / 6;
  const stepMs = STEPS_MS.find((step) => step >= want) ?? Math.ceil(want / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at < toMs; at += stepMs) {
    const place = (at - fromMs) / (toMs - fromMs);
    if (place > 0.03 && place < 0.97) ticks.push(at);
  }
  return ticks;
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (s) => s * 1000,
);
