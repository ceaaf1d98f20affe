/** One incident: the chain of evidence, what follows from it, what changed before, what was said, and handing it over. */
import { useQuery } from '@tanstack/react-query';
import { useParams as useRouteParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { isOpen, useOpenProblems } from '../api/problems.ts';
import { useMay } from '../api/rights.ts';
import type { AssetChange, Page as ListPage, PlatformEvent } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { useParam } from '../app/search.ts';
import { changeSentence } from '../assets/changes.ts';
import type { RelatedAsset } from '../assets/data.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatTime, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { PageAxis } from '../ui/chart/axis.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextArea } from '../ui/field.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { Status, StatusIcon } from '../ui/status.tsx';
import { download } from '../ui/table/export.ts';
import { Age, Ago } from '../ui/time.tsx';
import { ActFailure } from './act-failure.tsx';
import { useProblemActions } from './actions.ts';
import { DowntimeDialog } from './downtime-dialog.tsx';
import { EvidenceCharts } from './evidence.tsx';
import { ProblemHistory, ProblemWhy, useProblem } from './problem-detail.tsx';
import { AssetLinks, statusOf } from './problem-parts.tsx';
import styles from './problems.module.css';
import { handOverNote, type ProblemWithHistory, standing } from './words.ts';

const BEFORE_MS = 3_600_000;

