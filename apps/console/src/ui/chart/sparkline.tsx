/** A line without axes, for rows: the shape of the last hour. A hole in the samples is a hole in the line. */
import styles from './sparkline.module.css';

const WIDTH = 96;
const HEIGHT = 20;

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly tone?: 'quiet' | 'critical' | 'warning' | 'notice' | 'chart';
  /** Top of the scale; the largest value if absent. */
  readonly max?: number;
  /** Said to who does not see it; without it the line is decoration. */
  readonly label?: string;
}

export function Sparkline({ values, tone = 'quiet', max, label }: SparklineProps) {
  const named = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it has a label, or it is decoration
    <svg
      className={styles['spark']}
      data-tone={tone}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      {...named}
    >
      <path d={sparkPath(values, max)} />
    </svg>
  );
}

/** An SVG path over a box of 96 by 20. */
export function sparkPath(values: readonly (number | null)[], max?: number): string {
  let high = max ?? 0;
  let low = max === undefined ? Number.POSITIVE_INFINITY : 0;
  for (const value of values) {
    if (value === null) continue;
    high = Math.max(high, value);
    low = Math.min(low, value);
  }
  // Without a given top the line fills the box, from the lowest value or from zero where that is near.
  if (!Number.isFinite(low) || low > 0 === low < high * 0.5) low = Math.min(0, low);
  const span = high - low || 1;
  let path = '';
  let open = false;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    const x = values.length === 1 ? WIDTH : (i / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 1 - ((value - low) / span) * (HEIGHT - 2);
    path += `${open ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    open = true;
  }
  return path;
}
