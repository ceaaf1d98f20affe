/** The checks about one asset. */
import { Link } from '../app/link.tsx';
import { type Check, checkState, checkStatus } from '../checks/data.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { EmptyState } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import styles from './asset-page.module.css';

export function AssetChecks({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <Table
      id="asset-checks"
      label="Checks"
      main
      columns={CHECK_COLUMNS}
      rows={checks}
      rowKey={(check) => check.id}
      empty={
        <EmptyState
          title="Nothing checks this yet"
          text="A check asks from outside whether a service works, and opens a problem when it does not."
          action={
            <ButtonLink to="/checks" search={{ new: '1' }}>
              Add a check
            </ButtonLink>
          }
        />
      }
    />
  );
}

const CHECK_COLUMNS: readonly TableColumn<Check>[] = [
  {
    id: 'name',
    header: 'Check',
    value: (check) => check.name,
    cell: (check) => (
      <span className={styles['status']}>
        <StatusIcon state={checkStatus(checkState(check))} />
        <Link to="/checks" search={{ open: check.id }}>
          {check.name}
        </Link>
      </span>
    ),
    width: 220,
    phone: true,
  },
  { id: 'output', header: 'Says', value: (check) => check.status?.output },
  {
    id: 'lastRunAt',
    header: 'Last run',
    value: (check) => check.status?.lastAt,
    cell: (check) => <Seen at={check.status?.lastAt} />,
    align: 'end',
    width: 110,
    phone: true,
  },
];
