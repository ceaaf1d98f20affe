/** Rows of a table: one with data, the grey ones that wait for it, and the room of those that are not drawn. */
import { type MouseEvent, memo } from 'react';
import { formatCount, NO_VALUE } from '../../time/format.ts';
import type { TableColumn } from './columns.ts';
import { MiddleCut } from './middle-cut.tsx';
import styles from './table.module.css';

interface RowProps<T> {
  readonly id: string;
  readonly index: number;
  readonly rowKey: string;
  readonly row: T;
  readonly columns: readonly TableColumn<T>[];
  readonly height: number;
  readonly spare: boolean;
  readonly active: boolean;
  readonly open: boolean;
  readonly selected: boolean;
  readonly selectable: boolean;
  readonly openable: boolean;
  readonly hasMenu: boolean;
  readonly depth: number;
  readonly tone: 'quiet' | undefined;
  readonly onPress: (index: number, event: MouseEvent) => void;
  readonly onCheck: (key: string, event: { readonly shiftKey: boolean }) => void;
  readonly onContext: (index: number, event: MouseEvent) => void;
  readonly openMenu: { readonly current: (index: number, anchor?: Element) => void };
}

function PlainRow<T>(props: RowProps<T>) {
  const { index, row, columns } = props;
  return (
    <tr
      id={props.id}
      aria-rowindex={index + 1}
      aria-selected={props.selectable ? props.selected : undefined}
      data-active={props.active || undefined}
      data-open={props.open || undefined}
      data-selected={props.selected || undefined}
      data-openable={props.openable || undefined}
      data-tone={props.tone}
      style={{ blockSize: props.height }}
      onClick={(event) => props.onPress(index, event)}
      onContextMenu={(event) => props.onContext(index, event)}
    >
      {props.selectable && (
        <td className={styles['select']}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select row ${index + 1}`}
            checked={props.selected}
            onChange={(event) => props.onCheck(props.rowKey, event.nativeEvent as unknown as { shiftKey: boolean })}
          />
        </td>
      )}
      {columns.map((column, place) => (
        <td
          key={column.id}
          data-align={column.align}
          data-mono={column.mono || undefined}
          style={place === 0 && props.depth > 0 ? { paddingInlineStart: props.depth * 22 } : undefined}
        >
          <CellContent column={column} row={row} />
        </td>
      ))}
      {!props.spare && <td />}
      <td className={styles['menuCell']}>
        {props.hasMenu && (
          <button
            type="button"
            tabIndex={-1}
            className={styles['dots']}
            aria-label="Actions for this row"
            aria-haspopup="menu"
            onClick={(event) => props.openMenu.current(index, event.currentTarget)}
          >
            <Dots />
          </button>
        )}
      </td>
    </tr>
  );
}

export const Row = memo(PlainRow) as typeof PlainRow;

function CellContent<T>({ column, row }: { readonly column: TableColumn<T>; readonly row: T }) {
  if (column.cell !== undefined) return column.cell(row);
  const value = column.value(row);
  if (value === null || value === undefined || value === '') return <span className={styles['none']}>{NO_VALUE}</span>;
  const text = typeof value === 'number' ? formatCount(value) : String(value);
  return column.cutMiddle === true ? <MiddleCut text={text} /> : text;
}

interface GreyRowsProps<T> {
  readonly count: number;
  readonly columns: readonly TableColumn<T>[];
  readonly span: number;
  readonly spare: boolean;
  readonly selectable: boolean;
  readonly height: number;
}

/** Appear after 150 ms (in the stylesheet), as high as the rows that follow. */
export function GreyRows<T>({ count, columns, spare, selectable, height }: GreyRowsProps<T>) {
  return Array.from({ length: count }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr key={index} className={styles['grey']} style={{ blockSize: height }} aria-hidden="true">
      {selectable && <td />}
      {columns.map((column, place) => (
        <td key={column.id} data-align={column.align}>
          <span style={{ inlineSize: `${48 + ((index * 7 + place * 13) % 40)}%` }} />
        </td>
      ))}
      {!spare && <td />}
      <td />
    </tr>
  ));
}

export function Pad({ height }: { readonly height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true" className={styles['pad']} style={{ blockSize: height }}>
      <td />
    </tr>
  );
}

export function Dots() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
      <circle cx="3" cy="8" r="1.2" />
      <circle cx="8" cy="8" r="1.2" />
      <circle cx="13" cy="8" r="1.2" />
    </svg>
  );
}
