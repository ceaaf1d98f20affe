/** Does it work, and is it on time? Services by host, their day, what they said last, when they are asked again. */
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMay } from '../api/rights.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { useParams, useSetParams } from '../app/search.ts';
import { useAssetNames, useHosts } from '../metrics/asset-names.ts';
import { ActFailure } from '../problems/act-failure.tsx';
import { formatCount } from '../time/format.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ConfirmDialog, SidePanel } from '../ui/dialog.tsx';
import { Facet, ListBar } from '../ui/list/list-bar.tsx';
import { QueryLine } from '../ui/query-line/query-line.tsx';
import { addWord, hasWord, type QueryField, removeWord, splitLine } from '../ui/query-line/words.ts';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import { useCheckActions } from './actions.ts';
import { CheckDetail, NextRun, stateWords } from './check-detail.tsx';
import { CheckForm } from './check-form.tsx';
import styles from './checks.module.css';
import { type Check, type CheckState, checkState, checkStatus, checkTarget, useChecks, useLiveChecks } from './data.ts';
import { DayBar } from './day-bar.tsx';
import { KIND_WORDS, optionsLine } from './options.ts';

const STATES: readonly CheckState[] = ['critical', 'warning', 'unknown', 'ok', 'pending'];
const STATE_WORDS: Readonly<Record<CheckState, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  unknown: 'Unknown',
  ok: 'OK',
  pending: 'Not run yet',
};
const FIELDS: readonly QueryField[] = [
  { key: 'state', summary: 'what it said last', values: STATES, only: true },
  { key: 'kind', summary: 'how it asks', values: Object.keys(KIND_WORDS), only: true },
  { key: 'host', summary: 'name of the host it is about' },
];
const NONE: readonly Check[] = [];

