/** The one menu of a table, put beside what asked for it: a row's actions, or columns and export. */
import { Menu } from '@base-ui/react/menu';
import { formatCount } from '../../time/format.ts';
import { type ColumnChoice, initialChoice, moveColumn, type TableColumn } from './columns.ts';
import { download, toCsv, toJson } from './export.ts';
import styles from './table-menu.module.css';

export interface RowAction {
  readonly label: string;
  readonly key?: string;
  readonly run: () => void;
  readonly disabled?: boolean;
}

export type TableMenuState<T> =
  | { readonly kind: 'row'; readonly anchor: Element; readonly actions: readonly RowAction[]; readonly row?: T }
  | { readonly kind: 'table'; readonly anchor: Element };

export interface TableMenuProps<T> {
  readonly state: TableMenuState<T> | undefined;
  readonly onClose: () => void;
  readonly name: string;
  readonly columns: readonly TableColumn<T>[];
  readonly choice: ColumnChoice;
  readonly onChoice: (choice: ColumnChoice) => void;
  readonly rows: readonly T[];
  readonly loadAll?: () => Promise<readonly T[]>;
}

export function TableMenu<T>(props: TableMenuProps<T>) {
  const { state } = props;
  if (state === undefined) return null;
  return (
    <Menu.Root open onOpenChange={(open) => !open && props.onClose()} modal={false}>
      <Menu.Portal role="region" aria-label={state.kind === 'row' ? 'Actions of the row' : 'Columns and export'}>
        <Menu.Positioner className={styles['place']} anchor={state.anchor} align="end" side="bottom" sideOffset={4}>
          <Menu.Popup className={styles['popup']} finalFocus={false}>
            {state.kind === 'row' ? <RowItems actions={state.actions} /> : <TableItems {...props} />}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function RowItems({ actions }: { readonly actions: readonly RowAction[] }) {
  return actions.map((action) => (
    <Menu.Item key={action.label} className={styles['item']} disabled={action.disabled ?? false} onClick={action.run}>
      <span>{action.label}</span>
      {action.key === undefined ? null : <kbd>{action.key}</kbd>}
    </Menu.Item>
  ));
}

function TableItems<T>({ name, columns, choice, onChoice, rows, loadAll }: TableMenuProps<T>) {
  const byId = new Map(columns.map((column) => [column.id, column]));
  const shown = choice.order.filter((id) => !choice.hidden.includes(id)).flatMap((id) => byId.get(id) ?? []);
  const save = async (kind: 'csv' | 'json') => {
    const all = loadAll === undefined ? rows : await loadAll();
    if (kind === 'csv') download(`${name}.csv`, 'text/csv;charset=utf-8', toCsv(shown, all));
    else download(`${name}.json`, 'application/json', toJson(shown, all));
  };
  const toggle = (id: string, visible: boolean) =>
    onChoice({ ...choice, hidden: visible ? choice.hidden.filter((one) => one !== id) : [...choice.hidden, id] });
  return (
    <>
      <Menu.Group>
        <Menu.GroupLabel className={styles['label']}>Columns, arrows left and right move one</Menu.GroupLabel>
        {choice.order.map((id) => {
          const visible = !choice.hidden.includes(id);
          return (
            <Menu.CheckboxItem
              key={id}
              className={styles['item']}
              checked={visible}
              disabled={visible && shown.length === 1}
              closeOnClick={false}
              onCheckedChange={(next) => toggle(id, next)}
              onKeyDown={(event) => {
                if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
                event.preventDefault();
                event.stopPropagation();
                onChoice({ ...choice, order: moveColumn(choice.order, id, event.key === 'ArrowLeft' ? -1 : 1) });
              }}
            >
              <span className={styles['tick']} aria-hidden="true">
                {visible ? '✓' : ''}
              </span>
              <span>{byId.get(id)?.header || id}</span>
              <span className={styles['moves']}>
                <MoveButton
                  label="Earlier"
                  sign="←"
                  onMove={() => onChoice({ ...choice, order: moveColumn(choice.order, id, -1) })}
                />
                <MoveButton
                  label="Later"
                  sign="→"
                  onMove={() => onChoice({ ...choice, order: moveColumn(choice.order, id, 1) })}
                />
              </span>
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Group>
      <Menu.Item className={styles['item']} closeOnClick={false} onClick={() => onChoice(initialChoice(columns))}>
        <span>Columns as they were</span>
      </Menu.Item>
      <Menu.Separator className={styles['line']} />
      <Menu.Item className={styles['item']} onClick={() => void save('csv')}>
        <span>Save as CSV</span>
        <span className={styles['count']}>{loadAll === undefined ? formatCount(rows.length) : 'all'}</span>
      </Menu.Item>
      <Menu.Item className={styles['item']} onClick={() => void save('json')}>
        <span>Save as JSON</span>
        <span className={styles['count']}>{loadAll === undefined ? formatCount(rows.length) : 'all'}</span>
      </Menu.Item>
    </>
  );
}

/** For the mouse only: the keyboard has the arrow keys on the item itself. */
function MoveButton({
  label,
  sign,
  onMove,
}: {
  readonly label: string;
  readonly sign: string;
  readonly onMove: () => void;
}) {
  return (
    <span
      className={styles['move']}
      title={label}
      aria-hidden="true"
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onMove();
      }}
    >
      {sign}
    </span>
  );
}
