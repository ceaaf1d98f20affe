/** Which signal moved? A tree of families, charts in step, and for a highlighted window the ranking of what moved. */
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Chart, CoverageLine, Page as ListPage } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { formatCount, msOf } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import { Button } from '../ui/button.tsx';
import { PageAxis } from '../ui/chart/axis.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { TextField } from '../ui/field.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { Select } from '../ui/select.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { Status, type StatusState } from '../ui/status.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useAssetNames } from './asset-names.ts';
import { Correlations } from './correlations.tsx';
import { EARLIER, EarlierProvider, nearestKept } from './earlier.ts';
import { baseOf, type FamilyGroup, familyGroups, matchesWords } from './families.ts';
import { MetricChart } from './metric-chart.tsx';
import styles from './metrics.module.css';
import { Processes } from './processes.tsx';
import { WindowBar } from './window-bar.tsx';

/** A group with more shows them when it is chosen. */
const MAX_OPEN_FAMILIES = 24;

interface MetricsStats {
  readonly series: number;
  readonly samples: number;
  readonly diskBytes: number;
  readonly ramBytes: number;
  readonly oldestAt?: string;
}

export function Page() {
  return (
    <PageAxis>
      <MetricsPage />
    </PageAxis>
  );
}

function MetricsPage() {
  const params = useParams();
  const setParams = useSetParams();
  const view = params['view'] === 'processes' ? 'processes' : 'charts';
  const charts = useQuery({
    queryKey: ['metrics', 'charts'],
    queryFn: async ({ signal }) => (await api.get<ListPage<Chart>>('/metrics/charts', undefined, { signal })).items,
    staleTime: 60_000,
  });
  const stats = useQuery({
    queryKey: ['metrics', 'stats'],
    queryFn: ({ signal }) => api.get<MetricsStats>('/metrics/stats', undefined, { signal }),
  });
  const names = useAssetNames();
  const hosts = useMemo(() => [...new Set((charts.data ?? []).map(({ host }) => host))], [charts.data]);
  const host = params['host'] !== undefined && hosts.includes(params['host']) ? params['host'] : hosts[0];
  const mine = useMemo(() => (charts.data ?? []).filter((chart) => chart.host === host), [charts.data, host]);
  const dimensions = mine.reduce((sum, chart) => sum + chart.dimensions.length, 0);
  const compare = useCompare(stats.data);
  const hostName = host === undefined ? '' : (names.get(host) ?? host);

  return (
    <>
      <PageHead
        title={mine.length === 0 ? 'Metrics' : `${formatCount(mine.length)} charts of ${hostName}`}
        lead={
          mine.length === 0
            ? '\u00a0'
            : `${formatCount(dimensions)} series${stats.data?.oldestAt === undefined ? '' : `, kept since ${dayOf(stats.data.oldestAt)}`}. ${compare.words ?? 'Drag over a chart to highlight a window.'}`
        }
        actions={
          <>
            {mine.length > 0 && view === 'charts' && (
              <Select
                label="Compare with"
                labelHidden
                value={compare.asked ?? 'none'}
                onChange={compare.ask}
                options={[
                  { value: 'none', label: 'Not compared' },
                  ...EARLIER.map(({ key, label }) => ({ value: key, label: `Against ${label}` })),
                ]}
              />
            )}
            {hosts.length > 1 && (
              <Select
                label="Host"
                labelHidden
                value={host ?? ''}
                onChange={(next) => setParams({ host: next === hosts[0] ? undefined : next })}
                options={hosts.map((one) => ({ value: one, label: names.get(one) ?? one }))}
              />
            )}
          </>
        }
      />
      <div className={styles['views']}>
        <Tabs
          label="Views of metrics"
          value={view}
          onChange={(next) => setParams({ view: next === 'charts' ? undefined : next })}
          tabs={[
            { value: 'charts', label: 'Charts', ...(mine.length === 0 ? {} : { count: mine.length }) },
            { value: 'processes', label: 'Processes' },
          ]}
        >
          {view === 'processes' ? (
            <Processes />
          ) : charts.data === undefined ? (
            charts.error !== null ? (
              <ErrorState what="The list of charts" error={charts.error} retry={() => void charts.refetch()} />
            ) : (
              <div className={styles['waiting']}>
                <SkeletonRows rows={3} height="chart" />
              </div>
            )
          ) : mine.length === 0 ? (
            <NotCollected />
          ) : (
            <EarlierProvider value={compare.earlier}>
              <Charts charts={mine} host={host ?? ''} />
            </EarlierProvider>
          )}
        </Tabs>
      </div>
    </>
  );
}

