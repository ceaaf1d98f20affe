/** Who must act? Open problems by their cause, views for the quiet and the closed, and what one does about them. */
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { isOpen, needsSomebody, useOpenProblems } from '../api/problems.ts';
import { useMay } from '../api/rights.ts';
import type { Problem } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatCount } from '../time/format.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { SidePanel } from '../ui/dialog.tsx';
import { ListBar } from '../ui/list/list-bar.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { type QueryField, splitLine } from '../ui/query-line/words.ts';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { Status, StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { usePagedList } from '../ui/table/paged.ts';
import { Table } from '../ui/table/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Age, Ago } from '../ui/time.tsx';
import { ActFailure } from './act-failure.tsx';
import { useProblemActions } from './actions.ts';
import { DowntimeDialog } from './downtime-dialog.tsx';
import { ProblemHistory, ProblemWhy } from './problem-detail.tsx';
import { AssetLinks, statusOf } from './problem-parts.tsx';
import styles from './problems.module.css';
import { byCause, countWords, type PlacedProblem, standing } from './words.ts';

const VIEWS = ['open', 'acknowledged', 'downtime', 'closed'] as const;
type View = (typeof VIEWS)[number];
const WEEK_S = 7 * 86_400;

const FIELDS: readonly QueryField[] = [
  { key: 'state', summary: 'how bad it is', values: ['critical', 'warning', 'unknown', 'notice'], only: true },
  { key: 'source', summary: 'which engine reports it' },
  { key: 'asset', summary: 'the name of what it is about' },
  { key: 'rule', summary: 'which rule speaks' },
];

