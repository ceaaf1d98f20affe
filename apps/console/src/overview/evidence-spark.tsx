/** The metric that a problem names, over the last hour, beside its row. */
import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { MetricsQueryResult, Problem } from '../api/types.ts';
import { Sparkline, type SparklineProps } from '../ui/chart/sparkline.tsx';

/** Fewer say nothing of a course. */
const MIN_POINTS = 5;
const TONES: Readonly<Record<string, SparklineProps['tone']>> = {
  critical: 'critical',
  warning: 'warning',
  notice: 'notice',
};

export function EvidenceSpark({ problem, place }: { readonly problem: Problem; readonly place: string | undefined }) {
  const metric = problem.evidence.find((line) => line.metric !== undefined)?.metric;
  const split = metric?.lastIndexOf('.') ?? -1;
  const chart = metric?.slice(0, split);
  const dimension = metric?.slice(split + 1);
  const { data } = useQuery({
    queryKey: ['metrics', 'evidence', place, metric],
    enabled: metric !== undefined && split > 0,
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) =>
      api.post<MetricsQueryResult>(
        '/metrics/query',
        {
          ...(place === undefined ? {} : { host: place }),
          charts: [chart],
          dimensions: [dimension],
          from: -3600,
          to: 0,
          points: 60,
        },
        { signal },
      ),
  });
  const values = data?.series[0]?.values ?? [];
  const measured = values.filter((value) => value !== null).length;
  const tone = TONES[problem.state];
  return (
    <span>{measured >= MIN_POINTS && <Sparkline values={values} {...(tone === undefined ? {} : { tone })} />}</span>
  );
}