/** What the charts are compared with: as asked in the address, or the nearest window that is kept. */
function useCompare(stats: MetricsStats | undefined) {
  const asked = useParams()['compare'];
  const setParams = useSetParams();
  const range = useTimeRange();
  const ask = (next: string) => setParams({ compare: next === 'none' ? undefined : next });
  useKeys([
    {
      keys: 'w',
      label: 'Compare with last week, or stop',
      group: 'Charts',
      run: () => ask(asked === undefined ? 'week' : 'none'),
    },
  ]);
  const earlier = useMemo(() => {
    const oldestMs = stats?.oldestAt === undefined ? undefined : msOf(stats.oldestAt);
    return nearestKept(asked, oldestMs, range.resolve().fromMs);
  }, [asked, stats?.oldestAt, range]);
  const wanted = EARLIER.find(({ key }) => key === asked);
  const words =
    wanted === undefined
      ? undefined
      : earlier === undefined
        ? 'Nothing earlier is kept to compare with.'
        : earlier === wanted
          ? `Grey is ${earlier.label}.`
          : `Nothing of ${wanted.label} is kept; grey is ${earlier.label}.`;
  return { asked: wanted?.key, ask, earlier, words };
}

function Charts({ charts, host }: { readonly charts: readonly Chart[]; readonly host: string }) {
  const params = useParams();
  const setParams = useSetParams();
  const words = params['q'] ?? '';
  const asked = useDeferredValue(words);
  const groups = useMemo(
    () => familyGroups(asked === '' ? charts : charts.filter((chart) => matchesWords(chart, asked))),
    [charts, asked],
  );
  const chosen = params['family'];
  const shown = groups.flatMap((group) => {
    if (chosen === undefined || chosen === group.key) return [group];
    const families = group.families.filter((family) => family.key === chosen);
    return families.length === 0 ? [] : [{ ...group, families }];
  });
  const choose = (key: string | undefined) => setParams({ family: key === chosen ? undefined : key });
  return (
    <div className={styles['layout']}>
      <nav className={styles['tree']} aria-label="Families of charts">
        <TextField
          label="Find a chart"
          labelHidden
          placeholder="Find a chart"
          type="search"
          value={words}
          onChange={(next) => setParams({ q: next }, { replace: true })}
        />
        <button
          type="button"
          className={styles['all']}
          aria-pressed={chosen === undefined}
          onClick={() => choose(undefined)}
        >
          All <span>{groups.reduce((sum, { count }) => sum + count, 0)}</span>
        </button>
        {groups.map((group) => (
          <TreeGroup key={group.key} group={group} chosen={chosen} onChoose={choose} />
        ))}
        <Uncollected />
      </nav>
      <div className={styles['charts']}>
        <WindowBar ranked={params['rank'] === '1'} onRank={(rank) => setParams({ rank: rank ? '1' : undefined })} />
        {params['rank'] === '1' && <Correlations charts={charts} host={host} />}
        {shown.length === 0 ? (
          <EmptyState
            title="No chart matches"
            text={`Nothing among ${formatCount(charts.length)} charts has “${words}” in its name, title or series.`}
            action={<Button onClick={() => setParams({ q: undefined, family: undefined })}>Clear filters</Button>}
          />
        ) : (
          shown.flatMap((group) =>
            sectionsOf(group).map((section) => <FamilySection key={section.key} section={section} all={charts} />),
          )
        )}
      </div>
    </div>
  );
}

