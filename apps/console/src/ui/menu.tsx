import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';
import { Kbd } from './kbd.tsx';
import styles from './popup.module.css';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Shows a tick when true; the item then switches something. */
  readonly checked?: boolean;
  onSelect(): void;
}

export interface MenuProps {
  /** The button that opens it: `<Button>` or `<IconButton>`. */
  readonly trigger?: ReactElement<Record<string, unknown>>;
  /** `'-'` draws a line between groups. */
  readonly items: readonly (MenuItem | '-')[];
  /** Steered from outside, e.g. the one menu of a table, anchored to the active row. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  readonly anchor?: Element | null | { getBoundingClientRect(): DOMRect };
  readonly align?: 'start' | 'end';
}

export function Menu({ trigger, items, open, onOpenChange, anchor, align = 'end' }: MenuProps) {
  const steering = {
    ...(open === undefined ? {} : { open }),
    ...(onOpenChange === undefined ? {} : { onOpenChange: (next: boolean) => onOpenChange(next) }),
  };
  return (
    <Base.Root {...steering}>
      {trigger !== undefined && <Base.Trigger render={trigger} />}
      <Base.Portal role="region" aria-label="Menu">
        <Base.Positioner
          className={styles['positioner']}
          sideOffset={4}
          align={align}
          {...(anchor === undefined ? {} : { anchor })}
        >
          <Base.Popup className={styles['popup']}>
            {items.map((item, index) =>
              item === '-' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                <Base.Separator key={index} className={styles['separator']} />
              ) : (
                <Base.Item
                  key={item.label}
                  className={styles['item']}
                  disabled={item.disabled ?? false}
                  data-danger={item.danger || undefined}
                  onClick={item.onSelect}
                >
                  <span className={styles['mark']}>
                    {item.icon !== undefined && <Icon of={item.icon} />}
                    {item.checked === true && '✓'}
                  </span>
                  <span>{item.label}</span>
                  {item.keys !== undefined && <Kbd keys={item.keys} />}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
