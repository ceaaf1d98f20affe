/** The states of the last 24 hours as one bar. Fetched when the row is drawn, not before. */

import type { StateBar } from '../assets/timeline/state-bars.ts';
import { formatClock, formatDuration } from '../time/format.ts';
import { now } from '../time/now.ts';
import { statusWord } from '../ui/status.tsx';
import styles from './checks.module.css';
import { type Check, checkState, useCheckHistory } from './data.ts';
import { historyBars } from './history-bars.ts';

const DAY_MS = 24 * 3_600_000;
const ROUND_MS = 300_000;

export function DayBar({ check, tall = false }: { readonly check: Check; readonly tall?: boolean }) {
  const toMs = now();
  // Rounded, so that the same question is asked for five minutes.
  const fromMs = Math.floor((toMs - DAY_MS) / ROUND_MS) * ROUND_MS;
  const { data } = useCheckHistory(check.id, fromMs);
  const bars = data === undefined ? [] : historyBars(data, checkState(check), fromMs, toMs);
  return (
    <span className={styles['day']} data-tall={tall || undefined} role="img" aria-label={barWords(bars)}>
      {bars.map((bar) => (
        <i
          key={bar.fromMs}
          data-state={bar.state}
          title={`${statusWord(bar.state)} from ${formatClock(bar.fromMs)}, ${formatDuration(bar.toMs - bar.fromMs)}`}
          style={{ inlineSize: `${(100 * (bar.toMs - bar.fromMs)) / (toMs - fromMs)}%` }}
        />
      ))}
    </span>
  );
}

function barWords(bars: readonly StateBar[]): string {
  const bad = bars.filter(({ state }) => state !== 'ok' && state !== 'silent');
  if (bars.length === 0) return 'The last 24 hours are not known yet';
  if (bad.length === 0) return 'Well for the last 24 hours';
  const sum = bad.reduce((total, bar) => total + bar.toMs - bar.fromMs, 0);
  return `Bad ${bad.length === 1 ? 'once' : `${bad.length} times`} in 24 hours, ${formatDuration(sum)} in all`;
}
