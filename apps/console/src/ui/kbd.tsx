import styles from './kbd.module.css';

const NAMES: Readonly<Record<string, string>> = { Enter: '↵', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' };

/** A key or a combination as keycaps: `Ctrl+K`, `g o`, `A`. Hidden on phones, where there are no keys. */
export function Kbd({ keys }: { readonly keys: string }) {
  const caps = keys.split(keys.includes(' ') ? ' ' : '+').filter((cap) => cap !== '');
  return (
    <span className={styles['keys']} aria-hidden>
      {(caps.length === 0 ? [keys] : caps).map((cap) => (
        <kbd key={cap} className={styles['key']}>
          {NAMES[cap] ?? (cap.length === 1 ? cap.toUpperCase() : cap)}
        </kbd>
      ))}
    </span>
  );
}
