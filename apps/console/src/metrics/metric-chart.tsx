import { memo, type ReactNode, useState } from 'react';
import type { Chart as ChartInfo } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Chart } from '../ui/chart/chart.tsx';
import { useEarlierSeries } from './earlier.ts';
import { DEFAULT_POINTS, useSeries } from './series.ts';

export interface MetricChartProps {
  readonly chart: ChartInfo;
  readonly title?: string;
  readonly base?: string | undefined;
  readonly limits?: readonly number[];
  readonly height?: number;
  readonly actions?: ReactNode;
}

/** A chart that fetches when it comes near the screen and follows the live stream while it is there. */
export const MetricChart = memo(function MetricChart({
  chart,
  title,
  base,
  limits,
  height,
  actions,
}: MetricChartProps) {
  const [near, setNear] = useState(false);
  const series = useSeries(chart, near);
  const earlier = useEarlierSeries(chart, near, DEFAULT_POINTS);
  return (
    <Chart
      title={title ?? chart.title}
      units={chart.units}
      base={base}
      kind={chart.type}
      buffer={series.buffer}
      expected={chart.dimensions}
      range={series.range}
      live={series.live}
      pending={series.pending}
      earlier={earlier}
      onNear={setNear}
      {...(limits === undefined ? {} : { limits })}
      {...(height === undefined ? {} : { height })}
      actions={actions}
      failed={
        series.error === null ? undefined : (
          <>
            <span>{series.error instanceof Error ? series.error.message : 'No answer.'}</span>
            <Button small onClick={series.retry}>
              Retry
            </Button>
          </>
        )
      }
    />
  );
});
