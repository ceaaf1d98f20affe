/** The chain: what each engine saw, in order, and the signals beside it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Chart, Evidence as EvidenceLine, Page, Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { MetricChart } from '../metrics/metric-chart.tsx';
import { formatTime, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import styles from './problems.module.css';

const MAX_CHARTS = 4;

export function EvidenceChain({ evidence }: { readonly evidence: readonly EvidenceLine[] }) {
  const nowMs = useNow();
  return (
    <ol className={styles['chain']}>
      {[...evidence]
        .sort((a, b) => msOf(a.timeAt) - msOf(b.timeAt))
        .map((line) => (
          <li key={`${line.timeAt}${line.text}`}>
            <time dateTime={line.timeAt} title={line.timeAt}>
              {formatTime(msOf(line.timeAt), nowMs)}
            </time>
            <span>{line.source}</span>
            <p>
              {line.text}
              {line.eventId !== undefined && (
                <>
                  {' '}
                  <Link
                    to="/events"
                    search={{ q: `id:${line.eventId}`, open: line.eventId }}
                    className={styles['more']}
                  >
                    Event
                  </Link>
                </>
              )}
            </p>
          </li>
        ))}
    </ol>
  );
}

/** The metrics that the evidence names, over the range of the page. */
export function EvidenceCharts({ problem }: { readonly problem: Problem }) {
  const wanted = useMemo(
    () => problem.evidence.flatMap(({ metric }) => (metric === undefined ? [] : [metric])),
    [problem],
  );
  const { data, error } = useQuery({
    queryKey: ['metrics', 'charts'],
    queryFn: async ({ signal }) => (await api.get<Page<Chart>>('/metrics/charts', undefined, { signal })).items,
    staleTime: 60_000,
    enabled: wanted.length > 0,
  });
  const charts = useMemo(() => chartsOf(data ?? [], wanted).slice(0, MAX_CHARTS), [data, wanted]);
  if (wanted.length === 0) return null;
  if (charts.length === 0) {
    return (
      <div className={styles['reserved']}>
        {data !== undefined && (
          <EmptyState
            title="No chart of it is kept"
            text="The host it was measured on reports these signals no more."
          />
        )}
        {error !== null && <ErrorState what="The charts of the evidence" error={error} />}
      </div>
    );
  }
  return (
    <div className={styles['charts']}>
      {charts.map((chart) => (
        <MetricChart key={`${chart.host}/${chart.id}`} chart={chart} />
      ))}
    </div>
  );
}

/** `disk_space./var.used` is dimension `used` of chart `disk_space./var`; ids hold dots themselves. */
function chartsOf(charts: readonly Chart[], metrics: readonly string[]): readonly Chart[] {
  return charts.filter((chart) => metrics.some((metric) => metric === chart.id || metric.startsWith(`${chart.id}.`)));
}
