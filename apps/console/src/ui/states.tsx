/** What a section shows when it has nothing to show: waiting, nothing there, failed. */
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { formatClockSeconds } from '../time/format.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy.tsx';
import styles from './states.module.css';
import { StatusIcon } from './status.tsx';

const SKELETON_AFTER_MS = 150;

export interface EmptyStateProps {
  /** What there is not: "No checks yet". */
  readonly title: string;
  /** Why, and what to do: one or two sentences. */
  readonly text?: ReactNode;
  /** The next step: a button, or "Clear filters". */
  readonly action?: ReactNode;
}

/** Nothing exists, nothing matches, or it may not be seen: the words say which. */
export function EmptyState({ title, text, action }: EmptyStateProps) {
  return (
    <div className={styles['empty']}>
      <p className={styles['title']}>{title}</p>
      {text !== undefined && <div className={styles['text']}>{text}</div>}
      {action !== undefined && <div className={styles['actions']}>{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  /** What could not be shown: "The assets". */
  readonly what: string;
  readonly error: unknown;
  readonly retry?: () => void;
  /** Since when it fails, epoch milliseconds. */
  readonly sinceMs?: number;
  /** One line over data that is still shown, instead of in its place. */
  readonly inline?: boolean;
}

/** What failed, since when, what it means, Retry, Copy details. */
export function ErrorState({ what, error, retry, sinceMs, inline = false }: ErrorStateProps) {
  const [failedMs] = useState(() => Date.now());
  const problem = error instanceof ApiProblem ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const since = sinceMs === undefined || sinceMs === 0 ? failedMs : sinceMs;
  return (
    <div className={inline ? styles['inline'] : styles['error']} role="alert">
      <StatusIcon state="warning" label="" />
      <div className={styles['words']}>
        <p className={styles['title']}>
          {problem?.status === 403 ? `You may not see this: ${what}` : `Could not show this: ${what}`}
          <span className={styles['since']}> since {formatClockSeconds(since)}</span>
        </p>
        <p className={styles['text']}>
          {message} {problem?.fix}
        </p>
        <div className={styles['actions']}>
          {retry !== undefined && <Button onClick={retry}>Retry</Button>}
          <CopyButton tone="ghost" label="Copy details" text={() => details(what, error, since)} />
          {problem?.requestId !== undefined && <code className={styles['id']}>{problem.requestId}</code>}
        </div>
      </div>
    </div>
  );
}

function details(what: string, error: unknown, sinceMs: number): string {
  const lines = [
    `what: ${what}`,
    `since: ${new Date(sinceMs).toISOString()}`,
    `page: ${location.pathname}${location.search}`,
  ];
  if (error instanceof ApiProblem) {
    lines.push(`request: ${error.method} ${error.path}`, `status: ${error.status}`, `code: ${error.code}`);
    if (error.requestId !== undefined) lines.push(`request id: ${error.requestId}`);
  }
  lines.push(`message: ${error instanceof Error ? error.message : String(error)}`);
  return lines.join('\n');
}

export interface SkeletonRowsProps {
  readonly rows?: number;
  /** Of the rows that will come: `row` 32 px, `two` 44 px, or pixels of one block. @defaultValue row */
  readonly height?: 'row' | 'two' | 'chart' | 'line';
}

/** Grey rows of the final height; they take their place at once and show after 150 ms. */
export function SkeletonRows({ rows = 6, height = 'row' }: SkeletonRowsProps) {
  const shown = useAfter(SKELETON_AFTER_MS);
  return (
    <div aria-busy="true" className={styles['skeleton']} data-shown={shown || undefined}>
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={index} className={styles[`rows-${height}`]}>
          <span className={styles['bar']} data-width={index % 4} />
        </div>
      ))}
    </div>
  );
}

export interface LoadedProps<T> {
  /** What it shows, for the error's words: "the assets". */
  readonly what: string;
  readonly query: UseQueryResult<T>;
  readonly skeleton?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/**
 * A query in its states: grey rows, then data; old data dimmed while new data is on its way; an error in place, or as
 * a line over what was last known.
 */
export function Loaded<T>({ what, query, skeleton, children }: LoadedProps<T>) {
  const { data, error, isPlaceholderData, refetch } = query;
  if (data === undefined) {
    if (error !== null) return <ErrorState what={what} error={error} retry={() => void refetch()} />;
    return skeleton ?? <SkeletonRows />;
  }
  return (
    <>
      {error !== null && <ErrorState what={what} error={error} retry={() => void refetch()} inline />}
      <div className={styles['data']} data-stale={isPlaceholderData || error !== null || undefined}>
        {children(data)}
      </div>
    </>
  );
}

function useAfter(delayMs: number): boolean {
  const [after, setAfter] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAfter(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return after;
}
