/** What is true of this, and since when? Everything known of one asset on one time axis. */
import { useNavigate, useParams as useRouteParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { needsSomebody, useAcknowledge } from '../api/problems.ts';
import { useMay } from '../api/rights.ts';
import type { AssetChange, Problem } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { MetricChart } from '../metrics/metric-chart.tsx';
import { DowntimeDialog } from '../problems/downtime-dialog.tsx';
import { formatDuration, msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { PageAxis } from '../ui/chart/axis.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Around } from './around.tsx';
import { AssetChecks } from './asset-checks.tsx';
import { assetState, stateWord } from './asset-name.tsx';
import styles from './asset-page.module.css';
import { useChartsOf, useChecksOf } from './asset-parts.ts';
import { Changes } from './changes-table.tsx';
import {
  type AssetItem,
  useAsset,
  useAssetHistory,
  useAssetRelations,
  useLiveAssets,
  useProblemsByAsset,
} from './data.ts';
import { KnownFacts } from './known-facts.tsx';
import { isNewPort, PortList, PortTable, portsOf } from './ports.tsx';
import { RelationsGraph, RelationsTable } from './relations.tsx';
import { TimelineTab } from './timeline-tab.tsx';
import { UnknownAsset } from './unknown-asset.tsx';
import { addressOf, typeName, whatItIs } from './words.ts';

const SILENT_MS = 120_000;
const TABS = ['timeline', 'metrics', 'ports', 'checks', 'changes', 'events', 'relations'] as const;
type TabName = (typeof TABS)[number];
const NO_PROBLEMS: readonly Problem[] = [];
const NO_CHANGES: readonly AssetChange[] = [];

export function Page() {
  const { id = '' } = useRouteParams({ strict: false }) as { readonly id?: string };
  const asset = useAsset(id);
  useLiveAssets();
  if (asset.data === undefined || asset.data.id !== id) {
    if (asset.error instanceof ApiProblem && asset.error.status === 404) return <UnknownAsset id={id} />;
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
  const navigate = useNavigate();
  const tab: TabName = TABS.find((one) => one === params['tab']) ?? 'timeline';
  const open = useProblemsByAsset().get(asset.id) ?? NO_PROBLEMS;
  const relations = useAssetRelations(asset.id);
  const { charts, waiting: chartsWaiting } = useChartsOf(asset);
  const { checks, waiting: checksWaiting } = useChecksOf(asset, relations.data, charts.length > 0);
  const history = useAssetHistory(asset.id);
  const ports = useMemo(() => portsOf(relations.data ?? []), [relations.data]);
  const names = useMemo(
    () => new Map((relations.data ?? []).map(({ asset: { id, name } }) => [id, name])),
    [relations.data],
  );
  const openPorts = ports.filter((port) => port.asset.present);
  const acknowledge = useAcknowledge();
  const may = useMay();
  const [downtime, setDowntime] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const waiting = may('acknowledge problems') ? open.filter(needsSomebody) : NO_PROBLEMS;
  const mayPause = open.length > 0 && may('set downtimes');
  const flowsOf = asset.type === 'host' ? asset.keys.find(({ type }) => type === 'ip')?.value : undefined;
  const silentMs = asset.type === 'host' ? now() - msOf(asset.lastSeenAt) : 0;
  const silent = asset.silent === true || !asset.present || silentMs > SILENT_MS;

  const take = () => {
    setFailure(undefined);
    acknowledge(waiting).catch(setFailure);
  };
  useKeys([
    { keys: 'a', label: 'Acknowledge its problems', run: take, when: () => waiting.length > 0 },
    { keys: 'd', label: 'Downtime', run: () => setDowntime(true), when: () => mayPause },
    {
      keys: 'i',
      label: 'Open its first incident',
      run: () => void navigate({ to: `/problems/${open[0]?.id}` } as never),
      when: () => open.length > 0,
    },
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
            fresh={openPorts.filter((port) => isNewPort(port, asset.firstSeenAt)).length}
          />
        }
        actions={
          <>
            {flowsOf !== undefined && may('see flows') && (
              <ButtonLink tone="ghost" to={`/flows/host/${encodeURIComponent(flowsOf)}`}>
                Conversations
              </ButtonLink>
            )}
            {asset.type === 'host' && may('scan') && (
              <ButtonLink to="/scans" tone="ghost" search={{ new: '1', targets: addressOf(asset)?.split(', ')[0] }}>
                Scan now
              </ButtonLink>
            )}
            {mayPause && (
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
                names={names}
              />
            )}
            {tab === 'metrics' && (
              <div className={styles['charts']}>
                {charts.map((chart) => (
                  <MetricChart key={chart.id} chart={chart} />
                ))}
              </div>
            )}
            {tab === 'ports' && <PortTable ports={ports} hostSeenAt={asset.firstSeenAt} />}
            {tab === 'checks' && <AssetChecks checks={checks} />}
            {tab === 'changes' && (
              <Changes
                changes={history.data}
                error={history.error}
                names={names}
                retry={() => void history.refetch()}
              />
            )}
            {tab === 'events' && <Around asset={asset.id} />}
            {tab === 'relations' && <RelationsTable relations={relations.data ?? []} />}
            {tab === 'timeline' && (
              <aside className={styles['aside']} aria-label="What is known">
                <KnownFacts asset={asset} />
                {ports.length > 0 && (
                  <Section
                    title="Open ports"
                    note={newWords(openPorts.filter((port) => isNewPort(port, asset.firstSeenAt)).length)}
                    action={
                      <button type="button" className={styles['plain']} onClick={() => setParams({ tab: 'ports' })}>
                        All
                      </button>
                    }
                  >
                    <PortList ports={openPorts.slice(0, 12)} hostSeenAt={asset.firstSeenAt} />
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

function newWords(count: number): string | undefined {
  return count === 0 ? undefined : `${count} new`;
}
