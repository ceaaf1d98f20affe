import { formatCount } from '../time/format.ts';
import { type Progress, percentDone } from './data.ts';
import styles from './scans.module.css';

/** How far a running scan is, in probes. */
export function ProgressBar({
  progress,
  wide = false,
}: {
  readonly progress: Progress | undefined;
  readonly wide?: boolean;
}) {
  const percent = percentDone(progress);
  return (
    <span className={styles['progress']} data-wide={wide || undefined}>
      <progress max={100} value={percent} aria-label="Progress of the scan" />
      <span>
        {progress === undefined
          ? 'starting'
          : wide
            ? `${Math.floor(percent)} %, ${formatCount(progress.probesDone)} of ${formatCount(progress.probesTotal)} probes, ${formatCount(progress.hostsDone)} of ${formatCount(progress.hostsTotal)} hosts`
            : `${Math.floor(percent)} %`}
      </span>
    </span>
  );
}
