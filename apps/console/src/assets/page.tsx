/** What do I have? A line to ask with, types and sources with counts, one table. Everything chosen is in the address. */

import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ApiProblem } from '../api/client.ts';
import type { Problem } from '../api/types.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { formatCount } from '../time/format.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { SidePanel } from '../ui/dialog.tsx';
import { Facet, ListBar } from '../ui/list/list-bar.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { addWord, hasWord, type QueryField, removeWord, splitLine } from '../ui/query-line/words.ts';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { usePagedList } from '../ui/table/paged.ts';
import { Table } from '../ui/table/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Ago } from '../ui/time.tsx';
import { AssetGlance } from './asset-glance.tsx';
import { AssetName } from './asset-name.tsx';
import styles from './assets.module.css';
import { ASSETS_KEY, type AssetItem, useAssetFacets, useLiveAssets, useProblemsByAsset } from './data.ts';
import { addressOf, attributeText, typeName, typeRank, whatItIs } from './words.ts';

const DEFAULT_SORT = 'name';

const FIELDS: readonly QueryField[] = [
  { key: 'type', summary: 'host, port, service, volume' },
  { key: 'name', summary: 'its name; web* for a beginning' },
  { key: 'port', summary: '22, 8000-8100; on hosts the ports they expose' },
  { key: 'seen', summary: 'last seen: seen<1h, seen>7d', kind: 'age' },
  { key: 'first', summary: 'first seen: first<1d is new since yesterday', kind: 'age' },
  { key: 'source', summary: 'which engine has seen it' },
  { key: 'ip', summary: 'an address: 10.0.0.*' },
  { key: 'hostname', summary: 'a host name: db*' },
  { key: 'is', summary: 'silent, gone, present, any', values: ['silent', 'gone', 'present', 'any'], only: true },
  { key: 'mac', summary: 'a hardware address' },
  { key: 'id', summary: 'its id' },
];
const OPEN_KEY = /^(attr|key|tenant)(\.|$)/;

export function Page() {
  const params = useParams();
  const setParams = useSetParams();
  const navigate = useNavigate();
  const line = params['q'] ?? '';
  const kind = params['type'] ?? 'host';
  const type = kind === 'all' ? '' : kind;
  const sort = params['sort'] ?? DEFAULT_SORT;
  const q = type === '' ? line : `type:${type}${line === '' ? '' : ` ${line}`}`;
  const request = useMemo(() => ({ q, sort }), [q, sort]);
  const list = usePagedList<AssetItem>(ASSETS_KEY, '/assets', request);
  const facets = useAssetFacets(line);
  const problems = useProblemsByAsset();
  const news = useLiveAssets();
  const open = params['open'];
  const opened = list.rows.find(({ id }) => id === open);

  const columns = useMemo(() => assetColumns(problems, type), [problems, type]);
  const types = useMemo(
    () => [...(facets.data?.types ?? [])].sort((a, b) => typeRank(a.value) - typeRank(b.value)),
    [facets.data],
  );
  const all = types.reduce((sum, { count }) => sum + count, 0);
  const setLine = (next: string) => setParams({ q: next, open: undefined });
  const toggle = (key: string, value: string) => {
    const word = splitLine(line).find((one) => one.key === key && one.value === value && !one.negated);
    setLine(word === undefined ? addWord(line, key, value) : removeWord(line, word));
  };
  const queryError = list.error instanceof ApiProblem && list.error.status === 400 ? list.error : undefined;
  const nothingExists = line === '' && facets.data !== undefined && all === 0;

  return (
    <>
      <PageHead
        title={headline(all, types)}
        lead={facets.data === undefined ? WAITING : lead(types)}
        actions={
          <ButtonLink to="/scans" search={{ new: '1' }}>
            Scan for more
          </ButtonLink>
        }
      />
      <ListBar>
        <QueryLine
          label="Filter assets"
          placeholder="type:host port:22 seen<1h, or words"
          value={line}
          onChange={setLine}
          fields={FIELDS}
          valuesOf={(key) =>
            key === 'type'
              ? types.map(({ value }) => value)
              : key === 'source'
                ? (facets.data?.sources ?? []).map(({ value }) => value)
                : []
          }
          openKeys={(key) => OPEN_KEY.test(key)}
          serverError={queryError === undefined ? undefined : `${queryError.message} ${queryError.fix ?? ''}`}
        />
      </ListBar>
      <div className={styles['tabbed']}>
        <div className={styles['tabLine']}>
          <Facet
            label="Seen by"
            values={(facets.data?.sources ?? []).map(({ value, count }) => ({ value, count }))}
            chosen={(value) => hasWord(line, 'source', value)}
            onToggle={(value) => toggle('source', value)}
          />
          <Facet
            label=""
            values={[
              { value: 'silent', label: 'Silent only' },
              { value: 'any', label: 'Gone ones too' },
            ]}
            chosen={(value) => hasWord(line, 'is', value)}
            onToggle={(value) => toggle('is', value)}
          />
        </div>
        <Tabs
          label="Types of assets"
          value={kind}
          onChange={(next) => setParams({ type: next === 'host' ? undefined : next, open: undefined })}
          tabs={[
            ...(type !== '' && types.every(({ value }) => value !== type)
              ? [{ value: type, label: typeName(type, true), ...(facets.data === undefined ? {} : { count: 0 }) }]
              : []),
            ...types.map(({ value, count }) => ({ value, label: typeName(value, true), count })),
            { value: 'all', label: 'All', ...(facets.data === undefined ? {} : { count: all }) },
          ]}
        >
          <Table
            id={`assets-${kind}`}
            label="Assets"
            main
            columns={columns}
            rows={list.rows}
            rowKey={keyOf}
            sort={sort}
            onSort={(next) => setParams({ sort: next === DEFAULT_SORT ? undefined : next?.split(',')[0] })}
            sortedByServer
            total={list.total}
            more={list.more}
            loading={list.loading}
            stale={list.stale}
            loadAll={list.loadAll}
            waiting={{ count: news.waiting, show: news.show }}
            openKey={open}
            onActive={(asset) =>
              open !== undefined && asset !== undefined && setParams({ open: asset.id }, { replace: true })
            }
            onOpen={(asset) =>
              asset.id === open
                ? void navigate({ to: `/assets/${encodeURIComponent(asset.id)}` } as never)
                : setParams({ open: asset.id })
            }
            tone={(asset) => (asset.present ? undefined : 'quiet')}
            failed={
              list.error !== null && queryError === undefined ? (
                <ErrorState what="The assets" error={list.error} retry={list.retry} sinceMs={list.failedMs} />
              ) : undefined
            }
            empty={
              nothingExists ? (
                <EmptyState
                  title="No assets yet"
                  text="This host appears within seconds of the agent's start, its ports with the first scan. What the parts are doing, and what they lack:"
                  action={
                    <div className={styles['join']}>
                      <CommandLine command="undercroft status" />
                      <ButtonLink to="/scans" search={{ new: '1' }}>
                        Start a scan
                      </ButtonLink>
                    </div>
                  }
                />
              ) : (
                <EmptyState
                  title="No asset matches"
                  text={
                    queryError === undefined ? 'Of all that is known, nothing fits the filter.' : queryError.message
                  }
                  action={<Button onClick={() => setParams({ q: undefined, type: 'all' })}>Clear filters</Button>}
                />
              )
            }
          />
        </Tabs>
      </div>
      <SidePanel
        open={opened !== undefined}
        onClose={() => setParams({ open: undefined })}
        title={opened?.name ?? ''}
        actions={
          opened !== undefined && (
            <ButtonLink to={`/assets/${encodeURIComponent(opened.id)}`} small keys="Enter">
              Open
            </ButtonLink>
          )
        }
      >
        {opened !== undefined && <AssetGlance asset={opened} problems={problems.get(opened.id) ?? []} />}
      </SidePanel>
    </>
  );
}

