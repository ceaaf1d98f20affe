import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import styles from './popup.module.css';

export interface TooltipProps {
  readonly text: string;
  /** What it explains; must take a ref and pass props on (a button, a link, a span). */
  readonly children: ReactElement<Record<string, unknown>>;
}

/** More about something that already says what it is. Never the only place of a fact; never one per table row. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={styles['positioner']}>
          <Base.Popup className={styles['tip']}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
