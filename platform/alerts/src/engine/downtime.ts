/** Downtimes: planned quiet. Pure. */
import type { ProblemRecord } from './problem.ts';

export type DowntimeScope =
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'asset'; readonly asset: string }
  /** A search line of the inventory. */
  | { readonly kind: 'query'; readonly query: string };

export interface Downtime {
  readonly id: string;
  readonly tenant: string;
  /** `fixed` is on from start to end; `flexible` begins with the first problem in its window and lasts its duration. */
  readonly kind: 'fixed' | 'flexible';
  readonly scope: DowntimeScope;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly durationUs?: number;
  readonly comment: string;
  readonly by: string;
  readonly createdUs: number;
  /** When it came into force. */
  readonly startedUs?: number;
  readonly endedUs?: number;
  readonly cancelledBy?: string;
}

/** Undefined while it does not apply. @returns when it ends if nothing is done */
export function activeUntil(downtime: Downtime, nowUs: number): number | undefined {
  if (downtime.endedUs !== undefined || nowUs < downtime.fromUs) return undefined;
  const untilUs = endsUs(downtime);
  if (downtime.kind === 'flexible' && downtime.startedUs === undefined) return undefined;
  return nowUs < untilUs ? untilUs : undefined;
}

/** A flexible downtime that waits for its first problem. */
export function waits(downtime: Downtime, nowUs: number): boolean {
  return (
    downtime.kind === 'flexible' &&
    downtime.startedUs === undefined &&
    downtime.endedUs === undefined &&
    nowUs >= downtime.fromUs &&
    nowUs < downtime.untilUs
  );
}

/** Nothing will come of it any more. */
export function isOver(downtime: Downtime, nowUs: number): boolean {
  return downtime.endedUs !== undefined || nowUs >= endsUs(downtime);
}

/** Does its scope hold the problem? Undefined: the inventory has to be asked. */
export function covers(
  downtime: Downtime,
  problem: Pick<ProblemRecord, 'id' | 'tenant' | 'assets'>,
): boolean | undefined {
  const { scope } = downtime;
  if (downtime.tenant !== problem.tenant) return false;
  if (scope.kind === 'problem') return scope.problem === problem.id;
  if (scope.kind === 'asset') return problem.assets.includes(scope.asset);
  return problem.assets.length === 0 ? false : undefined;
}

function endsUs(downtime: Downtime): number {
  if (downtime.kind === 'fixed' || downtime.startedUs === undefined) return downtime.untilUs;
  return downtime.startedUs + (downtime.durationUs ?? 0);
}
