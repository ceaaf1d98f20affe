import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { type ReactNode, useId } from 'react';
import styles from './switch.module.css';

export interface SwitchProps {
  readonly label: ReactNode;
  readonly checked: boolean;
  onChange(checked: boolean): void;
  readonly disabled?: boolean;
  /** Grey words under the label. */
  readonly hint?: string;
}

/** Acts at once. For a choice that waits for a button, use Checkbox. */
export function Switch({ label, checked, onChange, disabled = false, hint }: SwitchProps) {
  const id = useId();
  return (
    <div className={styles['line']}>
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        className={styles['switch']}
        aria-labelledby={id}
      >
        <BaseSwitch.Thumb className={styles['thumb']} />
      </BaseSwitch.Root>
      <span id={id}>
        {label}
        {hint !== undefined && <span className={styles['hint']}>{hint}</span>}
      </span>
    </div>
  );
}

export interface CheckboxProps {
  /** `''` hides nothing: pass `labelHidden` for tables. */
  readonly label: string;
  readonly labelHidden?: boolean;
  readonly checked: boolean | 'some';
  onChange(checked: boolean): void;
  readonly disabled?: boolean;
}

export function Checkbox({ label, labelHidden = false, checked, onChange, disabled = false }: CheckboxProps) {
  const id = useId();
  return (
    <span className={styles['line']}>
      <BaseCheckbox.Root
        checked={checked === true}
        indeterminate={checked === 'some'}
        onCheckedChange={onChange}
        disabled={disabled}
        className={styles['box']}
        {...(labelHidden ? { 'aria-label': label } : { 'aria-labelledby': id })}
      >
        <BaseCheckbox.Indicator className={styles['mark']}>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            {checked === 'some' ? <path d="M3 6h6" /> : <path d="M2.5 6.3 5 8.8 9.5 3.6" />}
          </svg>
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      {!labelHidden && <span id={id}>{label}</span>}
    </span>
  );
}
