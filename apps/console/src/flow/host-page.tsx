/** What did this address talk about, and with whom? Its conversations on one time axis, its first contacts, its findings. */
import { useParams as useRouteParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames, useHosts } from '../metrics/asset-names.ts';
import { spanReader } from '../metrics/series.ts';
import { formatBytes, formatCount, msOf } from '../time/format.ts';
import { useRangeBounds, useTimeRange } from '../time/range.ts';
import { ButtonLink } from '../ui/button.tsx';
import { PageAxis } from '../ui/chart/axis.tsx';
import { Chart } from '../ui/chart/chart.tsx';
import { SeriesBuffer } from '../ui/chart/series.ts';
import { ListBar } from '../ui/list/list-bar.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, type StatusState } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import { Address, type AssetNames } from './address.tsx';
import { stepOf, useBuckets, useContacts, useFlowRequest, useHostProblems, useLanes, useSetup } from './data.ts';
import { FIELDS, isHex, lineOf, parseLine } from './filter.ts';
import styles from './flow.module.css';
import { LanesView } from './lanes-view.tsx';
import { parseAddress } from './networks.ts';
import { PacketsButton } from './packets-button.tsx';
import { Records } from './records.tsx';
import type { Bucket, Contact } from './types.ts';

const MOST_LANES = 16;
const POINTS = 240;
const NO_PROBLEMS: readonly Problem[] = [];
const CHART_NAMES = [
  { id: 'sent', name: 'sent' },
  { id: 'received', name: 'received' },
];

export function Page() {
  const { address = '' } = useRouteParams({ strict: false }) as { readonly address?: string };
  if (parseAddress(address) === undefined) {
    return (
      <>
        <PageHead title="There is no such address" crumbs={<Link to="/flows">Flows</Link>} />
        <EmptyState
          title={`${address} is no IP address`}
          text="Conversations are kept by address. Assets says which addresses a host has."
          action={<ButtonLink to="/assets">Go to Assets</ButtonLink>}
        />
      </>
    );
  }
  return (
    <PageAxis>
      <HostView key={address} address={address} />
    </PageAxis>
  );
}

function HostView({ address }: { readonly address: string }) {
  const names = useAssetNames();
  const asset = useHosts().find(({ keys }) => keys.some(({ value }) => value === address));
  const range = useTimeRange();
  const bounds = useRangeBounds();
  const stepS = stepOf(range.spanMs, POINTS);
  const sent = useBuckets(useFlowRequest({ source: address }), stepS);
  const received = useBuckets(useFlowRequest({ destination: address }), stepS);
  const lanes = useLanes(address, MOST_LANES);
  const contacts = useContacts(address);
  const problems = useHostProblems(address);
  const setup = useSetup();
  const fresh = useMemo(() => new Set((contacts.data ?? []).map(({ peer }) => peer)), [contacts.data]);
  // What stands below comes when the height of what is above it is known: nothing moves while it loads.
  const settled = [lanes.query, contacts, problems, setup].every(({ isPending }) => !isPending);
  const sums = useMemo(() => sumsOf(sent.data, received.data), [sent.data, received.data]);
  return (
    <>
      <PageHead
        crumbs={<Link to="/flows">Flows</Link>}
        title={<code className={styles['host']}>{address}</code>}
        lead={
          <>
            {asset !== undefined && (
              <>
                <Link to={`/assets/${encodeURIComponent(asset.id)}`} className={styles['count']}>
                  {asset.name}
                </Link>
                ,{' '}
              </>
            )}
            {range.label.toLowerCase()}
            {sums !== undefined &&
              `: ${formatBytes(sums.sent)} sent, ${formatBytes(sums.received)} received in ${formatCount(sums.records)} records`}
            {contacts.data !== undefined && contacts.data.length > 0 && (
              <>
                , <b>{formatCount(contacts.data.length)} never met before</b>
              </>
            )}
            .
          </>
        }
      />
      <div className={styles['hostPage']}>
        <Section title="Traffic" note="as source and as destination together">
          <div className={styles['traffic']}>
            <Traffic sent={sent} received={received} stepS={stepS} address={address} />
          </div>
        </Section>
        <Section title="Conversations over time" note="the largest, by peer and service">
          <Loaded what="The conversations" query={lanes.query} skeleton={<SkeletonRows rows={MOST_LANES / 2} />}>
            {(items) =>
              items.length === 0 ? (
                <EmptyState
                  title={`${address} said nothing in this range`}
                  text="Neither as source nor as destination. A longer range may have it."
                />
              ) : (
                <LanesView
                  address={address}
                  lanes={items}
                  stepS={lanes.stepS}
                  problems={problems.data ?? NO_PROBLEMS}
                  fresh={fresh}
                  names={names}
                />
              )
            }
          </Loaded>
        </Section>
        {settled && (
          <>
            <div className={styles['two']}>
              <Section
                title="First contacts"
                note={contacts.data === undefined ? undefined : formatCount(contacts.data.length)}
              >
                <Loaded what="The first contacts" query={contacts} skeleton={<SkeletonRows rows={4} />}>
                  {(items) =>
                    items.length === 0 ? (
                      <EmptyState
                        title="Nobody new in this range"
                        text="Everybody it talked with was met before, as far back as flows are kept."
                      />
                    ) : (
                      <Contacts address={address} contacts={items} names={names} />
                    )
                  }
                </Loaded>
              </Section>
              <Section
                title="Findings"
                note={problems.data === undefined ? undefined : formatCount(problems.data.length)}
                action={
                  <Link to="/problems" search={{ q: 'source:flow' }}>
                    All of flows
                  </Link>
                }
              >
                <Loaded what="The findings" query={problems} skeleton={<SkeletonRows rows={3} />}>
                  {(items) => (items.length === 0 ? <NoFindings /> : <Findings problems={items} />)}
                </Loaded>
              </Section>
            </div>
            <Section title="Packets" note={`all of ${address} in the range`}>
              <div className={styles['inset']}>
                <PacketsButton of={{ ...bounds, addresses: [address] }} />
              </div>
            </Section>
            <HostRecords address={address} />
          </>
        )}
      </div>
    </>
  );
}

