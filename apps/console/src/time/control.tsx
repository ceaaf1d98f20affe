/** The one time control: earlier, the range, later, zoom out, Live; the same place on every page. */
import { ChevronLeft, ChevronRight, ZoomOut } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useLiveStatus } from '../api/live.ts';
import { holdKeys, useKeys } from '../app/keys.ts';
import { Icon } from '../ui/icon.tsx';
import styles from './control.module.css';
import { formatClock, formatRange, zoneName } from './format.ts';
import { useRangeBounds, useTimeRange } from './range.ts';
import { DAY_MS } from './words.ts';

const Picker = lazy(() => import('./picker.tsx').then(({ Picker: component }) => ({ default: component })));

export function TimeControl() {
  const range = useTimeRange();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const openPicker = () => {
    holdKeys();
    setOpen(true);
  };
  useKeys([
    { keys: '[', label: 'Earlier', group: 'Time', run: range.earlier },
    { keys: ']', label: 'Later', group: 'Time', run: range.later },
    { keys: '-', label: 'Zoom out', group: 'Time', run: range.zoomOut },
    { keys: '+', label: 'Zoom in', group: 'Time', run: range.zoomIn },
    { keys: '=', label: 'Zoom in', group: 'Time', run: range.zoomIn },
    { keys: 'l', label: 'Live, or stop', group: 'Time', run: () => (range.live ? range.pause() : range.goLive()) },
    { keys: 't', label: 'Choose a range', group: 'Time', run: openPicker },
  ]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a bar
    <div className={styles['time']} role="group" aria-label="Time range">
      <button type="button" className={styles['nav']} aria-label="Earlier" title="Earlier ([)" onClick={range.earlier}>
        <Icon of={ChevronLeft} />
      </button>
      <button
        type="button"
        ref={button}
        className={styles['range']}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => (open ? setOpen(false) : openPicker())}
      >
        {range.label}
        {range.live && <Bounds />}
      </button>
      <button
        type="button"
        className={styles['nav']}
        aria-label="Later"
        title="Later (])"
        onClick={range.later}
        disabled={range.live}
      >
        <Icon of={ChevronRight} />
      </button>
      <button
        type="button"
        className={styles['nav']}
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={range.zoomOut}
      >
        <Icon of={ZoomOut} />
      </button>
      <LiveButton live={range.live} toggle={range.live ? range.pause : range.goLive} />
      <Suspense>{open && <Picker anchor={button} onClose={() => setOpen(false)} />}</Suspense>
    </div>
  );
}

/** From and to beside the words of a moving range; only this renders as time passes. */
function Bounds() {
  const { fromMs, toMs } = useRangeBounds();
  const text = toMs - fromMs < DAY_MS ? `${formatClock(fromMs)} – ${formatClock(toMs)}` : formatRange(fromMs, toMs);
  return (
    <span className={styles['bounds']}>
      {text} {zoneName(toMs)}
    </span>
  );
}

function LiveButton({ live, toggle }: { readonly live: boolean; readonly toggle: () => void }) {
  const { state, sinceMs } = useLiveStatus();
  if (state === 'offline') {
    return (
      <button type="button" className={`${styles['live']} ${styles['offline']}`} aria-pressed={live} onClick={toggle}>
        Offline since {formatClock(sinceMs)}
        <span className={styles['trying']}>, trying again</span>
      </button>
    );
  }
  return (
    <button
      type="button"
      className={styles['live']}
      aria-pressed={live}
      title={live ? 'Stop here (l)' : 'Go on with the clock (l)'}
      onClick={toggle}
    >
      <span className={styles['dot']} />
      Live
    </button>
  );
}
