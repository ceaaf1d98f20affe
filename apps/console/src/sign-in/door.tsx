import type { ReactNode } from 'react';
import { Brand } from '../app/brand.tsx';
import { ErrorState } from '../ui/states.tsx';
import styles from './door.module.css';

export interface DoorProps {
  readonly title: string;
  readonly info: { readonly host: string; readonly version: string } | undefined;
  readonly error?: unknown;
  readonly children?: ReactNode;
}

/** The frame of the pages before one is in: whose door this is, and one short form. */
export function Door({ title, info, error, children }: DoorProps) {
  return (
    <main className={styles['door']}>
      <div className={styles['inner']}>
        <div className={styles['brand']}>
          <Brand />
          Undercroft
        </div>
        <h1 className={styles['title']}>{title}</h1>
        <p className={styles['where']}>
          {info === undefined ? (
            '\u00a0'
          ) : (
            <>
              <code>{info.host}</code>, version {info.version}
            </>
          )}
        </p>
        {error === undefined || error === null ? (
          children
        ) : (
          <ErrorState what="this sign-in" error={error} retry={() => location.reload()} />
        )}
      </div>
    </main>
  );
}
