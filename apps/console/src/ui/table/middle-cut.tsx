/** Paths and ids, cut in the middle where there is no room: the end tells them apart. */
import styles from './middle-cut.module.css';

const TAIL = 10;

export function MiddleCut({ text, tail = TAIL }: { readonly text: string; readonly tail?: number }) {
  if (text.length <= tail * 2) return <span className={styles['cut']}>{text}</span>;
  return (
    <span className={styles['cut']}>
      <span className={styles['head']}>{text.slice(0, -tail)}</span>
      <span className={styles['tail']}>{text.slice(-tail)}</span>
    </span>
  );
}
