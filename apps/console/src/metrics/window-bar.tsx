/** What one can do with a highlighted window. It takes its place only while there is one. */
import { useKeys } from '../app/keys.ts';
import { formatClockSeconds, formatDuration } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import { Button } from '../ui/button.tsx';
import { useAxis, useHighlight } from '../ui/chart/axis.tsx';
import styles from './metrics.module.css';

export interface WindowBarProps {
  readonly ranked: boolean;
  readonly onRank: (ranked: boolean) => void;
}

export function WindowBar({ ranked, onRank }: WindowBarProps) {
  const axis = useAxis();
  const window = useHighlight();
  const range = useTimeRange();
  const zoom = () => {
    if (window === undefined) return;
    range.zoomTo(window.fromS * 1000, window.toS * 1000);
  };
  const has = () => window !== undefined;
  useKeys([
    { keys: '+', label: 'Zoom to the highlighted window', group: 'Charts', run: zoom, when: has },
    { keys: 'r', label: 'Rank what moved in the window', group: 'Charts', run: () => onRank(!ranked), when: has },
    {
      keys: 'Escape',
      label: 'Let go of the window',
      group: 'Charts',
      run: () => axis.setSelection(undefined),
      when: has,
    },
  ]);
  if (window === undefined) return null;
  return (
    <section className={styles['window']} aria-label="Highlighted window">
      <span>
        <b>
          {formatClockSeconds(window.fromS * 1000)} – {formatClockSeconds(window.toS * 1000)}
        </b>{' '}
        {formatDuration((window.toS - window.fromS) * 1000)}
      </span>
      <Button small keys="r" aria-pressed={ranked} onClick={() => onRank(!ranked)}>
        {ranked ? 'Hide ranking' : 'Rank what moved'}
      </Button>
      <Button small keys="+" onClick={zoom}>
        Zoom in
      </Button>
      <Button small tone="ghost" keys="Escape" onClick={() => axis.setSelection(undefined)}>
        Clear
      </Button>
    </section>
  );
}