export function Page() {
  const { id = '' } = useRouteParams({ strict: false }) as { readonly id?: string };
  const query = useProblem(id);
  if (query.data === undefined || query.data.id !== id) {
    if (query.error instanceof ApiProblem && query.error.status === 404) {
      return (
        <>
          <PageHead title="There is no such problem" crumbs={<Link to="/problems">Problems</Link>} />
          <EmptyState
            title="It is not known"
            text="Closed problems are kept for as long as the settings say, then they go."
            action={<ButtonLink to="/problems">All problems</ButtonLink>}
          />
        </>
      );
    }
    return (
      <>
        <PageHead title="Problem" crumbs={<Link to="/problems">Problems</Link>} />
        {query.error !== null ? (
          <ErrorState what="This problem" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </>
    );
  }
  return (
    <PageAxis>
      <Incident key={id} problem={query.data} />
    </PageAxis>
  );
}

function Incident({ problem: fetched }: { readonly problem: ProblemWithHistory }) {
  const names = useAssetNames();
  const actions = useProblemActions();
  const may = useMay();
  const openProblems = useOpenProblems();
  // The list is kept fresh by the stream, and changes at once when one acts.
  const live = openProblems.data?.items.find(({ id }) => id === fetched.id);
  const problem: ProblemWithHistory = live === undefined ? fetched : { ...fetched, ...live };
  const [act, setAct] = useParam('act');
  const [dialog, setDialog] = useState<'downtime' | 'note' | undefined>();
  const open = isOpen(problem);
  const free = open && problem.acknowledged === undefined;
  const mayTake = free && may('acknowledge problems');
  const mayPause = open && may('set downtimes');
  const followers = (openProblems.data?.items ?? []).filter(({ behind }) => behind === problem.id);
  const cause = openProblems.data?.items.find(({ id }) => id === problem.behind);

  // Keys of other pages lead here with what to do.
  useEffect(() => {
    if (act === undefined) return;
    if (act === 'downtime') setDialog('downtime');
    else if (act === 'comment') focusComment();
    setAct(undefined, { replace: true });
  }, [act, setAct]);
  useKeys([
    {
      keys: 'a',
      label: 'Acknowledge',
      group: 'Problems',
      run: () => actions.acknowledge([problem]),
      when: () => mayTake,
    },
    { keys: 'd', label: 'Downtime', group: 'Problems', run: () => setDialog('downtime'), when: () => mayPause },
    {
      keys: 'c',
      label: 'Comment',
      group: 'Problems',
      run: focusComment,
      when: () => may('comment on problems'),
    },
    { keys: 'h', label: 'Hand over', group: 'Problems', run: () => setDialog('note') },
  ]);

  return (
    <>
      <PageHead
        crumbs={<Link to="/problems">Problems</Link>}
        title={
          <>
            <StatusIcon state={statusOf(problem)} />
            {problem.title}
          </>
        }
        lead={
          <>
            {problem.detail !== '' && `${problem.detail.replace(/\.$/, '')}. `}On{' '}
            <AssetLinks problem={problem} names={names} />,{' '}
            {open ? (
              <>
                for <Age at={problem.openedAt} />
              </>
            ) : (
              <>
                closed <Ago at={problem.closedAt} />
              </>
            )}
            .
          </>
        }
        actions={
          <>
            <Button tone="ghost" onClick={() => exportProblem(problem)}>
              Export
            </Button>
            <Button tone="ghost" keys="h" onClick={() => setDialog('note')}>
              Hand over
            </Button>
            {mayPause && (
              <Button keys="d" onClick={() => setDialog('downtime')}>
                Downtime
              </Button>
            )}
            {mayTake && (
              <Button tone="primary" keys="a" onClick={() => actions.acknowledge([problem])}>
                Acknowledge
              </Button>
            )}
            {open && !free && may('let go of problems') && (
              <Button onClick={() => actions.release([problem])}>Let go of it</Button>
            )}
          </>
        }
      />
      {actions.failure !== undefined && <ActFailure {...actions.failure} onDismiss={actions.dismiss} />}
      <div className={styles['incident']}>
        <div className={styles['column']}>
          <ProblemWhy problem={problem} />
          <EvidenceCharts problem={problem} />
          {followers.length > 0 && (
            <Section title="Follows from it" note={`${followers.length}, quiet while this is open`}>
              <ul className={styles['lines']}>
                {followers.map((one) => (
                  <li key={one.id}>
                    <StatusIcon state={statusOf(one)} />
                    <Link to={`/problems/${one.id}`}>{one.title}</Link>
                    <span>
                      <Age at={one.openedAt} />
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <ChangedBefore problem={problem} />
        </div>
        <aside className={styles['column']} aria-label="State and history">
          <Section title="State">
            <dl className={styles['facts']}>
              <Fact name="State">
                <Status state={statusOf(problem)} /> {standing(problem).join(', ')}
              </Fact>
              <Fact name="Opened">
                <Ago at={problem.openedAt} />
              </Fact>
              {problem.closedAt !== undefined && (
                <Fact name="Closed">
                  <Ago at={problem.closedAt} />
                </Fact>
              )}
              <Fact name="Last report">
                <Seen at={problem.lastReportAt} />
              </Fact>
              {problem.acknowledged !== undefined && (
                <Fact name="Taken by">
                  {problem.acknowledged.by}, <Ago at={problem.acknowledged.timeAt} />
                  {problem.acknowledged.comment !== '' && `: ${problem.acknowledged.comment}`}
                </Fact>
              )}
              {problem.downtime !== undefined && (
                <Fact name="Downtime">
                  until <Ago at={problem.downtime.untilAt} />
                </Fact>
              )}
              {cause !== undefined && (
                <Fact name="Behind">
                  <Link to={`/problems/${cause.id}`}>{cause.title}</Link>
                </Fact>
              )}
              <Fact name="Rule">
                <code>{problem.rule}</code>
              </Fact>
            </dl>
          </Section>
          <ProblemHistory id={problem.id} actions={actions} problem={problem} />
        </aside>
      </div>
      <DowntimeDialog open={dialog === 'downtime'} onClose={() => setDialog(undefined)} problems={[problem]} />
      <HandOver open={dialog === 'note'} onClose={() => setDialog(undefined)} problem={problem} names={names} />
    </>
  );
}

function focusComment(): void {
  document.querySelector<HTMLTextAreaElement>('form textarea')?.focus();
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface Happening {
  readonly key: string;
  readonly timeAt: string;
  readonly source: string;
  readonly text: string;
}

/** Changes of its assets and notable events in the hour before it opened. */
function ChangedBefore({ problem }: { readonly problem: ProblemWithHistory }) {
  const nowMs = useNow();
  const asset = problem.assets[0];
  const toMs = msOf(problem.openedAt);
  const query = useQuery({
    queryKey: ['problems', 'before', problem.id, asset],
    queryFn: async ({ signal }): Promise<readonly Happening[]> => {
      const range = { from: new Date(toMs - BEFORE_MS).toISOString(), to: new Date(toMs).toISOString() };
      const id = encodeURIComponent(asset ?? '');
      const [changes, related, events] = await Promise.all([
        api.get<ListPage<AssetChange>>(`/assets/${id}/history`, { ...range, limit: 50 }, { signal }),
        api.get<ListPage<RelatedAsset>>(`/assets/${id}/relations`, undefined, { signal }),
        api.get<ListPage<PlatformEvent>>(
          '/events',
          { ...range, asset, severity: 'low,medium,high,critical,fatal', limit: 50 },
          { signal },
        ),
      ]);
      const names = new Map(related.items.map(({ asset: { id: other, name } }) => [other, name]));
      return [
        ...changes.items.map((one, index) => ({
          key: `${one.timeAt}${one.field}${index}`,
          timeAt: one.timeAt,
          source: one.source,
          text: changeSentence(one, names),
        })),
        ...events.items.map((one) => ({ key: one.id, timeAt: one.timeAt, source: one.source, text: one.message })),
      ].sort((a, b) => msOf(b.timeAt) - msOf(a.timeAt));
    },
    enabled: asset !== undefined,
  });
  if (asset === undefined) return null;
  return (
    <Section
      title="What changed before"
      note="in the hour until it opened"
      action={
        <Link
          to="/events"
          search={{
            q: `asset:${asset}`,
            from: new Date(toMs - BEFORE_MS).toISOString(),
            to: new Date(toMs).toISOString(),
          }}
        >
          Open in Events
        </Link>
      }
    >
      <Loaded what="What changed before" query={query}>
        {(happenings) =>
          happenings.length === 0 ? (
            <p className={styles['plain']}>Nothing that any engine saw.</p>
          ) : (
            <ol className={styles['chain']}>
              {happenings.slice(0, 30).map((one) => (
                <li key={one.key}>
                  <time dateTime={one.timeAt}>{formatTime(msOf(one.timeAt), nowMs)}</time>
                  <span>{one.source}</span>
                  <p>{one.text}</p>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}

interface HandOverProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly problem: ProblemWithHistory;
  readonly names: ReadonlyMap<string, string>;
}

function HandOver({ open, onClose, problem, names }: HandOverProps) {
  const note = useMemo(
    () => handOverNote(problem, names, `${location.origin}/app/problems/${problem.id}`),
    [problem, names],
  );
  const [changed, setChanged] = useState<string | undefined>();
  const text = changed ?? note;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      wide
      title="Hand over"
      description="For whoever takes over. Change it as you like; it is not sent anywhere."
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <CopyButton tone="primary" label="Copy note" text={text} />
        </>
      }
    >
      <TextArea label="Note" value={text} onChange={setChanged} rows={16} mono />
    </Dialog>
  );
}

function exportProblem(problem: ProblemWithHistory): void {
  download(`problem-${problem.id}.json`, 'application/json', `${JSON.stringify(problem, undefined, 2)}\n`);
}
