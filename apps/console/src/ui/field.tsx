import { type InputHTMLAttributes, type KeyboardEvent, type Ref, useId } from 'react';
import styles from './field.module.css';

export interface TextFieldProps
  extends Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'onChange' | 'value' | 'size'> {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  /** What is wrong with it, under the field. */
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
  /** For what one types or copies: addresses, ports, paths, keys. */
  readonly mono?: boolean;
  /** The label is only read aloud: for fields in bars. */
  readonly labelHidden?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, error, hint, mono = false, labelHidden = false, ...rest } = props;
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : styles['label']}>
        {label}
      </label>
      <input
        type="text"
        spellCheck={false}
        {...rest}
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={`${styles['input']} ${mono ? styles['mono'] : ''}`}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? styles['hint'] : styles['error']}>
          {note}
        </p>
      )}
    </div>
  );
}

export interface TextAreaProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  readonly rows?: number;
  readonly hint?: string | undefined;
  readonly mono?: boolean;
  readonly autoFocus?: boolean;
  /** Ctrl+Enter. */
  onSubmit?(): void;
}

export function TextArea({ label, value, onChange, rows = 3, hint, mono = false, autoFocus, onSubmit }: TextAreaProps) {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={styles['label']}>
        {label}
      </label>
      <textarea
        id={id}
        rows={rows}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: the field is what its dialog was opened for
        autoFocus={autoFocus}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className={`${styles['input']} ${styles['area']} ${mono ? styles['mono'] : ''}`}
      />
      {hint !== undefined && <p className={styles['hint']}>{hint}</p>}
    </div>
  );
}
