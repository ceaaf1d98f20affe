/** The open ports of a host: who holds each, to whom it is open, since when. */
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Asset, JsonValue } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { EmptyState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Age } from '../ui/time.tsx';
import styles from './asset-page.module.css';
import type { RelatedAsset } from './data.ts';

const NEW_MS = 24 * 3_600_000;
/** The first scans of a host find what had been open all along. */
const SETTLE_MS = 30 * 60_000;

export function portsOf(relations: readonly RelatedAsset[]): readonly RelatedAsset[] {
  return relations
    .filter(({ type, asset }) => type === 'exposes' && asset.type === 'port')
    .sort((a, b) => Number(b.asset.present) - Number(a.asset.present) || portNumber(a) - portNumber(b));
}

/** Opened in the last day. What was there when the host itself was first seen is not new. */
export function isNewPort(relation: RelatedAsset, hostSeenAt: string): boolean {
  const sinceMs = msOf(relation.firstSeenAt);
  return relation.asset.present && now() - sinceMs < NEW_MS && sinceMs - msOf(hostSeenAt) > SETTLE_MS;
}

export function openTo(asset: Pick<Asset, 'attributes'>): string {
  const address = text(asset, 'address');
  if (address === '') return '';
  if (/^(0\.0\.0\.0|::|\*)$/.test(address)) return 'everyone';
  if (/^(127\.|::1$)/.test(address)) return 'loopback';
  return address;
}

/** In the aside: short. */
interface PortsProps {
  readonly ports: readonly RelatedAsset[];
  readonly hostSeenAt: string;
}

export function PortList({ ports, hostSeenAt }: PortsProps) {
  return (
    <table className={styles['ports']}>
      <thead>
        <tr>
          <th scope="col">Port</th>
          <th scope="col">Process</th>
          <th scope="col">Open to</th>
          <th scope="col">For</th>
        </tr>
      </thead>
      <tbody>
        {ports.map((relation) => {
          const fresh = isNewPort(relation, hostSeenAt);
          return (
            <tr key={relation.asset.id} data-new={fresh || undefined} data-gone={!relation.asset.present || undefined}>
              <td>
                <Link to={`/assets/${encodeURIComponent(relation.asset.id)}`}>
                  <code>{portText(relation)}</code>
                </Link>
              </td>
              <td>{text(relation.asset, 'process') || text(relation.asset, 'service')}</td>
              <td>{openTo(relation.asset)}</td>
              <td>
                {fresh && <b>new </b>}
                <Age at={relation.firstSeenAt} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function PortTable({ ports, hostSeenAt }: PortsProps) {
  const navigate = useNavigate();
  const columns = useMemo(() => columnsOf(hostSeenAt), [hostSeenAt]);
  return (
    <Table
      id="asset-ports"
      label="Ports"
      main
      columns={columns}
      rows={ports}
      rowKey={(relation) => relation.asset.id}
      tone={(relation) => (relation.asset.present ? undefined : 'quiet')}
      onOpen={(relation) => void navigate({ to: `/assets/${encodeURIComponent(relation.asset.id)}` } as never)}
      empty={
        <EmptyState
          title="No open ports are known"
          text="A scan of this host finds them; the agent names the processes behind them."
        />
      }
    />
  );
}

function columnsOf(hostSeenAt: string): readonly TableColumn<RelatedAsset>[] {
  return [
    {
      id: 'port',
      header: 'Port',
      value: portNumber,
      cell: (one) => <code>{portText(one)}</code>,
      width: 96,
      phone: true,
    },
    { id: 'service', header: 'Service', value: (one) => text(one.asset, 'service'), width: 120, phone: true },
    {
      id: 'product',
      header: 'Product',
      value: (one) => `${text(one.asset, 'product')} ${text(one.asset, 'version')}`.trim(),
    },
    { id: 'process', header: 'Process', value: (one) => text(one.asset, 'process'), width: 140 },
    { id: 'pid', header: 'Process id', value: (one) => text(one.asset, 'pid'), align: 'end', width: 92 },
    { id: 'user', header: 'User', value: (one) => text(one.asset, 'user'), width: 110 },
    { id: 'openTo', header: 'Open to', value: (one) => openTo(one.asset), width: 130 },
    {
      id: 'firstSeenAt',
      header: 'Open for',
      value: (one) => one.firstSeenAt,
      cell: (one) => <Age at={one.firstSeenAt} />,
      align: 'end',
      width: 92,
      phone: true,
    },
    {
      id: 'state',
      header: 'State',
      value: (one) => (one.asset.present ? (isNewPort(one, hostSeenAt) ? 'new' : 'open') : 'closed'),
      width: 84,
    },
  ];
}

function portNumber(relation: RelatedAsset): number {
  return Number(text(relation.asset, 'port')) || 0;
}

function portText(relation: RelatedAsset): string {
  const port = text(relation.asset, 'port') || relation.asset.name;
  const protocol = text(relation.asset, 'protocol');
  return protocol === '' || protocol === 'tcp' ? port : `${port}/${protocol}`;
}

function text(asset: Pick<Asset, 'attributes'>, name: string): string {
  const value = (asset.attributes as Readonly<Record<string, JsonValue>>)[name];
  return value === undefined || value === null ? '' : String(value);
}
