/** The hosts, broken and busiest first, with an hour of each. */
import type { UseQueryResult } from '@tanstack/react-query';
import { isOpen } from '../api/problems.ts';
import type { Asset, MetricsQueryResult, Page, Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { formatCount, formatNumber, formatPercent, NO_VALUE } from '../time/format.ts';
import { Sparkline } from '../ui/chart/sparkline.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { Meter } from '../ui/meter.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, type StatusState, worstStatus } from '../ui/status.tsx';
import styles from './assets.module.css';
import { isReporting, useHostGlance, usePorts } from './data.ts';

const MAX_ROWS = 12;
const STATE_ORDER: readonly StatusState[] = ['critical', 'warning', 'unknown', 'notice', 'ok', 'silent'];
/** Shares of use that ask for attention, in percent. */
const DISK_WARNING = 85;
const DISK_CRITICAL = 95;
const CPU_WARNING = 90;

export interface AssetsProps {
  readonly hosts: UseQueryResult<Page<Asset>>;
  readonly problems: readonly Problem[];
}

export function AssetsWorstFirst({ hosts, problems }: AssetsProps) {
  const ports = usePorts();
  const total = hosts.data?.total ?? hosts.data?.items.length;
  return (
    <Section
      title="Assets"
      note={total === undefined ? undefined : `${formatCount(total)} ${total === 1 ? 'host' : 'hosts, broken first'}`}
      action={<Link to="/assets">All assets</Link>}
    >
      <Loaded what="the assets" query={hosts} skeleton={<SkeletonRows rows={5} />}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState
              title="No host is known yet"
              text="The agent reports the machine it runs on within seconds of its start."
              action={<CommandLine command="npx undercroft status" />}
            />
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
            <section className={styles['scroll']} tabIndex={0} aria-label="Assets, worst first">
              <table className={styles['table']}>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">System</th>
                    <th scope="col" className={styles['right']}>
                      Processor
                    </th>
                    <th scope="col">1 h</th>
                    <th scope="col" className={styles['right']}>
                      Memory
                    </th>
                    <th scope="col" className={styles['right']}>
                      Disk /
                    </th>
                    <th scope="col" className={styles['right']}>
                      In, Mb/s
                    </th>
                    <th scope="col" className={styles['right']}>
                      Out, Mb/s
                    </th>
                    <th scope="col" className={styles['right']}>
                      Open ports
                    </th>
                    <th scope="col" className={styles['right']}>
                      Problems
                    </th>
                    <th scope="col" className={styles['right']}>
                      Last seen
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {sorted(page.items, problems)
                    .slice(0, MAX_ROWS)
                    .map(({ host, state, open }) => (
                      <Row key={host.id} host={host} state={state} open={open} ports={portsOf(ports.data, host.id)} />
                    ))}
                </tbody>
              </table>
            </section>
          )
        }
      </Loaded>
    </Section>
  );
}

interface RowProps {
  readonly host: Asset;
  readonly state: StatusState;
  readonly open: number;
  readonly ports: number | undefined;
}

function Row({ host, state, open, ports }: RowProps) {
  const { data } = useHostGlance(host.name, isReporting(host));
  const glance = data === undefined ? undefined : glanceOf(data, host);
  return (
    <tr>
      <th scope="row">
        <Link to={`/assets/${host.id}`} className={styles['name']}>
          <StatusIcon state={state} />
          {host.name}
        </Link>
      </th>
      <td className={styles['system']}>
        {isReporting(host) ? text(host.attributes['role'] ?? host.attributes['os']) : 'not reporting'}
      </td>
      <Share percent={glance?.cpu} label="Processor" state={(glance?.cpu ?? 0) > CPU_WARNING ? 'warning' : undefined} />
      <td>{glance !== undefined && <Sparkline values={glance.cpuHour} max={100} />}</td>
      <Share percent={glance?.ram} label="Memory" />
      <Share
        percent={glance?.disk}
        label="Disk"
        state={
          (glance?.disk ?? 0) > DISK_CRITICAL ? 'critical' : (glance?.disk ?? 0) > DISK_WARNING ? 'warning' : undefined
        }
      />
      <td className={styles['right']}>{formatNumber(glance?.inMbps)}</td>
      <td className={styles['right']}>{formatNumber(glance?.outMbps)}</td>
      <td className={styles['right']}>{ports ?? NO_VALUE}</td>
      <td className={styles['right']} data-hot={state === 'critical' || undefined}>
        {open === 0 ? '' : open}
      </td>
      <td className={`${styles['right']} ${styles['seen']}`}>
        <Seen at={host.lastSeenAt} />
      </td>
    </tr>
  );
}

