/** What happened exactly? A line, a histogram to drag on, fields with their commonest values, rows, and a live tail. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import type { PlatformEvent } from '../api/types.ts';
import { useKeys } from '../app/keys.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatAgo, formatClockSeconds, formatCount, formatTime, msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { rangeParams, useRangeBounds, useTimeRange } from '../time/range.ts';
import { Button } from '../ui/button.tsx';
import { writeClipboard } from '../ui/copy.tsx';
import { SidePanel } from '../ui/dialog.tsx';
import { ListBar } from '../ui/list/list-bar.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { addWord, type QueryField } from '../ui/query-line/words.ts';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, severityStatus } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { usePagedList } from '../ui/table/paged.ts';
import { Table } from '../ui/table/table.tsx';
import { toast } from '../ui/toasts.tsx';
import { useEvent, useEventClasses, useEventRequest, useHistogram, useNearest, useTopValues } from './data.ts';
import { EventDetail } from './event-detail.tsx';
import styles from './events.module.css';
import { Fields } from './fields.tsx';
import { Histogram } from './histogram.tsx';
import { eventJson, eventLink } from './link.ts';
import { eventMatcher } from './match.ts';

const BUCKETS = 120;
/** A tail keeps this many of the newest rows. */
const MAX_TAIL = 2000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical', 'fatal'];
const COMMON_FIELDS = ['severity', 'class', 'source', 'activity', 'asset'];
const NO_EVENTS: readonly PlatformEvent[] = [];

