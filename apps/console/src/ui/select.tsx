import { Select as Base } from '@base-ui/react/select';
import { ChevronDown } from 'lucide-react';
import { Icon } from './icon.tsx';
import styles from './popup.module.css';

export interface SelectOption<V extends string> {
  readonly value: V;
  readonly label: string;
}

export interface SelectProps<V extends string> {
  readonly label: string;
  readonly labelHidden?: boolean;
  readonly value: V;
  onChange(value: NoInfer<V>): void;
  readonly options: readonly SelectOption<NoInfer<V>>[];
  readonly disabled?: boolean;
}

export function Select<V extends string>(props: SelectProps<V>) {
  const { label, labelHidden = false, value, onChange, options, disabled = false } = props;
  return (
    <div className={styles['field']}>
      <Base.Root
        value={value}
        onValueChange={(next) => next !== null && onChange(next as V)}
        items={options as SelectOption<V>[]}
        disabled={disabled}
      >
        <Base.Label className={labelHidden ? 'visually-hidden' : styles['label']}>{label}</Base.Label>
        <Base.Trigger className={styles['trigger']}>
          <Base.Value />
          <Base.Icon>
            <Icon of={ChevronDown} size={14} />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal role="region" aria-label={label}>
          <Base.Positioner className={styles['positioner']} sideOffset={4} alignItemWithTrigger={false}>
            <Base.Popup className={styles['popup']}>
              <Base.List>
                {options.map((option) => (
                  <Base.Item key={option.value} value={option.value} className={styles['item']}>
                    <span className={styles['mark']}>
                      <Base.ItemIndicator>✓</Base.ItemIndicator>
                    </span>
                    <Base.ItemText>{option.label}</Base.ItemText>
                  </Base.Item>
                ))}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </div>
  );
}
