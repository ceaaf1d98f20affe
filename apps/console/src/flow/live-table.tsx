/** Who talks now: conversations of the last window, in an order that lets one read. */
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { keepTime, type SearchParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatBitRate, formatCount, formatNumber } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { Sparkline } from '../ui/chart/sparkline.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Address, type AssetNames, hostPath } from './address.tsx';
import { explainState } from './explain.ts';
import { type FlowParams, lineOf, matchesLive } from './filter.ts';
import styles from './flow.module.css';
import type { LiveView } from './live.ts';
import { type LiveRow, rateOf, TREND_WINDOWS } from './live-order.ts';
import { NotListening } from './sensors.tsx';
import { serviceName } from './words.ts';

export interface LiveTableProps {
  readonly live: LiveView;
  readonly params: FlowParams;
  readonly listening: boolean;
  readonly clear: () => void;
}

export function LiveTable({ live, params, listening, clear }: LiveTableProps) {
  const names = useAssetNames();
  const navigate = useNavigate();
  const { rows, summary, query } = live;
  const filtered = Object.keys(params).length > 0;
  const shown = useMemo(() => rows.filter((row) => matchesLive(row.conversation, params)), [rows, params]);
  const columns = useMemo(() => columnsOf(names), [names]);
  const open = (row: LiveRow) =>
    void navigate({
      to: '/flows',
      search: (before: SearchParams) => ({ ...keepTime(before), view: 'records', q: conversationLine(row) }),
    } as never);
  return (
    <>
      <div className={styles['total']}>
        <Sparkline
          values={live.history}
          max={Math.max(1, ...live.history.map((rate) => rate ?? 0))}
          tone="chart"
          label={`Bits a second over the last minutes, now ${formatBitRate(summary?.bitsPerSecond)}`}
        />
        <p>
          <b>{formatBitRate(summary?.bitsPerSecond)}</b>
          <span>
            {formatNumber(summary?.packetsPerSecond)} packets/s in the last {summary?.windowS ?? 10} s
          </span>
          {live.paused && (
            <span role="status">
              Paused{live.missed > 0 && `, ${live.missed} ${live.missed === 1 ? 'window' : 'windows'} since`}
            </span>
          )}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: while somebody is at the rows none of them moves */}
      <div
        onMouseEnter={() => live.hold(true)}
        onMouseLeave={() => live.hold(false)}
        onFocus={() => live.hold(true)}
        onBlur={() => live.hold(false)}
      >
        <Table
          id="flows-live"
          label="Conversations now"
          main
          columns={columns}
          rows={shown}
          rowKey={(row) => row.key}
          tone={(row) => (row.silentWindows > 0 ? 'quiet' : undefined)}
          loading={query.isPending && summary === undefined}
          expectedRows={14}
          onOpen={open}
          rowActions={(row) => [
            { label: 'Its records', run: () => open(row) },
            {
              label: `What ${row.conversation.source} does`,
              run: () => void navigate({ to: hostPath(row.conversation.source), search: keepTime } as never),
            },
            {
              label: `What ${row.conversation.destination} does`,
              run: () => void navigate({ to: hostPath(row.conversation.destination), search: keepTime } as never),
            },
          ]}
          failed={
            query.error !== null && summary === undefined ? (
              <ErrorState what="Conversations now" error={query.error} retry={() => void query.refetch()} />
            ) : undefined
          }
          empty={
            filtered && rows.length > 0 ? (
              <EmptyState
                title="No conversation matches now"
                text={`None of the ${formatCount(rows.length)} that move most.`}
                action={<Button onClick={clear}>Clear filter</Button>}
              />
            ) : listening ? (
              <EmptyState
                title="Nobody talks"
                text="No packet came in the last windows. A conversation comes here within ten seconds of its first packet."
              />
            ) : (
              <NotListening />
            )
          }
        />
      </div>
      {summary !== undefined && summary.uncounted > 0 && (
        <p className={styles['note']}>
          {formatCount(summary.uncounted)} records of this window belong to more conversations than are counted one by
          one; they are in the total and in the archive.
        </p>
      )}
    </>
  );
}

/** It grows from the right, so that rows of different age can be compared. */
function Trend({ row: { trend, silentWindows } }: { readonly row: LiveRow }) {
  const before = Array.from({ length: TREND_WINDOWS - trend.length }, () => null);
  return (
    <Sparkline
      values={[...before, ...trend]}
      max={Math.max(1, ...trend)}
      tone={silentWindows > 0 ? 'quiet' : 'chart'}
    />
  );
}

export function conversationLine({ conversation }: LiveRow): string {
  const { source, destination, port, protocol } = conversation;
  return lineOf({ source, destination, port, protocol });
}

function columnsOf(names: AssetNames): readonly TableColumn<LiveRow>[] {
  const still = { sortable: true, descendingFirst: true, align: 'end' } as const;
  return [
    {
      id: 'source',
      header: 'From',
      value: ({ conversation }) => conversation.source,
      cell: ({ conversation }) => <Address of={conversation.source} names={names} />,
      phone: true,
    },
    {
      id: 'destination',
      header: 'To',
      value: ({ conversation }) => conversation.destination,
      cell: ({ conversation }) => <Address of={conversation.destination} names={names} />,
      phone: true,
    },
    {
      id: 'service',
      header: 'Service',
      value: ({ conversation }) => serviceName(conversation.port, conversation.protocol, conversation.application),
      mono: true,
      width: 142,
    },
    {
      id: 'out',
      header: 'Out',
      value: ({ conversation }) => conversation.bitsPerSecondOut,
      cell: ({ conversation }) => formatBitRate(conversation.bitsPerSecondOut),
      width: 92,
      ...still,
    },
    {
      id: 'in',
      header: 'In',
      value: ({ conversation }) => conversation.bitsPerSecondIn,
      cell: ({ conversation }) => formatBitRate(conversation.bitsPerSecondIn),
      width: 92,
      ...still,
    },
    {
      id: 'rate',
      header: 'Both',
      value: ({ conversation }) => rateOf(conversation),
      cell: ({ conversation }) => formatBitRate(rateOf(conversation)),
      width: 92,
      phone: true,
      ...still,
    },
    {
      id: 'packets',
      header: 'Packets/s',
      value: ({ conversation }) => conversation.packetsPerSecond,
      cell: ({ conversation }) => formatNumber(conversation.packetsPerSecond),
      width: 86,
      ...still,
    },
    {
      id: 'state',
      header: 'State',
      value: ({ conversation }) => conversation.state,
      cell: ({ conversation: { state, protocol } }) => <code title={explainState(state, protocol)}>{state}</code>,
      width: 66,
    },
    {
      id: 'trend',
      header: 'Three minutes',
      value: (row) => row.weight,
      cell: (row) => <Trend row={row} />,
      width: 116,
      sortable: false,
    },
  ];
}
