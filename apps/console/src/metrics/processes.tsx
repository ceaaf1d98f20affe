/** What runs on the agent's host, busiest first. */
import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { Page, ProcessRow } from '../api/types.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { formatCount } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { threeDigits, withUnit } from '../ui/chart/units.ts';
import { TextField } from '../ui/field.tsx';
import { ListBar } from '../ui/list/list-bar.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Age } from '../ui/time.tsx';

const EVERY_MS = 3_000;
const MAX_PROCESSES = 1000;
const DEFAULT_SORT = '-cpuPercent';

export function Processes() {
  const params = useParams();
  const setParams = useSetParams();
  const query = useQuery({
    queryKey: ['metrics', 'processes'],
    queryFn: ({ signal }) => api.get<Page<ProcessRow>>('/metrics/processes', { limit: MAX_PROCESSES }, { signal }),
    refetchInterval: EVERY_MS,
  });
  const words = params['q'] ?? '';
  const all = query.data?.items ?? NONE;
  const rows = words === '' ? all : all.filter((row) => matches(row, words));
  return (
    <>
      <ListBar>
        <TextField
          label="Find a process"
          labelHidden
          type="search"
          placeholder="Name, command, user or port"
          value={words}
          onChange={(next) => setParams({ q: next }, { replace: true })}
        />
      </ListBar>
      <Table
        id="processes"
        label="Processes"
        main
        columns={COLUMNS}
        rows={rows}
        rowKey={keyOf}
        sort={params['psort'] ?? DEFAULT_SORT}
        onSort={(next) => setParams({ psort: next === DEFAULT_SORT ? undefined : next })}
        total={words === '' ? query.data?.total : undefined}
        loading={query.data === undefined && query.error === null}
        expectedRows={14}
        failed={
          query.error !== null && query.data === undefined ? (
            <ErrorState what="The processes" error={query.error} retry={() => void query.refetch()} />
          ) : undefined
        }
        empty={
          words === '' ? (
            <EmptyState
              title="No processes are seen"
              text="The agent of this host reads them from /proc. Coverage says what it lacks."
            />
          ) : (
            <EmptyState
              title="No process matches"
              text={`None of ${formatCount(all.length)} has “${words}” in its name, command, user or ports.`}
              action={<Button onClick={() => setParams({ q: undefined })}>Clear filter</Button>}
            />
          )
        }
      />
    </>
  );
}

const NONE: readonly ProcessRow[] = [];
const keyOf = (row: ProcessRow) => String(row.pid);

function matches(row: ProcessRow, words: string): boolean {
  const text =
    `${row.name} ${row.command} ${row.user} ${row.pid} ${row.listens.map((port) => `:${port}`).join(' ')}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const COLUMNS: readonly TableColumn<ProcessRow>[] = [
  { id: 'name', header: 'Name', value: (row) => row.name, width: 136, phone: true },
  { id: 'pid', header: 'Process id', value: (row) => row.pid, cell: (row) => row.pid, align: 'end', width: 84 },
  { id: 'user', header: 'User', value: (row) => row.user, width: 104 },
  {
    id: 'cpuPercent',
    header: 'Processor',
    unit: '% of a core',
    value: (row) => row.cpuPercent,
    cell: (row) => threeDigits(row.cpuPercent),
    align: 'end',
    width: 148,
    descendingFirst: true,
    phone: true,
  },
  {
    id: 'rssBytes',
    header: 'Memory',
    value: (row) => row.rssBytes,
    cell: (row) => withUnit(row.rssBytes, 'B'),
    align: 'end',
    width: 84,
    descendingFirst: true,
    phone: true,
  },
  {
    id: 'readBps',
    header: 'Reads',
    value: (row) => row.readBps,
    cell: (row) => (row.readBps < 1 ? '' : withUnit(row.readBps, 'B/s')),
    align: 'end',
    width: 84,
    descendingFirst: true,
  },
  {
    id: 'writeBps',
    header: 'Writes',
    value: (row) => row.writeBps,
    cell: (row) => (row.writeBps < 1 ? '' : withUnit(row.writeBps, 'B/s')),
    align: 'end',
    width: 84,
    descendingFirst: true,
  },
  {
    id: 'threads',
    header: 'Threads',
    value: (row) => row.threads,
    align: 'end',
    width: 78,
    descendingFirst: true,
    initiallyHidden: true,
  },
  {
    id: 'listens',
    header: 'Listens on',
    value: (row) => row.listens.join(' '),
    cell: (row) => row.listens.join(', '),
    mono: true,
    width: 92,
  },
  {
    id: 'startedAt',
    header: 'Runs for',
    value: (row) => row.startedAt,
    cell: (row) => <Age at={row.startedAt} />,
    align: 'end',
    width: 76,
    descendingFirst: true,
  },
  { id: 'command', header: 'Command', value: (row) => row.command, mono: true, cutMiddle: true },
];
