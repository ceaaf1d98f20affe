/** What is true of this, and since when? Everything known of one asset on one time axis. */
import { useQuery } from '@tanstack/react-query';
import { useParams as useRouteParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { needsSomebody, useAcknowledge } from '../api/problems.ts';
import type { AssetChange, Chart, JsonValue, Page as ListPage, PlatformEvent, Problem } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { type Check, checkState, checkStatus, checkTarget, useChecks, useLiveChecks } from '../checks/data.ts';
import { historyBars } from '../checks/history-bars.ts';
import { MetricChart } from '../metrics/metric-chart.tsx';
import { DowntimeDialog } from '../problems/downtime-dialog.tsx';
import { formatDuration, msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { useTimeRange } from '../time/range.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { PageAxis } from '../ui/chart/axis.tsx';
import { bytes } from '../ui/chart/units.ts';
import { Seen } from '../ui/list/seen.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Ago } from '../ui/time.tsx';
import { Around } from './around.tsx';
import { assetState, stateWord } from './asset-name.tsx';
import styles from './asset-page.module.css';
import { changeSentence } from './changes.ts';
import {
  type AssetItem,
  type RelatedAsset,
  useAsset,
  useAssetHistory,
  useAssetRelations,
  useLiveAssets,
  useProblemsByAsset,
} from './data.ts';
import { Facts } from './facts.tsx';
import { isNewPort, PortList, PortTable, portsOf } from './ports.tsx';
import { RelationsGraph, RelationsTable } from './relations.tsx';
import { chartLanes } from './timeline/lane-charts.ts';
import { type CheckLane, Timeline } from './timeline/timeline.tsx';
import { addressOf, attributeNumber, typeName, whatItIs } from './words.ts';

const SILENT_MS = 120_000;
const TABS = ['timeline', 'metrics', 'ports', 'checks', 'changes', 'events', 'relations'] as const;
type TabName = (typeof TABS)[number];
const NO_PROBLEMS: readonly Problem[] = [];

export function Page() {
  const { id = '' } = useRouteParams({ strict: false }) as { readonly id?: string };
  const asset = useAsset(id);
  useLiveAssets();
  if (asset.data === undefined || asset.data.id !== id) {
    if (asset.error instanceof ApiProblem && asset.error.status === 404) return <Unknown id={id} />;
    return (
      <>
        <PageHead title="Asset" crumbs={<Link to="/assets">Assets</Link>} />
        {asset.error !== null ? (
          <ErrorState what="This asset" error={asset.error} retry={() => void asset.refetch()} />
        ) : (
          <SkeletonRows rows={10} />
        )}
      </>
    );
  }
  return (
    <PageAxis>
      <AssetView key={id} asset={asset.data} />
    </PageAxis>
  );
}

function AssetView({ asset }: { readonly asset: AssetItem }) {
  const params = useParams();
  const setParams = useSetParams();
  const tab: TabName = TABS.find((one) => one === params['tab']) ?? 'timeline';
  const open = useProblemsByAsset().get(asset.id) ?? NO_PROBLEMS;
  const relations = useAssetRelations(asset.id);
  const { charts, waiting: chartsWaiting } = useChartsOf(asset);
  const { checks, waiting: checksWaiting } = useChecksOf(asset, relations.data);
  const history = useAssetHistory(asset.id);
  const ports = useMemo(() => portsOf(relations.data ?? []), [relations.data]);
  const openPorts = ports.filter((port) => port.asset.present);
  const acknowledge = useAcknowledge();
  const [downtime, setDowntime] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const waiting = open.filter(needsSomebody);
  const silentMs = asset.type === 'host' ? now() - msOf(asset.lastSeenAt) : 0;
  const silent = asset.silent === true || !asset.present || silentMs > SILENT_MS;

  const take = () => {
    setFailure(undefined);
    acknowledge(waiting).catch(setFailure);
  };
  useKeys([
    { keys: 'a', label: 'Acknowledge its problems', run: take, when: () => waiting.length > 0 },
    { keys: 'd', label: 'Downtime', run: () => setDowntime(true), when: () => open.length > 0 },
  ]);

  return (
    <div data-silent={silent || undefined} className={styles['page']}>
      <PageHead
        crumbs={
          <>
            <Link to="/assets">Assets</Link> /{' '}
            <Link to="/assets" search={{ type: asset.type }}>
              {typeName(asset.type, true)}
            </Link>
          </>
        }
        title={
          <>
            <StatusIcon state={assetState(asset, open)} label={stateWord(asset, open)} />
            {asset.name}
          </>
        }
        lead={
          <Lead
            asset={asset}
            problems={open.length}
            ports={openPorts.length}
            fresh={openPorts.filter(isNewPort).length}
          />
        }
        actions={
          <>
            {asset.type === 'host' && (
              <ButtonLink to="/scans" tone="ghost" search={{ new: '1', targets: addressOf(asset)?.split(', ')[0] }}>
                Scan now
              </ButtonLink>
            )}
            {open.length > 0 && (
              <Button keys="d" onClick={() => setDowntime(true)}>
                Downtime
              </Button>
            )}
            {waiting.length > 0 && (
              <Button tone="primary" keys="a" onClick={take}>
                {waiting.length === 1
                  ? 'Acknowledge'
                  : waiting.length === 2
                    ? 'Acknowledge both'
                    : `Acknowledge ${waiting.length}`}
              </Button>
            )}
          </>
        }
      />
      {failure !== undefined && <ErrorState inline what="The acknowledgement" error={failure} retry={take} />}
      {silent && (
        <p className={styles['silent']}>
          {asset.present ? `Silent for ${formatDuration(silentMs)}.` : 'It is gone.'} What follows is what was last
          known, <Seen at={asset.lastSeenAt} />.
        </p>
      )}
      <div className={styles['tabs']}>
        <Tabs
          label={asset.name}
          value={tab}
          onChange={(next) => setParams({ tab: next === 'timeline' ? undefined : next })}
          tabs={[
            { value: 'timeline', label: 'Timeline' },
            ...(charts.length > 0 ? [{ value: 'metrics' as const, label: 'Metrics', count: charts.length }] : []),
            ...(asset.type === 'host' ? [{ value: 'ports' as const, label: 'Ports', count: openPorts.length }] : []),
            { value: 'checks', label: 'Checks', count: checks.length },
            {
              value: 'changes',
              label: 'Changes',
              ...(history.data === undefined ? {} : { count: history.data.length }),
            },
            { value: 'events', label: 'Events' },
            {
              value: 'relations',
              label: 'Relations',
              ...(relations.data === undefined ? {} : { count: relations.data.length }),
            },
          ]}
        >
          <div className={styles['body']}>
            {tab === 'timeline' && (
              <TimelineTab
                asset={asset}
                charts={charts}
                waiting={chartsWaiting || checksWaiting || relations.isLoading}
                checks={checks}
                changes={history.data ?? NO_CHANGES}
              />
            )}
            {tab === 'metrics' && (
              <div className={styles['charts']}>
                {charts.map((chart) => (
                  <MetricChart key={chart.id} chart={chart} />
                ))}
              </div>
            )}
            {tab === 'ports' && <PortTable ports={ports} />}
            {tab === 'checks' && <AssetChecks checks={checks} />}
            {tab === 'changes' && (
              <Changes changes={history.data} error={history.error} retry={() => void history.refetch()} />
            )}
            {tab === 'events' && <Around asset={asset.id} />}
            {tab === 'relations' && <RelationsTable relations={relations.data ?? []} />}
            {tab === 'timeline' && (
              <aside className={styles['aside']} aria-label="What is known">
                <KnownFacts asset={asset} />
                {ports.length > 0 && (
                  <Section
                    title="Open ports"
                    note={newWords(openPorts.filter(isNewPort).length)}
                    action={
                      <button type="button" className={styles['plain']} onClick={() => setParams({ tab: 'ports' })}>
                        All
                      </button>
                    }
                  >
                    <PortList ports={openPorts.slice(0, 12)} />
                  </Section>
                )}
                {(relations.data?.length ?? 0) > 0 && (
                  <Section
                    title="Relations"
                    note={`${relations.data?.length}, nearest shown`}
                    action={
                      <button type="button" className={styles['plain']} onClick={() => setParams({ tab: 'relations' })}>
                        All
                      </button>
                    }
                  >
                    <RelationsGraph name={asset.name} relations={relations.data ?? []} />
                  </Section>
                )}
              </aside>
            )}
          </div>
        </Tabs>
      </div>
      <DowntimeDialog open={downtime} onClose={() => setDowntime(false)} problems={open} />
    </div>
  );
}

interface TimelineTabProps {
  readonly asset: AssetItem;
  readonly charts: readonly Chart[];
  /** It is not yet known which lanes there are. */
  readonly waiting: boolean;
  readonly checks: readonly Check[];
  readonly changes: readonly AssetChange[];
}

function TimelineTab({ asset, charts, waiting, checks, changes }: TimelineTabProps) {
  const range = useTimeRange();
  const events = useQuery({
    queryKey: ['events', 'asset', asset.id, range.key],
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return api.get<ListPage<PlatformEvent>>(
        '/events',
        { asset: asset.id, severity: NOTABLE, from: iso(fromMs), to: iso(toMs), limit: 200 },
        { signal },
      );
    },
    refetchInterval: range.live ? 15_000 : false,
  });
  const problems = useQuery({
    queryKey: ['problems', 'asset', asset.id, range.key],
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return api.get<ListPage<Problem>>(
        '/problems',
        { asset: asset.id, from: iso(fromMs), to: iso(toMs), limit: 200 },
        { signal },
      );
    },
    refetchInterval: range.live ? 15_000 : false,
  });
  const cores = attributeNumber(asset, 'cores');
  const memoryBytes = attributeNumber(asset, 'memoryBytes');
  const lanes = useMemo(
    () => chartLanes(charts, { cores, memory: memoryBytes === undefined ? undefined : bytes(memoryBytes) }),
    [charts, cores, memoryBytes],
  );
  const checkLanes = useCheckLanes(checks);
  // All lanes appear together, so that none pushes the others down.
  if (waiting || problems.isLoading) return <SkeletonRows rows={12} />;
  return (
    <div className={styles['main']}>
      {problems.error !== null && problems.data === undefined ? (
        <ErrorState what="Its problems over time" error={problems.error} retry={() => void problems.refetch()} />
      ) : (
        <Timeline
          problems={problems.data?.items ?? NO_PROBLEMS}
          lanes={lanes}
          checks={checkLanes}
          events={events.data?.items ?? NO_EVENTS}
          changes={changes}
        />
      )}
      <Around asset={asset.id} />
    </div>
  );
}

