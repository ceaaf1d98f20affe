/** Who talks to whom: a matrix, bands or a map of the same totals, and the totals themselves as a table. */
import { useMemo } from 'react';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatBytes, formatCount } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { Facet, ListBar } from '../ui/list/list-bar.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { Section } from '../ui/section.tsx';
import { Select } from '../ui/select.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Address, type AssetNames } from './address.tsx';
import { type FlowRequest, useTop } from './data.ts';
import { lineOf, NO_ADDRESS } from './filter.ts';
import styles from './flow.module.css';
import { MapView } from './map-view.tsx';
import { OTHERS } from './matrix.ts';
import { MatrixView } from './matrix-view.tsx';
import { SankeyView } from './sankey-view.tsx';
import { type FlowTotal, type Key, MEASURES, type Measure, measureOf } from './types.ts';
import { formatMeasure, MEASURE_NAMES, serviceName } from './words.ts';

export const PICTURES = ['matrix', 'bands', 'map'] as const;
export type Picture = (typeof PICTURES)[number];
const PICTURE_NAMES: Readonly<Record<Picture, string>> = { matrix: 'Matrix', bands: 'Bands', map: 'Map' };
/** Largest totals that the pictures are made of. */
const MOST_PATHS = 1000;

export interface WhoProps {
  readonly request: FlowRequest;
  readonly line: string;
  readonly setLine: (line: string) => void;
}

/** How the totals are looked at, as the address says. */
export function useWhoChoice() {
  const params = useParams();
  const picture: Picture = PICTURES.find((one) => one === params['as']) ?? 'matrix';
  const measure: Measure = MEASURES.find((one) => one === params['measure']) ?? 'bytes';
  const by = params['by'] === 'application' ? 'application' : 'address';
  return { picture, measure, by } as const;
}

/** All that moved, by who, what and whom: what each picture folds in its own way. */
export function usePaths(request: FlowRequest, measure: Measure, wanted = true) {
  return useTop('path', measure, request, MOST_PATHS, wanted);
}

export function Who({ request, line, setLine }: WhoProps) {
  const setParams = useSetParams();
  const names = useAssetNames();
  const { picture, measure, by } = useWhoChoice();
  const query = usePaths(request, measure);
  const paths = useMemo(() => (query.data?.items ?? []).map((total) => pathOf(total, measure)), [query.data, measure]);
  const services = useMemo(() => new Map(paths.map((path) => [path.service, path.serviceParams])), [paths]);
  const asked = { ...requestParams(request) };
  const lineOfCell = (row: string, column: string) =>
    lineOf({
      ...asked,
      ...(row === OTHERS ? {} : { source: row }),
      ...(column === OTHERS ? {} : by === 'application' ? services.get(column) : { destination: column }),
    });
  return (
    <>
      <ListBar
        end={
          <>
            {picture === 'matrix' && (
              <Select
                label="Against"
                labelHidden
                value={by}
                onChange={(next) => setParams({ by: next === 'address' ? undefined : next })}
                options={[
                  { value: 'address', label: 'Addresses against addresses' },
                  { value: 'application', label: 'Addresses against services' },
                ]}
              />
            )}
            <Select
              label="Measure"
              labelHidden
              value={measure}
              onChange={(next) => setParams({ measure: next === 'bytes' ? undefined : next })}
              options={MEASURES.map((value) => ({ value, label: MEASURE_NAMES[value] }))}
            />
          </>
        }
      >
        <Facet
          label=""
          values={PICTURES.map((value) => ({ value, label: PICTURE_NAMES[value] }))}
          chosen={(value) => value === picture}
          onToggle={(value) => setParams({ as: value === 'matrix' ? undefined : value })}
        />
      </ListBar>
      {query.data === undefined ? (
        query.error !== null ? (
          <ErrorState what="Who talks to whom" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <div className={styles['pictureWaiting']}>
            <SkeletonRows rows={12} />
          </div>
        )
      ) : paths.length === 0 ? (
        <EmptyState
          title={line === '' ? 'Nobody talked in this range' : 'No flow matches in this range'}
          text={
            line === ''
              ? 'Flows are archived five seconds after they began. Live says whether anything is captured.'
              : `Nothing that was archived is ${line}.`
          }
          action={line === '' ? undefined : <Button onClick={() => setLine('')}>Clear filter</Button>}
        />
      ) : (
        <>
          {query.error !== null && (
            <ErrorState inline what="Who talks to whom" error={query.error} retry={() => void query.refetch()} />
          )}
          <Warnings texts={query.data.warnings} whole={paths.length < MOST_PATHS} />
          <div className={styles['fading']} data-stale={query.isPlaceholderData || undefined}>
            {picture === 'matrix' && (
              <MatrixView
                pairs={paths.map(({ source, destination, service, value }) => ({
                  row: source,
                  column: by === 'application' ? service : destination,
                  value,
                }))}
                measure={measure}
                names={names}
                columnTitle={by === 'application' ? 'services' : 'to'}
                lineOfCell={lineOfCell}
              />
            )}
            {picture === 'bands' && (
              <SankeyView
                streams={paths.map(({ source, service, destination, value }) => ({
                  stages: [source, service, destination],
                  value,
                }))}
                serviceParams={services}
                measure={measure}
                names={names}
              />
            )}
            {picture === 'map' && <MapView pairs={paths} measure={measure} names={names} />}
          </div>
          <div className={styles['below']}>
            <Section title="Conversations" note={`the ${formatCount(paths.length)} that moved most`}>
              <PathTable paths={paths} names={names} measure={measure} />
            </Section>
            <Countries request={request} measure={measure} />
          </div>
        </>
      )}
    </>
  );
}

