/** Events around the pinned moment, one minute either side; without one, the latest. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import type { Page, PlatformEvent } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { useParams } from '../app/search.ts';
import { usePinCursor } from '../time/cursor.ts';
import { formatClockSeconds, msOf } from '../time/format.ts';
import { Section } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { StatusIcon, severityStatus } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import styles from './asset-page.module.css';

const EITHER_SIDE_MS = 60_000;
const LATEST = 12;

export function Around({ asset }: { readonly asset: string }) {
  const { at } = useParams();
  const pin = usePinCursor();
  const atMs = at === undefined ? undefined : Number(at) * 1000;
  const request = useMemo(
    () =>
      atMs === undefined
        ? { asset, limit: LATEST }
        : { asset, limit: 100, from: iso(atMs - EITHER_SIDE_MS), to: iso(atMs + EITHER_SIDE_MS), sort: 'timeAt' },
    [asset, atMs],
  );
  const query = useQuery({
    queryKey: ['events', 'around', request],
    queryFn: ({ signal }) => api.get<Page<PlatformEvent>>('/events', request, { signal }),
  });
  const title = atMs === undefined ? 'Latest events' : `Around ${formatClockSeconds(atMs)}`;
  return (
    <Section
      title={title}
      note={atMs === undefined ? 'click the timeline for those around a moment' : 'one minute either side, all engines'}
      action={
        <>
          {atMs !== undefined && (
            <button type="button" onClick={() => pin(undefined)} className={styles['plain']}>
              Latest
            </button>
          )}
          <Link
            to="/events"
            search={{ q: `asset:${asset}`, ...(atMs === undefined ? {} : { at: String(Math.round(atMs / 1000)) }) }}
          >
            Open in Events
          </Link>
        </>
      }
    >
      <Table
        id="asset-around"
        label={title}
        short
        columns={COLUMNS}
        rows={query.data?.items ?? NONE}
        rowKey={keyOf}
        loading={query.data === undefined && query.error === null}
        stale={query.isPlaceholderData}
        expectedRows={6}
        failed={
          query.error !== null && query.data === undefined ? (
            <ErrorState what="The events" error={query.error} retry={() => void query.refetch()} />
          ) : undefined
        }
        empty={
          <EmptyState
            title={atMs === undefined ? 'No events about it yet' : 'Nothing happened in these two minutes'}
            text={
              atMs === undefined
                ? undefined
                : 'No engine saw anything about this asset. Click elsewhere on the timeline.'
            }
          />
        }
      />
    </Section>
  );
}

const NONE: readonly PlatformEvent[] = [];
const keyOf = (event: PlatformEvent) => event.id;
const iso = (ms: number) => new Date(ms).toISOString();

const COLUMNS: readonly TableColumn<PlatformEvent>[] = [
  {
    id: 'timeAt',
    header: 'Time',
    value: (event) => event.timeAt,
    cell: (event) => <code title={event.timeAt}>{formatClockSeconds(msOf(event.timeAt))}</code>,
    width: 78,
    phone: true,
    sortable: false,
  },
  {
    id: 'severity',
    header: 'Severity',
    headerHidden: true,
    value: (event) => event.severity,
    cell: (event) => <StatusIcon state={severityStatus(event.severity)} label={event.severity} />,
    width: 24,
    phone: true,
    sortable: false,
  },
  { id: 'source', header: 'From', value: (event) => event.source, width: 90, sortable: false },
  {
    id: 'class',
    header: 'Class',
    value: (event) => event.class,
    mono: true,
    width: 180,
    sortable: false,
    initiallyHidden: true,
  },
  { id: 'message', header: 'What', value: (event) => event.message, phone: true, sortable: false },
];