export function Page() {
  const params = useParams();
  const setParams = useSetParams();
  const range = useTimeRange();
  const bounds = useRangeBounds();
  const client = useQueryClient();
  const line = params['q'] ?? '';
  const tail = params['tail'] === '1' && range.live;
  const request = useEventRequest(line, range);
  const list = usePagedList<PlatformEvent>(['events', 'list'], '/events', request);
  const histogram = useHistogram(request, BUCKETS, range.live);
  const classes = useEventClasses();
  const names = useAssetNames();
  const news = useNews(line, range.live, tail, range.key);
  // One of the queries of the fields tells what was read and what was not.
  const told = useTopValues('severity', request).data;

  const known = useMemo(() => new Set(list.rows.map(({ id }) => id)), [list.rows]);
  const rows = useMemo(() => {
    const fresh = news.shown.filter(({ id }) => !known.has(id));
    return fresh.length === 0 ? list.rows : [...fresh, ...list.rows].slice(0, Math.max(MAX_TAIL, list.rows.length));
  }, [news.shown, known, list.rows]);
  const total = histogram.data?.series.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
  const fields = useMemo(() => fieldNames(rows), [rows]);
  const queryFields = useMemo(
    () =>
      lineFields(
        (classes.data ?? []).map(({ name }) => name),
        (classes.data ?? []).flatMap(({ attributes }) => Object.keys(attributes)),
      ),
    [classes.data],
  );
  const empty = !list.loading && list.error === null && rows.length === 0;
  const nearest = useNearest(line, range, empty);
  const badLine =
    list.error instanceof ApiProblem && (list.error.status === 400 || list.error.status === 422)
      ? list.error
      : undefined;

  const openId = params['open'];
  const inRows = rows.find(({ id }) => id === openId);
  const fetched = useEvent(openId !== undefined && inRows === undefined ? openId : undefined);
  const opened = inRows ?? (openId === undefined ? undefined : (fetched.data ?? undefined));

  const setLine = useCallback((next: string) => setParams({ q: next, open: undefined }), [setParams]);
  const pick = useCallback(
    (field: string, value: string, without: boolean) =>
      setParams({ q: addWord(line, field, value, without), open: undefined }),
    [line, setParams],
  );
  const setTail = (on: boolean) => {
    if (on && !range.live) range.goLive();
    setParams({ tail: on ? '1' : undefined }, { replace: true });
  };
  useKeys([{ keys: 'f', label: 'Follow events as they come', group: 'Events', run: () => setTail(!tail) }]);
  const around = (event: PlatformEvent) => {
    const atMs = msOf(event.timeAt);
    setParams({
      q: undefined,
      open: event.id,
      ...rangeParams({ kind: 'between', fromMs: atMs - MINUTE_MS, toMs: atMs + MINUTE_MS }),
    });
  };
  const days = range.spanMs > DAY_MS;
  const columns = useMemo(() => columnsOf(names, pick, days), [names, pick, days]);

  return (
    <>
      <PageHead
        title={total === undefined ? 'Events' : `${formatCount(total)} events${line === '' ? '' : ' match'}`}
        lead={`${range.label}${told === undefined ? '' : `, ${formatCount(told.scanned.rows)} rows read`}.`}
        actions={
          <Button keys="f" aria-pressed={tail} onClick={() => setTail(!tail)}>
            {tail ? 'Stop following' : 'Follow'}
          </Button>
        }
      />
      <ListBar>
        <QueryLine
          label="Filter events"
          placeholder="severity>=high class:authentication, or words of the message"
          value={line}
          onChange={setLine}
          fields={queryFields}
          valuesOf={(key) => valuesIn(rows, key)}
          openKeys={(key) => key.includes('.') || key.includes('_') || fields.includes(key)}
          serverError={badLine === undefined ? undefined : `${badLine.message} ${badLine.fix ?? ''}`}
        />
      </ListBar>
      {told !== undefined && told.warnings.length > 0 && (
        <p className={styles['partial']} role="status">
          <StatusIcon state="warning" label="" /> Partial result. {told.warnings.join(' ')}{' '}
          {formatCount(told.scanned.rows)} rows of {formatCount(told.scanned.files)} files were read. A shorter range or
          a class makes it whole.
        </p>
      )}
      {histogram.data !== undefined ? (
        <Histogram
          data={histogram.data}
          fromMs={bounds.fromMs}
          toMs={bounds.toMs}
          stale={histogram.isPlaceholderData}
        />
      ) : histogram.error !== null && badLine === undefined ? (
        <div className={styles['holder']}>
          <ErrorState inline what="Events over time" error={histogram.error} retry={() => void histogram.refetch()} />
        </div>
      ) : (
        <div className={styles['holder']}>{badLine === undefined && <SkeletonRows rows={1} height="line" />}</div>
      )}
      <div className={styles['layout']}>
        <Fields fields={fields} line={line} request={request} names={names} onPick={pick} />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: while the pointer is on the rows none of them moves */}
        <div className={styles['rows']} onMouseEnter={() => news.hold(true)} onMouseLeave={() => news.hold(false)}>
          <Table
            id="events"
            label="Events"
            main
            columns={columns}
            rows={rows}
            rowKey={keyOf}
            sortedByServer
            total={total === undefined ? undefined : Math.max(total, rows.length)}
            more={list.more}
            loading={list.loading}
            stale={list.stale}
            expectedRows={16}
            loadAll={list.loadAll}
            waiting={{
              count: news.waiting,
              show: () => {
                news.show();
                if (!tail) void client.invalidateQueries({ queryKey: ['events', 'list'] });
              },
            }}
            openKey={openId}
            onActive={(event) =>
              openId !== undefined && event !== undefined && setParams({ open: event.id }, { replace: true })
            }
            onOpen={(event) => setParams({ open: event.id })}
            rowActions={(event) => [
              { label: 'Open', run: () => setParams({ open: event.id }) },
              { label: 'Copy link', run: () => copy('Link', eventLink(event, location.origin)) },
              { label: 'Copy as JSON', run: () => copy('Event', eventJson(event)) },
              { label: 'A minute either side', run: () => around(event) },
            ]}
            failed={
              list.error !== null && badLine === undefined ? (
                <ErrorState what="The events" error={list.error} retry={list.retry} sinceMs={list.failedMs} />
              ) : undefined
            }
            empty={
              badLine !== undefined ? (
                <EmptyState
                  title="The line cannot be read"
                  text={badLine.message}
                  action={<Button onClick={() => setLine('')}>Clear filter</Button>}
                />
              ) : (
                <EmptyState
                  title={line === '' ? 'Nothing happened in this range' : 'No event matches in this range'}
                  text={
                    nearest.data === undefined
                      ? 'Looking for the nearest one.'
                      : nearest.data === null
                        ? line === ''
                          ? 'No event is kept yet. Sign-ins, changes, scans and new ports come here as they happen.'
                          : 'No event that is kept matches, in any range.'
                        : `The nearest is ${formatAgo(msOf(nearest.data.event.timeAt), now())}: ${nearest.data.event.message}`
                  }
                  action={
                    <>
                      {nearest.data != null && (
                        <Button
                          onClick={() => {
                            const at = msOf(nearest.data?.event.timeAt);
                            range.zoomTo(at - range.spanMs / 2, at + range.spanMs / 2);
                          }}
                        >
                          Go to {formatTime(msOf(nearest.data.event.timeAt), now())}
                        </Button>
                      )}
                      {line !== '' && <Button onClick={() => setLine('')}>Clear filter</Button>}
                    </>
                  }
                />
              )
            }
          />
        </div>
      </div>
      <SidePanel
        open={openId !== undefined && opened !== undefined}
        onClose={() => setParams({ open: undefined })}
        title={opened === undefined ? '' : formatClockSeconds(msOf(opened.timeAt))}
      >
        {opened !== undefined && <EventDetail key={opened.id} event={opened} names={names} onPick={pick} />}
      </SidePanel>
    </>
  );
}

