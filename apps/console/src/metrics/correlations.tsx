/** What moved in the highlighted window against the time before it, most first, with its chart beside it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Chart, Page } from '../api/types.ts';
import { useHighlight } from '../ui/chart/axis.tsx';
import { withUnit } from '../ui/chart/units.ts';
import { Meter } from '../ui/meter.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, Loaded } from '../ui/states.tsx';
import { MetricChart } from './metric-chart.tsx';
import styles from './metrics.module.css';

const MAX_CHARTS = 8;
const MAX_SERIES = 50;

interface Correlation {
  readonly chart: string;
  readonly dimension: string;
  /** 0 to 1, one is most. */
  readonly score: number;
  /** Averages of the time before and of the window. */
  readonly before?: number;
  readonly during?: number;
}

export function Correlations({ charts, host }: { readonly charts: readonly Chart[]; readonly host: string }) {
  const window = useHighlight();
  const query = useQuery({
    queryKey: ['metrics', 'correlate', host, window?.fromS, window?.toS],
    queryFn: ({ signal }) =>
      api.get<Page<Correlation>>(
        '/metrics/correlate',
        { host, from: Math.floor(window?.fromS ?? 0), to: Math.ceil(window?.toS ?? 0), limit: MAX_SERIES },
        { signal },
      ),
    enabled: window !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (window === undefined) return null;
  return (
    <Section title="What moved most" note="in the window, against the time before it">
      <Loaded what="The ranking" query={query}>
        {(data) => <Ranking correlations={data.items} charts={charts} />}
      </Loaded>
    </Section>
  );
}

function Ranking({
  correlations,
  charts,
}: {
  readonly correlations: readonly Correlation[];
  readonly charts: readonly Chart[];
}) {
  const ranked = useMemo(() => byChart(correlations, charts).slice(0, MAX_CHARTS), [correlations, charts]);
  if (ranked.length === 0) {
    return (
      <EmptyState
        title="Nothing moved"
        text="No series behaves otherwise in this window than before it. Try a wider one."
      />
    );
  }
  return (
    <ol className={styles['ranking']}>
      {ranked.map(({ chart, moved }) => (
        <li key={chart.id}>
          <div className={styles['moved']}>
            {moved.slice(0, 4).map((one) => (
              <p key={one.dimension}>
                <span>{one.dimension}</span>
                <Meter
                  percent={one.score * 100}
                  label={`${one.dimension} moved ${Math.round(one.score * 100)} of 100`}
                />
                <b>{Math.round(one.score * 100)}</b>
                {one.before !== undefined && one.during !== undefined && (
                  <small>
                    {withUnit(one.before, chart.units)} → {withUnit(one.during, chart.units)}
                  </small>
                )}
              </p>
            ))}
            <code>{chart.id}</code>
          </div>
          <MetricChart chart={chart} height={92} />
        </li>
      ))}
    </ol>
  );
}

function byChart(correlations: readonly Correlation[], charts: readonly Chart[]) {
  const known = new Map(charts.map((chart) => [chart.id, chart]));
  const ranked = new Map<string, { readonly chart: Chart; readonly moved: Correlation[] }>();
  for (const one of [...correlations].sort((a, b) => b.score - a.score)) {
    const chart = known.get(one.chart);
    if (chart === undefined) continue;
    const entry = ranked.get(one.chart) ?? { chart, moved: [] };
    entry.moved.push(one);
    ranked.set(one.chart, entry);
  }
  return [...ranked.values()];
}
