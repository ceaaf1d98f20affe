import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link, type LinkProps } from '../app/link.tsx';
import styles from './button.module.css';
import { Icon } from './icon.tsx';
import { Kbd } from './kbd.tsx';

type Tone = 'primary' | 'plain' | 'ghost' | 'danger';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  /** `primary` is ink on paper, one a view; `ghost` has no frame. @defaultValue plain */
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  /** Keycap shown after the words; register the binding itself with `useKeys`. */
  readonly keys?: string;
  /** The action runs: the button keeps its size and cannot be pressed again. */
  readonly busy?: boolean;
  readonly small?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
  readonly children?: ReactNode;
}

export function Button({ tone = 'plain', icon, keys, busy = false, small = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(tone, small)}
      data-tone={tone}
      aria-busy={busy || undefined}
      disabled={rest.disabled === true || busy}
    >
      {icon !== undefined && <Icon of={icon} />}
      {children}
      {keys !== undefined && <Kbd keys={keys} />}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: LucideIcon;
  /** Its name, read aloud and shown on hover. */
  readonly label: string;
}

/** A square button with an icon only. */
export function IconButton({
  icon,
  label,
  tone = 'ghost',
  busy = false,
  small = false,
  keys,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${classes(tone, small)} ${styles['square']}`}
      aria-label={label}
      aria-keyshortcuts={keys}
      title={keys === undefined ? label : `${label} (${keys})`}
      disabled={rest.disabled === true || busy}
    >
      <Icon of={icon} />
    </button>
  );
}

export interface ButtonLinkProps extends LinkProps {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly small?: boolean;
}

/** A link that looks like a button: it goes somewhere. */
export function ButtonLink({ tone = 'plain', icon, keys, small = false, children, ...rest }: ButtonLinkProps) {
  return (
    <Link {...rest} className={classes(tone, small)}>
      {icon !== undefined && <Icon of={icon} />}
      {children}
      {keys !== undefined && <Kbd keys={keys} />}
    </Link>
  );
}

function classes(tone: Tone, small: boolean): string {
  return `${styles['button']} ${styles[tone]} ${small ? styles['small'] : ''}`;
}