/** Keeps the place of the sentence until it is known. */
const WAITING = '\u00a0';
const keyOf = (asset: AssetItem) => asset.id;

function headline(all: number, types: readonly { readonly value: string; readonly count: number }[]): string {
  const hosts = types.find(({ value }) => value === 'host')?.count ?? 0;
  if (all === 0) return 'Assets';
  if (hosts === 0) return `${formatCount(all)} assets`;
  return hosts === 1 ? 'One host' : `${formatCount(hosts)} hosts`;
}

function lead(types: readonly { readonly value: string; readonly count: number }[]): string {
  const parts = types
    .filter(({ value }) => value !== 'host')
    .slice(0, 4)
    .map(({ value, count }) => `${formatCount(count)} ${typeName(value, count !== 1).toLowerCase()}`);
  return parts.length === 0 ? 'Nothing else is known yet.' : `With ${parts.join(', ')}.`;
}

const NO_PROBLEMS: readonly Problem[] = [];

function assetColumns(
  problems: ReadonlyMap<string, readonly Problem[]>,
  type: string,
): readonly TableColumn<AssetItem>[] {
  const open = (asset: AssetItem) => problems.get(asset.id) ?? NO_PROBLEMS;
  const columns: (TableColumn<AssetItem> | undefined)[] = [
    {
      id: 'name',
      header: 'Name',
      value: (asset) => asset.name,
      cell: (asset) => <AssetName asset={asset} problems={open(asset)} />,
      phone: true,
    },
    type === ''
      ? { id: 'type', header: 'Type', value: (asset) => asset.type, cell: (asset) => typeName(asset.type), width: 104 }
      : undefined,
    { id: 'what', header: 'What it is', value: (asset) => whatItIs(asset), sortable: false },
    { id: 'address', header: 'Address', value: (asset) => addressOf(asset), mono: true, sortable: false, width: 190 },
    type === 'host'
      ? {
          id: 'cores',
          header: 'Cores',
          value: (asset) => attributeText(asset, 'cores'),
          align: 'end',
          width: 70,
          sortable: false,
        }
      : undefined,
    {
      id: 'problems',
      header: 'Problems',
      value: (asset) => open(asset).length,
      cell: (asset) => {
        const count = open(asset).length;
        return count === 0 ? null : <b className={styles['hot']}>{count}</b>;
      },
      align: 'end',
      width: 84,
      sortable: false,
    },
    {
      id: 'sources',
      header: 'Seen by',
      value: (asset) => asset.sources.join(', '),
      cell: (asset) => <span className={styles['quiet']}>{asset.sources.join(', ')}</span>,
      sortable: false,
      width: 130,
    },
    {
      id: 'firstSeenAt',
      header: 'First seen',
      value: (asset) => asset.firstSeenAt,
      cell: (asset) => <Ago at={asset.firstSeenAt} />,
      align: 'end',
      width: 112,
      descendingFirst: true,
    },
    {
      id: 'lastSeenAt',
      header: 'Last seen',
      value: (asset) => asset.lastSeenAt,
      cell: (asset) => <Seen at={asset.lastSeenAt} />,
      align: 'end',
      width: 112,
      descendingFirst: true,
      phone: true,
    },
    {
      id: 'id',
      header: 'Id',
      value: (asset) => asset.id,
      mono: true,
      cutMiddle: true,
      initiallyHidden: true,
      sortable: false,
      width: 200,
    },
  ];
  return columns.filter((column) => column !== undefined);
}
