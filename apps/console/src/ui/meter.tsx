import styles from './meter.module.css';
import type { StatusState } from './status.tsx';

export interface MeterProps {
  /** 0 to 100. */
  readonly percent: number | null | undefined;
  readonly label: string;
  /** Colour only when it asks for attention. */
  readonly state?: StatusState;
}

/** A small bar for a share of something; its number stands beside it. */
export function Meter({ percent, label, state }: MeterProps) {
  const value =
    percent === null || percent === undefined || Number.isNaN(percent) ? 0 : Math.min(100, Math.max(0, percent));
  return (
    <svg
      className={styles['meter']}
      viewBox="0 0 54 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      data-state={state}
    >
      <rect className={styles['all']} width="54" height="6" rx="1" />
      <rect className={styles['part']} width={(54 * value) / 100} height="6" rx="1" />
    </svg>
  );
}
