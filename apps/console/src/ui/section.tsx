import { type ReactNode, useId } from 'react';
import { SectionBoundary } from './boundary.tsx';
import styles from './section.module.css';

export interface SectionProps {
  readonly title: string;
  /** Grey words after the title: "2 critical, 4 warnings". */
  readonly note?: ReactNode;
  /** At the end of the header: a link "All problems" or small buttons. */
  readonly action?: ReactNode;
  readonly children?: ReactNode;
  /** @defaultValue 2 */
  readonly level?: 2 | 3;
}

/** A named part of a page: a title over a hairline. What fails inside stays inside. */
export function Section({ title, note, action, children, level = 2 }: SectionProps) {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section aria-labelledby={id} className={styles['section']}>
      <header className={styles['header']}>
        <Heading id={id}>{title}</Heading>
        {note !== undefined && <span className={styles['note']}>{note}</span>}
        {action !== undefined && <span className={styles['action']}>{action}</span>}
      </header>
      <SectionBoundary what={title}>{children}</SectionBoundary>
    </section>
  );
}

export interface PageHeadProps {
  /** The answer in a sentence, or the thing's name. */
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** Small line above: links to what contains this. */
  readonly crumbs?: ReactNode;
}

/** The page's one h1 with its sentence and actions. */
export function PageHead({ title, lead, actions, crumbs }: PageHeadProps) {
  return (
    <div className={styles['head']}>
      <div className={styles['words']}>
        {crumbs !== undefined && (
          <nav aria-label="Above this page" className={styles['crumbs']}>
            {crumbs}
          </nav>
        )}
        <h1 className={styles['title']}>{title}</h1>
        {lead !== undefined && <p className={styles['lead']}>{lead}</p>}
      </div>
      {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
    </div>
  );
}