export function Page() {
  const params = useParams();
  const setParams = useSetParams();
  const navigate = useNavigate();
  const line = params['q'] ?? '';
  const query = useChecks();
  useLiveChecks();
  const names = useAssetNames();
  const hosts = useHosts();
  const actions = useCheckActions();
  const may = useMay();
  const mayChange = (check: Check | undefined) => check?.origin === 'own' && may('change checks');
  const [active, setActive] = useState<Check | undefined>();
  const [removing, setRemoving] = useState<Check | undefined>();
  const [removal, setRemoval] = useState<{ readonly busy: boolean; readonly error?: string }>({ busy: false });

  const all = query.data ?? NONE;
  const rows = useMemo(
    () =>
      byHost(
        all.filter((check) => fits(check, line, names)),
        names,
      ),
    [all, line, names],
  );
  const openId = params['open'];
  const opened = all.find(({ id }) => id === openId);
  const editing = all.find(({ id }) => id === params['edit']);
  const current = opened ?? active;
  const bad = all.filter((check) => check.enabled && check.status !== undefined && check.status.state !== 'ok');
  const toggleState = (state: string) => {
    const word = splitLine(line).find((one) => one.key === 'state' && one.value === state && !one.negated);
    setParams({ q: word === undefined ? addWord(line, 'state', state) : removeWord(line, word), open: undefined });
  };
  useKeys([
    {
      keys: 'r',
      label: 'Run now',
      group: 'Checks',
      run: () => current && actions.run(current),
      when: () => current !== undefined && may('run checks'),
    },
    {
      keys: 'n',
      label: 'Add a check',
      group: 'Checks',
      run: () => setParams({ new: '1' }),
      when: () => may('add checks'),
    },
    {
      keys: 'e',
      label: 'Change the check',
      group: 'Checks',
      run: () => current && setParams({ edit: current.id }),
      when: () => mayChange(current),
    },
  ]);
  const firsts = useMemo(() => firstOfHosts(rows, names), [rows, names]);
  const sorted = params['sort'] !== undefined;
  const columns = useMemo(() => columnsOf(names, sorted ? undefined : firsts), [names, sorted, firsts]);

  return (
    <>
      <PageHead
        title={
          query.data === undefined
            ? 'Checks'
            : bad.length === 0
              ? all.length === 0
                ? 'Checks'
                : 'All checks pass'
              : `${bad.length} of ${formatCount(all.length)} checks do not pass`
        }
        lead={query.data === undefined ? '\u00a0' : all.length === 0 ? 'Nothing is asked from outside yet.' : lead(all)}
        actions={
          may('add checks') && (
            <Button keys="n" onClick={() => setParams({ new: '1' })}>
              Add a check
            </Button>
          )
        }
      />
      <ListBar
        end={
          <Facet
            label="State"
            values={STATES.slice(0, 4).map((state) => ({
              value: state,
              label: STATE_WORDS[state],
              count: all.filter((check) => checkState(check) === state).length,
            }))}
            chosen={(state) => hasWord(line, 'state', state)}
            onToggle={toggleState}
          />
        }
      >
        <QueryLine
          label="Filter checks"
          placeholder="state:critical host:db-02, or words"
          value={line}
          onChange={(next) => setParams({ q: next, open: undefined })}
          fields={FIELDS}
          valuesOf={(key) => (key === 'host' ? [...new Set(all.map((check) => hostOf(check, names)))] : [])}
        />
      </ListBar>
      {actions.failure !== undefined && <ActFailure {...actions.failure} onDismiss={actions.dismiss} />}
      <Table
        id="checks"
        label="Checks"
        main
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        sort={params['sort']}
        onSort={(next) => setParams({ sort: next })}
        loading={query.data === undefined && query.error === null}
        expectedRows={10}
        openKey={openId}
        tone={(check) => (check.enabled ? undefined : 'quiet')}
        onActive={(check) => {
          setActive(check);
          if (openId !== undefined && check !== undefined) setParams({ open: check.id }, { replace: true });
        }}
        onOpen={(check) =>
          check.id === openId ? void navigate({ to: `/checks/${check.id}` } as never) : setParams({ open: check.id })
        }
        rowActions={(check) => [
          ...(may('run checks')
            ? [{ label: 'Run now', key: 'R', run: () => actions.run(check), disabled: actions.running.has(check.id) }]
            : []),
          ...(mayChange(check) ? [{ label: 'Change', key: 'E', run: () => setParams({ edit: check.id }) }] : []),
          ...(check.origin === 'own' && may('delete checks')
            ? [{ label: 'Delete', run: () => setRemoving(check) }]
            : []),
        ]}
        failed={
          query.error !== null && query.data === undefined ? (
            <ErrorState
              what="The checks"
              error={query.error}
              retry={() => void query.refetch()}
              sinceMs={query.errorUpdatedAt}
            />
          ) : undefined
        }
        empty={
          all.length === 0 ? (
            <EmptyState
              title="Nothing is checked yet"
              text="A check asks a service from outside whether it works: a web page, a port, a certificate, a name, a ping, or any monitoring plugin by its exit code."
              action={may('add checks') && <Button onClick={() => setParams({ new: '1' })}>Add a check</Button>}
            />
          ) : (
            <EmptyState
              title="No check matches"
              text={`None of ${formatCount(all.length)} fits the filter.`}
              action={<Button onClick={() => setParams({ q: undefined })}>Clear filter</Button>}
            />
          )
        }
      />
      <SidePanel
        open={opened !== undefined}
        onClose={() => setParams({ open: undefined })}
        title={opened?.name ?? ''}
        actions={
          opened !== undefined && (
            <>
              <ButtonLink small to={`/checks/${opened.id}`} keys="Enter">
                Open
              </ButtonLink>
              {mayChange(opened) && (
                <Button small keys="e" onClick={() => setParams({ edit: opened.id })}>
                  Change
                </Button>
              )}
              {may('run checks') && (
                <Button small keys="r" busy={actions.running.has(opened.id)} onClick={() => actions.run(opened)}>
                  Run now
                </Button>
              )}
            </>
          )
        }
      >
        {opened !== undefined && (
          <CheckDetail key={opened.id} check={opened} assetName={names.get(opened.asset ?? '')} />
        )}
      </SidePanel>
      <CheckForm
        open={(params['new'] === '1' && may('add checks')) || mayChange(editing)}
        onClose={() => setParams({ new: undefined, edit: undefined })}
        check={editing}
        hosts={hosts}
      />
      <ConfirmDialog
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Delete ${removing?.name ?? ''}?`}
        description="Its history goes with it. An open problem of it closes."
        verb="Delete check"
        busy={removal.busy}
        {...(removal.error === undefined ? {} : { error: removal.error })}
        onConfirm={async () => {
          if (removing === undefined) return;
          setRemoval({ busy: true });
          try {
            await actions.remove(removing);
            setRemoving(undefined);
            setParams({ open: undefined });
            setRemoval({ busy: false });
          } catch (error) {
            setRemoval({ busy: false, error: error instanceof Error ? error.message : String(error) });
          }
        }}
      />
    </>
  );
}

const keyOf = (check: Check) => check.id;

function hostOf(check: Check, names: ReadonlyMap<string, string>): string {
  if (check.asset !== undefined) return names.get(check.asset) ?? check.asset;
  return checkTarget(check) ?? 'this host';
}

/** By host; within one the bad first. */
function byHost(checks: readonly Check[], names: ReadonlyMap<string, string>): readonly Check[] {
  return [...checks].sort(
    (a, b) =>
      hostOf(a, names).localeCompare(hostOf(b, names), 'en', { numeric: true }) ||
      STATES.indexOf(checkState(a)) - STATES.indexOf(checkState(b)) ||
      a.name.localeCompare(b.name),
  );
}

function fits(check: Check, line: string, names: ReadonlyMap<string, string>): boolean {
  const either = new Map<string, boolean>();
  for (const word of splitLine(line)) {
    const value = word.value.replace(/\*$/, '').toLowerCase();
    const found =
      word.key === 'state'
        ? checkState(check) === value
        : word.key === 'kind'
          ? check.kind === value
          : word.key === 'host'
            ? hostOf(check, names).toLowerCase().includes(value)
            : `${check.name} ${hostOf(check, names)} ${check.status?.output ?? ''} ${optionsLine(check.kind, check.options)}`
                .toLowerCase()
                .includes(value);
    if (word.negated || word.key === undefined) {
      if (found === word.negated) return false;
    } else {
      either.set(word.key, (either.get(word.key) ?? false) || found);
    }
  }
  return [...either.values()].every(Boolean);
}

function lead(checks: readonly Check[]): string {
  const soft = checks.filter((check) => check.status?.hard === false).length;
  const off = checks.filter((check) => !check.enabled).length;
  const parts = [
    `${formatCount(checks.filter((check) => checkState(check) === 'ok').length)} pass`,
    soft > 0 ? `${soft} ${soft === 1 ? 'is' : 'are'} soft: asked again before anybody is told` : '',
    off > 0 ? `${off} off` : '',
  ].filter((part) => part !== '');
  return `${parts.join(', ')}.`;
}

/** Ids of the first check of each host: the others repeat its name quietly. */
function firstOfHosts(checks: readonly Check[], names: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(
    checks
      .filter((check, index) => index === 0 || hostOf(check, names) !== hostOf(checks[index - 1]!, names))
      .map(({ id }) => id),
  );
}

function columnsOf(
  names: ReadonlyMap<string, string>,
  firsts: ReadonlySet<string> | undefined,
): readonly TableColumn<Check>[] {
  return [
    {
      id: 'host',
      header: 'Host',
      value: (check) => hostOf(check, names),
      cell: (check) =>
        check.asset === undefined ? (
          <span className={styles['quiet']}>{hostOf(check, names)}</span>
        ) : (
          <Link
            to={`/assets/${encodeURIComponent(check.asset)}`}
            className={firsts === undefined || firsts.has(check.id) ? undefined : styles['quiet']}
          >
            {hostOf(check, names)}
          </Link>
        ),
      width: 128,
    },
    {
      id: 'name',
      header: 'Service',
      value: (check) => check.name,
      cell: (check) => (
        <span className={styles['name']}>
          <StatusIcon state={check.enabled ? checkStatus(checkState(check)) : 'silent'} label={stateWords(check)} />
          <b>{check.name}</b>
        </span>
      ),
      width: 190,
      phone: true,
    },
    {
      id: 'state',
      header: 'State',
      value: (check) => STATES.indexOf(checkState(check)),
      cell: (check) => (
        <span className={styles['state']} data-state={checkState(check)}>
          {stateWords(check)}
        </span>
      ),
      width: 142,
    },
    {
      id: 'day',
      header: '24 h',
      value: () => '',
      cell: (check) => <DayBar check={check} />,
      width: 136,
      sortable: false,
    },
    { id: 'output', header: 'Says', value: (check) => check.status?.output, phone: true, sortable: false },
    {
      id: 'nextAt',
      header: 'Next',
      value: (check) => check.nextAt,
      cell: (check) => <NextRun check={check} />,
      align: 'end',
      width: 84,
    },
    {
      id: 'lastAt',
      header: 'Last',
      value: (check) => check.status?.lastAt,
      cell: (check) => <Ago at={check.status?.lastAt} />,
      align: 'end',
      width: 92,
      initiallyHidden: true,
    },
    {
      id: 'durationMs',
      header: 'Took',
      unit: 'ms',
      value: (check) => check.status?.durationMs,
      align: 'end',
      width: 84,
    },
    {
      id: 'kind',
      header: 'Kind',
      value: (check) => check.kind,
      cell: (check) => KIND_WORDS[check.kind],
      width: 130,
      initiallyHidden: true,
    },
    {
      id: 'asks',
      header: 'Asks',
      value: (check) => optionsLine(check.kind, check.options),
      mono: true,
      cutMiddle: true,
      width: 240,
      initiallyHidden: true,
    },
  ];
}
