/** The open problems that wait for a person, worst first; the open row shows its evidence and one next step. */
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { needsSomebody, useAcknowledge } from '../api/problems.ts';
import { useMay } from '../api/rights.ts';
import type { Evidence, Problem } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { keepTime, type SearchParams, useParam } from '../app/search.ts';
import { formatClock, formatTime, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { DAY_MS } from '../time/words.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, type StatusState } from '../ui/status.tsx';
import { Age } from '../ui/time.tsx';
import { EvidenceSpark } from './evidence-spark.tsx';
import styles from './needs-you.module.css';
import { countsText, quietText } from './sentence.ts';

const MAX_ROWS = 7;
const ORDER: readonly string[] = ['critical', 'warning', 'unknown', 'notice'];
const CLOSED = 'none';

export interface NeedsYouProps {
  readonly problems: readonly Problem[] | undefined;
  readonly nameOf: (assetId: string) => string | undefined;
  readonly loading?: boolean;
  /** In place of the list. */
  readonly failed?: ReactNode;
}

export function NeedsYou({ problems = [], nameOf, loading = false, failed }: NeedsYouProps) {
  const navigate = useNavigate();
  const acknowledge = useAcknowledge();
  const may = useMay();
  const mayTake = may('acknowledge problems');
  const [openParam, setOpen] = useParam('open');
  const [failure, setFailure] = useState<{ readonly id: string; readonly error: unknown } | undefined>();
  const list = useRef<HTMLUListElement>(null);
  const waiting = problems.filter(needsSomebody).sort(worstFirst);
  const shown = waiting.slice(0, MAX_ROWS);
  const openId = openParam ?? (shown[0]?.state === 'critical' ? shown[0].id : undefined);
  const open = shown.find(({ id }) => id === openId);
  const critical = waiting.some(({ state }) => state === 'critical');

  const act = (problem: Problem) => {
    setFailure(undefined);
    acknowledge([problem]).catch((error: unknown) => setFailure({ id: problem.id, error }));
  };
  const show = (problem: Problem | undefined, act?: 'downtime' | 'comment') =>
    problem !== undefined &&
    void navigate({
      to: `/problems/${problem.id}`,
      search: (before: SearchParams) => ({ ...keepTime(before), ...(act === undefined ? {} : { act }) }),
    } as never);
  const step = (by: number) => {
    const index = shown.findIndex(({ id }) => id === openId);
    const next = shown[Math.min(shown.length - 1, Math.max(0, index + by))];
    if (next !== undefined) setOpen(next.id, { replace: true });
  };
  const hasOpen = () => open !== undefined;
  useKeys([
    { keys: 'j', label: 'Next problem', run: () => step(1), when: () => shown.length > 0 },
    { keys: 'k', label: 'Previous problem', run: () => step(-1), when: () => shown.length > 0 },
    { keys: 'a', label: 'Acknowledge', run: () => open !== undefined && act(open), when: () => hasOpen() && mayTake },
    { keys: 'd', label: 'Downtime', run: () => show(open, 'downtime'), when: () => hasOpen() && may('set downtimes') },
    {
      keys: 'c',
      label: 'Comment',
      run: () => show(open, 'comment'),
      when: () => hasOpen() && may('comment on problems'),
    },
    { keys: 'i', label: 'Open the incident', run: () => show(open), when: hasOpen },
    { keys: 'Enter', label: 'Open the problem', run: () => show(open), when: hasOpen },
    { keys: 'Escape', label: 'Fold the problem', run: () => setOpen(CLOSED, { replace: true }), when: hasOpen },
  ]);
  useEffect(() => {
    if (openParam === undefined) return;
    list.current?.querySelector('[data-open]')?.scrollIntoView({ block: 'nearest' });
  }, [openParam]);

  const quiet = quietText(problems);
  return (
    <Section
      title={critical || waiting.length === 0 ? 'Needs you' : 'Worth a look'}
      note={countsText(waiting)}
      action={<Link to="/problems">All problems</Link>}
    >
      {loading && <SkeletonRows rows={MAX_ROWS} height="two" />}
      {failed}
      {!loading && failed === undefined && waiting.length === 0 && (
        <EmptyState
          title="Nobody has to act"
          text="New problems appear here as they happen, and go where your notification routes say."
        />
      )}
      <ul className={styles['list']} ref={list}>
        {shown.map((problem) => (
          <Row
            key={problem.id}
            problem={problem}
            place={nameOf(problem.assets[0] ?? '')}
            open={problem === open}
            toggle={() => setOpen(problem === open ? CLOSED : problem.id, { replace: true })}
            acknowledge={mayTake ? () => act(problem) : undefined}
            failure={failure?.id === problem.id ? failure.error : undefined}
          />
        ))}
      </ul>
      {(quiet !== '' || waiting.length > shown.length) && (
        <p className={styles['quiet']}>
          {waiting.length > shown.length && `${waiting.length - shown.length} more below these. `}
          {quiet} <Link to="/problems">Show them</Link>
        </p>
      )}
    </Section>
  );
}

interface RowProps {
  readonly problem: Problem;
  readonly place: string | undefined;
  readonly open: boolean;
  readonly toggle: () => void;
  /** Absent where one may not. */
  readonly acknowledge: (() => void) | undefined;
  readonly failure: unknown;
}

function Row({ problem, place, open, toggle, acknowledge, failure }: RowProps) {
  const state = problem.state as StatusState;
  const detailId = `evidence-${problem.id}`;
  return (
    <li className={styles['item']} data-open={open || undefined} data-state={state}>
      <button type="button" className={styles['row']} onClick={toggle} aria-expanded={open} aria-controls={detailId}>
        <StatusIcon state={state} />
        <span className={styles['what']}>
          <span className={styles['title']}>{problem.title}</span>
          <span className={styles['detail']}>
            {problem.detail}
            <span className={styles['source']}>
              {problem.detail === '' ? '' : ' · '}
              {problem.evidence.length > 2
                ? `${problem.evidence.length} signals, one chain`
                : (place ?? problem.source)}
            </span>
          </span>
        </span>
        <EvidenceSpark problem={problem} place={place} />
        <span className={styles['age']}>
          <Age at={problem.openedAt} />
        </span>
        <span className={styles['fold']}>
          <Icon of={open ? ChevronDown : ChevronRight} />
        </span>
      </button>
      {open && (
        <div id={detailId} className={styles['more']}>
          <Chain evidence={problem.evidence} />
          <div className={styles['do']}>
            <span className={styles['next']}>
              {problem.next !== '' && (
                <>
                  Next: <b>{problem.next}</b>
                </>
              )}
            </span>
            {acknowledge !== undefined && (
              <Button keys="A" onClick={acknowledge}>
                Acknowledge
              </Button>
            )}
            <ButtonLink tone="primary" keys="Enter" to={`/problems/${problem.id}`}>
              Open
            </ButtonLink>
          </div>
          {failure !== undefined && acknowledge !== undefined && (
            <ErrorState what="the acknowledgement" error={failure} retry={acknowledge} inline />
          )}
        </div>
      )}
    </li>
  );
}

/** What speaks for it, oldest first, each with its time and the engine it comes from. */
function Chain({ evidence }: { readonly evidence: readonly Evidence[] }) {
  const nowMs = useNow(60_000);
  const sorted = [...evidence].sort((a, b) => msOf(a.timeAt) - msOf(b.timeAt));
  return (
    <ol className={styles['chain']}>
      {sorted.map((line) => (
        <li key={`${line.timeAt}${line.text}`}>
          <time dateTime={line.timeAt}>
            {nowMs - msOf(line.timeAt) < DAY_MS ? formatClock(msOf(line.timeAt)) : formatTime(msOf(line.timeAt), nowMs)}
          </time>
          <span className={styles['engine']}>{line.source}</span>
          <span>{line.text}</span>
        </li>
      ))}
    </ol>
  );
}

function worstFirst(a: Problem, b: Problem): number {
  return (
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    msOf(a.openedAt) * signOf(a.state) - msOf(b.openedAt) * signOf(b.state)
  );
}

/** Criticals: the one that began first, since the rest may follow from it. Others: the newest. */
function signOf(state: string): 1 | -1 {
  return state === 'critical' ? 1 : -1;
}