function Share({
  percent,
  label,
  state,
}: {
  readonly percent: number | undefined;
  readonly label: string;
  readonly state?: StatusState | undefined;
}) {
  return (
    <td className={styles['right']}>
      {percent === undefined || Number.isNaN(percent) ? (
        NO_VALUE
      ) : (
        <span className={styles['share']}>
          {formatPercent(Math.round(percent))}
          <Meter
            percent={percent}
            label={`${label} ${Math.round(percent)} %`}
            {...(state === undefined ? {} : { state })}
          />
        </span>
      )}
    </td>
  );
}

interface Glance {
  readonly cpu: number;
  readonly cpuHour: readonly (number | null)[];
  readonly ram: number;
  readonly disk: number | undefined;
  readonly inMbps: number;
  readonly outMbps: number;
}

function glanceOf({ series }: MetricsQueryResult, host: Asset): Glance {
  // The id of a dimension, or its name where a collector makes no difference.
  const values = (chart: string, ...dimension: readonly string[]) =>
    series.find((one) => one.chart === chart && dimension.includes(one.dimension))?.values ?? [];
  const busy = series.filter(({ chart, dimension }) => chart === 'system.cpu' && dimension !== 'idle');
  const length = Math.max(0, ...busy.map((one) => one.values.length));
  const cpuHour = Array.from({ length }, (_, index) => {
    const parts = busy.map((one) => one.values[index] ?? null);
    return parts.every((part) => part === null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  });
  const memory = host.attributes['memoryBytes'];
  const used = last(values('system.ram', 'used')) * 1_048_576;
  const disk = ['used', 'avail', 'reserved_for_root'].map((dimension) => last(values('disk_space./', dimension)));
  const [diskUsed = Number.NaN, ...rest] = disk;
  const diskTotal = rest.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), diskUsed);
  return {
    cpu: last(cpuHour),
    cpuHour,
    ram: typeof memory === 'number' ? (used / memory) * 100 : Number.NaN,
    disk: Number.isNaN(diskUsed) || diskTotal === 0 ? undefined : (diskUsed / diskTotal) * 100,
    inMbps: Math.abs(last(values('system.net', 'InOctets', 'received'))) / 1000,
    outMbps: Math.abs(last(values('system.net', 'OutOctets', 'sent'))) / 1000,
  };
}

/** The newest measured value of the last few. */
function last(values: readonly (number | null)[]): number {
  for (let index = values.length - 1; index >= Math.max(0, values.length - 3); index -= 1) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return Number.NaN;
}

function sorted(hosts: readonly Asset[], problems: readonly Problem[]) {
  const rows = hosts.map((host) => {
    const own = problems.filter((problem) => isOpen(problem) && problem.assets.includes(host.id));
    const state: StatusState =
      own.length > 0
        ? worstStatus(own.map((problem) => problem.state as StatusState))
        : isReporting(host)
          ? 'ok'
          : 'silent';
    return { host, state, open: own.length };
  });
  return rows.sort(
    (a, b) =>
      STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
      b.open - a.open ||
      a.host.name.localeCompare(b.host.name),
  );
}

/** Ports have the key `<host id>/tcp/22`. */
function portsOf(ports: Page<Asset> | undefined, hostId: string): number | undefined {
  return ports?.items.filter((port) => port.present && port.keys.some(({ value }) => value.startsWith(`${hostId}/`)))
    .length;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