interface SectionOfCharts {
  readonly key: string;
  readonly title: string;
  readonly note: string | undefined;
  readonly charts: readonly Chart[];
}

/**
 * Families of one or two charts stand together under the name of their group, larger ones have a section each; all in
 * the order of the collector.
 */
function sectionsOf(group: FamilyGroup): readonly SectionOfCharts[] {
  const sections: SectionOfCharts[] = [];
  const small = group.families.filter((family) => family.charts.length < 3);
  for (const family of group.families) {
    if (family.charts.length >= 3) {
      sections.push({ key: family.key, title: family.label, note: group.label, charts: family.charts });
    } else if (family === small[0]) {
      const note = group.families.length === 1 ? family.label : undefined;
      sections.push({ key: group.key, title: group.label, note, charts: small.flatMap(({ charts }) => charts) });
    }
  }
  return sections;
}

interface FamilySectionProps {
  readonly section: SectionOfCharts;
  readonly all: readonly Chart[];
}

function FamilySection({ section: { title, note, charts }, all }: FamilySectionProps) {
  return (
    <Section title={title} note={note}>
      <div className={styles['grid']}>
        {charts.map((chart) => (
          <MetricChart
            key={`${chart.host}/${chart.id}`}
            chart={chart}
            title={titleOf(chart)}
            base={baseOf(chart, all)}
          />
        ))}
      </div>
    </Section>
  );
}

/** With the device where several stand side by side: "Disk space usage, /var". */
function titleOf(chart: Chart): string {
  const device = chart.id.slice(chart.id.indexOf('.') + 1);
  return /^(disk_space|disk_inodes)\./.test(chart.id) ? `${chart.title}, ${device}` : chart.title;
}

interface TreeGroupProps {
  readonly group: FamilyGroup;
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

function TreeGroup({ group, chosen, onChoose }: TreeGroupProps) {
  const open =
    chosen === group.key || chosen?.startsWith(`${group.key}/`) === true || group.families.length <= MAX_OPEN_FAMILIES;
  return (
    <div className={styles['group']}>
      <button type="button" aria-pressed={chosen === group.key} onClick={() => onChoose(group.key)}>
        {group.label} <span>{group.count}</span>
      </button>
      {open && group.families.length > 1 && (
        <ul>
          {group.families.map((family) => (
            <li key={family.key}>
              <button type="button" aria-pressed={chosen === family.key} onClick={() => onChoose(family.key)}>
                {family.label} <span>{family.charts.length}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Collectors that do not run, and why. */
function Uncollected() {
  const lines = useMetricsCoverage().filter(({ state }) => state !== 'ok');
  if (lines.length === 0) return null;
  return (
    <section className={styles['missing']} aria-label="Not collected">
      <h2>Not collected</h2>
      <ul>
        {lines.map((line) => (
          <li key={line.feature + line.text}>
            <Status state={coverageState(line.state)} text={line.feature} />
            <p>{line.text}</p>
            {line.fix !== undefined && <code>{line.fix}</code>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function NotCollected() {
  const lines = useMetricsCoverage();
  const line = lines.find(({ state }) => state !== 'ok') ?? lines[0];
  return (
    <EmptyState
      title="No metrics are collected"
      text={
        line?.text ??
        'The agent of this host has sent nothing yet. The first sample comes within two seconds of its start.'
      }
      action={<CommandLine command={line?.fix ?? 'undercroft status'} />}
    />
  );
}

function useMetricsCoverage(): readonly CoverageLine[] {
  const { data } = useQuery({
    queryKey: ['coverage'],
    queryFn: ({ signal }) => api.get<ListPage<CoverageLine>>('/coverage', undefined, { signal }),
  });
  return (data?.items ?? []).filter(({ feature }) => /^(metrics|agent|process)/i.test(feature));
}

function coverageState(state: CoverageLine['state']): StatusState {
  return state === 'failed' ? 'critical' : state === 'warning' ? 'warning' : state === 'off' ? 'silent' : 'ok';
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
function dayOf(at: string): string {
  return day.format(msOf(at));
}