interface TrafficProps {
  readonly address: string;
  readonly sent: ReturnType<typeof useBuckets>;
  readonly received: ReturnType<typeof useBuckets>;
  readonly stepS: number;
}

/** Sent above, received below the axis: as source and as destination together. */
function Traffic({ address, sent, received, stepS }: TrafficProps) {
  const range = useTimeRange();
  const spanOf = useMemo(() => spanReader(range), [range]);
  const buffer = useMemo(() => {
    if (sent.data === undefined || received.data === undefined) return undefined;
    const { fromMs, toMs } = range.resolve();
    return bufferOf(sent.data, received.data, fromMs / 1000, toMs / 1000, stepS);
  }, [sent.data, received.data, range, stepS]);
  const error = sent.data === undefined ? sent.error : received.data === undefined ? received.error : null;
  if (error !== null) {
    return (
      <ErrorState
        what={`What ${address} sent and received`}
        error={error}
        retry={() => {
          void sent.refetch();
          void received.refetch();
        }}
      />
    );
  }
  return (
    <Chart
      title="Sent and received"
      units="bits/s"
      kind="area"
      buffer={buffer}
      expected={CHART_NAMES}
      range={spanOf}
      live={range.live}
      pending={sent.isPlaceholderData || received.isPlaceholderData}
      height={132}
    />
  );
}

/** A step without a record was silent. Steps that the range cuts are left out: they would look like less. */
export function bufferOf(
  asSource: readonly Bucket[],
  asDestination: readonly Bucket[],
  fromS: number,
  toS: number,
  stepS: number,
): SeriesBuffer {
  const first = Math.ceil(fromS / stepS) * stepS;
  const length = Math.max(1, Math.floor((toS - first) / stepS));
  const out = Array.from({ length }, () => 0);
  const back = Array.from({ length }, () => 0);
  const add = (values: number[], timeAt: string, bytes: number) => {
    const at = Math.floor((msOf(timeAt) / 1000 - first) / stepS);
    if (at >= 0 && at < length) values[at] = (values[at] ?? 0) + (bytes * 8) / stepS;
  };
  for (const { timeAt, bytesOut, bytesIn } of asSource) {
    add(out, timeAt, bytesOut);
    add(back, timeAt, bytesIn);
  }
  for (const { timeAt, bytesOut, bytesIn } of asDestination) {
    add(out, timeAt, bytesIn);
    add(back, timeAt, bytesOut);
  }
  const series = CHART_NAMES.map(({ id, name }) => ({ id, name, values: id === 'sent' ? out : back }));
  return new SeriesBuffer({ fromS: first, stepS, gaps: [], series });
}

