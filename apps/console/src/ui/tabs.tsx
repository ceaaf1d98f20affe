import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

export interface Tab<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly count?: number;
}

export interface TabsProps<V extends string> {
  /** Names the group for those who do not see it. */
  readonly label: string;
  readonly value: V;
  onChange(value: V): void;
  readonly tabs: readonly Tab<V>[];
  /** The panel of the chosen tab. */
  readonly children?: ReactNode;
}

/** Views of one thing; the page keeps the chosen one in the address. */
export function Tabs<V extends string>({ label, value, onChange, tabs, children }: TabsProps<V>) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as V)}>
      <Base.List className={styles['list']} aria-label={label} activateOnFocus={false}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.value} value={tab.value} className={styles['tab']}>
            {tab.label}
            {tab.count !== undefined && <span className={styles['count']}>{tab.count}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className={styles['panel']} tabIndex={-1}>
        {children}
      </Base.Panel>
    </Base.Root>
  );
}