function Warnings({ texts, whole }: { readonly texts: readonly string[]; readonly whole: boolean }) {
  const all = [
    ...texts,
    ...(whole
      ? []
      : [`Only the largest ${formatCount(MOST_PATHS)} are drawn; a filter or a shorter range shows more.`]),
  ];
  if (all.length === 0) return null;
  return (
    <p className={styles['partial']} role="status">
      <StatusIcon state="notice" label="" /> {all.join(' ')}
    </p>
  );
}

interface Path {
  readonly source: string;
  readonly destination: string;
  readonly service: string;
  readonly serviceParams: Readonly<Record<string, Key>>;
  readonly value: number;
  readonly total: FlowTotal;
}

function pathOf(total: FlowTotal, measure: Measure): Path {
  const [source, application, protocol, port, destination] = total.key;
  return {
    source: String(source ?? NO_ADDRESS),
    destination: String(destination ?? NO_ADDRESS),
    service: serviceName(port, protocol, application),
    serviceParams: { port: port ?? null, protocol: protocol ?? null, application: application ?? null },
    value: measureOf(total, measure),
    total,
  };
}

/** What narrows already, without the range. */
function requestParams({ from: _, to: __, ...params }: FlowRequest): Readonly<Record<string, string>> {
  return params as Readonly<Record<string, string>>;
}

function PathTable({
  paths,
  names,
  measure,
}: {
  readonly paths: readonly Path[];
  readonly names: AssetNames;
  readonly measure: Measure;
}) {
  const columns = useMemo(() => pathColumns(names, measure), [names, measure]);
  return <Table id="flows-paths" label="Conversations" main columns={columns} rows={paths} rowKey={keyOf} />;
}

const keyOf = ({ total }: Path) => JSON.stringify(total.key);

function pathColumns(names: AssetNames, measure: Measure): readonly TableColumn<Path>[] {
  const size = (id: 'bytesOut' | 'bytesIn', header: string): TableColumn<Path> => ({
    id,
    header,
    value: ({ total }) => total[id],
    cell: ({ total }) => formatBytes(total[id]),
    align: 'end',
    width: 96,
    descendingFirst: true,
  });
  return [
    {
      id: 'source',
      header: 'From',
      value: ({ source }) => source,
      cell: ({ source }) => <Address of={source} names={names} />,
      phone: true,
    },
    {
      id: 'destination',
      header: 'To',
      value: ({ destination }) => destination,
      cell: ({ destination }) => <Address of={destination} names={names} />,
      phone: true,
    },
    { id: 'service', header: 'Service', value: ({ service }) => service, mono: true, width: 150 },
    size('bytesOut', 'Out'),
    size('bytesIn', 'In'),
    {
      id: 'value',
      header: MEASURE_NAMES[measure],
      value: ({ value }) => value,
      cell: ({ value }) => formatMeasure(value, measure),
      align: 'end',
      width: 116,
      descendingFirst: true,
      initiallyHidden: measure === 'bytes',
    },
    {
      id: 'records',
      header: 'Records',
      value: ({ total }) => total.records,
      cell: ({ source, destination, serviceParams, total }) => (
        <Link
          to="/flows"
          search={{ view: 'records', q: lineOf({ source, destination, ...serviceParams }) }}
          className={styles['count']}
          title="Open these records"
        >
          {formatCount(total.records)}
        </Link>
      ),
      align: 'end',
      width: 82,
      descendingFirst: true,
      phone: true,
    },
    {
      id: 'last',
      header: 'Last',
      value: ({ total }) => total.lastAt,
      cell: ({ total }) => <Seen at={total.lastAt} />,
      align: 'end',
      width: 96,
      descendingFirst: true,
    },
  ];
}

/** Where to, by country: only where a database of places was given to the sensor. */
function Countries({ request, measure }: { readonly request: FlowRequest; readonly measure: Measure }) {
  const { data } = useTop('country', measure, request, 50);
  const known = data?.items.filter(({ key }) => key[0] !== null) ?? [];
  if (known.length === 0) return null;
  return (
    <Section title="Countries" note="of whom was called">
      <Table
        id="flows-countries"
        label="Countries"
        short
        columns={countryColumns(measure)}
        rows={known}
        rowKey={({ key }) => String(key[0])}
      />
    </Section>
  );
}

const regions = new Intl.DisplayNames('en-GB', { type: 'region' });

function countryColumns(measure: Measure): readonly TableColumn<FlowTotal>[] {
  return [
    { id: 'country', header: 'Country', value: ({ key }) => countryName(String(key[0])), phone: true },
    {
      id: 'value',
      header: MEASURE_NAMES[measure],
      value: (total) => measureOf(total, measure),
      cell: (total) => formatMeasure(measureOf(total, measure), measure),
      align: 'end',
      width: 120,
      phone: true,
    },
    {
      id: 'records',
      header: 'Records',
      value: ({ records }) => records,
      cell: ({ records }) => formatCount(records),
      align: 'end',
      width: 100,
    },
  ];
}

function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** "10.20.4.12 and 198.51.100.7 moved the most". */
export function whoTitle(items: readonly FlowTotal[] | undefined, measure: Measure, names: AssetNames): string {
  const first = items?.[0];
  if (items === undefined || first === undefined) return 'Who talks to whom';
  const { source, destination, value } = pathOf(first, measure);
  return `${names.get(source) ?? source} and ${names.get(destination) ?? destination} moved the most: ${formatMeasure(value, measure)}`;
}
