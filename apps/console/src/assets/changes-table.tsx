/** What changed about an asset, newest first. */
import { useMemo } from 'react';
import type { AssetChange } from '../api/types.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import { changeSentence } from './changes.ts';

const NO_CHANGES: readonly AssetChange[] = [];
const keyOf = (change: AssetChange) =>
  `${change.timeAt}${change.field}${JSON.stringify(change.after ?? change.before)}${change.source}`;

interface ChangesProps {
  readonly changes: readonly AssetChange[] | undefined;
  readonly error: unknown;
  readonly names: ReadonlyMap<string, string>;
  readonly retry: () => void;
}

export function Changes({ changes, error, names, retry }: ChangesProps) {
  const columns = useMemo(() => columnsOf(names), [names]);
  return (
    <Table
      id="asset-changes"
      label="Changes"
      main
      columns={columns}
      rows={changes ?? NO_CHANGES}
      rowKey={keyOf}
      loading={changes === undefined && error === null}
      failed={
        error !== null && changes === undefined ? (
          <ErrorState what="The changes" error={error} retry={retry} />
        ) : undefined
      }
      empty={<EmptyState title="Nothing has changed" text="It is as it was when it was first seen." />}
    />
  );
}

function columnsOf(names: ReadonlyMap<string, string>): readonly TableColumn<AssetChange>[] {
  return [
    {
      id: 'timeAt',
      header: 'When',
      value: (change) => change.timeAt,
      cell: (change) => <Ago at={change.timeAt} />,
      width: 120,
      descendingFirst: true,
      phone: true,
    },
    { id: 'source', header: 'Seen by', value: (change) => change.source, width: 110 },
    { id: 'field', header: 'Field', value: (change) => change.field, mono: true, width: 180, initiallyHidden: true },
    { id: 'what', header: 'What changed', value: (change) => changeSentence(change, names), phone: true },
  ];
}
