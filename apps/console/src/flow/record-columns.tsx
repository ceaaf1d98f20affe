/** Every column of a record, as the list shows and exports it; the rare ones are chosen. */
import { formatClockSeconds, formatCount, msOf } from '../time/format.ts';
import type { TableColumn } from '../ui/table/columns.ts';
import { Address, type AssetNames } from './address.tsx';
import { explainCause, explainDirection, explainFlags, explainState } from './explain.ts';
import styles from './flow.module.css';
import { endsOf, number, text } from './record.ts';
import type { FlowRecord } from './types.ts';
import { durationWords } from './words.ts';

type Column = TableColumn<FlowRecord>;

const DAY_MS = 86_400_000;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function recordColumns(names: AssetNames, spanMs: number): readonly Column[] {
  const days = spanMs > DAY_MS;
  return [
    {
      id: 'timeAt',
      header: 'Start',
      value: (record) => record.timeAt,
      cell: (record) => (
        <time dateTime={record.timeAt} title={record.timeAt} className={styles['time']}>
          {days && `${day.format(msOf(record.timeAt))} `}
          {formatClockSeconds(msOf(record.timeAt))}
        </time>
      ),
      width: days ? 124 : 78,
      sortable: false,
      phone: true,
    },
    {
      ...words('flow.flags', 'Flags', 76),
      cell: (record) => <Flags of={text(record, 'flow.flags')} />,
      mono: true,
    },
    words('connection_info.protocol_name', 'Protocol', 70),
    {
      ...words('src_endpoint.ip', 'From'),
      cell: (record) => end(text(record, 'src_endpoint.ip'), names),
      phone: true,
    },
    count('src_endpoint.port', 'Port', 62, { plain: true }),
    {
      ...words('flow.direction', 'Dir', 56),
      cell: (record) => {
        const { protocol, source, destination } = endsOf(record);
        const direction = text(record, 'flow.direction');
        return (
          <code className={styles['direction']} title={explainDirection(direction, protocol, source, destination)}>
            {direction}
          </code>
        );
      },
    },
    {
      ...words('dst_endpoint.ip', 'To'),
      cell: (record) => end(text(record, 'dst_endpoint.ip'), names),
      phone: true,
    },
    count('dst_endpoint.port', 'Port', 62, { plain: true }),
    words('app_name', 'Application', 96),
    count('traffic.packets_out', 'Packets out', 92),
    count('traffic.packets_in', 'Packets in', 92),
    count('traffic.bytes_out', 'Bytes out', 96),
    count('traffic.bytes_in', 'Bytes in', 96),
    {
      ...words('flow.state', 'State', 62),
      cell: (record) => (
        <code title={explainState(text(record, 'flow.state'), text(record, 'connection_info.protocol_name'))}>
          {text(record, 'flow.state')}
        </code>
      ),
    },
    {
      id: 'flow.duration_us',
      header: 'Took',
      value: (record) => number(record, 'flow.duration_us'),
      cell: (record) => durationWords(number(record, 'flow.duration_us') ?? 0),
      align: 'end',
      width: 78,
      sortable: false,
    },
    {
      ...rare(words('flow.cause', 'Cause', 80)),
      cell: (record) => <span title={explainCause(text(record, 'flow.cause'))}>{text(record, 'flow.cause')}</span>,
    },
    rare(words('flow.origin', 'Sensor', 110)),
    rare(count('flow.sequence', 'Flow number', 100, { plain: true })),
    rare(count('flow.merged', 'Flows in it', 90)),
    rare(count('flow.vlan', 'VLAN', 62, { plain: true })),
    rare(count('flow.app_bytes_out', 'Payload out', 96)),
    rare(count('flow.app_bytes_in', 'Payload in', 96)),
    rare(count('ip.ttl_out', 'TTL out', 70)),
    rare(count('ip.ttl_in', 'TTL in', 70)),
    rare(count('ip.tos_out', 'TOS out', 70)),
    rare(count('ip.tos_in', 'TOS in', 70)),
    rare(count('tcp.synack_us', 'SYN to answer', 110, { unit: 'µs' })),
    rare(count('tcp.ackdat_us', 'Answer to ACK', 110, { unit: 'µs' })),
    rare(count('tcp.window_out', 'Window out', 96)),
    rare(count('tcp.window_in', 'Window in', 96)),
    rare(count('tcp.retransmitted_out', 'Sent again out', 110)),
    rare(count('tcp.retransmitted_in', 'Sent again in', 110)),
    rare(count('tcp.gap_out', 'Missing out', 96)),
    rare(count('tcp.gap_in', 'Missing in', 96)),
    rare(count('tcp.sequence_base_out', 'Base sequence out', 130, { plain: true })),
    rare(count('tcp.sequence_base_in', 'Base sequence in', 130, { plain: true })),
    rare(count('icmp.type', 'ICMP type', 84)),
    rare(count('icmp.code', 'ICMP code', 84)),
    rare(words('tls.sni', 'TLS name', 160)),
    rare(words('tls.alpn', 'ALPN', 80)),
    rare(words('tls.version', 'TLS', 70)),
    rare(words('tls.ja3', 'JA3', 150)),
    rare(words('tls.ja4', 'JA4', 150)),
    rare(words('ssh.hassh', 'HASSH', 150)),
    rare(words('flow.banner', 'Banner', 180)),
    rare(count('flow.entropy_out', 'Entropy out', 92)),
    rare(count('flow.entropy_in', 'Entropy in', 92)),
    rare(words('process.name', 'Process', 110)),
    rare(count('process.pid', 'Pid', 72, { plain: true })),
    rare(words('container.name', 'Container', 120)),
    rare(words('src_endpoint.country', 'Country from', 96)),
    rare(words('dst_endpoint.country', 'Country to', 96)),
    rare(count('src_endpoint.asn', 'AS from', 80, { plain: true })),
    rare(count('dst_endpoint.asn', 'AS to', 80, { plain: true })),
  ];
}

/** The letters of what was seen on the way; each says on hover what it means, the panel says it in words. */
export function Flags({ of }: { readonly of: string }) {
  const meanings = explainFlags(of);
  return (
    <code className={styles['flags']} title={meanings.map(({ letter, text: said }) => `${letter}: ${said}`).join('\n')}>
      {of.trimEnd()}
    </code>
  );
}

function end(address: string, names: AssetNames) {
  return address === '' ? null : <Address of={address} names={names} />;
}

function words(id: string, header: string, width?: number): Column {
  return {
    id,
    header,
    value: (record) => record.attributes[id],
    ...(width === undefined ? {} : { width }),
    sortable: false,
    mono: true,
  };
}

function count(
  id: string,
  header: string,
  width: number,
  { plain = false, unit }: { readonly plain?: boolean; readonly unit?: string } = {},
): Column {
  return {
    id,
    header,
    ...(unit === undefined ? {} : { unit }),
    value: (record) => number(record, id),
    cell: (record) => {
      const value = number(record, id);
      if (value === undefined) return null;
      return plain ? String(value) : Number.isInteger(value) ? formatCount(value) : value.toFixed(2);
    },
    align: 'end',
    width,
    sortable: false,
  };
}

function rare(column: Column): Column {
  return { ...column, initiallyHidden: true };
}
