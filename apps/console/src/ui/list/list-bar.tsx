import type { ReactNode } from 'react';
import styles from './list-bar.module.css';

/** One row over a list: what narrows it at the start, what else there is at the end. */
export function ListBar({ children, end }: { readonly children: ReactNode; readonly end?: ReactNode }) {
  return (
    <div className={styles['bar']}>
      {children}
      {end !== undefined && <div className={styles['end']}>{end}</div>}
    </div>
  );
}

export interface FacetValue {
  readonly value: string;
  readonly label?: string;
  readonly count?: number;
}

export interface FacetProps {
  readonly label: string;
  readonly values: readonly FacetValue[];
  readonly chosen: (value: string) => boolean;
  readonly onToggle: (value: string) => void;
}

/** Values of one field with how many there are of each; a press narrows to it, another lets go. */
export function Facet({ label, values, chosen, onToggle }: FacetProps) {
  if (values.length === 0) return null;
  return (
    <fieldset className={styles['facet']}>
      <legend className={label === '' ? 'visually-hidden' : undefined}>{label === '' ? 'More' : label}</legend>
      {values.map(({ value, label: text, count }) => (
        <button key={value} type="button" aria-pressed={chosen(value)} onClick={() => onToggle(value)}>
          {text ?? value}
          {count !== undefined && <span>{count}</span>}
        </button>
      ))}
    </fieldset>
  );
}