/** Events below this are counted in Events, not marked on the timeline. */
const NOTABLE = 'medium,high,critical,fatal';
const NO_EVENTS: readonly PlatformEvent[] = [];
const NO_CHANGES: readonly AssetChange[] = [];

function Lead({
  asset,
  problems,
  ports,
  fresh,
}: {
  readonly asset: AssetItem;
  readonly problems: number;
  readonly ports: number;
  readonly fresh: number;
}) {
  const what = whatItIs(asset);
  const address = addressOf(asset);
  return (
    <>
      {what ?? typeName(asset.type)}
      {address !== undefined && (
        <>
          , <code>{address}</code>
        </>
      )}
      . Last seen <Seen at={asset.lastSeenAt} />.{' '}
      {problems > 0 && (
        <b>
          {problems} open {problems === 1 ? 'problem' : 'problems'}
        </b>
      )}
      {ports > 0 &&
        `${problems > 0 ? ', ' : ''}${ports} open ${ports === 1 ? 'port' : 'ports'}${fresh > 0 ? `, ${fresh} of them new` : ''}.`}
    </>
  );
}

/** Facts now; with a day chosen, what differs from then stands out. */
function KnownFacts({ asset }: { readonly asset: AssetItem }) {
  const params = useParams();
  const setParams = useSetParams();
  const day = /^\d{4}-\d{2}-\d{2}$/.test(params['asOf'] ?? '') ? params['asOf'] : undefined;
  const then = useQuery({
    queryKey: ['assets', 'one', asset.id, day ?? 'now'],
    queryFn: ({ signal }) =>
      api.get<AssetItem>(`/assets/${encodeURIComponent(asset.id)}`, { asOf: `${day}T12:00:00Z` }, { signal }),
    enabled: day !== undefined,
    retry: false,
  });
  const past = day === undefined || then.isPlaceholderData ? undefined : then.data;
  return (
    <Section
      title="Facts"
      note={past === undefined ? undefined : 'against that day'}
      action={
        <label className={styles['asOf']}>
          As of {day === undefined ? 'another day' : dayName.format(Date.parse(day))}
          <input
            type="date"
            aria-label="As of which day"
            value={day ?? ''}
            max={iso(now()).slice(0, 10)}
            onClick={(event) => event.currentTarget.showPicker?.()}
            onChange={(event) => setParams({ asOf: event.target.value || undefined }, { replace: true })}
          />
        </label>
      }
    >
      {then.error !== null && day !== undefined && <p className={styles['note']}>{then.error.message}</p>}
      <Facts attributes={asset.attributes as Attributes} before={past?.attributes as Attributes | undefined} />
      <dl className={styles['seen']}>
        <div>
          <dt>First seen</dt>
          <dd>
            <Ago at={asset.firstSeenAt} />
          </dd>
        </div>
        <div>
          <dt>Sources</dt>
          <dd>{asset.sources.join(', ')}</dd>
        </div>
      </dl>
    </Section>
  );
}