export function Page() {
  const params = useParams();
  const setParams = useSetParams();
  const navigate = useNavigate();
  const view: View = VIEWS.find((one) => one === params['view']) ?? 'open';
  const line = params['q'] ?? '';
  const open = useOpenProblems();
  const closedRequest = useMemo(() => ({ open: false, from: `-${WEEK_S}` }), []);
  const closed = usePagedList<Problem>(['problems', 'closed'], '/problems', closedRequest);
  const names = useAssetNames();
  const actions = useProblemActions();
  const may = useMay();
  const mayTake = may('acknowledge problems');
  const mayPause = may('set downtimes');
  const [active, setActive] = useState<Problem | undefined>();
  const [downtime, setDowntime] = useState<readonly Problem[]>([]);

  const all = open.data?.items ?? NO_PROBLEMS;
  const views = useMemo(() => splitViews(all), [all]);
  const placed = useMemo<readonly PlacedProblem[]>(() => {
    if (view === 'closed') return closed.rows.map((problem) => ({ problem, depth: 0 }));
    return byCause(views[view].filter((problem) => matches(problem, line, names)));
  }, [view, views, closed.rows, line, names]);
  const shown = useMemo(
    () => (view === 'closed' ? placed.filter(({ problem }) => matches(problem, line, names)) : placed),
    [placed, view, line, names],
  );
  const columns = useMemo(
    () => columnsOf(view, names, mayTake ? actions.acknowledge : undefined),
    [view, names, mayTake, actions.acknowledge],
  );

  const openId = params['open'];
  const opened = shown.find(({ problem }) => problem.id === openId)?.problem;
  const current = opened ?? active;
  const show = (problem: Problem) => setParams({ open: problem.id });
  useKeys([
    {
      keys: 'a',
      label: 'Acknowledge',
      group: 'Problems',
      run: () => current && actions.acknowledge([current]),
      when: () => mayTake && canTake(current),
    },
    {
      keys: 'd',
      label: 'Downtime',
      group: 'Problems',
      run: () => current && setDowntime([current]),
      when: () => mayPause && current !== undefined && isOpen(current),
    },
    {
      keys: 'c',
      label: 'Comment',
      group: 'Problems',
      run: () => current && show(current),
      when: () => current !== undefined,
    },
    {
      keys: 'i',
      label: 'Open the incident',
      group: 'Problems',
      run: () => current && void navigate({ to: `/problems/${current.id}` } as never),
      when: () => current !== undefined,
    },
  ]);

  const count = (list: readonly Problem[]) => (open.data === undefined ? {} : { count: list.length });
  const waiting = all.filter(needsSomebody);
  const inView = views[view === 'closed' ? 'open' : view];
  return (
    <>
      <PageHead
        title={headline(waiting.length, all.length, open.data !== undefined)}
        lead={open.data === undefined ? '\u00a0' : lead(all, views)}
      />
      <ListBar>
        <QueryLine
          label="Filter problems"
          placeholder="state:critical source:checks, or words"
          value={line}
          onChange={(next) => setParams({ q: next, open: undefined })}
          fields={FIELDS}
          valuesOf={(key) =>
            key === 'source'
              ? [...new Set(all.map(({ source }) => source))]
              : key === 'rule'
                ? [...new Set(all.map(({ rule }) => rule))]
                : key === 'asset'
                  ? [...new Set(all.flatMap(({ assets }) => assets.map((id) => names.get(id) ?? id)))]
                  : []
          }
        />
      </ListBar>
      {actions.failure !== undefined && <ActFailure {...actions.failure} onDismiss={actions.dismiss} />}
      <Tabs
        label="Views of problems"
        value={view}
        onChange={(next) => setParams({ view: next === 'open' ? undefined : next, open: undefined })}
        tabs={[
          { value: 'open', label: 'Open', ...count(views.open) },
          { value: 'acknowledged', label: 'Acknowledged', ...count(views.acknowledged) },
          { value: 'downtime', label: 'In downtime', ...count(views.downtime) },
          {
            value: 'closed',
            label: 'Closed this week',
            ...(closed.total === undefined ? {} : { count: closed.total }),
          },
        ]}
      >
        <Table
          id={`problems-${view === 'closed' ? 'closed' : 'open'}`}
          label="Problems"
          main
          twoLine
          columns={columns}
          rows={shown}
          rowKey={keyOf}
          sort={params['sort']}
          onSort={(next) => setParams({ sort: next })}
          depth={depthOf}
          loading={view === 'closed' ? closed.loading : open.data === undefined && open.error === null}
          stale={view === 'closed' ? closed.stale : open.isPlaceholderData}
          expectedRows={7}
          {...(view === 'closed' ? { total: closed.total, more: closed.more } : {})}
          onActive={(row) => {
            setActive(row?.problem);
            if (openId !== undefined && row !== undefined) setParams({ open: row.problem.id }, { replace: true });
          }}
          openKey={openId}
          onOpen={(row) =>
            row.problem.id === openId
              ? void navigate({ to: `/problems/${row.problem.id}` } as never)
              : show(row.problem)
          }
          rowActions={(row) => [
            ...(mayTake && canTake(row.problem)
              ? [{ label: 'Acknowledge', key: 'A', run: () => actions.acknowledge([row.problem]) }]
              : []),
            ...(row.problem.acknowledged !== undefined && isOpen(row.problem) && may('let go of problems')
              ? [{ label: 'Let go of it', run: () => actions.release([row.problem]) }]
              : []),
            ...(mayPause && isOpen(row.problem)
              ? [{ label: 'Downtime', key: 'D', run: () => setDowntime([row.problem]) }]
              : []),
            ...(may('comment on problems') ? [{ label: 'Comment', key: 'C', run: () => show(row.problem) }] : []),
            {
              label: 'Open the incident',
              key: 'I',
              run: () => void navigate({ to: `/problems/${row.problem.id}` } as never),
            },
          ]}
          {...(view === 'closed' || !(mayTake || mayPause)
            ? {}
            : {
                bulk: (rows: readonly PlacedProblem[], clear: () => void) => (
                  <>
                    {mayTake && (
                      <Button
                        small
                        onClick={() => {
                          actions.acknowledge(rows.map(({ problem }) => problem).filter(canTake));
                          clear();
                        }}
                      >
                        Acknowledge
                      </Button>
                    )}
                    {mayPause && (
                      <Button small onClick={() => setDowntime(rows.map(({ problem }) => problem))}>
                        Downtime
                      </Button>
                    )}
                  </>
                ),
              })}
          failed={
            view === 'closed' && closed.error !== null && closed.rows.length === 0 ? (
              <ErrorState
                what="The closed problems"
                error={closed.error}
                retry={closed.retry}
                sinceMs={closed.failedMs}
              />
            ) : view !== 'closed' && open.error !== null && open.data === undefined ? (
              <ErrorState
                what="The problems"
                error={open.error}
                retry={() => void open.refetch()}
                sinceMs={open.errorUpdatedAt}
              />
            ) : undefined
          }
          empty={
            line !== '' && (view === 'closed' ? closed.rows.length : inView.length) > 0 ? (
              <EmptyState
                title="No problem matches"
                text={`None of ${formatCount(view === 'closed' ? closed.rows.length : inView.length)} fits the filter.`}
                action={<Button onClick={() => setParams({ q: undefined })}>Clear filter</Button>}
              />
            ) : (
              <NothingHere view={view} closed={closed.total ?? closed.rows.length} open={all.length} />
            )
          }
        />
      </Tabs>
      <SidePanel
        open={opened !== undefined}
        onClose={() => setParams({ open: undefined })}
        title={opened?.title ?? ''}
        actions={
          opened !== undefined && (
            <>
              <ButtonLink small keys="i" to={`/problems/${opened.id}`}>
                Incident
              </ButtonLink>
              {mayTake && canTake(opened) && (
                <Button small keys="a" onClick={() => actions.acknowledge([opened])}>
                  Acknowledge
                </Button>
              )}
            </>
          )
        }
      >
        {opened !== undefined && (
          <div className={styles['panel']} key={opened.id}>
            <p className={styles['panelLead']}>
              <Status state={statusOf(opened)} /> <AssetLinks problem={opened} names={names} />
              <span>
                {isOpen(opened) ? (
                  <>
                    for <Age at={opened.openedAt} />
                  </>
                ) : (
                  <>
                    closed <Ago at={opened.closedAt} />
                  </>
                )}
              </span>
            </p>
            {opened.detail !== '' && <p className={styles['plain']}>{opened.detail}</p>}
            <ProblemWhy problem={opened} />
            <ProblemHistory id={opened.id} actions={actions} problem={opened} />
          </div>
        )}
      </SidePanel>
      <DowntimeDialog open={downtime.length > 0} onClose={() => setDowntime([])} problems={downtime} />
    </>
  );
}

