import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { EventStoreStats } from '../api/types.ts';
import { Coverage } from '../overview/coverage.tsx';
import { useCoverage } from '../overview/data.ts';
import { formatBytes, formatCount, formatPercent, formatTime, msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { Section } from '../ui/section.tsx';
import { useSettled } from '../ui/settled.ts';
import { Loaded, SkeletonRows } from '../ui/states.tsx';
import { Status } from '../ui/status.tsx';
import styles from './settings.module.css';

interface System {
  readonly host: string;
  readonly version: string;
  readonly dataDir: string;
  readonly roles: readonly {
    readonly role: string;
    readonly pid?: number;
    readonly state: string;
    readonly rssBytes?: number;
    readonly cpuPercent?: number;
    readonly restarts: number;
  }[];
}

interface MetricStats {
  readonly series: number;
  readonly samples: number;
  readonly diskBytes: number;
  readonly ramBytes: number;
  readonly oldestAt?: string;
}

/** What runs, what it uses, what it keeps, and what it watches. */
export function About() {
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => api.get<System>('/system', undefined, { signal }),
    refetchInterval: 5_000,
  });
  const events = useQuery({
    queryKey: ['events', 'stats'],
    queryFn: ({ signal }) => api.get<EventStoreStats>('/events/stats', undefined, { signal }),
  });
  const metrics = useQuery({
    queryKey: ['metrics', 'stats'],
    queryFn: ({ signal }) => api.get<MetricStats>('/metrics/stats', undefined, { signal }),
  });
  const coverage = useCoverage();
  const settled = useSettled([system, events, metrics, coverage]);
  if (!settled) return <SkeletonRows rows={12} />;
  return (
    <>
      <Section title="This platform">
        <Loaded what="the platform" query={system} skeleton={<SkeletonRows rows={6} />}>
          {({ host, version, dataDir, roles }) => (
            <dl className={styles['facts']}>
              <Fact name="Host">
                <code>{host}</code>
              </Fact>
              <Fact name="Version">{version}</Fact>
              <Fact name="Data">
                <code>{dataDir}</code>
              </Fact>
              {roles.map((role) => (
                <Fact key={role.role} name={`The ${role.role}`}>
                  <Status
                    state={role.state === 'running' ? 'ok' : role.state === 'starting' ? 'notice' : 'critical'}
                    text={role.state}
                  />
                  {role.pid !== undefined && <span className={styles['quiet']}> · pid {role.pid}</span>}
                  {role.rssBytes !== undefined && (
                    <span className={styles['quiet']}> · {formatBytes(role.rssBytes)}</span>
                  )}
                  {role.cpuPercent !== undefined && (
                    <span className={styles['quiet']}> · {formatPercent(role.cpuPercent)} of a core</span>
                  )}
                  {role.restarts > 0 && (
                    <span className={styles['quiet']}>
                      {' '}
                      · restarted {role.restarts === 1 ? 'once' : `${role.restarts} times`}
                    </span>
                  )}
                </Fact>
              ))}
            </dl>
          )}
        </Loaded>
      </Section>
      <Section title="Events kept">
        <Loaded what="the event store" query={events} skeleton={<SkeletonRows rows={4} />}>
          {(stats) => (
            <dl className={styles['facts']}>
              <Fact name="Events">{formatCount(stats.events)}</Fact>
              <Fact name="On disk">
                {formatBytes(stats.sizeBytes)} in {formatCount(stats.files)} files
              </Fact>
              {stats.oldestAt !== undefined && <Fact name="Oldest">{formatTime(msOf(stats.oldestAt), now())}</Fact>}
              <Fact name="Dropped">{stats.dropped === 0 ? 'none' : formatCount(stats.dropped)}</Fact>
              {stats.skippedFiles.map((file) => (
                <Fact key={file.path} name="Skipped">
                  <code>{file.path}</code>: {file.reason}
                </Fact>
              ))}
            </dl>
          )}
        </Loaded>
      </Section>
      <Section title="Metrics kept">
        <Loaded what="the metric store" query={metrics} skeleton={<SkeletonRows rows={3} />}>
          {(stats) => (
            <dl className={styles['facts']}>
              <Fact name="Series">{formatCount(stats.series)}</Fact>
              <Fact name="Samples">{formatCount(stats.samples)}</Fact>
              <Fact name="Space">
                {formatBytes(stats.diskBytes)} on disk, {formatBytes(stats.ramBytes)} in memory
              </Fact>
              {stats.oldestAt !== undefined && <Fact name="Oldest">{formatTime(msOf(stats.oldestAt), now())}</Fact>}
            </dl>
          )}
        </Loaded>
      </Section>
      <Coverage coverage={coverage} />
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
