/** The lanes of an asset over the range, and the events around a moment of it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { AssetChange, Chart, Page as ListPage, PlatformEvent, Problem } from '../api/types.ts';
import type { Check } from '../checks/data.ts';
import { useTimeRange } from '../time/range.ts';
import { bytes } from '../ui/chart/units.ts';
import { ErrorState, SkeletonRows } from '../ui/states.tsx';
import { Around } from './around.tsx';
import styles from './asset-page.module.css';
import { useCheckLanes } from './asset-parts.ts';
import type { AssetItem } from './data.ts';
import { chartLanes } from './timeline/lane-charts.ts';
import { Timeline } from './timeline/timeline.tsx';
import { attributeNumber } from './words.ts';

const NO_PROBLEMS: readonly Problem[] = [];
const iso = (ms: number) => new Date(ms).toISOString();

interface TimelineTabProps {
  readonly asset: AssetItem;
  readonly charts: readonly Chart[];
  /** It is not yet known which lanes there are. */
  readonly waiting: boolean;
  readonly checks: readonly Check[];
  readonly changes: readonly AssetChange[];
  readonly names: ReadonlyMap<string, string>;
}

export function TimelineTab({ asset, charts, waiting, checks, changes, names }: TimelineTabProps) {
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
          names={names}
        />
      )}
      <Around asset={asset.id} />
    </div>
  );
}

/** Events below this are counted in Events, not marked on the timeline. */
const NOTABLE = 'medium,high,critical,fatal';
const NO_EVENTS: readonly PlatformEvent[] = [];
