import styles from './command-line.module.css';
import { CopyButton } from './copy.tsx';

/** A command to run elsewhere, with Copy. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className={styles['line']}>
      <code>{command}</code>
      <CopyButton tone="ghost" small text={command} />
    </div>
  );
}
