/** The overview of a platform in use: the strip, what needs somebody, what changed, and the hosts. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { needsSomebody } from '../api/problems.ts';
import type { Asset, Page, Problem } from '../api/types.ts';
import { Strip } from '../strip/strip.tsx';
import { useSettled } from '../ui/settled.ts';
import { AssetsWorstFirst } from './assets.tsx';
import { Changed, useChanged } from './changed.tsx';
import { FourCharts } from './charts.tsx';
import { Coverage } from './coverage.tsx';
import { isReporting, useCoverage } from './data.ts';
import styles from './overview.module.css';

export interface EveryDayProps {
  readonly hosts: UseQueryResult<Page<Asset>>;
  readonly problems: readonly Problem[];
  readonly needsYou: ReactNode;
}

export function EveryDay({ hosts, problems, needsYou }: EveryDayProps) {
  const changed = useChanged();
  const coverage = useCoverage();
  const settled = useSettled([coverage, changed.query]);
  const worst = problems.find(needsSomebody);
  return (
    <>
      <Strip />
      <div className={`${styles['cols']} ${styles['wideNarrow']}`}>
        {needsYou}
        <div className={styles['stack']}>
          <Changed changed={changed} />
          {settled && <Coverage coverage={coverage} />}
        </div>
      </div>
      {settled && (hosts.data !== undefined || hosts.error === null) && (
        <FourCharts
          host={focusHost(hosts.data?.items ?? [], worst?.assets[0])}
          known={hosts.data !== undefined}
          several={(hosts.data?.items.length ?? 0) > 1}
        />
      )}
      {settled && (
        <div className={styles['block']}>
          <AssetsWorstFirst hosts={hosts} problems={problems} />
        </div>
      )}
    </>
  );
}

/** The host whose charts are shown: where the worst problem is, else the first that reports. */
function focusHost(hosts: readonly Asset[], wanted: string | undefined): Asset | undefined {
  return hosts.find(({ id }) => id === wanted) ?? hosts.find(isReporting) ?? hosts[0];
}