const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

type Attributes = Readonly<Record<string, JsonValue>>;

function AssetChecks({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <Table
      id="asset-checks"
      label="Checks"
      main
      columns={CHECK_COLUMNS}
      rows={checks}
      rowKey={(check) => check.id}
      empty={
        <EmptyState
          title="Nothing checks this yet"
          text="A check asks from outside whether a service works, and opens a problem when it does not."
          action={
            <ButtonLink to="/checks" search={{ new: '1' }}>
              Add a check
            </ButtonLink>
          }
        />
      }
    />
  );
}

const CHECK_COLUMNS: readonly TableColumn<Check>[] = [
  {
    id: 'name',
    header: 'Check',
    value: (check) => check.name,
    cell: (check) => (
      <span className={styles['status']}>
        <StatusIcon state={checkStatus(checkState(check))} />
        <Link to="/checks" search={{ open: check.id }}>
          {check.name}
        </Link>
      </span>
    ),
    width: 220,
    phone: true,
  },
  { id: 'output', header: 'Says', value: (check) => check.status?.output },
  {
    id: 'lastRunAt',
    header: 'Last run',
    value: (check) => check.status?.lastAt,
    cell: (check) => <Ago at={check.status?.lastAt} />,
    align: 'end',
    width: 110,
    phone: true,
  },
];

