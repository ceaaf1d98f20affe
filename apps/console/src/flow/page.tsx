/** Who talks to whom, and how much? Now, over the range as pictures, and record by record. */
import { useCallback, useMemo } from 'react';
import { useKeys } from '../app/keys.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatBitRate, formatBytes, formatCount } from '../time/format.ts';
import { useTimeRange } from '../time/range.ts';
import { Button } from '../ui/button.tsx';
import { ListBar } from '../ui/list/list-bar.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useFlowRequest, useSensors, useSum } from './data.ts';
import { FIELDS, isHex, parseLine } from './filter.ts';
import styles from './flow.module.css';
import { type LiveView, useLiveView } from './live.ts';
import { LiveTable } from './live-table.tsx';
import { Records, recordsTitle } from './records.tsx';
import { SensorLine, SensorTable } from './sensors.tsx';
import { usePaths, useWhoChoice, Who, whoTitle } from './who.tsx';

const VIEWS = ['live', 'who', 'records'] as const;
type View = (typeof VIEWS)[number];

export function Page() {
  const params = useParams();
  const setParams = useSetParams();
  const view: View = VIEWS.find((one) => one === params['view']) ?? 'live';
  const line = params['q'] ?? '';
  const asked = useMemo(() => parseLine(line), [line]);
  const request = useFlowRequest(asked.params);
  const live = useLiveView(view === 'live');
  const sensors = useSensors();
  const setLine = useCallback((next: string) => setParams({ q: next, open: undefined }), [setParams]);
  const values = useMemo(() => valuesIn(live), [live]);
  useKeys([
    {
      keys: 'f',
      label: 'Hold the conversations still, or go on',
      group: 'Flows',
      run: () => live.setPaused(!live.paused),
      when: () => view === 'live',
    },
  ]);
  return (
    <>
      {view === 'live' ? (
        <PageHead
          title={liveTitle(live, sensors.data?.length === 0)}
          lead={sensors.data === undefined ? '\u00a0' : <SensorLine sensors={sensors.data} />}
          actions={
            <Button keys="f" aria-pressed={live.paused} onClick={() => live.setPaused(!live.paused)}>
              {live.paused ? 'Go on' : 'Pause'}
            </Button>
          }
        />
      ) : (
        <RangeHead view={view} request={request} line={line} />
      )}
      <div className={styles['views']}>
        <Tabs
          label="Views of flows"
          value={view}
          onChange={(next) => setParams({ view: next === 'live' ? undefined : next, open: undefined })}
          tabs={[
            { value: 'live', label: 'Live' },
            { value: 'who', label: 'Who talks to whom' },
            { value: 'records', label: 'Records' },
          ]}
        >
          <ListBar>
            <QueryLine
              label="Filter flows"
              placeholder="10.20.4.12 port:443 protocol:tcp application:tls"
              value={line}
              onChange={setLine}
              fields={FIELDS}
              valuesOf={(key) => values.get(key) ?? []}
              openKeys={isHex}
              serverError={asked.error}
            />
          </ListBar>
          {asked.error !== undefined ? (
            <EmptyState
              title="The line cannot be asked"
              text={asked.error}
              action={<Button onClick={() => setLine('')}>Clear filter</Button>}
            />
          ) : view === 'live' ? (
            <>
              <LiveTable
                live={live}
                params={asked.params}
                listening={(sensors.data ?? []).length > 0}
                clear={() => setLine('')}
              />
              <div className={styles['below']}>
                {sensors.error !== null ? (
                  <ErrorState
                    inline={sensors.data !== undefined}
                    what="The sensors"
                    error={sensors.error}
                    retry={() => void sensors.refetch()}
                  />
                ) : (
                  // After the conversations, so that nothing moves when they come.
                  !live.query.isPending &&
                  (sensors.data ?? []).length > 0 && <SensorTable sensors={sensors.data ?? []} />
                )}
              </div>
            </>
          ) : view === 'who' ? (
            <Who request={request} line={line} setLine={setLine} />
          ) : (
            <Records request={request} line={line} setLine={setLine} main />
          )}
        </Tabs>
      </div>
    </>
  );
}

function liveTitle({ summary }: LiveView, deaf: boolean): string {
  if (summary === undefined) return 'Flows';
  const { conversations, bitsPerSecond } = summary;
  if (conversations === 0) return deaf ? 'Nothing is captured' : 'Nobody talks now';
  return `${formatCount(conversations)} ${conversations === 1 ? 'conversation' : 'conversations'}, ${formatBitRate(bitsPerSecond)}`;
}

interface RangeHeadProps {
  readonly view: View;
  readonly request: ReturnType<typeof useFlowRequest>;
  readonly line: string;
}

function RangeHead({ view, request, line }: RangeHeadProps) {
  const range = useTimeRange();
  const names = useAssetNames();
  const { measure } = useWhoChoice();
  const sum = useSum(request);
  const paths = usePaths(request, measure, view === 'who');
  return (
    <div className={view === 'who' ? styles['sentence'] : undefined}>
      <PageHead
        title={view === 'who' ? whoTitle(paths.data?.items, measure, names) : recordsTitle(sum?.records, line)}
        lead={
          sum === undefined
            ? range.label
            : `${range.label}: ${formatBytes(sum.bytes)} in ${formatCount(sum.records)} records${line === '' ? '' : ' that match'}.`
        }
      />
    </div>
  );
}

/** What the filter line can offer: who and what is seen now. */
function valuesIn({ rows }: LiveView): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const add = (key: string, value: string | number | null) => {
    if (value === null || value === '') return;
    const values = found.get(key) ?? new Set<string>();
    values.add(String(value));
    found.set(key, values);
  };
  for (const { conversation } of rows) {
    const { source, destination, port, protocol, application, state } = conversation;
    for (const address of [source, destination]) add('address', address);
    add('source', source);
    add('destination', destination);
    add('port', port);
    add('protocol', protocol);
    add('application', application);
    add('state', state);
  }
  return new Map([...found].map(([key, values]) => [key, [...values].sort()]));
}
