/** One scan: its bar while it runs, hosts against ports, what changed since the last, the result as Nmap's XML. */
import { useParams as useRouteParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { ActFailure } from '../problems/act-failure.tsx';
import { formatDuration, msOf } from '../time/format.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Ago } from '../ui/time.tsx';
import {
  type ScanDetail,
  type ScanDiff,
  type ScannedHost,
  type ScannedPort,
  scanStatus,
  scanWord,
  useLiveScans,
  useScan,
  useScanDiff,
} from './data.ts';
import { compareAddresses, diffWords, matrixOf, openedKeys, openPorts, serviceWords } from './matrix.ts';
import { ProgressBar } from './progress-bar.tsx';
import { ScanForm } from './scan-form.tsx';
import styles from './scans.module.css';

const VIEWS = ['ports', 'matrix', 'changes'] as const;
type View = (typeof VIEWS)[number];

export function Page() {
  const { id = '' } = useRouteParams({ strict: false }) as { readonly id?: string };
  const query = useScan(id);
  useLiveScans();
  if (query.data === undefined || query.data.id !== id) {
    return (
      <>
        <PageHead title="Scan" crumbs={<Link to="/scans">Scans</Link>} />
        {query.error instanceof ApiProblem && query.error.status === 404 ? (
          <EmptyState
            title="There is no such scan"
            text="The newest scans are kept; older ones go. What they found stays in the inventory."
            action={<ButtonLink to="/scans">All scans</ButtonLink>}
          />
        ) : query.error !== null ? (
          <ErrorState what="This scan" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </>
    );
  }
  return <ScanView key={id} scan={query.data} />;
}

function ScanView({ scan }: { readonly scan: ScanDetail }) {
  const params = useParams();
  const may = useMay();
  const setParams = useSetParams();
  const hosts = scan.hosts ?? NO_HOSTS;
  const up = hosts.filter((host) => host.up);
  const view: View = VIEWS.find((one) => one === params['view']) ?? (up.length > 3 ? 'matrix' : 'ports');
  const diff = useScanDiff(scan.id, scan.state === 'finished');
  const fresh = useMemo(() => openedKeys(diff.data), [diff.data]);
  const rows = useMemo(() => portRows(hosts), [hosts]);
  const [again, setAgain] = useState(false);
  const [failure, setFailure] = useState<{ readonly what: string; readonly error: unknown } | undefined>();
  const running = scan.state === 'running';
  return (
    <>
      <PageHead
        crumbs={<Link to="/scans">Scans</Link>}
        title={
          <>
            <StatusIcon state={scanStatus(scan.state)} label={scanWord(scan.state)} />
            {running
              ? `Scanning ${targetWords(scan)}`
              : `${rows.length} open ${rows.length === 1 ? 'port' : 'ports'} on ${targetWords(scan)}`}
          </>
        }
        lead={
          <>
            {scanWord(scan.state)}, asked by {scan.requestedBy}, started <Ago at={scan.startAt} />
            {scan.endAt !== undefined && `, took ${formatDuration(msOf(scan.endAt) - msOf(scan.startAt))}`}.{' '}
            {up.length > 0 && `${up.length} of ${hosts.length} hosts answered.`}
          </>
        }
        actions={
          <>
            {scan.hosts !== undefined && (
              <a
                className={styles['download']}
                href={api.url(`/scans/${scan.id}/xml`)}
                download={`scan-${scan.id}.xml`}
              >
                Save as XML
              </a>
            )}
            {running && may('cancel scans') && (
              <Button
                onClick={() => {
                  setFailure(undefined);
                  api
                    .post(`/scans/${scan.id}/cancel`)
                    .catch((error: unknown) => setFailure({ what: 'cancel the scan', error }));
                }}
              >
                Cancel scan
              </Button>
            )}
            {!running && may('scan') && <Button onClick={() => setAgain(true)}>Scan again</Button>}
          </>
        }
      />
      {failure !== undefined && <ActFailure {...failure} onDismiss={() => setFailure(undefined)} />}
      <div className={styles['page']}>
        <CommandLine command={scan.nmap} />
        {running && <ProgressBar progress={scan.progress} wide />}
        {scan.error !== undefined && (
          <p className={styles['error']} role="alert">
            <StatusIcon state="critical" label="" /> {scan.error}
          </p>
        )}
        {scan.hosts !== undefined && (
          <Tabs
            label="Views of the result"
            value={view}
            onChange={(next) => setParams({ view: next })}
            tabs={[
              { value: 'ports', label: 'Ports', count: rows.length },
              { value: 'matrix', label: 'Hosts by port', count: up.length },
              {
                value: 'changes',
                label: 'Changes',
                ...(diff.data === undefined ? {} : { count: changeCount(diff.data) }),
              },
            ]}
          >
            {view === 'ports' && (
              <Table
                id="scan-ports"
                label="Open ports"
                main
                columns={portColumns(fresh)}
                rows={rows}
                rowKey={(row) => `${row.host.address}:${row.port.port}`}
                empty={<EmptyState title="No port is open" text={closedWords(hosts)} />}
              />
            )}
            {view === 'matrix' && <MatrixView hosts={hosts} fresh={fresh} />}
            {view === 'changes' &&
              (scan.state === 'finished' ? (
                <Loaded what="What changed" query={diff}>
                  {(data) => <Changes diff={data} />}
                </Loaded>
              ) : (
                <EmptyState title="Only finished scans are compared" text="This one did not reach its end." />
              ))}
          </Tabs>
        )}
      </div>
      <ScanForm open={again} onClose={() => setAgain(false)} first={scan.request} />
    </>
  );
}

const NO_HOSTS: readonly ScannedHost[] = [];

interface PortRow {
  readonly host: ScannedHost;
  readonly port: ScannedPort;
}

function portRows(hosts: readonly ScannedHost[]): readonly PortRow[] {
  return [...hosts]
    .sort((a, b) => compareAddresses(a.address, b.address))
    .flatMap((host) => openPorts(host).map((port) => ({ host, port })));
}

function portColumns(fresh: ReadonlySet<string>): readonly TableColumn<PortRow>[] {
  const isNew = (row: PortRow) => fresh.has(`${row.host.address}:${row.port.port}`);
  return [
    { id: 'address', header: 'Address', value: (row) => row.host.address, mono: true, width: 150, phone: true },
    { id: 'name', header: 'Name', value: (row) => row.host.hostnames[0], width: 160, initiallyHidden: true },
    {
      id: 'port',
      header: 'Port',
      value: (row) => row.port.port,
      cell: (row) => (
        <>
          <code>{row.port.port}</code>
          {isNew(row) && <b className={styles['new']}>new</b>}
        </>
      ),
      width: 104,
      phone: true,
    },
    { id: 'service', header: 'Service', value: (row) => row.port.service, width: 130, phone: true },
    {
      id: 'product',
      header: 'Product',
      value: (row) => [row.port.product, row.port.version].filter(Boolean).join(' '),
      width: 200,
    },
    {
      id: 'tls',
      header: 'Certificate',
      value: (row) => row.port.tls?.subject,
      cell: (row) =>
        row.port.tls === undefined ? null : (
          <>
            {row.port.tls.subject}, ends <Ago at={row.port.tls.notAfterAt} />
          </>
        ),
      width: 260,
    },
    { id: 'banner', header: 'Banner', value: (row) => row.port.banner, mono: true },
    { id: 'reason', header: 'Why', value: (row) => row.port.reason, width: 110, initiallyHidden: true },
  ];
}

function MatrixView({ hosts, fresh }: { readonly hosts: readonly ScannedHost[]; readonly fresh: ReadonlySet<string> }) {
  const matrix = useMemo(() => matrixOf(hosts), [hosts]);
  if (matrix.rows.length === 0) return <EmptyState title="No host answered" text={closedWords(hosts)} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
    <section className={styles['matrix']} tabIndex={0} aria-label="Hosts by port">
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            {matrix.ports.map((port) => (
              <th key={port} scope="col">
                <code>{port}</code>
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map(({ host, cells }) => (
            <tr key={host.address}>
              <th scope="row">
                <code>{host.address}</code>
                {host.hostnames[0] !== undefined && <span>{host.hostnames[0]}</span>}
              </th>
              {cells.map((port, index) => (
                <td key={matrix.ports[index]}>
                  {port !== undefined && (
                    <i
                      data-new={fresh.has(`${host.address}:${port.port}`) || undefined}
                      role="img"
                      aria-label={`${host.address} port ${port.port} open, ${serviceWords(port)}${fresh.has(`${host.address}:${port.port}`) ? ', new' : ''}`}
                      title={`${port.port}: ${serviceWords(port)}`}
                    />
                  )}
                </td>
              ))}
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles['quiet']}>
        A filled square is an open port, one with a ring was not open in the scan before.
        {matrix.left > 0 && ` ${matrix.left} rarer ports are only in Ports.`}
      </p>
    </section>
  );
}

function Changes({ diff }: { readonly diff: ScanDiff }) {
  if (diff.previous === undefined) {
    return (
      <EmptyState
        title="There is nothing to compare with"
        text="It is the first finished scan of this request that is kept."
      />
    );
  }
  if (changeCount(diff) === 0) {
    return (
      <EmptyState
        title="Nothing changed"
        text="The same hosts and ports answered in the same words."
        action={<ButtonLink to={`/scans/${diff.previous}`}>The scan before</ButtonLink>}
      />
    );
  }
  const kinds: Readonly<Record<string, string>> = { opened: 'Opened', closed: 'Closed', changed: 'Speaks otherwise' };
  return (
    <Section
      title="Against the scan before"
      note={diffWords(diff)}
      action={<Link to={`/scans/${diff.previous}`}>Open it</Link>}
    >
      <ul className={styles['changes']}>
        {diff.hostsAppeared.map((address) => (
          <li key={`+${address}`}>
            <b>Host appeared</b>
            <code>{address}</code>
          </li>
        ))}
        {diff.hostsGone.map((address) => (
          <li key={`-${address}`}>
            <b>Host went</b>
            <code>{address}</code>
          </li>
        ))}
        {diff.ports.map((change) => (
          <li key={`${change.address}:${change.port}`} data-kind={change.kind}>
            <b>{kinds[change.kind] ?? change.kind}</b>
            <code>
              {change.address}:{change.port}
            </code>
            <span>
              {change.kind === 'changed' && change.before !== undefined && change.after !== undefined
                ? `${serviceWords(change.before)} → ${serviceWords(change.after)}`
                : serviceWords((change.after ?? change.before)!)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function changeCount(diff: ScanDiff): number {
  return diff.ports.length + diff.hostsAppeared.length + diff.hostsGone.length;
}

function targetWords(scan: ScanDetail): string {
  const [first = '', ...rest] = scan.request.targets;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

function closedWords(hosts: readonly ScannedHost[]): string {
  const extra = hosts.flatMap((host) => host.extraPorts);
  const count = (state: string) => extra.filter((one) => one.state === state).reduce((sum, one) => sum + one.count, 0);
  return `${count('closed')} ports refused, ${count('filtered')} gave no answer.`;
}