const NO_PROBLEMS: readonly Problem[] = [];
const keyOf = (row: PlacedProblem) => row.problem.id;
const depthOf = (row: PlacedProblem) => row.depth;

function canTake(problem: Problem | undefined): boolean {
  return problem !== undefined && isOpen(problem) && problem.acknowledged === undefined;
}

function splitViews(problems: readonly Problem[]): Readonly<Record<Exclude<View, 'closed'>, readonly Problem[]>> {
  return {
    open: problems.filter((problem) => problem.acknowledged === undefined && problem.downtime === undefined),
    acknowledged: problems.filter((problem) => problem.acknowledged !== undefined),
    downtime: problems.filter((problem) => problem.downtime !== undefined),
  };
}

function matches(problem: Problem, line: string, names: ReadonlyMap<string, string>): boolean {
  return splitLine(line).every((word) => {
    const assets = problem.assets.map((id) => names.get(id) ?? id).join(' ');
    const held =
      word.key === 'state'
        ? problem.state
        : word.key === 'source'
          ? problem.source
          : word.key === 'rule'
            ? problem.rule
            : word.key === 'asset'
              ? assets
              : `${problem.title} ${problem.detail} ${assets} ${problem.rule}`;
    const wanted = word.value.replace(/\*$/, '').toLowerCase();
    const exact = word.key === 'state' || word.key === 'source';
    const found = exact ? held === wanted : held.toLowerCase().includes(wanted);
    return found !== word.negated;
  });
}

function headline(waiting: number, open: number, known: boolean): string {
  if (!known) return 'Problems';
  if (waiting > 0) return waiting === 1 ? 'One problem needs you' : `${waiting} problems need you`;
  return open > 0 ? 'Nobody needs to act' : 'None open';
}