interface ChangesProps {
  readonly changes: readonly AssetChange[] | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

function Changes({ changes, error, retry }: ChangesProps) {
  return (
    <Table
      id="asset-changes"
      label="Changes"
      main
      columns={CHANGE_COLUMNS}
      rows={changes ?? NO_CHANGES}
      rowKey={(change) => `${change.timeAt}${change.field}${change.source}`}
      loading={changes === undefined && error === null}
      failed={
        error !== null && changes === undefined ? (
          <ErrorState what="The changes" error={error} retry={retry} />
        ) : undefined
      }
      empty={<EmptyState title="Nothing has changed" text="It is as it was when it was first seen." />}
    />
  );
}

const CHANGE_COLUMNS: readonly TableColumn<AssetChange>[] = [
  {
    id: 'timeAt',
    header: 'When',
    value: (change) => change.timeAt,
    cell: (change) => <Ago at={change.timeAt} />,
    width: 120,
    descendingFirst: true,
    phone: true,
  },
  { id: 'source', header: 'Seen by', value: (change) => change.source, width: 110 },
  { id: 'field', header: 'Field', value: (change) => change.field, mono: true, width: 180, initiallyHidden: true },
  { id: 'what', header: 'What changed', value: (change) => changeSentence(change), phone: true },
];

/** There is no such asset: what has a similar name. */
function Unknown({ id }: { readonly id: string }) {
  const near = useQuery({
    queryKey: ['assets', 'near', id],
    queryFn: ({ signal }) =>
      api.get<ListPage<AssetItem>>('/assets', { q: `"${id.replaceAll('"', '')}"`, limit: 5 }, { signal }),
    retry: false,
  });
  const names = near.data?.items ?? [];
  return (
    <>
      <PageHead title="There is no such asset" crumbs={<Link to="/assets">Assets</Link>} lead={<code>{id}</code>} />
      <EmptyState
        title={names.length === 0 ? 'Nothing has a similar name' : 'Did you mean'}
        text={
          names.length === 0 ? (
            'It may have been merged into another asset, or its history is older than what is kept.'
          ) : (
            <ul>
              {names.map((asset) => (
                <li key={asset.id}>
                  <Link to={`/assets/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>{' '}
                  {typeName(asset.type).toLowerCase()}
                </li>
              ))}
            </ul>
          )
        }
        action={<ButtonLink to="/assets">All assets</ButtonLink>}
      />
    </>
  );
}

/** Charts that are kept under the asset's id, its name or one of its keys. */
function useChartsOf(asset: AssetItem): { readonly charts: readonly Chart[]; readonly waiting: boolean } {
  const { data, error } = useQuery({
    queryKey: ['metrics', 'charts'],
    queryFn: async ({ signal }) => (await api.get<ListPage<Chart>>('/metrics/charts', undefined, { signal })).items,
    staleTime: 60_000,
    enabled: asset.type === 'host',
  });
  const charts = useMemo(() => {
    const names = new Set([asset.id, asset.name, ...asset.keys.map(({ value }) => value)]);
    return (data ?? []).filter(({ host }) => names.has(host));
  }, [data, asset]);
  return { charts, waiting: asset.type === 'host' && data === undefined && error === null };
}

function useChecksOf(
  asset: AssetItem,
  relations: readonly RelatedAsset[] | undefined,
): { readonly checks: readonly Check[]; readonly waiting: boolean } {
  useLiveChecks();
  const { data, error } = useChecks();
  const checks = useMemo(() => {
    const parts = (relations ?? []).filter(({ type, direction }) => PART_OF.has(`${type} ${direction}`));
    const ids = new Set([asset.id, ...parts.map((one) => one.asset.id)]);
    const names = new Set([asset.name, ...(addressOf(asset)?.split(', ') ?? [])]);
    return (data ?? []).filter((check) =>
      check.asset !== undefined ? ids.has(check.asset) : names.has(checkTarget(check) ?? ''),
    );
  }, [data, asset, relations]);
  return { checks, waiting: data === undefined && error === null };
}

/** What the checks said over the range: asked for those that are not well; the others are drawn as passing. */
function useCheckLanes(checks: readonly Check[]): readonly CheckLane[] {
  const range = useTimeRange();
  const { data } = useQuery({
    queryKey: ['checks', 'lanes', checks.map(({ id, status }) => `${id}${status?.sinceAt}`), range.key],
    queryFn: async ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return Promise.all(
        checks.slice(0, MAX_CHECK_LANES).map(async (check) => {
          const answer = await api.get<ListPage<Parameters<typeof historyBars>[0][number]>>(
            `/checks/${encodeURIComponent(check.id)}/history`,
            { from: iso(fromMs) },
            { signal },
          );
          return { id: check.id, name: check.name, bars: historyBars(answer.items, checkState(check), fromMs, toMs) };
        }),
      );
    },
    enabled: checks.length > 0,
    refetchInterval: range.live ? 30_000 : false,
  });
  // Until the histories are there, what the last result says.
  return useMemo(() => {
    if (data !== undefined) return data;
    const { fromMs, toMs } = range.resolve();
    return checks.slice(0, MAX_CHECK_LANES).map((check) => {
      const since =
        check.status === undefined
          ? []
          : [{ timeAt: check.status.sinceAt, state: check.status.state, output: check.status.output }];
      return { id: check.id, name: check.name, bars: historyBars(since, checkState(check), fromMs, toMs) };
    });
  }, [data, checks, range]);
}

/** Relations that make the other asset a part of this one. */
const PART_OF: ReadonlySet<string> = new Set(['exposes out', 'attached-to in', 'runs-on in']);
const MAX_CHECK_LANES = 12;
const iso = (ms: number) => new Date(ms).toISOString();

function newWords(count: number): string | undefined {
  return count === 0 ? undefined : `${count} new`;
}
