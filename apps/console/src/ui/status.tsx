/** Status as shape, colour and word: to many eyes colour alone says nothing. */
import styles from './status.module.css';

/** `silent`: not reporting, or off. */
export type StatusState = 'critical' | 'warning' | 'notice' | 'ok' | 'silent' | 'unknown';

const WORDS: Readonly<Record<StatusState, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  notice: 'Notice',
  ok: 'Healthy',
  silent: 'Not reporting',
  unknown: 'Unknown',
};

export function statusWord(state: StatusState): string {
  return WORDS[state];
}

/**
 * The shape alone, 14 px: octagon, triangle, ring, tick, dashed ring.
 *
 * @param label its word for those who do not see it; `''` when the word stands beside it
 */
export function StatusIcon({ state, label }: { readonly state: StatusState; readonly label?: string }) {
  const word = label ?? WORDS[state];
  const className = `${styles['icon']} ${styles[state]}`;
  if (word === '') {
    return (
      <svg className={className} viewBox="0 0 14 14" aria-hidden="true">
        <Shape state={state} />
      </svg>
    );
  }
  return (
    <svg className={className} viewBox="0 0 14 14" role="img" aria-label={word}>
      <Shape state={state} />
    </svg>
  );
}

function Shape({ state }: { readonly state: StatusState }) {
  switch (state) {
    case 'critical':
      return <path className={styles['filled']} d="M4.4 0h5.2L14 4.4v5.2L9.6 14H4.4L0 9.6V4.4z" />;
    case 'warning':
      return <path className={styles['filled']} d="M7 .8 13.8 13H.2z" />;
    case 'notice':
      return <circle className={styles['ring']} cx="7" cy="7" r="5" />;
    case 'ok':
      return <path className={styles['tick']} d="M2.5 7.5 5.6 10.6 11.5 3.8" />;
    case 'unknown':
      return (
        <>
          <circle className={styles['dashed']} cx="7" cy="7" r="5" />
          <circle className={styles['filled']} cx="7" cy="7" r="1.4" />
        </>
      );
    case 'silent':
      return <circle className={styles['dashed']} cx="7" cy="7" r="5" />;
  }
}

/** Shape and word: "⯃ Critical". `text` replaces the word ("Critical for 24 min"). */
export function Status({ state, text }: { readonly state: StatusState; readonly text?: string }) {
  return (
    <span className={`${styles['status']} ${styles[state]}`}>
      <StatusIcon state={state} label="" />
      <span className={styles['word']}>{text ?? WORDS[state]}</span>
    </span>
  );
}

/** The status of an OCSF severity. */
export function severityStatus(severity: string): StatusState {
  if (severity === 'critical' || severity === 'fatal' || severity === 'high') return 'critical';
  if (severity === 'medium') return 'warning';
  if (severity === 'low') return 'notice';
  return 'ok';
}

/** The worst of several, by what asks for attention first. */
export function worstStatus(states: readonly StatusState[]): StatusState {
  const order: readonly StatusState[] = ['critical', 'warning', 'unknown', 'notice', 'silent', 'ok'];
  return order.find((state) => states.includes(state)) ?? 'ok';
}
