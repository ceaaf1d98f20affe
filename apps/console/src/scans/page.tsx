/** What is exposed, what is new? Scans with their live bars; the form shows the Nmap line it stands for. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import type { CoverageLine, Page as ListPage } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { ActFailure } from '../problems/act-failure.tsx';
import { formatDuration, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { Button } from '../ui/button.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { Status } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { usePagedList } from '../ui/table/paged.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import {
  SCANS_KEY,
  type ScanRequest,
  type ScanRun,
  scanStatus,
  scanWord,
  useLiveScans,
  useScan,
  useScanDiff,
} from './data.ts';
import { diffWords, openPorts } from './matrix.ts';
import { ProgressBar } from './progress-bar.tsx';
import { ScanForm } from './scan-form.tsx';
import styles from './scans.module.css';

const NO_PARAMS = {};
const NEWEST = 'newest first';

export function Page() {
  const may = useMay();
  const params = useParams();
  const setParams = useSetParams();
  const navigate = useNavigate();
  const list = usePagedList<ScanRun>(SCANS_KEY, '/scans', NO_PARAMS);
  useLiveScans();
  const [again, setAgain] = useState<ScanRequest | undefined>();
  const [failure, setFailure] = useState<{ readonly what: string; readonly error: unknown } | undefined>();
  const coverage = useQuery({
    queryKey: ['coverage'],
    queryFn: ({ signal }) => api.get<ListPage<CoverageLine>>('/coverage', undefined, { signal }),
  });
  const line = coverage.data?.items.find(({ feature }) => feature === 'Scans');
  const targets = params['targets'];
  const first = useMemo<ScanRequest | undefined>(
    () => again ?? (targets === undefined ? undefined : { targets: targets.split(',') }),
    [again, targets],
  );
  const last = list.rows.find(({ state }) => state === 'finished');
  const running = list.rows.filter(({ state }) => state === 'running');
  const openForm = (request?: ScanRequest) => {
    setAgain(request);
    setParams({ new: '1' });
  };
  const cancel = (run: ScanRun) => {
    setFailure(undefined);
    api.post(`/scans/${run.id}/cancel`).catch((error: unknown) => setFailure({ what: 'cancel the scan', error }));
  };
  useKeys([{ keys: 'n', label: 'New scan', group: 'Scans', run: () => openForm(), when: () => may('scan') }]);

  return (
    <>
      <PageHead
        title={
          running.length > 0 ? (
            running.length === 1 ? (
              'One scan is running'
            ) : (
              `${running.length} scans are running`
            )
          ) : (
            <LastFound run={last} />
          )
        }
        lead={
          line === undefined ? '\u00a0' : `By itself: ${line.text}.${line.fix === undefined ? '' : ` ${line.fix}.`}`
        }
        actions={
          may('scan') && (
            <Button tone="primary" keys="n" onClick={() => openForm()}>
              New scan
            </Button>
          )
        }
      />
      {failure !== undefined && <ActFailure {...failure} onDismiss={() => setFailure(undefined)} />}
      <div className={styles['page']}>
        <Section title="Scans" note={last === undefined ? NEWEST : <NewSince run={last} />}>
          <Table
            id="scans"
            label="Scans"
            main
            columns={COLUMNS}
            rows={list.rows}
            rowKey={keyOf}
            sortedByServer
            total={list.total}
            more={list.more}
            loading={list.loading}
            stale={list.stale}
            expectedRows={6}
            loadAll={list.loadAll}
            onOpen={(run) => void navigate({ to: `/scans/${run.id}` } as never)}
            rowActions={(run) => [
              ...(may('scan') ? [{ label: 'Scan again', run: () => openForm(run.request) }] : []),
              ...(run.state === 'running' && may('cancel scans') ? [{ label: 'Cancel', run: () => cancel(run) }] : []),
            ]}
            failed={
              list.error !== null ? (
                <ErrorState what="The scans" error={list.error} retry={list.retry} sinceMs={list.failedMs} />
              ) : undefined
            }
            empty={
              <EmptyState
                title="Nothing was scanned yet"
                text="Loopback is scanned by itself a few seconds after the start. Beyond this machine nothing is scanned until you press the button."
                action={may('scan') && <Button onClick={() => openForm()}>New scan</Button>}
              />
            }
          />
        </Section>
      </div>
      <ScanForm
        open={params['new'] === '1' && may('scan')}
        onClose={() => {
          setAgain(undefined);
          setParams({ new: undefined, targets: undefined });
        }}
        first={first}
      />
    </>
  );
}

const keyOf = (run: ScanRun) => run.id;

/** "9 open ports on 2 hosts". */
function LastFound({ run }: { readonly run: ScanRun | undefined }) {
  const scan = useScan(run?.id ?? '');
  if (run === undefined || scan.data?.hosts === undefined) return 'Scans';
  const hosts = scan.data.hosts.filter((host) => openPorts(host).length > 0);
  const ports = hosts.reduce((sum, host) => sum + openPorts(host).length, 0);
  return `${ports} open ${ports === 1 ? 'port' : 'ports'} on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
}

/** What the last finished scan found that the one before did not. */
function NewSince({ run }: { readonly run: ScanRun }) {
  const diff = useScanDiff(run.id, true);
  if (diff.data === undefined || diff.data.previous === undefined) return NEWEST;
  return (
    <>
      last finished <Ago at={run.endAt} />, {diffWords(diff.data)} since the one before
    </>
  );
}

function Took({ run }: { readonly run: ScanRun }) {
  const nowMs = useNow(1000);
  const end = run.endAt === undefined ? nowMs : msOf(run.endAt);
  return formatDuration(Math.max(0, end - msOf(run.startAt)));
}

const COLUMNS: readonly TableColumn<ScanRun>[] = [
  {
    id: 'state',
    header: 'State',
    value: (run) => run.state,
    cell: (run) =>
      run.state === 'running' ? (
        <ProgressBar progress={run.progress} />
      ) : (
        <Status state={scanStatus(run.state)} text={scanWord(run.state)} />
      ),
    width: 176,
    sortable: false,
    phone: true,
  },
  { id: 'nmap', header: 'What', value: (run) => run.nmap, mono: true, cutMiddle: true, sortable: false, phone: true },
  { id: 'requestedBy', header: 'Asked by', value: (run) => run.requestedBy, width: 120, sortable: false },
  {
    id: 'startAt',
    header: 'Started',
    value: (run) => run.startAt,
    cell: (run) => <Ago at={run.startAt} />,
    align: 'end',
    width: 112,
    sortable: false,
  },
  {
    id: 'took',
    header: 'Took',
    value: (run) => (run.endAt === undefined ? null : msOf(run.endAt) - msOf(run.startAt)),
    cell: (run) => <Took run={run} />,
    align: 'end',
    width: 84,
    sortable: false,
  },
];
