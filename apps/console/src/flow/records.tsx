/** Flow records, newest first: filtered in the address, page after page, every column to choose. */
import { useMemo } from 'react';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatClockSeconds, formatCount, msOf } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import { Button } from '../ui/button.tsx';
import { writeClipboard } from '../ui/copy.tsx';
import { SidePanel } from '../ui/dialog.tsx';
import { addWord } from '../ui/query-line/words.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { usePagedList } from '../ui/table/paged.ts';
import { Table } from '../ui/table/table.tsx';
import { toast } from '../ui/toasts.tsx';
import { type FlowRequest, useRecord, useSum } from './data.ts';
import { lineOf, parseLine } from './filter.ts';
import { endsOf } from './record.ts';
import { recordColumns } from './record-columns.tsx';
import { RecordDetail } from './record-detail.tsx';
import type { FlowRecord } from './types.ts';

export interface RecordsProps {
  readonly request: FlowRequest;
  /** Words of the line; what a press on a value adds to. */
  readonly line: string;
  readonly setLine: (line: string) => void;
  /** The list of the page: its keys act without the focus. */
  readonly main?: boolean;
  /** A page has several lists: each keeps its columns. */
  readonly id?: string;
  readonly short?: boolean;
}

export function Records({ request, line, setLine, main = false, id = 'flows' }: RecordsProps) {
  const params = useParams();
  const setParams = useSetParams();
  const range = useTimeRange();
  const names = useAssetNames();
  const list = usePagedList<FlowRecord>(['flows', 'list'], '/flows', request);
  const sum = useSum(request);
  const columns = useMemo(() => recordColumns(names, range.spanMs), [names, range.spanMs]);
  const openId = params['open'];
  const opened = useRecord(openId, request, list.rows);
  const { error } = parseLine(line);
  const ask = (record: FlowRecord, whole: boolean) => {
    const { source, destination, port, protocol } = endsOf(record);
    setLine(lineOf(whole ? { source, destination, port, protocol } : { source, destination }));
  };
  return (
    <>
      <Table
        id={id}
        label="Flow records"
        main={main}
        columns={columns}
        rows={list.rows}
        rowKey={keyOf}
        sortedByServer
        total={sum === undefined ? undefined : Math.max(sum.records, list.rows.length)}
        more={list.more}
        loading={list.loading}
        stale={list.stale}
        expectedRows={16}
        loadAll={list.loadAll}
        openKey={openId}
        onActive={(record) =>
          openId !== undefined && record !== undefined && setParams({ open: record.id }, { replace: true })
        }
        onOpen={(record) => setParams({ open: record.id })}
        rowActions={(record) => [
          { label: 'Open', run: () => setParams({ open: record.id }) },
          { label: 'Only its conversation', run: () => ask(record, true) },
          { label: 'Only these two', run: () => ask(record, false) },
          { label: 'Copy as JSON', run: () => copy('Record', JSON.stringify(record, undefined, 2)) },
          { label: 'Copy link', run: () => copy('Link', linkTo(record)) },
        ]}
        failed={
          list.error !== null && error === undefined ? (
            <ErrorState what="The flow records" error={list.error} retry={list.retry} sinceMs={list.failedMs} />
          ) : undefined
        }
        empty={
          <EmptyState
            title={line === '' ? 'No flow in this range' : 'No flow matches in this range'}
            text={
              line === ''
                ? 'Each conversation is written five seconds after it began, and again while it goes on. Live says whether anything is captured.'
                : `Nothing that was archived in ${range.label.toLowerCase()} is ${line}.`
            }
            action={line === '' ? undefined : <Button onClick={() => setLine('')}>Clear filter</Button>}
          />
        }
      />
      <SidePanel
        open={openId !== undefined && opened !== undefined}
        onClose={() => setParams({ open: undefined })}
        title={opened === undefined ? '' : `Flow record, ${formatClockSeconds(msOf(opened.timeAt))}`}
      >
        {opened !== undefined && (
          <RecordDetail
            key={opened.id}
            record={opened}
            onPick={(field, value) => setLine(withWord(line, field, value))}
          />
        )}
      </SidePanel>
    </>
  );
}

const keyOf = (record: FlowRecord) => record.id;

/** A field is asked for once: another value takes its place. */
function withWord(line: string, field: string, value: string): string {
  const { [field]: _, ...rest } = parseLine(line).params;
  return addWord(lineOf(rest), field, value).trim();
}

function linkTo({ id, timeAt }: FlowRecord): string {
  const url = new URL(`${location.origin}/app/flows`);
  const atMs = msOf(timeAt);
  for (const [name, value] of Object.entries({
    view: 'records',
    from: new Date(atMs - 1_800_000).toISOString(),
    to: new Date(atMs + 1_800_000).toISOString(),
    open: id,
  }))
    url.searchParams.set(name, value);
  return url.href;
}

function copy(what: string, words: string): void {
  writeClipboard(words)
    .then(() => toast({ text: `${what} copied` }))
    .catch(() => toast({ text: 'The browser did not let it be copied' }));
}

export function recordsTitle(records: number | undefined, line: string): string {
  if (records === undefined) return 'Flow records';
  return `${formatCount(records)} flow ${records === 1 ? 'record' : 'records'}${line === '' ? '' : records === 1 ? ' matches' : ' match'}`;
}