function lead(all: readonly Problem[], views: ReturnType<typeof splitViews>): string {
  if (all.length === 0) return 'Every engine reports here what is wrong.';
  const behind = all.filter((problem) => problem.behind !== undefined).length;
  const quiet = [
    views.acknowledged.length > 0 ? `${views.acknowledged.length} acknowledged` : '',
    views.downtime.length > 0 ? `${views.downtime.length} in downtime` : '',
    behind > 0 ? `${behind} ${behind === 1 ? 'follows' : 'follow'} from another` : '',
  ].filter((part) => part !== '');
  return `${countWords(all)}.${quiet.length === 0 ? '' : ` Of these ${quiet.join(', ')}.`}`;
}

function NothingHere({ view, closed, open }: { readonly view: View; readonly closed: number; readonly open: number }) {
  if (view === 'acknowledged')
    return (
      <EmptyState
        title="Nobody has taken one"
        text="Acknowledge a problem to say that you have it; it stays here until it closes."
      />
    );
  if (view === 'downtime')
    return <EmptyState title="Nothing is in downtime" text="Planned work goes here, so that it wakes nobody." />;
  if (view === 'closed')
    return (
      <EmptyState title="None closed this week" text="What opens and closes again is listed here for seven days." />
    );
  return (
    <EmptyState
      title={
        open > 0
          ? 'None open that nobody has'
          : closed > 0
            ? `None open. ${closed} closed this week.`
            : 'None open, and none this week'
      }
      text={
        open > 0
          ? 'What is open is acknowledged or in downtime.'
          : 'Checks, metrics, scans and correlations report here the moment something is wrong.'
      }
      action={
        closed > 0 && (
          <ButtonLink to="/problems" search={{ view: 'closed' }}>
            See the closed ones
          </ButtonLink>
        )
      }
    />
  );
}

function columnsOf(
  view: View,
  names: ReadonlyMap<string, string>,
  /** Absent where one may not. */
  take: ((problems: readonly Problem[]) => void) | undefined,
): readonly TableColumn<PlacedProblem>[] {
  const closed = view === 'closed';
  const columns: (TableColumn<PlacedProblem> | undefined)[] = [
    {
      id: 'title',
      header: 'Problem',
      value: (row) => row.problem.title,
      cell: (row) => (
        <span className={styles['row']} data-behind={row.depth > 0 || undefined}>
          <StatusIcon state={statusOf(row.problem)} />
          <span className={styles['words']}>
            <b>{row.problem.title}</b>
            <small>
              {[row.problem.detail, ...standing(row.problem)].filter((part) => part !== '').join(' · ') ||
                row.problem.rule}
            </small>
          </span>
        </span>
      ),
      phone: true,
      sortable: false,
    },
    {
      id: 'asset',
      header: 'On',
      value: (row) => row.problem.assets.map((id) => names.get(id) ?? id).join(', '),
      cell: (row) => <AssetLinks problem={row.problem} names={names} />,
      width: 150,
    },
    { id: 'source', header: 'From', value: (row) => row.problem.source, width: 96 },
    closed || take === undefined
      ? undefined
      : {
          id: 'take',
          header: 'Act',
          headerHidden: true,
          value: () => '',
          cell: (row) =>
            canTake(row.problem) ? (
              <span className={styles['take']}>
                <Button small tabIndex={-1} onClick={() => take([row.problem])}>
                  Acknowledge
                </Button>
              </span>
            ) : null,
          width: 120,
          sortable: false,
        },
    {
      id: 'openedAt',
      header: closed ? 'Opened' : 'For',
      value: (row) => row.problem.openedAt,
      cell: (row) => (closed ? <Ago at={row.problem.openedAt} /> : <Age at={row.problem.openedAt} />),
      align: 'end',
      width: 84,
      descendingFirst: true,
      phone: true,
    },
    closed
      ? {
          id: 'closedAt',
          header: 'Closed',
          value: (row) => row.problem.closedAt,
          cell: (row) => <Ago at={row.problem.closedAt} />,
          align: 'end',
          width: 110,
          descendingFirst: true,
        }
      : undefined,
    { id: 'rule', header: 'Rule', value: (row) => row.problem.rule, mono: true, width: 200, initiallyHidden: true },
  ];
  return columns.filter((column) => column !== undefined);
}