function copy(what: string, text: string): void {
  writeClipboard(text)
    .then(() => toast({ text: `${what} copied` }))
    .catch(() => toast({ text: 'The browser did not let it be copied' }));
}

const keyOf = (event: PlatformEvent) => event.id;

interface News {
  /** What the tail has put above the list. */
  readonly shown: readonly PlatformEvent[];
  readonly waiting: number;
  show(): void;
  /** While true nothing is put in: the pointer is on the rows. */
  hold(held: boolean): void;
}

/** Events of the stream that fit the line: put in at once by a tail, counted otherwise. */
function useNews(line: string, live: boolean, tail: boolean, rangeKey: string): News {
  const [state, setState] = useState<{
    readonly shown: readonly PlatformEvent[];
    readonly queued: readonly PlatformEvent[];
  }>({
    shown: NO_EVENTS,
    queued: NO_EVENTS,
  });
  const held = useRef(false);
  const matches = useMemo(() => eventMatcher(line), [line]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins without what the last one gathered
  useEffect(() => setState({ shown: NO_EVENTS, queued: NO_EVENTS }), [line, rangeKey, tail]);
  useLive<PlatformEvent>(
    'events',
    (events) => {
      const fitting = events.filter(matches).toReversed();
      if (fitting.length === 0) return;
      setState(({ shown, queued }) =>
        tail && !held.current
          ? { shown: [...fitting, ...queued, ...shown].slice(0, MAX_TAIL), queued: NO_EVENTS }
          : { shown, queued: [...fitting, ...queued].slice(0, MAX_TAIL) },
      );
    },
    { enabled: live },
  );
  const show = () =>
    setState(({ shown, queued }) => ({ shown: [...queued, ...shown].slice(0, MAX_TAIL), queued: NO_EVENTS }));
  return {
    shown: state.shown,
    waiting: state.queued.length,
    show,
    hold(next) {
      held.current = next;
      if (!next && tail) show();
    },
  };
}

/** Common fields, then the attributes of what is shown, most used first. */
function fieldNames(events: readonly PlatformEvent[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const event of events.slice(0, 500)) {
    for (const name of Object.keys(event.attributes)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...COMMON_FIELDS, ...[...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name)];
}

function lineFields(classes: readonly string[], attributes: readonly string[]): readonly QueryField[] {
  return [
    { key: 'severity', summary: 'severity:high, severity>=medium', values: SEVERITIES },
    { key: 'class', summary: 'kind of event', values: classes },
    { key: 'source', summary: 'which engine published it' },
    { key: 'activity', summary: 'logon, create, open' },
    { key: 'asset', summary: 'id of an asset it concerns' },
    { key: 'id', summary: 'id of the event' },
    ...[...new Set(attributes)].sort().map((key) => ({ key, summary: 'attribute' })),
  ];
}

function valuesIn(events: readonly PlatformEvent[], key: string): readonly string[] {
  const values = new Set<string>();
  for (const event of events.slice(0, 500)) {
    const value =
      key === 'asset'
        ? event.assets[0]
        : ((event as unknown as Readonly<Record<string, unknown>>)[key] ??
          (event.attributes as Readonly<Record<string, unknown>>)[key]);
    if (typeof value === 'string' || typeof value === 'number') values.add(String(value));
  }
  return [...values].sort();
}

function columnsOf(
  names: ReadonlyMap<string, string>,
  pick: (field: string, value: string, without: boolean) => void,
  days: boolean,
): readonly TableColumn<PlatformEvent>[] {
  const value = (field: string, text: string, shown = text) => (
    <button
      type="button"
      tabIndex={-1}
      className={styles['value']}
      title={`Only ${field}:${shown}. With Alt: without it`}
      onClick={(event) => pick(field, text, event.altKey)}
    >
      {shown}
    </button>
  );
  return [
    {
      id: 'timeAt',
      header: 'Time',
      value: (event) => event.timeAt,
      cell: (event) => (
        <time dateTime={event.timeAt} title={event.timeAt} className={styles['time']}>
          {dayOrNothing(msOf(event.timeAt))}
          {formatClockSeconds(msOf(event.timeAt))}
        </time>
      ),
      width: days ? 124 : 78,
      sortable: false,
      phone: true,
    },
    {
      id: 'severity',
      header: 'Severity',
      headerHidden: true,
      value: (event) => event.severity,
      cell: (event) => <StatusIcon state={severityStatus(event.severity)} label={event.severity} />,
      width: 26,
      sortable: false,
      phone: true,
    },
    {
      id: 'class',
      header: 'Class',
      value: (event) => event.class,
      cell: (event) => value('class', event.class),
      width: 186,
      mono: true,
      sortable: false,
    },
    {
      id: 'source',
      header: 'From',
      value: (event) => event.source,
      cell: (event) => value('source', event.source),
      width: 92,
      sortable: false,
    },
    {
      id: 'asset',
      header: 'About',
      value: (event) => event.assets.map((id) => names.get(id) ?? id).join(', '),
      cell: (event) =>
        event.assets[0] === undefined
          ? null
          : value('asset', event.assets[0], aboutName(event, event.assets[0], names)),
      width: 110,
      sortable: false,
    },
    {
      id: 'message',
      header: 'What',
      value: (event) => event.message,
      cell: (event) => event.message.slice(0, 400),
      sortable: false,
      phone: true,
    },
    {
      id: 'activity',
      header: 'Activity',
      value: (event) => event.activity,
      width: 96,
      sortable: false,
      initiallyHidden: true,
    },
    {
      id: 'receivedAt',
      header: 'Received',
      value: (event) => event.receivedAt,
      mono: true,
      width: 190,
      sortable: false,
      initiallyHidden: true,
    },
    {
      id: 'id',
      header: 'Id',
      value: (event) => event.id,
      mono: true,
      cutMiddle: true,
      width: 170,
      sortable: false,
      initiallyHidden: true,
    },
  ];
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function dayOrNothing(ms: number): string {
  return new Date(ms).toDateString() === new Date(now()).toDateString() ? '' : `${day.format(ms)} `;
}

/** Its name as the inventory or the event itself says it. */
function aboutName(event: PlatformEvent, id: string, names: ReadonlyMap<string, string>): string {
  const { 'device.uid': uid, 'device.name': name } = event.attributes as Readonly<Record<string, unknown>>;
  return names.get(id) ?? (uid === id && typeof name === 'string' ? name : shortId(id));
}

function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 5)}…${id.slice(-4)}` : id;
}