function sumsOf(asSource: readonly Bucket[] | undefined, asDestination: readonly Bucket[] | undefined) {
  if (asSource === undefined || asDestination === undefined) return undefined;
  const sums = { sent: 0, received: 0, records: 0 };
  for (const [buckets, turned] of [
    [asSource, false],
    [asDestination, true],
  ] as const) {
    for (const { bytesOut, bytesIn, records } of buckets) {
      sums.sent += turned ? bytesIn : bytesOut;
      sums.received += turned ? bytesOut : bytesIn;
      sums.records += records;
    }
  }
  return sums;
}

interface ContactsProps {
  readonly address: string;
  readonly contacts: readonly Contact[];
  readonly names: AssetNames;
}

function Contacts({ address, contacts, names }: ContactsProps) {
  const columns = useMemo(() => contactColumns(address, names), [address, names]);
  return <Table id="flow-contacts" label="First contacts" columns={columns} rows={contacts} rowKey={contactKey} />;
}

const contactKey = ({ peer, role }: Contact) => `${role} ${peer}`;

function contactColumns(address: string, names: AssetNames): readonly TableColumn<Contact>[] {
  return [
    {
      id: 'peer',
      header: 'Met',
      value: ({ peer }) => peer,
      cell: ({ peer }) => <Address of={peer} names={names} />,
      phone: true,
    },
    {
      id: 'role',
      header: 'Who began',
      value: ({ role, peer }) => (role === 'calls' ? address : peer),
      cell: ({ role }) => (role === 'calls' ? 'this host' : 'the other'),
      width: 84,
    },
    {
      id: 'bytes',
      header: 'Moved',
      value: ({ bytesOut, bytesIn }) => bytesOut + bytesIn,
      cell: ({ peer, role, bytesOut, bytesIn }) => (
        <Link
          to="/flows"
          search={{
            view: 'records',
            q: lineOf(
              role === 'calls' ? { source: address, destination: peer } : { source: peer, destination: address },
            ),
          }}
          className={styles['count']}
          title="Open these records"
        >
          {formatBytes(bytesOut + bytesIn)}
        </Link>
      ),
      align: 'end',
      width: 92,
      descendingFirst: true,
    },
    {
      id: 'firstAt',
      header: 'First',
      value: ({ firstAt }) => firstAt,
      cell: ({ firstAt }) => <Ago at={firstAt} />,
      align: 'end',
      width: 92,
      descendingFirst: true,
      phone: true,
    },
  ];
}

function NoFindings() {
  return (
    <EmptyState
      title="No detector has found anything"
      text="Scans, beacons, unusual volumes, failures, tunnels and movement inside are looked for in every flow."
    />
  );
}

function Findings({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <ul className={styles['findings']}>
      {problems.map((problem) => (
        <li key={problem.id} data-closed={problem.closedAt !== undefined || undefined}>
          <StatusIcon state={problem.closedAt === undefined ? (problem.state as StatusState) : 'ok'} />
          <div>
            <Link to={`/problems/${encodeURIComponent(problem.id)}`}>{problem.title}</Link>
            <p>{problem.detail}</p>
          </div>
          <Ago at={problem.openedAt} />
        </li>
      ))}
    </ul>
  );
}

/** Its records under a line of their own: the address is always asked for. */
function HostRecords({ address }: { readonly address: string }) {
  const line = useParams()['q'] ?? '';
  const setParams = useSetParams();
  const asked = useMemo(() => parseLine(line), [line]);
  const request = useFlowRequest({ ...asked.params, address });
  const setLine = (next: string) => setParams({ q: next, open: undefined });
  return (
    <Section
      title="Records"
      action={
        <Link to="/flows" search={{ view: 'records', q: lineOf({ address }) }}>
          On a page of their own
        </Link>
      }
    >
      <ListBar>
        <QueryLine
          label="Filter its records"
          placeholder="port:443 protocol:tcp state:RST"
          value={line}
          onChange={setLine}
          fields={FIELDS.filter(({ key }) => key !== 'address')}
          openKeys={isHex}
          serverError={asked.error}
        />
      </ListBar>
      <Records id="flows-of-host" request={request} line={line} setLine={setLine} main />
    </Section>
  );
}
