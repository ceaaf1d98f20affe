/** Round times for an axis. */
import { formatClock, formatClockSeconds, formatTime } from '../time/format.ts';

const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000, 7_776_000, 31_536_000,
];
const DAY_S = 86_400;

export interface Tick {
  readonly atMs: number;
  readonly label: string;
}

/** @param most no more labels than fit */
export function timeTicks(fromMs: number, toMs: number, most: number): readonly Tick[] {
  const spanS = (toMs - fromMs) / 1000;
  const stepS = STEPS_S.find((step) => spanS / step <= most) ?? spanS;
  const zoneMs = new Date(fromMs).getTimezoneOffset() * 60_000;
  const stepMs = stepS * 1000;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((fromMs - zoneMs) / stepMs) * stepMs + zoneMs; at <= toMs; at += stepMs) {
    ticks.push({ atMs: at, label: tickLabel(at, toMs, stepS) });
  }
  return ticks;
}

function tickLabel(atMs: number, toMs: number, stepS: number): string {
  if (stepS < 60) return formatClockSeconds(atMs);
  if (stepS < DAY_S && toMs - atMs < 20 * 3_600_000) return formatClock(atMs);
  return formatTime(atMs, stepS < DAY_S ? toMs : atMs + 30 * DAY_S * 1000);
}
