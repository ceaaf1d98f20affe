import { ApiProblem } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { StatusIcon } from '../ui/status.tsx';
import styles from './problems.module.css';

export interface ActFailureProps {
  /** What did not work: "acknowledge db-02 is sending far more". */
  readonly what: string;
  readonly error: unknown;
  readonly onDismiss: () => void;
}

/** An act that the server refused: said where it was done, and it stays until it is read. */
export function ActFailure({ what, error, onDismiss }: ActFailureProps) {
  const problem = error instanceof ApiProblem ? error : undefined;
  return (
    <div className={styles['failure']} role="alert">
      <StatusIcon state="warning" label="" />
      <p>
        <b>Could not {what}.</b> {error instanceof Error ? error.message : String(error)} {problem?.fix}
      </p>
      <Button small tone="ghost" onClick={onDismiss}>
        Dismiss
      </Button>
    </div>
  );
}
