/** Four charts of one host: processor, memory, disk, network; they move in step with the strip. */

import { useChartSamples, useCharts } from '../api/metrics.ts';
import type { Asset, Chart as ChartInfo } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { formatBytes } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import { Chart } from '../ui/chart/chart.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import styles from './overview.module.css';

interface Wanted {
  readonly id: string;
  readonly title: string;
  readonly dimensions?: readonly string[];
  readonly base?: (host: Asset | undefined) => string | undefined;
}

const WANTED: readonly Wanted[] = [
  {
    id: 'system.cpu',
    title: 'Processor',
    dimensions: ['user', 'system', 'nice', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'],
    base: (host) =>
      typeof host?.attributes['cores'] === 'number' ? `of ${host.attributes['cores']} cores` : undefined,
  },
  {
    id: 'system.ram',
    title: 'Memory',
    dimensions: ['used', 'cached', 'buffers'],
    base: (host) =>
      typeof host?.attributes['memoryBytes'] === 'number'
        ? `of ${formatBytes(host.attributes['memoryBytes'])}`
        : undefined,
  },
  { id: 'system.io', title: 'Disk' },
  { id: 'system.net', title: 'Network' },
];

export interface FourChartsProps {
  readonly host: Asset | undefined;
  /** There are other hosts: the charts say whose they are. */
  readonly several: boolean;
  /** The hosts are known: without one there is nothing to draw. */
  readonly known: boolean;
}

export function FourCharts({ host, several, known }: FourChartsProps) {
  const charts = useCharts(host?.name, host !== undefined);
  if (charts.error !== null && charts.data === undefined) {
    return (
      <div className={styles['block']}>
        <ErrorState what="the charts" error={charts.error} retry={() => void charts.refetch()} />
      </div>
    );
  }
  if (charts.data?.length === 0 || (known && host === undefined)) {
    return (
      <div className={styles['block']}>
        <EmptyState
          title="No metrics yet"
          text="The agent samples this host once a second; Coverage says if something keeps it."
        />
      </div>
    );
  }
  return (
    <section
      aria-label={several && host !== undefined ? `Charts of ${host.name}` : 'Charts'}
      className={styles['block']}
    >
      {several && host !== undefined && (
        <p className={styles['whose']}>
          Charts of <Link to={`/assets/${host.id}`}>{host.name}</Link>
        </p>
      )}
      <div className={styles['four']}>
        {WANTED.map((wanted) => (
          <OneChart
            key={wanted.id}
            wanted={wanted}
            host={host}
            info={charts.data?.find(({ id }) => id === wanted.id)}
            known={charts.data !== undefined}
          />
        ))}
      </div>
    </section>
  );
}

interface OneChartProps {
  readonly wanted: Wanted;
  readonly host: Asset | undefined;
  readonly info: ChartInfo | undefined;
  readonly known: boolean;
}

function OneChart({ wanted, host, info, known }: OneChartProps) {
  const range = useTimeRange();
  const { buffer, error, pending, retry } = useChartSamples(info, wanted.dimensions);
  const missing = known && info === undefined;
  return (
    <Chart
      title={wanted.title}
      units={info?.units ?? ''}
      base={wanted.base?.(host)}
      kind={info?.type ?? 'line'}
      buffer={buffer}
      live={range.live}
      pending={pending}
      range={() => {
        const { fromMs, toMs } = range.resolve();
        return { fromS: fromMs / 1000, toS: toMs / 1000 };
      }}
      failed={
        error !== null && buffer === undefined ? (
          <ErrorState what={wanted.title} error={error} retry={retry} />
        ) : missing ? (
          <EmptyState title="Not collected" text="This host has no such chart." />
        ) : undefined
      }
    />
  );
}
